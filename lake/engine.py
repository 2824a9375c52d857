"""The engine: an embedded DuckDB with the contract's macros, bounded in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

import duckdb

from contracts.macros import sql_macros
from lake.sealed_system import SPILL_SCHEME, SealedSystem, SpillSystem
from lake.vault import address, ring_of

Task = TypeVar("Task")
Result = TypeVar("Result")

DEFAULT_MEMORY = "3GiB"


def worker_count() -> int:
    """Return how many threads to use: `YIMATONG_THREADS`, or the processors this process may run on."""
    return int(os.environ.get("YIMATONG_THREADS") or len(os.sched_getaffinity(0)))


def connect(
    scratch: Path, database: Path | None = None, workers: int = 1, vault: bool = True
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB that spills into `scratch`, never fetches extensions, and knows the contract's macros.

    It reads and writes sealed files by their address, unless it is to have no `vault`; what it spills in a home is
    sealed always.
    Its memory is bounded by `YIMATONG_MEMORY` (default 3GiB). One of several `workers` has its part of memory and
    threads. ValueError where the memory isn't a number and a unit.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    memory = os.environ.get("YIMATONG_MEMORY", DEFAULT_MEMORY)
    size = re.fullmatch(r"([0-9.]+) *([A-Za-z]+)", memory)
    if size is None:
        raise ValueError("YIMATONG_MEMORY: a number and a unit, such as 2GiB")
    connection = duckdb.connect(
        str(database) if database else ":memory:",
        config={
            "memory_limit": f"{float(size[1]) / workers}{size[2]}",
            "threads": max(1, worker_count() // workers),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    if vault:
        connection.register_filesystem(SealedSystem())
    connection.register_filesystem(SpillSystem())
    spill = scratch.absolute() / "spill"
    connection.execute(f"SET temp_directory = {quoted(f'{SPILL_SCHEME}://{spill}' if ring_of(spill) else str(spill))}")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute("SET disabled_optimizers = 'in_clause'")  # a join for each list of codes is dearer than the list
    connection.execute(sql_macros())
    return connection


def side_by_side(
    scratch: Path, work: Callable[[duckdb.DuckDBPyConnection, Task], Result], tasks: Iterable[Task]
) -> Iterator[Result]:
    """Yield what `work` makes of each task, in their order; several at a time, each on an engine of its own.

    Together the engines have the memory and threads of one. Statements that plan long or write small files leave a
    processor idle; two of them side by side don't.
    """
    workers = worker_count()
    idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()

    def on_an_engine(task: Task) -> Result:
        connection = idle.get()
        try:
            return work(connection, task)
        finally:
            idle.put(connection)

    with ExitStack() as opened:
        for number in range(workers):
            idle.put(opened.enter_context(connect(scratch / str(number), workers=workers)))
        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(on_an_engine, tasks)


def quoted(text: str) -> str:
    """Return the text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def located(path: Path) -> str:
    """Return where a file is as an SQL string literal: its path, or a sealed file's address."""
    return quoted(address(path))


def parquet(paths: list[Path], empty: str) -> str:
    """Return an SQL relation over Parquet files; over none, the relation `empty` (a SELECT) without its rows."""
    if not paths:
        return f"(SELECT * FROM ({empty}) WHERE false)"
    return f"(SELECT * FROM read_parquet([{', '.join(located(path) for path in paths)}]))"
