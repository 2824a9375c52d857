"""Linking: from what changed among the live rows to the next version of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.conservation import conserve
from linkage.partition import find_persons
from linkage.registry import name_persons, open_registry, write_version
from linkage.scope import find_scope
from linkage.script import count, drop_tables


@dataclass(frozen=True, slots=True)
class LinkSummary:
    """What a link did, in presentations: live = before + arriving - leaving, each with exactly one registry id.

    `relinked` were compared anew (`whole`: all of them), `changed` got another id, tier or probability or went,
    `minted` and `retired` are ids given out and ids that no presentation has any longer.
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


def link(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], into: Path, secret: bytes) -> LinkSummary:
    """Write the next version of the registry to the folder `into`; `versions` are the earlier ones, oldest first.

    The connection has the relations presented (row_id, presentation_id of all accepted rows), presentations (as
    `linkage.present` writes them; may repeat), live_row, added_row and removed_row (row_id: the rows live now, and
    those that became or ceased to be so since the last version). Raises RowsNotConserved where counts do not meet.
    """
    open_registry(connection, versions)
    before = count(connection, "SELECT count(*) FROM link_state")
    scope = find_scope(connection)
    find_persons(connection)
    name_persons(connection, secret)
    retired = count(
        connection,
        "SELECT count(*) FROM (SELECT registry_id FROM link_state WHERE presentation_id IN"
        " (SELECT presentation_id FROM link_linked UNION ALL FROM link_leaving)"
        " EXCEPT SELECT registry_id FROM link_label_of)",
    )
    write_version(connection, into)
    changed = count(connection, "SELECT count(*) FROM link_delta")
    distinct = count(connection, "SELECT count(DISTINCT presentation_id) FROM link_delta")
    minted = count(connection, "SELECT count(*) FROM link_minted")
    open_registry(connection, [*versions, into])
    live = count(connection, "SELECT count(*) FROM link_state")
    drop_tables(
        connection, "link_arriving", "link_leaving", "link_member", "link_linked", "link_cluster", "link_label_of",
        "link_minted", "link_delta",
    )  # fmt: skip
    conserve("link presentations", before + scope.arriving - scope.leaving, live)
    conserve("link changes", changed, distinct)
    return LinkSummary(
        before, scope.arriving, scope.leaving, live, scope.relinked, scope.whole, changed, minted, retired
    )
