"""Doubts: pairs of presentations that wait for a reviewer. Each version adds those of what it linked anew, and closes
the former ones of these."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from lake.engine import located
from linkage.script import run, view

FILE = "doubt.parquet"


def open_doubts(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path]) -> None:
    """Make the view link_open_doubt (kind, l, r: presentations, probability, weight, name_chance, levels, version).

    `l` is who is looked for, `version` the one that found the doubt.
    """
    if not versions:
        view(connection, "link_open_doubt", "SELECT NULL::UUID AS l, NULL::UUID AS r, '' AS kind, 0 AS version LIMIT 0")
        return
    every = " UNION ALL BY NAME ".join(
        f"SELECT *, {int(version.name)} AS version FROM read_parquet({located(version / FILE)})" for version in versions
    )
    every = f"SELECT * FROM ({every})"
    # A version that looks at a presentation again says all that is doubtful about it, if only that nothing is.
    view(
        connection,
        "link_open_doubt",
        f"FROM ({every} QUALIFY version = max(version) OVER (PARTITION BY l)) WHERE kind <> 'none'",
    )


def resolve_doubts(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to link_doubt a line of kind `none` for each open doubt on what was linked anew and is none any longer."""
    run(connection, "doubts_resolved")
