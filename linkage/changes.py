"""What a new version of the registry changed, so that the warehouse follows without reading all persons again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from linkage.persons import persons_of
from linkage.pseudonym import define_person_key
from linkage.registry import open_registry
from linkage.script import parquet_rows, run, view


def define_changed(
    connection: duckdb.DuckDBPyConnection, before: Sequence[Path], after: Sequence[Path], newer: Sequence[Path]
) -> None:
    """Make `rekeyed_row` (row_id): the live rows, new ones included, whose person, tier or probability may be another.

    `before` and `after` are the versions of two states of the registry, `newer` those between them. Reads presented,
    live_row, added_row and removed_row. Leaves `link_asked` for `changed_persons`.
    """
    moved = (
        parquet_rows([version / "link.parquet" for version in newer])
        if newer
        else "SELECT NULL::UUID AS presentation_id LIMIT 0"
    )
    view(connection, "link_moved", f"SELECT presentation_id FROM ({moved})")
    run(connection, "changed_rows")
    open_registry(connection, before)
    run(connection, "asked_before")
    open_registry(connection, after)
    run(connection, "asked_after")


def changed_persons(connection: duckdb.DuckDBPyConnection, after: Sequence[Path], key: bytes, name: str) -> int:
    """Make `person` of the persons that `define_changed` found, as they are now; return their number.

    `name` becomes a temporary table of their keys (person_key), of those that are gone too.
    """
    open_registry(connection, after)
    define_person_key(connection, key)
    run(connection, "asked_persons")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT person_key FROM link_asked_key")
    return persons_of(connection, "link_asked_row", "link_asked_key")
