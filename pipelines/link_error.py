"""The stated error of linkage: estimated when the registry was linked whole or changed much, kept with its version."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from lake.engine import parquet
from lake.files import put
from lake.home import Home
from lake.ledger import Delivery, Ledger
from lake.vault import open_to_write
from linkage.error.estimate import estimate
from linkage.error.hold_out import hold_out
from linkage.evidence.model import Model
from linkage.registry import open_registry

DUE_FROM = 0.1
"""The share of presentations that must have been linked anew since the last estimate for another."""
LEAST_LIVE = 5000
"""With fewer presentations nothing is stated: the intervals would say that nothing is known."""


def stated_error(ledger: Ledger, home: Home, until: int | None = None) -> Path | None:
    """Return the newest estimate's file, by default of all versions of the registry; None where there is none yet."""
    for version in reversed(ledger.link_versions()):
        if (until is None or version.version <= until) and home.link_error(version.version).exists():
            return home.link_error(version.version)
    return None


def state_error(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    version: int,
    folders: list[Path],
    presentations: list[Path],
    model: Model,
    day: date,
) -> int:
    """Estimate the error of a version of the registry and keep it; return how many presentations were held out.

    Reads presented, live_row and decision.
    """
    held_out = hold_out(connection, folders, f"SELECT * FROM {parquet(presentations, '')}", model)
    open_registry(connection, folders)
    rates = estimate(connection, day, model.version)
    with put(home.link_error(version)) as partial, open_to_write(partial) as file:
        pq.write_table(rates, file, compression="zstd")
    return held_out


def latest_day(deliveries: list[Delivery]) -> date:
    """Return the day of the latest extraction: ages are of that day."""
    return max(d.extracted_at for d in deliveries if d.extracted_at is not None).date()
