"""Rows of the ledger as tables of the engine, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

Row = dict[str, Any]


def make_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.DataType], rows: Iterable[Row]
) -> None:
    """Make a table of these columns of the rows."""
    given = pa.Table.from_pylist([{key: row[key] for key in columns} for row in rows], schema=pa.schema(columns))
    connection.from_arrow(given).create(name)


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """Return what a query gives, a dictionary a row."""
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
