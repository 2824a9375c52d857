"""Assessing: how far each target has come, as of a day."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa

from contracts.divisions import CITIES, PROVINCE_CODE
from lake.engine import quoted
from warehouse.indicators.catalogue import INDICATORS
from warehouse.targets.entry import OfIndicator, OfInstitutions, OfQuery, Target
from warehouse.targets.ledger import TARGETS
from warehouse.targets.status import Progress, assessed

_SCHEMA = pa.schema(
    [
        ("target_id", pa.string()), ("scope", pa.string()), ("whole", pa.bool_()), ("zh", pa.string()),
        ("en", pa.string()), ("scope_zh", pa.string()), ("scope_en", pa.string()), ("indicator", pa.string()),
        ("target", pa.float64()), ("at_most", pa.bool_()), ("deadline", pa.date32()), ("value", pa.float64()),
        ("month", pa.date32()), ("furthest", pa.string()), ("reached_on", pa.date32()), ("pace", pa.float64()),
        ("pace_needed", pa.float64()), ("missing", pa.int64()), ("status", pa.string()), ("ambiguous", pa.bool_()),
        ("note_zh", pa.string()), ("note_en", pa.string()), ("quote", pa.string()), ("as_of", pa.date32()),
    ]
)  # fmt: skip


def assess_targets(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Leave the state of each target in the temporary tables `assessed_target` and `missing_institution`.

    To be called while measuring: reads `measured` and the derived tables. Only months that are over count.
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE target_month (target_id VARCHAR, month DATE, division_code VARCHAR, value DOUBLE);
        CREATE OR REPLACE TEMP TABLE missing_institution (target_id VARCHAR, month DATE, org_code VARCHAR);
    """)
    for target in TARGETS.values():
        if target.measure is not None:
            connection.execute(f"INSERT INTO target_month {_months(target)}")
    entries = [
        {"target_id": t.code, "target": t.target, "at_most": t.at_most, "is_each": len(t.cities) > 1}
        for t in TARGETS.values()
    ]
    connection.register("target_entry", pa.Table.from_pylist(entries))
    found = connection.execute(files("warehouse.targets").joinpath("progress.sql").read_text(encoding="utf-8"))
    names = [column[0] for column in found.description or []]
    progress: dict[str, dict[str, Progress]] = {code: {} for code in TARGETS}
    for row in found.fetchall():
        told = dict(zip(names, row, strict=True))
        code, division = told.pop("target_id"), told.pop("division_code")
        progress[code][division] = Progress(**told)
    for target in TARGETS.values():
        whole = progress[target.code].get("")
        if whole is not None:
            _note_missing(connection, target, whole.month)
    missing = _missing_by_city(connection)
    rows = [row for target in TARGETS.values() for row in _rows(target, progress[target.code], missing, as_of)]
    connection.register("given_target", pa.Table.from_pylist(rows, _SCHEMA))
    connection.execute("CREATE OR REPLACE TEMP TABLE assessed_target AS SELECT * FROM given_target")
    connection.unregister("given_target")
    connection.unregister("target_entry")
    connection.execute("DROP TABLE target_month")


def _months(target: Target) -> str:
    """Return SQL for a target's values: target_id, month, division_code, value."""
    match target.measure:
        case OfIndicator(indicator, level):
            select = f"""
                SELECT strptime(period || '-01', '%Y-%m-%d')::DATE AS month, division_code, value
                FROM measured
                WHERE indicator = '{indicator}' AND level = '{level}' AND breakdown = '' AND length(period) = 7
            """
        case OfInstitutions(scope, hit):
            place = "fact.city_code" if target.cities else quoted(PROVINCE_CODE)
            select = f"""
                SELECT fact.month, {place} AS division_code, (count(*) FILTER (WHERE {hit})) / count(*) AS value
                FROM institution_month AS fact
                WHERE {scope}
                GROUP BY ALL
            """
        case OfQuery(name, counts):
            sql = files("warehouse.targets.measures").joinpath(f"{name}.sql").read_text(encoding="utf-8")
            value = "numerator" if counts else "numerator / nullif(denominator, 0)"
            select = f"SELECT month, division_code, {value} AS value FROM (\n{sql})"
        case None:
            raise ValueError(f"{target.code} has no measure")
    bound = ", ".join(quoted(code) for code in target.cities or (PROVINCE_CODE,))
    return f"SELECT '{target.code}', month, division_code, value FROM ({select}) WHERE division_code IN ({bound})"


def _institutions(target: Target) -> OfInstitutions | None:
    """Return which institutions a target is about, and which of them have arrived; None where it isn't about these."""
    if isinstance(target.measure, OfInstitutions):
        return target.measure
    if isinstance(target.measure, OfIndicator):
        for count in INDICATORS[target.measure.indicator].counts:
            if count.fact == "institution_month":
                level = "" if target.measure.level == "all" else f" AND fact.level = '{target.measure.level}'"
                return OfInstitutions(f"{count.scope}{level}", count.numerator)
    return None


def _note_missing(connection: duckdb.DuckDBPyConnection, target: Target, month: date) -> None:
    about = _institutions(target)
    if about is None:
        return
    where = f" AND fact.city_code IN ({', '.join(map(quoted, target.cities))})" if target.cities else ""
    connection.execute(
        f"""
        INSERT INTO missing_institution
        SELECT '{target.code}', fact.month, fact.org_code
        FROM institution_month AS fact
        WHERE fact.month = $month AND {about.scope} AND NOT ({about.hit}){where}
        ORDER BY fact.org_code
        """,
        {"month": month},
    )


def _missing_by_city(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    return {
        (target, city): rows
        for target, city, rows in connection.execute("""
            SELECT missing.target_id, institution.city_code, count(*)
            FROM missing_institution AS missing
            JOIN dim_institution AS institution ON institution.org_code = missing.org_code
            GROUP BY ALL
        """).fetchall()
    }


def _rows(
    target: Target, progress: dict[str, Progress], missing: dict[tuple[str, str], int], as_of: date
) -> list[dict[str, Any]]:
    """Return a target's rows of target_status: its own, and one a city where it binds several."""
    counts = {city: missing.get((target.code, city), 0) for city in CITIES}
    told = _institutions(target) is not None
    rows = [assessed(target, "", progress.get(""), sum(counts.values()) if told else None, as_of)]
    if len(target.cities) > 1:
        rows += [
            assessed(target, city, progress.get(city), counts[city] if told else None, as_of) for city in target.cities
        ]
    return rows
