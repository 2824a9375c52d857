"""The figures of the quality page: counts, dates and reasons from the ledger, as rows of named tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.feeds import FEEDS
from lake.completeness import completeness
from lake.engine import connect, parquet, quoted
from lake.home import Home
from lake.judgements import judgements
from lake.ledger import JUDGED, Decision, Delivery, Ledger
from pipelines.quality_page.gate_rules import bands
from pipelines.quality_page.standing import define_standing, due_of
from pipelines.quality_page.tables import Row, make_table, rows_of
from pipelines.receipts.report import RECORD_CHECKS
from pipelines.status import conservation_of
from quality.checks import all_checks
from quality.gates import FEWEST_ROWS

PERIODS = 24
"""The last so many periods are shown."""

_SQL = files("pipelines.quality_page").joinpath("figures.sql").read_text(encoding="utf-8")
_TABLES = (
    "state_count", "held", "rejected", "decided", "warned", "standing", "volume", "trend", "check_period", "check_city",
    "check_found", "column_city", "column_province",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page shows; each list holds the rows of the table of that name in figures.sql."""

    home: str
    as_of: date | None
    due: str
    broken: Sequence[str]
    state_count: list[Row] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)
    decided: list[Row] = field(default_factory=list)
    warned: list[Row] = field(default_factory=list)
    standing: list[Row] = field(default_factory=list)
    volume: list[Row] = field(default_factory=list)
    trend: list[Row] = field(default_factory=list)
    check_period: list[Row] = field(default_factory=list)
    check_city: list[Row] = field(default_factory=list)
    check_found: list[Row] = field(default_factory=list)
    column_city: list[Row] = field(default_factory=list)
    column_province: list[Row] = field(default_factory=list)


def figures_of(home: Home, ledger: Ledger, scratch: Path) -> Figures:
    """Return the figures of a home as its ledger stands; the same ledger gives the same figures."""
    deliveries = ledger.deliveries(*JUDGED)
    with connect(scratch) as connection:
        _load(connection, home, ledger, deliveries)
        connection.execute(_SQL)
        rows = {name: rows_of(connection, f"FROM {name}") for name in _TABLES}
        ((as_of,),) = connection.execute("SELECT as_of FROM today").fetchall()
        due = due_of(connection)
    broken = conservation_of(ledger.deliveries(), ledger)["broken"]
    return Figures(str(home.root.resolve()), as_of, due, broken, **rows)


def _load(connection: duckdb.DuckDBPyConnection, home: Home, ledger: Ledger, deliveries: Sequence[Delivery]) -> None:
    connection.execute(f"SET VARIABLE periods = {PERIODS}")
    connection.execute(f"SET VARIABLE fewest_rows = {FEWEST_ROWS}")
    define_standing(connection, ledger, deliveries)
    make_table(connection, "decision", _DECISION, (asdict(decision) for decision in ledger.decisions()))
    make_table(connection, "band", _BAND, bands(deliveries))
    make_table(connection, "warning", _WARNED, (
        {"delivery_no": each.subject, "told": each.told}
        for each in judgements(ledger, "delivery") if each.state == "warned"
    ))  # fmt: skip
    make_table(connection, "found", _FOUND, ledger.check_results())
    connection.execute(f"INSERT INTO found BY NAME {_records_found(home, deliveries)}")
    make_table(connection, "filled", _FILLED, (asdict(each) for each in completeness(ledger)))
    checks = [check for feed in FEEDS.values() for check in all_checks(feed)]
    make_table(connection, "row_check", _ROW_CHECK, [
        {"check_id": c.id, "column_name": c.column, "severity": c.severity.value, "zh": c.zh, "en": c.en}
        for c in checks
    ] + [
        {"check_id": check, "column_name": "", "severity": "error", "zh": zh, "en": en}
        for check, (zh, en) in RECORD_CHECKS.items()
    ])  # fmt: skip


def _records_found(home: Home, deliveries: Iterable[Delivery]) -> str:
    """Return the SQL of what was found of records that could not be read as rows; only the quarantine counts them."""
    refused = {(d.feed, d.batch) for d in deliveries if d.batch and d.quarantined and d.state in ("accepted", "held")}
    paths = [path for feed, batch in sorted(refused) if (path := home.quarantine(feed, batch or "")).exists()]
    quarantine = parquet(paths, "SELECT 0::BIGINT AS row_id, '' AS check_id")
    known = ", ".join(quoted(check) for check in RECORD_CHECKS)
    return f"""
        SELECT row_id >> 32 AS delivery_no, check_id, count(*) AS rows
        FROM {quarantine} WHERE check_id IN ({known}) GROUP BY ALL
    """


_DECISION = {
    name: pa.timestamp("us") if name == "decided_at" else pa.int64() if name == "delivery_no" else pa.string()
    for name in Decision.__dataclass_fields__
}
_BAND = {"delivery_no": pa.int64(), "low": pa.float64(), "high": pa.float64()}
_WARNED = {"delivery_no": pa.int64(), "told": pa.string()}
_FOUND = {"delivery_no": pa.int64(), "check_id": pa.string(), "rows": pa.int64()}
_FILLED = {"delivery_no": pa.int64(), "column_name": pa.string(), "rows": pa.int64(), "filled": pa.int64()}
_ROW_CHECK = {name: pa.string() for name in ("check_id", "column_name", "severity", "zh", "en")}
