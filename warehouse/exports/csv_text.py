"""CSV as the exports have it: UTF-8 without BOM by RFC 4180, numbers in plain notation."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lake.engine import located
from lake.files import put

DECIMALS = 6
"""How many decimals a value is rounded to."""


def write_csv(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    """Write what a SELECT gives, in its order; the file is there whole or not at all."""
    with put(path) as partial:
        connection.execute(f"COPY ({select}) TO {located(partial)} (FORMAT csv, HEADER, NEW_LINE '\\r\\n')")


def plain_number(column: str) -> str:
    """Return SQL for a number as text, rounded, without an exponent or zeros behind."""
    return f"rtrim(rtrim(format('{{:.{DECIMALS}f}}', {column}::DOUBLE), '0'), '.')"
