"""The last step: the next build made beside the published one, checked, entered in the ledger, swapped in."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from lake.conservation import conserve
from lake.engine import connect, located
from lake.files import link_in_place, put
from lake.home import Home
from lake.keyring import PERSON_KEY
from lake.ledger import Build, Delivery
from lake.terminals import count_decodings
from linkage import persons as linked
from linkage.changes import changed_persons, define_changed
from pipelines import live
from pipelines.build_gating import judge_build
from pipelines.coding.usage import define_decodings
from pipelines.link_error import stated_error
from pipelines.linking import registry_folders
from pipelines.presenting import define_presented
from pipelines.redirecting import define_redirects_since
from pipelines.run import Run
from warehouse import build as warehouse
from warehouse.inputs import content_relation, empty_select
from warehouse.model import models
from warehouse.publish import publish, publish_figures_tables

REGISTER = FEEDS["population"]
WHOLE_FROM = 0.2
"""The share of changed rows from which a build is made whole and not from the last."""
KEPT_BUILDS = 2


def publish_build(run: Run, as_of: date | None) -> bool:
    """Build the warehouse and its figures, and swap; return whether anything was published.

    Inputs, models and day like the last build's publish nothing. `as_of` defaults to the day of the latest extraction.
    Raises BuildRefused where the gate refuses the figures: the last build stays.
    """
    deliveries = run.ledger.deliveries("accepted")
    extracted = [d.extracted_at for d in deliveries if d.extracted_at is not None]
    if not extracted:
        run.progress.say("发布 publish  尚无可发布的数据 nothing to publish yet")
        return False
    day = as_of or max(extracted).date()
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
            changed, counts = _load(run, deliveries, last, build, now, partial, shown)
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
    path: Path,
    shown: Path,
) -> tuple[int, dict[str, int]]:
    """Write the build's tables, and what is `shown` of them, by increments where the last build allows it.

    Return how many rows came or went, and the rows of each fact.
    """
    day = date.fromisoformat(build.as_of)
    key = run.home.keyring.key(PERSON_KEY, build.key_version)
    first = date.fromisoformat(f"{min(delivery.period for delivery in deliveries)}-01")
    told = warehouse.Build(build.run_id, build.built_at, day, version("yimatong"), build.fingerprint, first)
    kept = last if last is not None and _lies_there(run.home, last.build_no) else None
    if kept and (kept.models, kept.key_version) == (build.models, build.key_version):
        shutil.copyfile(run.home.build(kept.build_no), path)
        with connect(run.scratch, path) as connection:
            define_redirects_since(connection, run, kept, build)
            changed = _increment(connection, run, deliveries, kept, now, told, key)
            if changed is not None:
                shutil.copyfile(run.home.published(kept.build_no), shown)
                with _attached(connection, shown):
                    publish(connection, following=True)
                return changed, _fact_rows(connection, run)
        path.unlink()
    with connect(run.scratch, path) as connection:
        define_redirects_since(connection, run, kept, build)
        _whole(connection, run, deliveries, now, told, key)
        with _attached(connection, shown):
            publish(connection, following=False)
        counts = _fact_rows(connection, run)
        return sum(counts.values()), counts


def _increment(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    deliveries: list[Delivery],
    base: Build,
    now: live.Versions,
    told: warehouse.Build,
    key: bytes,
) -> int | None:
    """Bring the copied build up to date and return how many rows came or went; None where too many for it."""
    _define_inputs(connection, run, deliveries, now)
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


def _whole(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    deliveries: list[Delivery],
    now: live.Versions,
    told: warehouse.Build,
    key: bytes,
) -> None:
    _define_inputs(connection, run, deliveries, now)
    folders = registry_folders(run.ledger, run.home)
    if folders:
        linked.person_rows(connection, folders, "live_row", key)
        linked.persons(connection)
    else:
        for relation in ("person_of_row", "person"):
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS {empty_select(relation)}")
    warehouse.build_full(connection, told)


def _define_inputs(
    connection: duckdb.DuckDBPyConnection, run: Run, deliveries: list[Delivery], now: live.Versions
) -> None:
    """Make `delivery`, `content_<feed>` and what linkage reads: live_row, residence, presented, presentations."""
    home = run.home
    live.define_deliveries(connection, deliveries)
    for feed in FEEDS.values():
        of_feed = {place: version for place, version in now.items() if place[0] == feed.name}
        select = empty_select(content_relation(feed))
        if of_feed:
            content = live.content_rows(home, feed, live.settled_batches(deliveries, feed.name))
            select = f"""
                SELECT content.*, delivery.city_code
                FROM {content} AS content
                JOIN delivery ON delivery.delivery_no = content.row_id >> 32
                WHERE content.row_id IN (SELECT row_id FROM {live.indexes(home, of_feed)} WHERE live)"""
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {content_relation(feed)} AS {select}")
    of_persons = live.only_persons(now)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW live_row AS SELECT row_id FROM {live.indexes(home, of_persons)} WHERE live"
    )
    identity = live.identity_rows(home, REGISTER, live.settled_batches(deliveries, REGISTER.name))
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW residence AS
        SELECT content.row_id, content.residence_division, content.residency_type, identity.death_date
        FROM {content_relation(REGISTER)} AS content
        JOIN {identity} AS identity ON identity.row_id = content.row_id
    """)
    define_presented(connection, home, deliveries)
    define_decodings(connection, run.ledger)
    stated = stated_error(run.ledger, home)
    error = f"SELECT * FROM read_parquet({located(stated)})" if stated else empty_select("stated_error")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW stated_error AS {error}")


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
