"""Builds made aside: of an earlier state of the home, or of the rows of one and the links of another."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from lake.audit import note_access
from lake.conservation import conserve
from lake.engine import connect
from lake.home import Home
from lake.keyring import PERSON_KEY
from lake.ledger import Ledger
from lake.states import State
from linkage.persons import mixed_persons
from pipelines import live
from pipelines.linking import registry_folders
from pipelines.loading import RowsOf, define_inputs, define_persons, told_of
from pipelines.presenting import person_feeds
from pipelines.progress import Progress
from pipelines.restating.known import require
from warehouse import build as warehouse
from warehouse.inputs import empty_select
from warehouse.model import models

Persons = Callable[[duckdb.DuckDBPyConnection], None]
"""What makes `person_of_row` and `person` of the live rows."""


@contextmanager
def opened(home: Home, ledger: Ledger, state: State, progress: Progress) -> Iterator[Path]:
    """Give the build of a state: the kept one, or, where that is gone or was made by other models, one made aside.

    PlainFault where the state was swept.
    """
    kept = home.build(state.build.build_no)
    if kept.exists() and state.build.models == warehouse.model_version():
        yield kept
        return
    require(home, ledger, state)
    folders = registry_folders(ledger, home, state.build.link_version)
    key = home.keyring.key(PERSON_KEY, state.build.key_version)

    def persons(connection: duckdb.DuckDBPyConnection) -> None:
        define_persons(connection, folders, key)

    with _aside(home, ledger, state, rows_of(home, state), persons, progress) as path:
        yield path


@contextmanager
def mixed(home: Home, ledger: Ledger, then: State, now: State, rows: RowsOf, progress: Progress) -> Iterator[Path]:
    """Give a build, made aside, of these rows: those live in `then` as they were linked then, the others as now."""
    folders = [registry_folders(ledger, home, state.build.link_version) for state in (then, now)]
    key = home.keyring.key(PERSON_KEY, now.build.key_version)
    lived = " UNION ALL ".join(rows_of(home, then)(feed.name) for feed in person_feeds())

    def persons(connection: duckdb.DuckDBPyConnection) -> None:
        if not folders[1]:
            define_persons(connection, [], key)
            return
        connection.execute(f"CREATE OR REPLACE TEMP TABLE lived AS {lived}")
        linked = [f"(FROM live_row WHERE row_id {within} (FROM lived))" for within in ("IN", "NOT IN")]
        mixed_persons(connection, (folders[0], linked[0]), (folders[1], linked[1]), key)

    with _aside(home, ledger, now, rows, persons, progress) as path:
        yield path


def rows_of(home: Home, state: State) -> RowsOf:
    """Return the rows that were live in a state."""
    return lambda feed: live.rows_of_feed(home, state.inputs, feed)


@contextmanager
def _aside(
    home: Home, ledger: Ledger, state: State, rows: RowsOf, persons: Persons, progress: Progress
) -> Iterator[Path]:
    """Give a build of these rows and persons, told of as the state's, and remove it afterwards."""
    note_access(home, ledger, "export", "vault", "opened")
    name = uuid.uuid4().hex
    # Among the builds, whose folder is closed like it: what lies in tmp is sealed, and an engine's file can't be.
    path = home.build(state.build.build_no).with_name(f".{name}.{os.getpid()}.part")
    try:
        with (
            progress.step("重建 rebuild") as step,
            home.aside(f"rebuild-{name}") as scratch,
            connect(scratch, path) as connection,
        ):
            define_inputs(connection, home, ledger, ledger.deliveries("accepted"), rows, state.build.link_version)
            connection.execute(f"CREATE OR REPLACE TEMP VIEW redirect AS {empty_select('redirect')}")
            persons(connection)
            warehouse.build_full(connection, told_of(state.build, state.extent.first_month))
            step.outcome = f"{_conserved(connection, rows):,} 行 rows"
        yield path
    finally:
        for left in (path, path.with_name(f"{path.name}.wal")):
            left.unlink(missing_ok=True)


def _conserved(connection: duckdb.DuckDBPyConnection, rows: RowsOf) -> int:
    """Return how many rows the facts have; RowsNotConserved where one lacks a live row."""
    total = 0
    for model in models():
        feed = model.increment.source.removeprefix("content_") if model.increment else ""
        if feed in FEEDS:
            live_rows, found = (
                int(connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
                for source in (f"({rows(feed)})", model.name)
            )
            conserve(f"rebuild {model.name}", live_rows, found)
            total += found
    return total
