"""Running a rival in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

RIVALS = ("splink_stock", "sql_joins", "ecm")


@dataclass(frozen=True, slots=True)
class Found:
    """The clusters of one setting of a rival; `seconds` is by phase, and the peak that of all its settings."""

    rival: str
    setting: str
    clusters: Path
    seconds: dict[str, float]
    peak_mib: int


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """Return what `work` returns in a new process.

    A process starts with its parent's peak, so all that is large is done apart and the parent stays small.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def run(rival: str, records: Path, folder: Path) -> list[Found]:
    """Run a rival in this process and return what it found, by setting."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = import_module(f"benchmarks.rivals.{rival}").find_clusters(records, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [Found(rival, name, folder / f"{name}.parquet", seconds, peak) for name, seconds in settings.items()]
