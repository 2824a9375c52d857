"""What the registry says to the warehouse: whose each row is, and who the persons are, under pseudonyms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from lake.conservation import conserve
from linkage.pseudonym import define_person_key
from linkage.register import REGISTER
from linkage.registry import open_registry
from linkage.script import count, drop_tables, run, view


def person_rows(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], rows: str, key: bytes) -> int:
    """Make `person_of_row`: row_id, feed, person_key (32 hex), tier, probability; return the number of rows.

    `rows` names a relation with row_id: live rows, all of them or those of `changed_rows`. Reads presented. Raises
    RowsNotConserved where a row has no person.
    """
    found = _find(connection, versions, rows)
    define_person_key(connection, key)
    run(connection, "person_keys")
    return found


def mixed_persons(
    connection: duckdb.DuckDBPyConnection,
    then: tuple[Sequence[Path], str],
    now: tuple[Sequence[Path], str],
    key: bytes,
) -> None:
    """Make `person_of_row` and `person` of some rows linked as one state of the registry had them, others by another.

    `then` and `now` are the versions of each state, and the relation of its rows; ids mean the same in both. Reads what
    `person_rows` and `persons` read.
    """
    _find(connection, *then)
    connection.execute("CREATE OR REPLACE TEMP TABLE link_found_then AS FROM link_found")
    _find(connection, *now)
    connection.execute("INSERT INTO link_found FROM link_found_then; DROP TABLE link_found_then")
    define_person_key(connection, key)
    run(connection, "person_keys")
    persons(connection)
    # Of whom no row is there by which the other state knows them: nothing is known but that they are somebody.
    connection.execute("""
        INSERT INTO person BY NAME
        SELECT DISTINCT person_key, false AS registered FROM link_key_of
        WHERE person_key NOT IN (SELECT person_key FROM person)
    """)


def _find(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], rows: str) -> int:
    """Make `link_found`: the rows with the registry id of each; return their number."""
    open_registry(connection, versions)
    view(connection, "link_wanted", f"SELECT row_id FROM {rows}")
    run(connection, "person_rows")
    wanted = count(connection, "SELECT count(*) FROM link_wanted")
    found = count(connection, "SELECT count(*) FROM link_found")
    conserve("link rows", wanted, found)
    return found


def persons(connection: duckdb.DuckDBPyConnection) -> int:
    """Make `person` of the rows last given to `person_rows`, one row a person, and return their number.

    Columns: person_key, registered, sex_code, birth_date, residence_division, residency_type, death_date, city_code
    (the register's city; the last four are NULL for one who is not registered). Reads presentations and residence
    (row_id, residence_division, residency_type, death_date of live register rows).
    """
    return persons_of(connection, "link_found", "link_key_of")


def persons_of(connection: duckdb.DuckDBPyConnection, rows: str, keys: str) -> int:
    """Make `person` of all live rows of some persons and of their keys, as `persons` does; return their number."""
    view(connection, "link_row", f"FROM {rows}")
    view(connection, "link_row_key", f"FROM {keys}")
    run(connection, "persons", register=REGISTER)
    drop_tables(connection, "link_living", "link_face")
    return count(connection, "SELECT count(*) FROM person")
