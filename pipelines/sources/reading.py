"""What a pull reads of a table: what is new by the watermark, and the old days on which something came.

The days below the watermark are held against what was known of them: a day's rows are those of the last pull, less
those that were read elsewhere now. Where that doesn't account for what the source has, to the row and the second, the
day is read again: rows came in with an old time, by a clock set back or a load of history. What earlier pulls delivered
is left out, so that a day read again in vain costs no delivery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contracts.schema import Feed
from lake.faults import PlainFault
from lake.home import Home
from lake.vault import open_to_write
from lake.watermarks import Profile, Standing
from pipelines.sources.listed import Source
from pipelines.sources.marks import MARKS, compare, from_seconds, in_seconds, marked, moved_from, only_marks
from pipelines.sources.outgoing import CsvFile
from pipelines.sources.table import EVERYTHING, SourceTable, Span, days_as_spans

_NONE = (0, 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be read: everything, or what follows the pull that `standing` ends with."""

    mode: str
    standing: Standing | None
    extracted_at: datetime
    profile: Profile

    @property
    def base(self) -> int:
        """Return the number of the pull that this one goes on from, 0 where it reads everything."""
        return self.standing.last.pull_no if self.standing else 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written aside: the file, closed, and the watermark that its pull will have."""

    file: CsvFile
    watermark: datetime | None


def plan(table: SourceTable, source: Source, standing: Standing | None) -> Plan:
    """Return what to read in the table's snapshot."""
    profile = table.profile()  # first: the time must not be before the snapshot's
    extracted_at = table.extracted_at()
    full_at = standing.full_at if standing else None
    due = source.full_every is not None and (full_at is None or full_at + source.full_every <= extracted_at)
    if due and not profile:
        raise PlainFault("表为空, 不作全量拉取 the table is empty: no full pull, which would delete every record")
    return Plan("full" if due else "delta", None if due else standing, extracted_at, profile)


class Reader:
    """Reads planned rows of a feed into files of a staging folder."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, home: Home, source: Source, feed: Feed) -> None:
        self._connection = connection
        self._home = home
        self._source = source
        self._feed = feed

    def write(self, table: SourceTable, plan: Plan, rows_to: Path, marks_to: Path, aside: Path) -> Written:
        """Write the rows that are to be delivered as CSV, and their marks; `aside` is for what is read meanwhile."""
        newest = _Newest(in_seconds(plan.extracted_at))
        with ExitStack() as files:
            csv = files.enter_context(CsvFile(rows_to, table.columns))
            marks_file = files.enter_context(open_to_write(marks_to))
            marks = files.enter_context(pq.ParquetWriter(marks_file, MARKS, compression="zstd"))
            for batch in self._unseen(table, plan, newest, aside):
                csv.add(batch.select([column.name for column in table.columns]))
                marks.write_batch(only_marks(batch))
        watermark = newest.found
        if watermark is None and plan.standing is not None and plan.standing.last.watermark is not None:
            watermark = min(plan.standing.last.watermark, plan.extracted_at)
        return Written(csv, watermark)

    def _unseen(self, table: SourceTable, plan: Plan, newest: _Newest, aside: Path) -> Iterator[pa.RecordBatch]:
        if plan.standing is None:
            yield from newest.watch(self._marked(table, [EVERYTHING]))
            return
        low = self._lower_bound(plan.standing, plan.extracted_at)
        known = plan.standing.profile
        old = {day for day in {*known, *plan.profile} if _is_before(day, low)}
        read: set[str] = set()
        parts: list[Path] = []
        spans = [Span(low=low)]
        while spans:
            part = _write_part(newest.watch(self._marked(table, spans)), aside, len(parts))
            parts += [part] if part else []
            moved: Profile = {}
            if parts:
                compare(self._connection, self._home, plan.standing, parts, plan.extracted_at)
                moved = moved_from(self._connection)
            doubtful = {day for day in old - read if _less(known, moved, day) != plan.profile.get(day, _NONE)}
            read |= doubtful
            spans = days_as_spans(list(doubtful))
        if parts:
            unseen: pa.RecordBatchReader = self._connection.sql("FROM unseen_row").to_arrow_reader(
                self._source.batch_rows
            )
            yield from unseen

    def _lower_bound(self, standing: Standing, now: datetime) -> datetime | None:
        """Return the start of the day from which everything is read, None for all."""
        if standing.last.watermark is None:
            return None
        low = min(standing.last.watermark, now) - self._source.overlap
        return low.replace(hour=0, minute=0, second=0, microsecond=0)

    def _marked(self, table: SourceTable, spans: Iterable[Span]) -> Iterator[pa.RecordBatch]:
        for span in spans:
            for batch in table.batches(span):
                yield marked(self._connection, self._feed, batch)


class _Newest:
    """Watches rows go by for the newest `moment` that isn't in the future."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._found: int | None = None

    @property
    def found(self) -> datetime | None:
        return None if self._found is None else from_seconds(self._found)

    def watch(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            moment = batch.column("moment")
            past = pc.max(moment.filter(pc.less_equal(moment, self._now))).as_py()
            if past is not None and (self._found is None or past > self._found):
                self._found = past
            yield batch


def _write_part(batches: Iterable[pa.RecordBatch], folder: Path, number: int) -> Path | None:
    """Write the batches to a file of the folder and return it; None where there are no rows."""
    path = folder / f"read-{number}.parquet"
    writer: pq.ParquetWriter | None = None
    with ExitStack() as files:
        for batch in batches:
            if writer is None:
                file = files.enter_context(open_to_write(path))
                writer = files.enter_context(pq.ParquetWriter(file, batch.schema, compression="lz4"))
            writer.write_batch(batch)
    return path if writer else None


def _is_before(day: str, low: datetime | None) -> bool:
    """Say whether rows of that day lie outside what is read from `low` on; those without a day do."""
    return low is not None and day < low.date().isoformat()


def _less(known: Profile, moved: Profile, day: str) -> tuple[int, int]:
    """Return what a day should have: what it had, less what has moved."""
    had, gone = known.get(day, _NONE), moved.get(day, _NONE)
    return had[0] - gone[0], had[1] - gone[1]
