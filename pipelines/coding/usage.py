"""How codes were decoded here: counts by institution, day and scene, as code_usage counts scans."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import Any

import duckdb
import pyarrow as pa

from lake.faults import without_values
from lake.home import Home
from lake.ledger import Ledger
from lake.terminals import usage_counts
from pipelines.coding.decoding import ALLOWED

_DECODING = pa.schema(
    [
        ("org_code", pa.string()),
        ("day", pa.string()),
        ("scene", pa.string()),
        ("outcome", pa.string()),
        ("decodings", pa.int64()),
    ]
)


def define_decodings(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> None:
    """Make `decoding` (org_code, day, scene, outcome, decodings): how often terminals asked, and the answers."""
    rows = [dict(zip(_DECODING.names, row, strict=True)) for row in usage_counts(ledger)]
    connection.register("decoding_row", pa.Table.from_pylist(rows, schema=_DECODING))
    connection.execute("CREATE OR REPLACE TEMP TABLE decoding AS SELECT * REPLACE (day::DATE AS day) FROM decoding_row")
    connection.unregister("decoding_row")


def usage_of(home: Home) -> list[dict[str, Any]]:
    """Return org_code, day, scene, scans, failures and reasons (reason to count), in the order of the first three."""
    with without_values(), closing(Ledger(home.ledger_url)) as ledger:
        counted = usage_counts(ledger)
    cells: dict[tuple[str, str, str], Counter[str]] = {}
    for org_code, day, scene, outcome, number in counted:
        cells.setdefault((org_code, day, scene), Counter())[outcome] += number
    return [
        {
            "org_code": org_code, "day": day, "scene": scene, "scans": outcomes.total(),
            "failures": outcomes.total() - outcomes[ALLOWED],
            "reasons": {reason: number for reason, number in sorted(outcomes.items()) if reason != ALLOWED},
        }
        for (org_code, day, scene), outcomes in sorted(cells.items())
    ]  # fmt: skip


def usage_text(usage: list[dict[str, Any]]) -> str:
    """Return the counts as lines for people."""
    lines = []
    for row in usage:
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in row["reasons"].items())
        counts = f"核验 scans {row['scans']:,}, 失败 failures {row['failures']:,}"
        place = f"{row['org_code'] or '-':22}  场景 scene {row['scene'] or '-'}"
        lines.append(f"{row['day']}  {place}  {counts}  {reasons}")
    return "\n".join(lines) or "尚无核验 no decodings yet"
