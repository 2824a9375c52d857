"""A city platform's database for tests, and what a home holds of it afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Engine, Integer, MetaData, Numeric, String, Table, insert, text
from sqlalchemy.types import TypeEngine

from contracts.feeds import FEEDS
from contracts.schema import Feed, Type
from lake.engine import connect
from lake.home import Home
from lake.ledger import Ledger
from pipelines.live import content_rows, current_versions, identity_rows, indexes, settled_batches
from pipelines.progress import Progress
from pipelines.pull import Pulled, pull
from pipelines.sources.listed import Source

from .small_inbox import HOSPITAL, QUIET, rows_of

Row = Mapping[str, Any]
_SQL: dict[Type, TypeEngine[Any]] = {
    Type.STRING: String(255), Type.CODE: String(64), Type.DATE: Date(), Type.DATETIME: DateTime(),
    Type.INTEGER: Integer(), Type.DECIMAL: Numeric(18, 2), Type.BOOLEAN: Boolean(),
}  # fmt: skip
ENCOUNTER: Row = {
    "org_code": HOSPITAL, "encounter_type": "1", "patient_no": "N1", "name": "张三",
    "start_at": datetime(2018, 11, 1, 8), "total_fee": Decimal("12.50"), "op": "I",
    "updated_at": datetime(2018, 11, 5, 8),
}  # fmt: skip


def table_of(feed: Feed, called: str = "", /, **changed: TypeEngine[Any] | None) -> Table:
    """Return the table that a city has for a feed; `changed` gives a column another type, None where there is none."""
    types = {c.name: _SQL[c.type] for c in feed.columns} | changed
    columns = [Column(n, type_, primary_key=n in feed.key) for n, type_ in types.items() if type_ is not None]
    return Table(called or feed.name, MetaData(), *columns)


def encounter(number: str, **changed: Any) -> dict[str, Any]:
    """Return a sound encounter."""
    return {**ENCOUNTER, "encounter_no": number, **changed}


class City:
    """A database with a table of encounters, and a home that pulls from it."""

    def __init__(self, engine: Engine, source: Source, folder: Path, table: Table | None = None) -> None:
        self.engine = engine
        self.source = source
        self.home = Home(folder / "home")
        self.inbox = folder / "inbox"
        self.table = table_of(FEEDS["emr"]) if table is None else table
        self.table.create(engine)

    def write(self, *rows: Row) -> None:
        """Write rows, in place of those of their number."""
        numbers = [row["encounter_no"] for row in rows]
        with self.engine.begin() as db:
            db.execute(self.table.delete().where(self.table.c.encounter_no.in_(numbers)))
            columns = {name for row in rows for name in row if name in self.table.c}
            db.execute(insert(self.table), [{name: row.get(name) for name in columns} for row in rows])

    def execute(self, sql: str) -> None:
        """Run a statement."""
        with self.engine.begin() as db:
            db.execute(text(sql))

    def pull(self, progress: Progress = QUIET, **changed: Any) -> Pulled:
        """Pull the encounters."""
        waits: list[float] = []
        (outcome,) = pull(self.home, self.inbox, [replace(self.source, **changed)], progress, waits.append)
        return outcome

    def delivered(self, outcome: Pulled) -> list[str]:
        """Return the numbers of the encounters in what a pull delivered."""
        city, feed, period, sequence = outcome.delivery.split("/")
        (file,) = (self.home.root / "vault" / "landing" / feed).glob(f"{city}_{period}_{sequence}_*.parquet")
        return sorted(row["encounter_no"] for row in rows_of(file))


def live_rows(home: Home, feed: Feed, columns: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return the live rows of a feed, these columns of both halves, in order."""
    ledger = Ledger(home.ledger_url)
    versions = {place: v for place, v in current_versions(ledger).items() if place[0] == feed.name}
    batches = settled_batches(ledger.deliveries("accepted"), feed.name)
    ledger.close()
    identity = {column.name for column in feed.identity_columns}
    selected = ", ".join(f"{'identity' if name in identity else 'content'}_row.{name}" for name in columns)
    with home.aside("asked") as scratch, connect(scratch) as engine:
        return engine.execute(f"""
            SELECT {selected}
            FROM (SELECT row_id FROM {indexes(home, versions)} WHERE live) AS live
            JOIN {content_rows(home, feed, batches)} AS content_row USING (row_id)
            {f"JOIN {identity_rows(home, feed, batches)} AS identity_row USING (row_id)" if identity else ""}
            ORDER BY ALL
        """).fetchall()


def comparable(value: Any) -> Any:
    """Return a source's value as the lake has it: times to the second, empty as nothing."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return value if isinstance(value, (date, Decimal, bool)) else value or None
