"""The export files, from the published warehouse."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

import duckdb

from lake.engine import connect, located
from lake.faults import PlainFault, without_values
from lake.home import Home
from warehouse.exports.kpi import write_kpi
from warehouse.indicators.measure import measure


def export_kpis(home: Home, out: Path, as_of: date | None) -> list[Path]:
    """Write kpi.csv and kpi.parquet and return their paths.

    With `as_of`, the figures are measured again from the published facts, up to and including that day. Raises
    PlainFault where nothing is published.
    """
    if not home.warehouse.exists():
        raise PlainFault("尚未发布; 请先运行 yimatong run · nothing published yet; run `yimatong run` first")
    with without_values(), home.aside(f"export-{uuid.uuid4().hex}") as scratch, connect(scratch) as connection:
        _open_published(connection, home)
        if as_of is None:
            write_kpi(connection, out)
        else:
            measure(connection, as_of)
            write_kpi(connection, out, "measured")
    return [out / "kpi.csv", out / "kpi.parquet"]


def _open_published(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    connection.execute(f"ATTACH {located(home.warehouse)} AS published (READ_ONLY)")
    connection.execute("USE published")
