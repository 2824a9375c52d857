"""`kpi.csv` and `kpi.parquet`: every figure, one row an indicator, period, division, level and breakdown."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from lake.engine import quoted
from lake.files import put
from warehouse.exports.csv_text import DECIMALS, plain_number, write_csv
from warehouse.exports.relations import KEYS
from warehouse.exports.safe import safe_text
from warehouse.indicators.catalogue import INDICATORS


def write_kpi(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write both files from `exported_figure`; same figures, same bytes.

    The CSV is UTF-8 without BOM by RFC 4180
    (CRLF); numbers are in plain notation, values rounded to six decimals, empty where there is none. Each file is
    there whole or not at all.
    """
    figures = f"""
        SELECT indicator, period, division_code, level, breakdown,
          numerator::DOUBLE AS numerator, denominator::DOUBLE AS denominator, round(value, {DECIMALS}) AS value,
          unit, suppressed, preliminary, definition, as_of
        FROM exported_figure
        ORDER BY {", ".join(KEYS)}
    """
    with put(folder / "kpi.parquet") as partial:
        table = connection.sql(figures).to_arrow_table()
        pa.parquet.write_table(table, partial, compression="zstd", store_schema=False)
    write_csv(connection, _as_text(figures), folder / "kpi.csv")


def _as_text(figures: str) -> str:
    """Return the figures as the CSV has them: money with two decimals, an empty field for what is missing."""
    texts = [*KEYS, "unit", "definition"]
    money = ", ".join(quoted(entry.code) for entry in INDICATORS.values() if entry.money)
    columns = {name: f"nullif({safe_text(name)}, '')" for name in texts}
    for name in ("numerator", "denominator"):
        columns[name] = f"format(CASE WHEN indicator IN ({money}) THEN '{{:.2f}}' ELSE '{{:.0f}}' END, {name})"
    columns["value"] = plain_number("value")
    replaced = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    order = ", ".join(f"#{number} NULLS FIRST" for number, _ in enumerate(KEYS, start=1))
    return f"SELECT * REPLACE ({replaced}) FROM ({figures}) ORDER BY {order}"
