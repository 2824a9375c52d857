"""Marks of rows: by them a pull knows, without keeping values, what earlier pulls delivered."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.schema import Feed
from lake.engine import located, parquet
from lake.home import Home
from lake.vault import address
from lake.watermarks import Profile, Pull, Standing
from pipelines.sources.table import UPDATED

MARKS = pa.schema([("key_mark", pa.uint64()), ("row_mark", pa.uint64()), ("moment", pa.int64())])
_SQL = files("pipelines.sources").joinpath("unseen.sql").read_text(encoding="utf-8")
_NO_MARKS = "(SELECT '' AS filename, 0::UBIGINT AS key_mark, 0::UBIGINT AS row_mark, 0::BIGINT AS moment)"


def marks_file(home: Home, pull: Pull) -> Path:
    """Return the marks of the rows that a pull delivered."""
    name = f"{pull.city}_{pull.period}_{pull.sequence:03d}_{pull.digest[:8]}"
    return home.pulled(pull.feed, name)


def marked(connection: duckdb.DuckDBPyConnection, feed: Feed, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with the marks of its rows; a column that it lacks counts as empty."""
    present = set(batch.schema.names)
    texts = {c.name: f"coalesce({c.name}, '')" if c.name in present else "''" for c in feed.columns}
    key = ", ".join(texts[name] for name in feed.key)
    connection.register("read_batch", pa.Table.from_batches([batch]))
    table: pa.Table = connection.sql(f"""
        SELECT *, md5_number_lower(concat_ws(chr(31), {key})) AS key_mark,
          md5_number_lower(concat_ws(chr(31), {", ".join(texts.values())})) AS row_mark,
          floor(epoch(try_cast({UPDATED} AS TIMESTAMP)))::BIGINT AS moment
        FROM read_batch
    """).to_arrow_table()
    connection.unregister("read_batch")
    (rows,) = table.combine_chunks().to_batches()
    return rows


def only_marks(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the marks of a marked batch."""
    return batch.select(MARKS.names).cast(MARKS)


def compare(
    connection: duckdb.DuckDBPyConnection, home: Home, standing: Standing, read: list[Path], now: datetime
) -> None:
    """Make `unseen_row` and `moved_from` of the rows in the files `read` and what earlier pulls delivered."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW read_row AS FROM {parquet(read, '')}")
    known = [(marks_file(home, pull), pull.pull_no, in_seconds(pull.extracted_at)) for pull in standing.pulls]
    known = [entry for entry in known if entry[0].exists()]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE mark_file (filename VARCHAR, pull_no INTEGER, extracted_at BIGINT)"
    )
    if known:
        connection.executemany("INSERT INTO mark_file VALUES (?, ?, ?)", [(address(file), *of) for file, *of in known])
    marks = (
        f"read_parquet([{', '.join(located(file) for file, _, _ in known)}], filename = true)" if known else _NO_MARKS
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW delivered_mark AS
        SELECT mark_file.pull_no, mark_file.extracted_at, mark.key_mark, mark.row_mark, mark.moment
        FROM {marks} AS mark
        JOIN mark_file ON mark_file.filename = mark.filename
    """)
    connection.execute(f"SET VARIABLE extracted_at = {in_seconds(now)}")
    connection.execute(_SQL)


def moved_from(connection: duckdb.DuckDBPyConnection) -> Profile:
    """Return what left each day, as far as it was read elsewhere."""
    found = connection.execute("SELECT day, rows, seconds FROM moved_from").fetchall()
    return {day: (rows, seconds) for day, rows, seconds in found}


def in_seconds(moment: datetime) -> int:
    """Return the time without offset as `moment` has it."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def from_seconds(moment: int) -> datetime:
    """Return the time without offset of a `moment`."""
    return datetime.fromtimestamp(moment, UTC).replace(tzinfo=None)
