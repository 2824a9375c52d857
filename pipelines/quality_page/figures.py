"""The figures of the quality page: counts, dates and reasons from the ledger, as rows of named tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import select

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from lake import ledger_tables as t
from lake.completeness import completeness
from lake.engine import connect, parquet, quoted
from lake.home import Home
from lake.judgements import judgements
from lake.ledger import JUDGED, Decision, Delivery, Ledger
from pipelines.quality_page.gate_rules import bands
from pipelines.receipts.report import RECORD_CHECKS
from pipelines.status import conservation_of
from quality.checks import all_checks
from quality.gates import FEWEST_ROWS

PERIODS = 24
"""The last so many periods are shown."""

Row = dict[str, Any]
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
        rows = {name: _rows(connection, f"FROM {name}") for name in _TABLES}
        ((as_of, due),) = connection.execute(
            "SELECT as_of, strftime(month, '%Y-%m') FROM today CROSS JOIN due"
        ).fetchall()
    broken = conservation_of(ledger.deliveries(), ledger)["broken"]
    return Figures(str(home.root.resolve()), as_of, due or "", broken, **rows)


def _load(connection: duckdb.DuckDBPyConnection, home: Home, ledger: Ledger, deliveries: Sequence[Delivery]) -> None:
    connection.execute(f"SET VARIABLE periods = {PERIODS}")
    connection.execute(f"SET VARIABLE fewest_rows = {FEWEST_ROWS}")
    since = _since(ledger)
    _table(connection, "judged", _JUDGED, (
        asdict(d) | {"folder": d.folder, "since": since.get(d.delivery_no)} for d in deliveries
    ))  # fmt: skip
    _table(connection, "decision", _DECISION, (asdict(decision) for decision in ledger.decisions()))
    _table(connection, "band", _BAND, bands(deliveries))
    _table(connection, "warning", _WARNED, (
        {"delivery_no": each.subject, "told": each.told}
        for each in judgements(ledger, "delivery") if each.state == "warned"
    ))  # fmt: skip
    _table(connection, "found", _FOUND, ledger.check_results())
    connection.execute(f"INSERT INTO found BY NAME {_records_found(home, deliveries)}")
    _table(connection, "filled", _FILLED, (asdict(each) for each in completeness(ledger)))
    checks = [check for feed in FEEDS.values() for check in all_checks(feed)]
    _table(connection, "row_check", _ROW_CHECK, [
        {"check_id": c.id, "column_name": c.column, "severity": c.severity.value, "zh": c.zh, "en": c.en}
        for c in checks
    ] + [
        {"check_id": check, "column_name": "", "severity": "error", "zh": zh, "en": en}
        for check, (zh, en) in RECORD_CHECKS.items()
    ])  # fmt: skip
    places = [PROVINCE_CODE, *CITIES]
    _table(connection, "city", _CITY, (
        {"city": code, "place": at, "is_city": code in CITIES} for at, code in enumerate(places)
    ))  # fmt: skip
    _table(connection, "feed", _FEED, ({"feed": name, "place": at} for at, name in enumerate(FEEDS)))


def _since(ledger: Ledger) -> dict[int, date]:
    """Return for each delivery the day on which the run began that met it first."""
    query = select(t.delivery.c.delivery_no, t.run.c.started_at).join(t.run, t.run.c.run_id == t.delivery.c.run_id)
    with ledger.engine.connect() as db:
        return {number: at.date() for number, at in db.execute(query)}


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


_JUDGED = {
    "delivery_no": pa.int64(), "city": pa.string(), "feed": pa.string(), "period": pa.string(),
    "sequence": pa.int64(), "mode": pa.string(), "extracted_at": pa.timestamp("us"), "state": pa.string(),
    "reason": pa.string(), "delivered": pa.int64(), "accepted": pa.int64(), "quarantined": pa.int64(),
    "duplicates": pa.int64(), "folder": pa.string(), "since": pa.date32(),
}  # fmt: skip
_DECISION = {
    name: pa.timestamp("us") if name == "decided_at" else pa.int64() if name == "delivery_no" else pa.string()
    for name in Decision.__dataclass_fields__
}
_BAND = {"delivery_no": pa.int64(), "low": pa.float64(), "high": pa.float64()}
_WARNED = {"delivery_no": pa.int64(), "told": pa.string()}
_FOUND = {"delivery_no": pa.int64(), "check_id": pa.string(), "rows": pa.int64()}
_FILLED = {"delivery_no": pa.int64(), "column_name": pa.string(), "rows": pa.int64(), "filled": pa.int64()}
_ROW_CHECK = {name: pa.string() for name in ("check_id", "column_name", "severity", "zh", "en")}
_CITY = {"city": pa.string(), "place": pa.int64(), "is_city": pa.bool_()}
_FEED = {"feed": pa.string(), "place": pa.int64()}


def _table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.DataType], rows: Iterable[Row]
) -> None:
    given = pa.Table.from_pylist([{key: row[key] for key in columns} for row in rows], schema=pa.schema(columns))
    connection.register("given", given)
    connection.execute(f"CREATE TABLE {name} AS FROM given")
    connection.unregister("given")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
