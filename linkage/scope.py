"""What a change touches: the presentations that came and went, and all that hang together with them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from linkage.script import count, drop_tables, run

WHOLE_FROM = 0.3
"""The share of all presentations from which on linking everything anew is cheaper than linking a part."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The size of a change, in presentations, and whether everything is linked anew."""

    arriving: int
    leaving: int
    relinked: int
    whole: bool


def find_scope(connection: duckdb.DuckDBPyConnection) -> Scope:
    """Leave in link_member the live presentations to link anew, and in link_leaving those that went.

    Persons only ever form along shared keys, so the presentations that hang together with a change by shared keys
    decide among themselves: linking them alone gives what linking everything would.
    """
    run(connection, "change")
    arriving = count(connection, "SELECT count(*) FROM link_arriving")
    leaving = count(connection, "SELECT count(*) FROM link_leaving")
    before = count(connection, "SELECT count(*) FROM link_state")
    limit = WHOLE_FROM * (before + arriving)
    whole = arriving + leaving > limit
    if not whole:
        whole = not _closed(connection, limit)
    run(connection, "scope_whole" if whole else "scope_part")
    drop_tables(connection, "link_front", "link_known", "link_hit", "link_reached")
    return Scope(arriving, leaving, count(connection, "SELECT count(*) FROM link_member"), whole)


def _closed(connection: duckdb.DuckDBPyConnection, limit: float) -> bool:
    """Grow link_known until no presentation adds a key; say False when it has more keys than a part is worth."""
    run(connection, "scope_start")
    while count(connection, "SELECT count(*) FROM link_front"):
        run(connection, "scope_step")
        if count(connection, "SELECT count(*) FROM link_known") > 3 * limit:
            return False
    return True
