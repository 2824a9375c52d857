"""The last step: the next build made beside the published one, checked, entered in the ledger, swapped in."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from lake.conservation import conserve
from lake.engine import connect, located
from lake.files import link_in_place, put
from lake.home import Home
from lake.keyring import PERSON_KEY
from lake.ledger import Build, Delivery
from lake.states import Extent, extent_of, note_extent
from lake.terminals import count_decodings
from linkage import persons as linked
from linkage.changes import changed_persons, define_changed
from pipelines import live
from pipelines.build_gating import judge_build
from pipelines.linking import registry_folders
from pipelines.loading import define_inputs, define_persons, told_of
from pipelines.redirecting import define_redirects_since
from pipelines.run import Run
from warehouse import build as warehouse
from warehouse.model import models
from warehouse.publish import publish, publish_figures_tables

WHOLE_FROM = 0.2
"""The share of changed rows from which a build is made whole and not from the last."""
KEPT_BUILDS = 2


def publish_build(run: Run, as_of: date | None) -> bool:
    """Build the warehouse and its figures, and swap; return whether anything was published.

    Inputs, models and day like the last build's publish nothing. `as_of` defaults to the day of the latest extraction.
    Raises BuildRefused where the gate refuses the figures: the last build stays.
    """
    deliveries = run.ledger.deliveries("accepted")
    extent = extent_of(deliveries)
    if extent is None:
        run.progress.say("发布 publish  尚无可发布的数据 nothing to publish yet")
        return False
    day = as_of or extent.known_at.date()
    now = live.current_versions(run.ledger)
    links = run.ledger.link_versions()
    last = run.ledger.last_build()
    key_version = run.home.keyring.newest(PERSON_KEY)
    build = Build(
        build_no=last.build_no + 1 if last else 1,
        fingerprint=_fingerprint(now, links[-1].version if links else 0, day, key_version, count_decodings(run.ledger)),
        models=warehouse.model_version(),
        as_of=day.isoformat(),
        link_version=links[-1].version if links else 0,
        key_version=key_version,
        built_at=datetime.now(),
        run_id=run.run_id,
        counts="",
    )
    if last is not None and last.fingerprint == build.fingerprint and _lies_there(run.home, last.build_no):
        link_in_place(run.home.published(last.build_no), run.home.warehouse)
        run.progress.say("发布 publish  没有变化 nothing changed")
        return False
    with put(run.home.published(build.build_no)) as shown, put(run.home.build(build.build_no)) as partial:
        with run.step("load") as step:
            changed, counts = _load(run, deliveries, last, build, now, extent, partial, shown)
            step.read = step.written = changed
            step.outcome = f"{changed:,} 行 rows"
        with run.step("measure") as step, connect(run.scratch, partial, vault=False) as connection:
            warehouse.publish_figures(connection, day)
            step.read = sum(counts.values())
            step.written = connection.execute("SELECT count(*) FROM indicator_value").fetchall()[0][0]
            step.outcome = f"截至 as of {day}  {step.written:,} 个指标值 figures"
            former = run.home.build(last.build_no) if last else None
            judge_build(run, connection, build.build_no, former if former and former.exists() else None)
            with _attached(connection, shown):
                publish_figures_tables(connection)
        partial.chmod(0o400)
        shown.chmod(0o440)
    note_extent(run.ledger, build.build_no, extent)
    run.ledger.add_build(replace(build, counts=json.dumps(counts)), now)
    link_in_place(run.home.published(build.build_no), run.home.warehouse)
    _remove_old_builds(run.home, build.build_no)
    run.progress.say(f"发布 publish  {run.home.warehouse}")
    return True


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, shown: Path) -> Iterator[None]:
    """Attach what is to be published as the database `published`."""
    connection.execute(f"ATTACH {located(shown)} AS published")
    try:
        yield
    finally:
        connection.execute("DETACH published")


def _load(
    run: Run,
    deliveries: list[Delivery],
    last: Build | None,
    build: Build,
    now: live.Versions,
    extent: Extent,
    path: Path,
    shown: Path,
) -> tuple[int, dict[str, int]]:
    """Write the build's tables, and what is `shown` of them, by increments where the last build allows it.

    Return how many rows came or went, and the rows of each fact.
    """
    key = run.home.keyring.key(PERSON_KEY, build.key_version)
    told = told_of(build, extent.first_month)

    def rows_of(feed: str) -> str:
        return live.rows_of_feed(run.home, now, feed)

    kept = last if last is not None and _lies_there(run.home, last.build_no) else None
    if kept and (kept.models, kept.key_version) == (build.models, build.key_version):
        shutil.copyfile(run.home.build(kept.build_no), path)
        with connect(run.scratch, path) as connection:
            define_redirects_since(connection, run, kept, build)
            define_inputs(connection, run.home, run.ledger, deliveries, rows_of, build.link_version)
            changed = _increment(connection, run, kept, now, told, key)
            if changed is not None:
                shutil.copyfile(run.home.published(kept.build_no), shown)
                with _attached(connection, shown):
                    publish(connection, following=True)
                return changed, _fact_rows(connection, run)
        path.unlink()
    with connect(run.scratch, path) as connection:
        define_redirects_since(connection, run, kept, build)
        define_inputs(connection, run.home, run.ledger, deliveries, rows_of, build.link_version)
        define_persons(connection, registry_folders(run.ledger, run.home), key)
        warehouse.build_full(connection, told)
        with _attached(connection, shown):
            publish(connection, following=False)
        counts = _fact_rows(connection, run)
        return sum(counts.values()), counts


def _increment(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    base: Build,
    now: live.Versions,
    told: warehouse.Build,
    key: bytes,
) -> int | None:
    """Bring the copied build up to date and return how many rows came or went; None where too many for it."""
    added, removed = live.define_changes(connection, run.home, run.ledger.build_inputs(base.build_no), now)
    total = sum(version.live for version in run.ledger.live_versions().values())
    if added + removed > WHOLE_FROM * total:
        return None
    after = registry_folders(run.ledger, run.home)
    newer = [v.version for v in run.ledger.link_versions() if v.version > base.link_version and not v.whole]
    before = registry_folders(run.ledger, run.home, base.link_version)
    define_changed(connection, before, after, [run.home.links(version) for version in newer])
    linked.person_rows(connection, after, "rekeyed_row", key)
    changed_persons(connection, after, key, "changed_person")
    warehouse.build_increment(connection, told)
    return added + removed


def _fact_rows(connection: duckdb.DuckDBPyConnection, run: Run) -> dict[str, int]:
    """Return the rows of each table that follows a feed row by row; RowsNotConserved where a live row is missing."""
    expected: dict[str, int] = {}
    for (feed, _), current in run.ledger.live_versions().items():
        expected[feed] = expected.get(feed, 0) + current.live
    counts = {}
    for model in models():
        feed = model.increment.source.removeprefix("content_") if model.increment else ""
        if feed in FEEDS:
            rows = connection.execute(f"SELECT count(*) FROM {model.name}").fetchall()[0][0]
            conserve(f"publish {model.name}", expected.get(feed, 0), rows)
            counts[model.name] = rows
    return counts


def _fingerprint(now: live.Versions, link_version: int, as_of: date, key_version: int, decodings: int) -> str:
    """Return a digest of all that a build's tables follow from."""
    inputs = [f"{feed}/{city}/{number}" for (feed, city), number in sorted(now.items())]
    text = "\n".join(
        [warehouse.model_version(), as_of.isoformat(), f"{link_version}/{key_version}/{decodings}", *inputs]
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _lies_there(home: Home, number: int) -> bool:
    return home.build(number).exists() and home.published(number).exists()


def _remove_old_builds(home: Home, newest: int) -> None:
    for path in (*home.build(newest).parent.glob("*.duckdb"), *home.published(newest).parent.glob("*.duckdb")):
        if int(path.stem) <= newest - KEPT_BUILDS:
            path.unlink()
