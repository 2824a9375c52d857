"""What a change touches: the presentations that came and went, and all whose person may hang on them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from linkage.evidence.keys import KEYS
from linkage.keyed import define_keyed
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


def find_scope(connection: duckdb.DuckDBPyConnection, everything: bool) -> Scope:
    """Leave in link_member the live presentations to link anew, and in link_leaving those that went.

    `everything` links them all, whatever changed. Otherwise those are in scope that share a number with a change; of
    those without a number of their own, whoever shares any key with these or with one another; and, with all of their
    rows, the persons whom these may be. Their answer hangs on nothing else: linking them alone gives what linking
    everything would.
    """
    run(connection, "change")
    arriving = count(connection, "SELECT count(*) FROM link_arriving")
    leaving = count(connection, "SELECT count(*) FROM link_leaving")
    before = count(connection, "SELECT count(*) FROM link_state")
    whole = everything or arriving + leaving > WHOLE_FROM * (before + arriving)
    if whole:
        define_keyed(connection, in_memory=False)
        run(connection, "scope_whole")
    else:
        run(connection, "scope_moved")
        find_part(connection)
    return Scope(arriving, leaving, count(connection, "SELECT count(*) FROM link_member"), whole)


def find_part(connection: duckdb.DuckDBPyConnection) -> None:
    """Make link_member of link_arriving, link_leaving, link_moved and link_redecided, and of all that hangs on these.

    Leaves link_keyed in memory, for placing reads it once more.
    """
    define_keyed(connection, in_memory=True)
    run(connection, "scope_start")
    _keys_of(connection, "link_touched", "link_key_touched", of_children=True)
    _keys_of(connection, "link_free_row", "link_key_free", of_children=True)
    connection.execute("CREATE OR REPLACE TEMP TABLE link_key_front AS FROM link_key_touched")
    while True:
        run(connection, "scope_free")
        if not count(connection, "SELECT count(*) FROM link_hit"):
            _find_witnesses(connection)
            run(connection, "scope_witnessed")
            if not count(connection, "SELECT count(*) FROM link_hit"):
                break
        run(connection, "scope_next")
    run(connection, "scope_part")
    drop_tables(
        connection, "link_touched", "link_free_row", "link_reached", "link_witness", "link_witness_number", "link_hit",
        "link_child", "link_bond", "link_listed", "link_key_front", "link_key_free", "link_key_touched",
        "link_key_sought", "link_key_new", "link_key_witness", "link_told", "link_moved",
    )  # fmt: skip


def _find_witnesses(connection: duckdb.DuckDBPyConnection) -> None:
    """Make link_witness: the rows of all persons whom those without a number may be."""
    run(connection, "scope_sought")
    for key in KEYS:
        connection.execute(f"""
            INSERT INTO link_witness_number
            SELECT p.number_key, bool_or(s.listed)
            FROM link_keyed AS p JOIN link_key_new AS s ON s.key = {key.value("p")}
            WHERE p.id_valid AND {key.known("p")}
            GROUP BY p.number_key
        """)
    run(connection, "scope_witness")
    _keys_of(connection, "link_witness", "link_key_witness")


def _keys_of(connection: duckdb.DuckDBPyConnection, rows: str, name: str, of_children: bool = False) -> None:
    """Make a table (key, presentation_id) of all keys of rows, those by their mothers' names too (`of_children`)."""
    every = " UNION ALL ".join(
        f"SELECT {key.value('r')} AS key, r.presentation_id FROM {rows} AS r WHERE {key.known('r')}" for key in KEYS
    )
    every += f" UNION ALL SELECT t.key, r.presentation_id FROM {rows} AS r JOIN link_told AS t USING (presentation_id)"
    every += f""" UNION ALL SELECT b.key, r.presentation_id FROM {rows} AS r JOIN link_bond AS b USING (own_key)"""
    if of_children:
        mother = next(key for key in KEYS if "mother_key" in key.columns)
        every += f""" UNION ALL SELECT {mother.value("c")}, c.presentation_id FROM link_child AS c
            WHERE c.presentation_id IN (SELECT presentation_id FROM {rows})"""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {every}")
