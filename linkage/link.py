"""Linking: from what changed among the live rows to the next version of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.conservation import conserve
from linkage.doubts import open_doubts, resolve_doubts
from linkage.encounters import define_encounters
from linkage.evidence.model import Model
from linkage.partition import find_persons
from linkage.registry import (
    Making,
    made_by,
    name_persons,
    note_events,
    open_kept,
    open_registry,
    write_version,
)
from linkage.scope import find_scope
from linkage.script import count, drop_tables, run

LEAST_KNOWN = 1 << 16
"""However few the register has: persons unknown to it are a share of no fewer."""


@dataclass(frozen=True, slots=True)
class LinkSummary:
    """What a link did, in presentations: live = before + arriving - leaving, each with exactly one registry id.

    `relinked` were compared anew (`whole`: all of them), `changed` got another id, tier or probability or went,
    `minted` and `retired` are ids given out and ids that no presentation has any longer, `doubts` the pairs that wait
    for a reviewer.
    """

    before: int
    arriving: int
    leaving: int
    live: int
    relinked: int
    whole: bool
    changed: int
    minted: int
    retired: int
    doubts: int


def link(
    connection: duckdb.DuckDBPyConnection,
    versions: Sequence[Path],
    into: Path,
    secret: bytes,
    model: Model,
    registered: int,
) -> LinkSummary:
    """Write the next version of the registry to the folder `into`; `versions` are the earlier ones, oldest first.

    The connection has the relations presented (as `linkage.present` writes it, of all accepted rows), presentations (as
    `linkage.present` writes them; may repeat), live_row, added_row and removed_row (row_id: the rows live now, and
    those that became or ceased to be so since the last version), stay (row_id, org_code, started_on, ended_on: nights
    in hospital), and decision (number, verdict, l_own, l, r_own, r: what reviewers decided, numbered in their order).
    `registered` is how many live rows the register has. Raises RowsNotConserved where counts do not meet.
    """
    run(connection, "normalise")
    define_encounters(connection)
    open_registry(connection, versions)
    before = count(connection, "SELECT count(*) FROM link_state")
    last = made_by(versions)
    making = Making(
        model.version, _known(registered), count(connection, "SELECT coalesce(max(number), 0) FROM decision")
    )
    changed = last is not None and last.model != making.model
    open_kept(connection, versions, model.version)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE link_redecided AS
        SELECT unnest([l_own, r_own]) AS own_key FROM decision WHERE number > {last.decided if last else 0}
    """)
    scope = find_scope(connection, everything=last is None or changed or last.known != making.known)
    find_persons(connection, model, making.known, changed)
    name_persons(connection, secret)
    run(connection, "doubts_places")
    retired = count(connection, "SELECT count(*) FROM link_retired")
    note_events(connection, model.version)
    open_doubts(connection, versions)
    resolve_doubts(connection)
    write_version(connection, into, making)
    changes = count(connection, "SELECT count(*) FROM link_delta")
    # The first version is its own state: counting what is live tells whether one stands there twice.
    distinct = count(connection, "SELECT count(DISTINCT presentation_id) FROM link_delta") if versions else changes
    minted = count(connection, "SELECT count(*) FROM link_minted")
    open_registry(connection, [*versions, into])
    live = count(connection, "SELECT count(*) FROM link_state")
    open_doubts(connection, [*versions, into])
    doubts = count(connection, "SELECT count(*) FROM link_open_doubt")
    drop_tables(
        connection, "link_arriving", "link_leaving", "link_member", "link_linked", "link_cluster", "link_label_of",
        "link_minted", "link_delta", "link_doubt", "link_keeping", "link_retired", "link_event", "link_decided",
    )  # fmt: skip
    conserve("link presentations", before + scope.arriving - scope.leaving, live)
    conserve("link changes", changes, distinct)
    return LinkSummary(
        before, scope.arriving, scope.leaving, live, scope.relinked, scope.whole, changes, minted, retired, doubts
    )


def _known(registered: int) -> int:
    """Return how many persons the register has, as a power of two: it weighs in every answer, and seldom changes."""
    known = LEAST_KNOWN
    while known < registered:
        known *= 2
    return known
