"""`targets.csv`: the ledger of promises, one row a target."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.exports.csv_text import plain_number, write_csv
from warehouse.exports.safe import safe_text


def write_targets(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the file from `exported_target`; notes are in both languages."""
    note = "note_zh || CASE WHEN note_en = '' THEN '' ELSE ' · ' || note_en END"
    told = {name: f"nullif({safe_text(name)}, '')" for name in ("target_id", "indicator", "scope")}
    told |= {"target": plain_number("target"), "deadline": "deadline", "value": plain_number("value")}
    told |= {"as_of": "as_of", "status": "status", "note": f"nullif({safe_text(f'({note})')}, '')"}
    columns = ", ".join(f"{sql} AS {name}" for name, sql in told.items())
    path = folder / "targets.csv"
    write_csv(connection, f"SELECT {columns} FROM exported_target AS t WHERE whole ORDER BY t.target_id", path)
