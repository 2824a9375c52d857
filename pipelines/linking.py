"""The linkage step: identity of live rows in, the next version of the registry out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from lake.engine import connect
from lake.home import Home
from lake.keyring import REGISTRY_ID
from lake.ledger import Ledger
from lake.link_decisions import link_decisions
from linkage.evidence.model import Model, load_model
from linkage.link import LinkSummary, link
from linkage.register import REGISTER
from linkage.registry import compact, compaction_due, made_by
from pipelines import live
from pipelines.link_error import DUE_FROM, LEAST_LIVE, latest_day, state_error
from pipelines.presenting import define_presented, define_stays, present_new_batches, presentation_files
from pipelines.run import Run

_DECISION = pa.schema(
    [("number", pa.int64()), ("verdict", pa.string()), *((key, pa.uint64()) for key in ("l_own", "l", "r_own", "r"))]
)


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
    present_new_batches(run)
    with connect(run.scratch) as connection:
        deliveries = run.ledger.deliveries("accepted")
        define_presented(connection, run.home, deliveries)
        define_stays(connection, run.home, deliveries)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW live_row AS SELECT row_id FROM {live.indexes(run.home, now)} WHERE live"
        )
        connection.register("decision", decisions)
        number = versions[-1].version + 1 if versions else 1
        registered = sum(version.live for (feed, _), version in newest.items() if feed == REGISTER)
        into = run.home.links(number)
        with run.step("link") as step:
            added, removed = live.define_changes(connection, run.home, before, now)
            summary = link(connection, folders, into, run.home.keyring.key(REGISTRY_ID), model, registered)
            step.read, step.written = added + removed, summary.changed
            step.outcome = (
                f"{added:,} 行新增 rows added, {removed:,} 行退出 removed, 新人 new persons {summary.minted:,}, "
                f"重新比对 relinked {summary.relinked:,}, 待复核 to review {summary.doubts:,}"
            )
        if summary.live >= LEAST_LIVE and (summary.whole or _much_changed(run, number, summary)):
            with run.step("assess") as step:
                files = presentation_files(run.home, deliveries)
                day = latest_day(deliveries)
                step.read = state_error(connection, run.home, number, [*folders, into], files, model, day)
                step.outcome = f"{step.read:,} 种呈现隐去号码 presentations without their number"
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
