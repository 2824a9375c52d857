"""The linkage step: identity of live rows in, the next version of the registry out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import connect, parquet, quoted
from lake.home import Home
from lake.ledger import Delivery, Ledger
from lake.link_decisions import link_decisions
from linkage.evidence.model import Model, load_model
from linkage.link import LinkSummary, link
from linkage.present import present
from linkage.register import REGISTER
from linkage.registry import compact, compaction_due, made_by
from pipelines import live
from pipelines.link_error import DUE_FROM, LEAST_LIVE, latest_day, state_error
from pipelines.run import Run

REGISTER_FEED = FEEDS[REGISTER]
_OWN_NUMBER = {"population": "population_no", "ehr": "ehr_no", "emr": "patient_no", "insurance": "psn_no"}
_NEAR_NUMBER = {"population": "mother_id_no", "ehr": "guardian_id_no"}
_NUMBERED_BY_INSTITUTION = {"emr"}
_DECISION = pa.schema(
    [("number", pa.int64()), ("verdict", pa.string()), *((key, pa.uint64()) for key in ("l_own", "l", "r_own", "r"))]
)
_NOTHING_PRESENTED = """
    SELECT NULL::BIGINT AS row_id, NULL::UUID AS presentation_id, '' AS feed, NULL::TIMESTAMP AS updated_at"""


def link_live_rows(run: Run) -> None:
    """Bring the registry up to live rows, decisions and model: each row of a person feed gets its person."""
    newest = run.ledger.live_versions()
    now = live.only_persons(live.current_versions(run.ledger))
    versions = run.ledger.link_versions()
    before = run.ledger.link_inputs(versions[-1].version) if versions else {}
    folders = registry_folders(run.ledger, run.home)
    model = model_of(run.home)
    decisions = decision_table(run.ledger)
    made = made_by(folders)
    if now == before and made is not None and (made.model, made.decided) == (model.version, decisions.num_rows):
        return
    if not now:
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
        connection.register("decision", decisions)
        number = versions[-1].version + 1 if versions else 1
        registered = sum(version.live for (feed, _), version in newest.items() if feed == REGISTER)
        into = run.home.links(number)
        summary = link(connection, folders, into, run.home.key("registry id"), model, registered)
        step.read, step.written = added + removed, summary.changed
        step.outcome = (
            f"{added:,} 行新增 rows added, {removed:,} 行退出 removed, 新人 new persons {summary.minted:,}, "
            f"重新比对 relinked {summary.relinked:,}, 待复核 to review {summary.doubts:,}"
        )
        if summary.live >= LEAST_LIVE and (summary.whole or _much_changed(run, number, summary)):
            files = presentation_files(run.home, deliveries)
            state_error(connection, run.home, number, [*folders, into], files, model, latest_day(deliveries))
        # Last, so that a run that is cut off before states the error all the same.
        run.ledger.add_link_version(number, not folders, now, json.dumps(asdict(summary)), run.run_id)
        if folders and compaction_due(connection, [*folders, into]):
            compact(connection, [*folders, into], run.home.links(number + 1))
            run.ledger.add_link_version(number + 1, True, now, json.dumps(asdict(summary)), run.run_id)


def _much_changed(run: Run, number: int, summary: LinkSummary) -> bool:
    """Say whether so much was linked anew since the error was last stated that it is to be stated again."""
    changed = summary.changed
    for version in reversed(run.ledger.link_versions()):
        if version.version < number:
            if run.home.link_error(version.version).exists():
                break
            changed += json.loads(version.counts)["changed"]
    return changed > DUE_FROM * summary.live


def model_of(home: Home) -> Model:
    """Return the model that links a home: its own where it was trained, or else the one that is shipped."""
    return load_model(home.model if home.model.exists() else None)


def decision_table(ledger: Ledger) -> pa.Table:
    """Return the reviewers' decisions as linkage reads them: number, verdict, l_own, l, r_own, r."""
    rows = [
        {"number": number, "verdict": each.verdict, "l_own": each.l_own, "l": each.l, "r_own": each.r_own, "r": each.r}
        for number, each in link_decisions(ledger)
    ]
    return pa.Table.from_pylist(rows, schema=_DECISION)


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


def presentation_files(home: Home, deliveries: list[Delivery]) -> list[Path]:
    """Return the files of the presentations of all settled batches."""
    return [home.presentations(feed, batch) for feed, batch in _settled_batches(deliveries)]


def _settled_batches(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return [(feed.name, batch) for feed in person_feeds() for batch in live.settled_batches(deliveries, feed.name)]


def define_presented(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    """Make the views `presented` (row → presentation) and `presentations` over all settled batches."""
    batches = _settled_batches(deliveries)
    rows = parquet([home.presented(feed, batch) for feed, batch in batches], _NOTHING_PRESENTED)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW presented AS SELECT * FROM {rows}")
    if batches:  # without any, nothing is linked and no one asks for their columns
        distinct = parquet(presentation_files(home, deliveries), "")
        connection.execute(f"CREATE OR REPLACE TEMP VIEW presentations AS SELECT * FROM {distinct}")


def present_batch(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str) -> None:
    """Write the presentations of a batch: a pure function of its identity half. Reads `delivery`."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW identity_rows AS {identity_rows(home, feed, [batch])}")
    present(connection, "identity_rows", home.presented(feed.name, batch), home.presentations(feed.name, batch))


def _present_new_batches(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    for feed in person_feeds():
        for batch in live.settled_batches(deliveries, feed.name):
            if not home.presentations(feed.name, batch).exists():
                present_batch(connection, home, feed, batch)


def identity_rows(home: Home, feed: Feed, batches: Sequence[str]) -> str:
    """Return a query for the identity rows of batches (one at least) as `present` reads them, and their `institution`.

    Reads `delivery`.
    """
    near = _NEAR_NUMBER.get(feed.name, "NULL::VARCHAR")
    org = "identity.org_code" if feed.name in _NUMBERED_BY_INSTITUTION else "NULL::VARCHAR"
    code = "health_code" if feed.has("health_code") else "NULL::VARCHAR"
    address = "address" if feed.has("address") else "NULL::VARCHAR"
    institution = "identity.org_code" if feed.has("org_code") else "NULL::VARCHAR"
    return f"""
        SELECT {quoted(feed.name)} AS feed, delivery.city_code, row_id, {_OWN_NUMBER[feed.name]} AS own_no,
          {org} AS org_code, name, sex_code, birth_date, id_type, id_no, id_valid, phone, {address} AS address,
          {near} AS near_id_no, {code} AS health_code, updated_at, {institution} AS institution
        FROM {parquet([home.identity(feed.name, batch) for batch in batches], "")} AS identity
        JOIN delivery ON delivery.delivery_no = identity.row_id >> 32"""


def person_feeds() -> list[Feed]:
    """Return the feeds whose rows are about persons."""
    return [feed for feed in FEEDS.values() if feed.is_person]
