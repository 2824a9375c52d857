"""Encounters that two feeds tell of: the hospital's record and its settlement are of one person."""

from __future__ import annotations

import duckdb

from linkage.script import view

_TOLD = """
    SELECT row_id, presentation_id, encounter_key, feed = 'insurance' AS paid, false AS stay
    FROM presented WHERE encounter_key IS NOT NULL
    UNION ALL
    SELECT row_id, presentation_id, stay_key, feed = 'insurance', true
    FROM presented WHERE stay_key IS NOT NULL"""


def define_encounters(connection: duckdb.DuckDBPyConnection) -> None:
    """Make link_encounter (row_id, presentation_id, encounter_key, paid, stay): what rows, live or not, tell of.

    `paid`: a settlement tells of it; `stay`: known by institution, day and fee alone. Reads presented.
    """
    view(connection, "link_encounter", _TOLD)
