"""The linkage step: identity of live rows in, the next version of the registry out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import connect, parquet, quoted
from lake.home import Home
from lake.ledger import Delivery, Ledger
from linkage.link import link
from linkage.present import present
from linkage.registry import compact, compaction_due
from pipelines import live
from pipelines.run import Run

_OWN_NUMBER = {"population": "population_no", "ehr": "ehr_no", "emr": "patient_no", "insurance": "psn_no"}
_NEAR_NUMBER = {"population": "mother_id_no", "ehr": "guardian_id_no"}
_NUMBERED_BY_INSTITUTION = {"emr"}
_NOTHING_PRESENTED = """
    SELECT NULL::BIGINT AS row_id, NULL::UUID AS presentation_id, '' AS feed, NULL::TIMESTAMP AS updated_at"""


def link_live_rows(run: Run) -> None:
    """Bring the registry up to the live rows: each row of a person feed gets the one person it belongs to."""
    now = live.only_persons(live.current_versions(run.ledger))
    versions = run.ledger.link_versions()
    before = run.ledger.link_inputs(versions[-1].version) if versions else {}
    if now == before:
        return
    with run.step("link") as step, connect(run.scratch) as connection:
        deliveries = run.ledger.deliveries("accepted")
        live.define_deliveries(connection, run.ledger.deliveries())  # a batch may hold rows that wait at the gate
        _present_new_batches(connection, run.home, deliveries)
        define_presented(connection, run.home, deliveries)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW live_row AS SELECT row_id FROM {live.indexes(run.home, now)} WHERE live"
        )
        added, removed = live.define_changes(connection, run.home, before, now)
        number = versions[-1].version + 1 if versions else 1
        folders = registry_folders(run.ledger, run.home)
        summary = link(connection, folders, run.home.links(number), run.home.key("registry id"))
        run.ledger.add_link_version(number, not folders, now, json.dumps(asdict(summary)), run.run_id)
        step.read, step.written = added + removed, summary.changed
        step.outcome = (
            f"{added:,} 行新增 rows added, {removed:,} 行退出 removed, 新人 new persons {summary.minted:,}, "
            f"重新比对 relinked {summary.relinked:,}"
        )
        if folders and compaction_due(connection, [*folders, run.home.links(number)]):
            compact(connection, [*folders, run.home.links(number)], run.home.links(number + 1))
            run.ledger.add_link_version(number + 1, True, now, json.dumps(asdict(summary)), run.run_id)


def registry_folders(ledger: Ledger, home: Home, until: int | None = None) -> list[Path]:
    """Return the folders that say the registry together: the newest whole version and the changes after it.

    `until` is the last version to look at; by default the newest.
    """
    folders: list[Path] = []
    for version in ledger.link_versions():
        if until is not None and version.version > until:
            break
        if version.whole:
            folders = []
        folders.append(home.links(version.version))
    return folders


def define_presented(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    """Make the views `presented` (row → presentation) and `presentations` over all settled batches."""
    batches = [(feed.name, batch) for feed in _person_feeds() for batch in live.settled_batches(deliveries, feed.name)]
    rows = parquet([home.presented(feed, batch) for feed, batch in batches], _NOTHING_PRESENTED)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW presented AS SELECT * FROM {rows}")
    if batches:  # without any, nothing is linked and no one asks for their columns
        distinct = parquet([home.presentations(feed, batch) for feed, batch in batches], "")
        connection.execute(f"CREATE OR REPLACE TEMP VIEW presentations AS SELECT * FROM {distinct}")


def present_batch(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str) -> None:
    """Write the presentations of a batch: a pure function of its identity half. Reads `delivery`."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW identity_rows AS {_identity_rows(home, feed, batch)}")
    present(connection, "identity_rows", home.presented(feed.name, batch), home.presentations(feed.name, batch))


def _present_new_batches(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    for feed in _person_feeds():
        for batch in live.settled_batches(deliveries, feed.name):
            if not home.presentations(feed.name, batch).exists():
                present_batch(connection, home, feed, batch)


def _identity_rows(home: Home, feed: Feed, batch: str) -> str:
    near = _NEAR_NUMBER.get(feed.name, "NULL::VARCHAR")
    org = "identity.org_code" if feed.name in _NUMBERED_BY_INSTITUTION else "NULL::VARCHAR"
    address = "address" if feed.has("address") else "NULL::VARCHAR"
    return f"""
        SELECT {quoted(feed.name)} AS feed, delivery.city_code, row_id, {_OWN_NUMBER[feed.name]} AS own_no,
          {org} AS org_code, name, sex_code, birth_date, id_type, id_no, id_valid, phone, {address} AS address,
          {near} AS near_id_no, updated_at
        FROM read_parquet({quoted(home.identity(feed.name, batch))}) AS identity
        JOIN delivery ON delivery.delivery_no = identity.row_id >> 32"""


def _person_feeds() -> list[Feed]:
    return [feed for feed in FEEDS.values() if feed.is_person]
