"""`intervals.csv`: beside kpi.csv, how far doubtful identity may have moved each figure that depends on who is who."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.exports.csv_text import plain_number, write_csv
from warehouse.exports.relations import KEYS
from warehouse.exports.safe import safe_text


def write_intervals(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the figures of `exported_figure` that have an interval: keys, value, low, high, as_of; or a head alone."""
    columns = {name: f"nullif({safe_text(name)}, '')" for name in KEYS}
    columns |= {name: plain_number(name) for name in ("value", "low", "high")} | {"as_of": "as_of"}
    told = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    order = ", ".join(f"figure.{name}" for name in KEYS)
    select = f"SELECT {told} FROM exported_figure AS figure WHERE low IS NOT NULL ORDER BY {order}"
    write_csv(connection, select, folder / "intervals.csv")
