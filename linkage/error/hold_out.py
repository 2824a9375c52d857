"""Holding out valid numbers: what linkage makes of presentations without the number that says whose they are.

Where such a presentation comes to its holder, linkage is right; where to another person, it is a false match; where to
nobody known, a missed one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from linkage.evidence.model import Model
from linkage.partition import find_persons
from linkage.register import REGISTER
from linkage.registry import made_by, open_kept, open_registry
from linkage.scope import find_part
from linkage.script import count, drop_tables, run, view

HELD_OUT = 20_000
"""How many presentations are held out, about."""
_LEAST_PART, _MOST_FOLDS = 10, 4
"""No more than a tenth at once, so that somebody is left to come to; so often where that is few."""


def hold_out(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], presentations: str, model: Model) -> int:
    """Make link_outcome (presentation_id, feed, registered, manner, outcome); return how many were held out.

    `registered` says whether the register knows the holder, `manner` what was done to the number (`none`: it is gone,
    `slip`: miswritten, `another's`: the mother's or a relative's in its place), outcome is `right`, `false` or
    `missed`. `presentations` is a query for all presentations; reads decision. ValueError without a version.
    """
    making = made_by(versions)
    if making is None:
        raise ValueError("no version of the registry")
    run(connection, "normalise")
    open_kept(connection, versions, model.version)
    view(connection, "link_sighted", presentations)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE link_outcome
        (presentation_id UUID, feed VARCHAR, registered BOOLEAN, manner VARCHAR, outcome VARCHAR)
    """)
    open_registry(connection, versions)
    held = count(connection, "SELECT count(*) FROM link_state WHERE NOT free")
    part = max(_LEAST_PART, held // HELD_OUT)
    for fold in range(min(_MOST_FOLDS, -(-HELD_OUT * part // max(held, 1)))):
        open_registry(connection, versions)
        run(connection, "hold_out", part=part, fold=fold, register=REGISTER)
        run(connection, "hold_out_view")
        find_part(connection)
        find_persons(connection, model, making.known, changed=False)
        run(connection, "outcomes")
    view(connection, "presentations", presentations)
    drop_tables(
        connection, "link_member", "link_linked", "link_cluster", "link_doubt", "link_keeping", "link_held_out",
        "link_rest", "link_arriving", "link_leaving", "link_redecided", "link_decided",
    )  # fmt: skip
    return count(connection, "SELECT count(*) FROM link_outcome")
