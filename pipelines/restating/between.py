"""What lies between two states of a home: builds of the rows of one and the links of the other, and their figures."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from lake.audit import note_access
from lake.engine import connect, located
from lake.home import Home
from lake.ledger import Ledger
from lake.states import State
from pipelines import live
from pipelines.loading import RowsOf
from pipelines.progress import Progress
from pipelines.restating.changes import CORRECTED, LATE, NOW, RELINKED, THEN, add_step, repeat_step
from pipelines.restating.rebuild import mixed, opened, rows_of
from warehouse.indicators.measure import measure


@dataclass(frozen=True, slots=True)
class Between:
    """An earlier and a later state of a home."""

    home: Home
    ledger: Ledger
    then: State
    now: State
    progress: Progress

    @contextmanager
    def mixed(self, rows: RowsOf) -> Iterator[Path]:
        """Give a build of these rows, those that were live then as they were linked then."""
        with mixed(self.home, self.ledger, self.then, self.now, rows, self.progress) as path:
            yield path

    def with_late(self, feed: str) -> str:
        """Return the rows that were live then, and those of keys that weren't known then."""
        return f"{rows_of(self.home, self.then)(feed)} UNION ALL {self.late(feed)}"

    def late(self, feed: str) -> str:
        """Return the live rows of a feed whose source key wasn't known then."""
        found = ["SELECT 0::BIGINT AS row_id WHERE false"]
        for place, version in sorted(self.now.inputs.items()):
            known = self.then.inputs.get(place)
            if place[0] == feed and known != version:
                index = live.indexes(self.home, {place: version})
                before = live.indexes(self.home, {place: known} if known else {})
                found.append(
                    f"SELECT row_id FROM {index} AS now ANTI JOIN {before} AS known USING (source_key) WHERE live"
                )
        return " UNION ALL ".join(found)

    def differences(self) -> tuple[bool, bool]:
        """Say whether rows came late, and whether known ones were changed or withdrawn."""
        note_access(self.home, self.ledger, "export", "vault", "opened")
        with (
            self.home.aside(f"between-{uuid.uuid4().hex}") as scratch,
            connect(scratch) as connection,
        ):
            added, removed = live.define_changes(connection, self.home, self.then.inputs, self.now.inputs)
            late = " UNION ALL ".join(self.late(feed) for feed in FEEDS)
            ((came,),) = connection.execute(f"SELECT count(*) FROM ({late})").fetchall()
        return came > 0, added > came or removed > 0


def count_again(connection: duckdb.DuckDBPyConnection, between: Between, first: date, last: date) -> None:
    """Add the steps from an export as of the day `first` to one as of `last`, each counted on a build of its own.

    The connection needs no vault. A step whose cause touched no row says what its neighbour says.
    """
    late, corrected = between.differences()
    relinked = between.then.build.link_version != between.now.build.link_version
    with opened(between.home, between.ledger, between.then, between.progress) as path:
        _count(connection, path, first, THEN)
    with opened(between.home, between.ledger, between.now, between.progress) as path:
        _count(connection, path, first, RELINKED)
        if last == first:
            repeat_step(connection, NOW, RELINKED)
        else:
            _count(connection, path, last, NOW)
    if late and (corrected or relinked):
        with between.mixed(between.with_late) as path:
            _count(connection, path, first, LATE)
    else:
        repeat_step(connection, LATE, RELINKED if late else THEN)
    if corrected and relinked:
        with between.mixed(rows_of(between.home, between.now)) as path:
            _count(connection, path, first, CORRECTED)
    else:
        repeat_step(connection, CORRECTED, RELINKED if corrected else LATE)


def _count(connection: duckdb.DuckDBPyConnection, build: Path, day: date, step: int) -> None:
    """Measure a build as of a day, and add its figures as a step."""
    connection.execute(f"ATTACH {located(build)} AS counted (READ_ONLY)")
    connection.execute("USE counted")
    measure(connection, day)
    connection.execute("USE memory")
    connection.execute("DETACH counted")
    add_step(connection, step)
