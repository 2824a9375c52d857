"""`kpi.csv` and `kpi.parquet`: every figure, one row an indicator, period, division, level and breakdown."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from lake.engine import quoted
from lake.files import put
from warehouse.exports.csv_text import DECIMALS, plain_number, write_csv
from warehouse.exports.safe import safe_text
from warehouse.indicators.catalogue import INDICATORS

_KEYS = ("indicator", "period", "division_code", "level", "breakdown")


def write_kpi(connection: duckdb.DuckDBPyConnection, folder: Path, relation: str = "indicator_value") -> None:
    """Write both files from `indicator_value`, or from `measured` after `measure`; same figures, same bytes.

    What is suppressed leaves without numerator, denominator and value. The CSV is UTF-8 without BOM by RFC 4180
    (CRLF); numbers are in plain notation, values rounded to six decimals, empty where there is none. Each file is
    there whole or not at all.
    """
    figures = f"""
        SELECT indicator, period, division_code, level, breakdown,
          CASE WHEN NOT suppressed THEN numerator::DOUBLE END AS numerator,
          CASE WHEN NOT suppressed THEN denominator::DOUBLE END AS denominator,
          CASE WHEN NOT suppressed THEN round(value, {DECIMALS}) END AS value,
          unit, suppressed, preliminary, definition, as_of
        FROM {relation}
        ORDER BY {", ".join(_KEYS)}
    """
    with put(folder / "kpi.parquet") as partial:
        table = connection.sql(figures).to_arrow_table()
        pa.parquet.write_table(table, partial, compression="zstd", store_schema=False)
    write_csv(connection, _as_text(figures), folder / "kpi.csv")


def _as_text(figures: str) -> str:
    """Return the figures as the CSV has them: money with two decimals, an empty field for what is missing."""
    texts = [*_KEYS, "unit", "definition"]
    money = ", ".join(quoted(entry.code) for entry in INDICATORS.values() if entry.money)
    columns = {name: f"nullif({safe_text(name)}, '')" for name in texts}
    for name in ("numerator", "denominator"):
        columns[name] = f"format(CASE WHEN indicator IN ({money}) THEN '{{:.2f}}' ELSE '{{:.0f}}' END, {name})"
    columns["value"] = plain_number("value")
    replaced = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    order = ", ".join(f"#{number} NULLS FIRST" for number, _ in enumerate(_KEYS, start=1))
    return f"SELECT * REPLACE ({replaced}) FROM ({figures}) ORDER BY {order}"
