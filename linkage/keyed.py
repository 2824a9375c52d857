"""All presentations by their keys, without texts: what the search for a change, and placing, read."""

from __future__ import annotations

import duckdb

from linkage.register import LISTS, REGISTER
from linkage.script import view

_LISTS = ", ".join(f"'{feed}'" for feed in LISTS)
_KEYED = f"""
    SELECT presentation_id, feed = '{REGISTER}' AS registered, feed IN ({_LISTS}) AS listed, id_valid, newborn,
      city_code, sex_code, birth_date, own_key, code_key, name_key, sound_key, mother_key, number_key, near_key,
      phone_key, address_key
    FROM presentations"""


def define_keyed(connection: duckdb.DuckDBPyConnection, in_memory: bool) -> None:
    """Make link_keyed, where a presentation may stand several times; `in_memory`, for it will be read many times.

    Reads presentations.
    """
    if in_memory:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE link_keyed_row AS {_KEYED}")
    view(connection, "link_keyed", "FROM link_keyed_row" if in_memory else _KEYED)
