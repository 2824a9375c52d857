"""A simulated city's platform: what it holds at the end, in a database of its own from which it can be pulled."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
from sqlalchemy import (
    URL,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    MetaData,
    NullPool,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    create_engine,
    insert,
)
from sqlalchemy.types import TypeEngine

from contracts.feeds import FEEDS
from contracts.schema import Feed, Type
from lake.faults import PlainFault, without_values
from pipelines.simulate import FEED_WRITERS, drawn
from pipelines.simulate.deliveries import Live, with_op
from pipelines.sources.table import UPDATED

_SQL: dict[Type, TypeEngine[Any]] = {
    Type.STRING: String(255), Type.CODE: String(64), Type.DATE: Date(), Type.DATETIME: DateTime(),
    Type.INTEGER: BigInteger(), Type.DECIMAL: Numeric(18, 2), Type.BOOLEAN: Boolean(),
}  # fmt: skip
_ROWS_A_STATEMENT = 10_000


def held(residents: int, months: int, seed: int, city: str, start: str = "2018-10") -> Iterator[tuple[Feed, pa.Table]]:
    """Yield what a city holds after the last month, feed by feed: the live rows, typed as the contract says.

    They are the rows that stand when all its deliveries of `simulate` with the same arguments are taken in. Raises
    what `simulate` does.
    """
    province = drawn(residents, months, seed, start)
    for name, writer in FEED_WRITERS.items():
        for made in writer(province):  # of every city: what one feed holds hangs on the others
            if isinstance(made, Live) and made.city == city and len(made.rows):
                feed = FEEDS[name]
                yield feed, with_op(made.rows, "I") if feed.has("op") else made.rows


def table_of(feed: Feed) -> Table:
    """Return the table that a city has for a feed: the contract's columns, and what a pull asks of it."""
    columns = [Column(c.name, _SQL[c.type]) for c in feed.columns]
    key, index = PrimaryKeyConstraint(*feed.key), Index(f"{feed.name}_{UPDATED}", UPDATED)
    return Table(feed.name, MetaData(), *columns, key, index)


def fill(url: URL, rows: Iterator[tuple[Feed, pa.Table]], reader: tuple[str, str] | None = None) -> dict[str, int]:
    """Write the rows to tables named as the feeds, in place of what these held; return how many rows each has.

    All at once: whoever reads sees the old tables or the new ones. `reader` is the name and password of an account
    that may read them and no more; it is made on PostgreSQL alone, PlainFault elsewhere.
    """
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if reader and engine.dialect.name != "postgresql":
        raise PlainFault("只读账号仅在 PostgreSQL 上代建 the reader is made on PostgreSQL alone: docs/databases.md")
    counts: dict[str, int] = {}
    try:
        with without_values(), engine.begin() as db:
            tables = {name: table_of(FEEDS[name]) for name in FEED_WRITERS}
            for table in tables.values():
                table.drop(db, checkfirst=True)
                table.create(db)
            for feed, some in rows:
                _add(db, tables[feed.name], some)
                counts[feed.name] = counts.get(feed.name, 0) + len(some)
            if reader:
                _let_read(db, *reader)
    finally:
        engine.dispose()
    return counts


def _add(db: Connection, table: Table, rows: pa.Table) -> None:
    """Add rows: by COPY where there is one, else by statements of many rows."""
    if db.dialect.name == "postgresql":
        text = io.BytesIO()
        driver: Any = db.connection.driver_connection
        arrow_csv.write_csv(rows, text, arrow_csv.WriteOptions(include_header=False, quoting_style="needed"))
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getbuffer())
        return
    for batch in rows.combine_chunks().to_batches(_ROWS_A_STATEMENT):
        db.execute(insert(table), batch.to_pylist())


def _let_read(db: Connection, name: str, password: str) -> None:
    """Make an account that may read the tables, or give it this password; the server never sees it in plain."""
    quoted = db.dialect.identifier_preparer.quote_identifier(name)
    driver: Any = db.connection.driver_connection
    sealed = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode("ascii")
    known = db.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).first()
    for statement in (
        f"{'ALTER' if known else 'CREATE'} ROLE {quoted} LOGIN PASSWORD '{sealed}' CONNECTION LIMIT 4",
        f"ALTER ROLE {quoted} SET default_transaction_read_only = on",
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        *(f"GRANT SELECT ON {feed} TO {quoted}" for feed in FEED_WRITERS),
    ):
        db.exec_driver_sql(statement)
