"""Counting a cube again where rows came, went or changed persons, and nowhere else."""

from __future__ import annotations

import duckdb

from warehouse.indicators.cube import Cube


def start_note(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Make the empty note of the cells to count again."""
    cells = ", ".join(f"{sql} AS {name}" for name, sql in cube.cell.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_note(cube)} AS SELECT {cells} FROM {cube.fact} AS fact LIMIT 0")


def note_cells(connection: duckdb.DuckDBPyConnection, cube: Cube, of_rows: str) -> None:
    """Note the cells of the fact's rows for which the condition `of_rows` holds."""
    cells = ", ".join(cube.cell.values())
    connection.execute(f"INSERT INTO {_note(cube)} SELECT DISTINCT {cells} FROM {cube.fact} AS fact WHERE {of_rows}")


def count_noted(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Count the noted cells again, and drop the note."""
    note = f"(SELECT DISTINCT * FROM {_note(cube)}) AS noted"
    same = " AND ".join(f"noted.{name} IS NOT DISTINCT FROM cube.{name}" for name in cube.cell)
    connection.execute(f"DELETE FROM {cube.table} AS cube USING {note} WHERE {same}")
    in_cells = " AND ".join(f"noted.{name} IS NOT DISTINCT FROM {sql}" for name, sql in cube.cell.items())
    connection.execute(f"INSERT INTO {cube.table} {cube.select(f'SEMI JOIN {note} ON {in_cells}')}")
    connection.execute(f"DROP TABLE {_note(cube)}")


def _note(cube: Cube) -> str:
    return f"noted_{cube.table}"
