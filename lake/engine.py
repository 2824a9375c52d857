"""The engine: an embedded DuckDB with the contract's macros, bounded in memory."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from contracts.macros import sql_macros

DEFAULT_MEMORY = "2GiB"


def worker_count() -> int:
    """Return how many threads to use: `YIMATONG_THREADS`, or the processors this process may run on."""
    return int(os.environ.get("YIMATONG_THREADS") or len(os.sched_getaffinity(0)))


def connect(scratch: Path, database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB that spills into `scratch`, never fetches extensions, and knows the contract's macros.

    Its memory is bounded by `YIMATONG_MEMORY` (default 2GiB).
    """
    scratch.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        str(database) if database else ":memory:",
        config={
            "memory_limit": os.environ.get("YIMATONG_MEMORY", DEFAULT_MEMORY),
            "temp_directory": str(scratch / "spill"),
            "threads": worker_count(),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute(sql_macros())
    return connection


def quoted(text: str | Path) -> str:
    """Return the text as an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def parquet(paths: list[Path], empty: str) -> str:
    """Return an SQL relation over Parquet files; over none, the relation `empty` (a SELECT) without its rows."""
    if not paths:
        return f"(SELECT * FROM ({empty}) WHERE false)"
    return f"(SELECT * FROM read_parquet([{', '.join(quoted(path) for path in paths)}]))"
