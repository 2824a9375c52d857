"""Running the room's .sql files, and putting relations into Parquet whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
from duckdb.func import PythonUDFType
from duckdb.sqltypes import VARCHAR, DuckDBPyType

from lake.engine import located
from lake.files import put


@cache
def _text(name: str) -> str:
    return resources.files("linkage").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def run(connection: duckdb.DuckDBPyConnection, name: str, **parameters: Any) -> None:
    """Run the statements of linkage/sql/`name`.sql in order, giving each the named parameters that it asks for."""
    for statement in connection.extract_statements(_text(name)):
        wanted = {key: parameters[key] for key in statement.named_parameters}
        connection.execute(statement, wanted or None)


def define_function(
    connection: duckdb.DuckDBPyConnection, name: str, function: Callable[..., Any], parameters: list[DuckDBPyType]
) -> None:
    """Give the connection a function of Arrow arrays that returns an array of text, in place of one of that name."""
    if connection.execute("SELECT 1 FROM duckdb_functions() WHERE function_name = ?", [name]).fetchall():
        connection.remove_function(name)
    connection.create_function(name, function, [*parameters], VARCHAR, type=PythonUDFType.ARROW)


def count(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> int:
    """Return the one whole number that a query gives."""
    return int(connection.execute(query, parameters or None).fetchall()[0][0])


def view(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Give a query a name among the connection's temporary views."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def parquet_rows(paths: list[Path]) -> str:
    """Return a query for the rows of Parquet files, at least one."""
    return f"SELECT * FROM read_parquet([{', '.join(located(path) for path in paths)}])"


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a query's rows to a Parquet file that is either there whole or not at all."""
    with put(path) as partial:
        # Keys are digests: a higher level takes longer and saves nothing.
        connection.execute(
            f"COPY ({query}) TO {located(partial)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )


def drop_tables(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Free temporary tables that no later step reads."""
    for name in names:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
