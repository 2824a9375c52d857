"""The journey end to end: rows conserved, every KPI as the simulator's truth has it, nothing done twice."""

from __future__ import annotations

import calendar
import json
import shutil
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from lake.home import Home
from pipelines import journey
from pipelines.crosswalk import write_crosswalk
from pipelines.export import export_kpis
from pipelines.progress import Progress
from pipelines.status import status_of
from tests.pipelines.small_inbox import built

QUIET = Progress(quiet=True)
Cell = tuple[str, str, str, str]
"""Indicator, period, division, level."""


def rows_of(path: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(path).to_pylist())


def latest_extraction(inbox: Path) -> date:
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in inbox.glob("*/*/*/*/manifest.json")]
    return max(datetime.fromisoformat(manifest["extracted_at"]) for manifest in manifests).date()


def expected_figures(truth: Path, as_of: date) -> dict[Cell, tuple[Decimal, Decimal]]:
    """Work the indicators out from the truth, row by row: numerator and denominator of each cell that is not 0/0."""
    institutions = {row["org_code"]: row for row in rows_of(truth / "institution.parquet")}
    cells: dict[Cell, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])

    def places(org_code: str) -> Iterable[tuple[str, str]]:
        institution = institutions[org_code]
        for division in ("440000", institution["division_code"][:4] + "00"):
            yield division, "all"
            yield division, institution["level"]

    def add(indicator: str, day: date, org_code: str, numerator: Decimal | int, denominator: Decimal | int) -> None:
        if day > as_of:
            return
        until = [
            f"{day.year}-{month:02d} ytd"
            for month in range(day.month, 13)
            if (day.year, month) <= (as_of.year, as_of.month)
        ]
        for period in (f"{day:%Y-%m}", f"{day.year}", *until):
            for division, level in places(org_code):
                cells[indicator, period, division, level][0] += numerator
                cells[indicator, period, division, level][1] += denominator

    for row in rows_of(truth / "emr.parquet"):
        day, org = row["start_at"].date(), row["org_code"]
        add("A14", day, org, row["health_code"] is not None, 1)
        add("H14", day, org, row["drug_fee"] or 0, row["total_fee"])
        if row["encounter_type"] == "1":
            add("H8", day, org, bool(row["booked"]), 1)
        if row["encounter_type"] == "3" and row["end_at"] is not None:
            end = row["end_at"].date()
            add("H12", end, org, max((end - day).days, 1), 1)
    months: dict[str, dict[Cell, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    connections = {(row["org_code"], row["month"]): row for row in rows_of(truth / "platform_connection.parquet")}
    for month in sorted({month for _, month in connections if month <= f"{as_of:%Y-%m}"}):
        year, number = int(month[:4]), int(month[5:])
        end = min(date(year, number, calendar.monthrange(year, number)[1]), as_of)
        for org, institution in institutions.items():
            opened, closed = institution["opened_on"], institution["closed_on"]
            if not institution["public"] or (opened and opened > end) or (closed and closed <= end):
                continue
            row = connections.get((org, month))
            upload = row["last_upload_at"] if row else None
            uploading = bool(
                row and row["connected"] and upload and f"{upload:%Y-%m}" == month and upload.date() <= as_of
            )
            for division, level in places(org):
                cell = months[month]["A1", month, division, level]
                cell[0] += uploading
                cell[1] += 1
    for month in sorted(months):  # a state: a year, or a year to date, has the value of its last month with data
        until = [
            f"{month[:4]}-{later:02d} ytd"
            for later in range(int(month[5:]), 13)
            if f"{month[:4]}-{later:02d}" <= f"{as_of:%Y-%m}"
        ]
        for (_, _, division, level), (numerator, denominator) in months[month].items():
            for period in (month, month[:4], *until):
                cells["A1", period, division, level] = [Decimal(numerator), Decimal(denominator)]
    return {cell: (numerator, denominator) for cell, (numerator, denominator) in cells.items()}


def figures_of(home: Home) -> dict[Cell, tuple[Decimal, Decimal]]:
    with duckdb.connect(built(home), read_only=True) as warehouse:
        rows = warehouse.execute("""
            SELECT indicator, period, division_code, level, numerator, denominator
            FROM indicator_value
            WHERE breakdown = '' AND (division_code LIKE '%00') AND indicator <> 'A10'
              AND (denominator <> 0 OR numerator <> 0)
        """).fetchall()
    return {(i, p, d, lv): (Decimal(str(n)), Decimal(str(m))) for i, p, d, lv, n, m in rows}


def test_every_kpi_is_what_the_truth_says(province: Any) -> None:
    expected = expected_figures(province.truth, latest_extraction(province.inbox))
    found = figures_of(province.home)
    assert {cell[0] for cell in found} == {"A1", "A14", "H8", "H12", "H14"}
    assert found == expected


def test_records_are_linked_to_registered_residents_nearly_as_the_truth_says(province: Any) -> None:
    truth = Counter(row["registered"] for row in rows_of(province.truth / "emr.parquet"))
    with duckdb.connect(built(province.home), read_only=True) as warehouse:
        numerator, denominator = warehouse.execute("""
            SELECT sum(numerator), sum(denominator) FROM indicator_value
            WHERE indicator = 'A10' AND division_code = '440000' AND level = 'all' AND breakdown = 'feed=emr'
              AND length(period) = 7
        """).fetchall()[0]
    assert denominator == truth.total()
    assert abs(numerator - truth[True]) <= 0.01 * truth.total()


def test_the_crosswalk_names_every_live_record_once_and_its_person_nearly_always(province: Any, tmp_path: Path) -> None:
    rows = write_crosswalk(province.home, tmp_path / "crosswalk.parquet")
    found = rows_of(tmp_path / "crosswalk.parquet")
    truth = {
        (r["feed"], r["city_code"], r["source_key"]): r["person_id"]
        for r in rows_of(province.truth / "identity.parquet")
    }
    linked = {(r["feed"], r["city_code"], r["source_key"]): r["person_key"] for r in found}
    assert rows == len(found) == len(linked)
    assert linked.keys() == truth.keys()
    pairs = Counter((linked[key], truth[key]) for key in truth)
    by_key, by_person = Counter(linked.values()), Counter(truth.values())

    def count(groups: Counter[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in groups.values())

    assert count(pairs) / count(by_key) > 0.99  # precision; some borrowed cards can't be told from their holder
    assert count(pairs) / count(by_person) > 0.97  # recall


def test_rows_are_conserved_from_delivery_to_fact(province: Any) -> None:
    state = status_of(province.home)
    assert state["conservation"] == {"ok": True, "broken": []}
    assert {delivery["state"] for delivery in state["deliveries"]} == {"accepted"}
    manifests = [json.loads(p.read_text(encoding="utf-8")) for p in province.inbox.glob("*/*/*/*/manifest.json")]
    assert len(state["deliveries"]) == len(manifests)
    stated = sum(file["rows"] for manifest in manifests for file in manifest["files"])
    assert sum(delivery["rows"]["delivered"] for delivery in state["deliveries"]) == stated
    with duckdb.connect(built(province.home), read_only=True) as warehouse:
        for table, feed in (
            ("fact_encounter", "emr"), ("fact_registration", "population"), ("fact_connection", "platform_connection"),
            ("dim_institution", "institution"), ("fact_health_record", "ehr"), ("fact_settlement", "insurance"),
        ):  # fmt: skip
            live = pq.read_metadata(province.truth / f"{feed}.parquet").num_rows
            assert warehouse.execute(f"SELECT count(*) FROM {table}").fetchall() == [(live,)], table


def test_the_same_inbox_again_changes_nothing(province: Any) -> None:
    before = province.home.warehouse.stat()
    outcome = journey.run(province.home, province.inbox, None, QUIET)
    assert outcome == journey.Outcome(attention=False, published=False)
    after = province.home.warehouse.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


FACTS_OF_PERSONS = ("fact_encounter", "fact_registration", "fact_health_record", "fact_settlement")


def by_rows_held(home: Home, file: str, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the tables with rows named by delivery and record, and persons by the first row that they hold.

    Numbers of deliveries and keys of persons depend on the order of arrival; nothing else may.
    """
    with sqlite3.connect(home.root / "ledger.sqlite") as ledger:
        deliveries = ledger.execute("SELECT delivery_no, city, feed, period, sequence FROM delivery").fetchall()
    number = {no: "/".join(map(str, of)) for no, *of in deliveries}
    with duckdb.connect(file, read_only=True) as warehouse:
        tables = {
            name: (
                [column[0] for column in warehouse.execute(f"FROM {name} LIMIT 0").description],
                warehouse.execute(f"FROM {name}").fetchall(),
            )
            for name in names
        }
    for columns, rows in tables.values():
        if columns[0].endswith("_id"):
            rows[:] = [(f"{number[row[0] >> 32]}#{row[0] & 0xFFFFFFFF}", *row[1:]) for row in rows]
    first_row: dict[str, str] = {}
    for columns, rows in (tables[name] for name in names if name in FACTS_OF_PERSONS):
        for row in rows:
            key = row[columns.index("person_key")]
            first_row[key] = min(row[0], first_row.get(key, row[0]))
    for columns, rows in tables.values():
        if "person_key" in columns:
            key = columns.index("person_key")
            rows[:] = [(*row[:key], first_row[row[key]], *row[key + 1 :]) for row in rows]
    return {name: sorted(rows, key=repr) for name, (_, rows) in tables.items()}


@pytest.mark.parametrize("order", ["by month", pytest.param("backwards", marks=pytest.mark.e2e)])
def test_deliveries_that_come_one_by_one_end_in_the_same_tables(province: Any, tmp_path: Path, order: str) -> None:
    home, inbox = Home(tmp_path / "home"), tmp_path / "inbox"
    months = sorted({path.name for path in province.inbox.glob("*/*/*")}, reverse=order == "backwards")
    for month in months:
        for path in province.inbox.glob(f"*/*/{month}"):
            shutil.copytree(path, inbox / path.relative_to(province.inbox))
        assert journey.run(home, inbox, None, QUIET).published
    names = ("fact_encounter", "fact_health_record", "fact_settlement", "fact_connection", "dim_institution",
             "indicator_value")  # fmt: skip
    within = (*names, "fact_registration", "dim_person")
    files = [(built(each), str(each.warehouse)) for each in (province.home, home)]
    for at, tables in enumerate((within, (*names, "person_disclosure", "diagnosis_month"))):
        once, one_by_one = (
            by_rows_held(each, of_one[at], *tables) for each, of_one in zip((province.home, home), files, strict=True)
        )
        for name in once:
            assert once[name] == one_by_one[name], name


def test_an_export_as_of_a_day_counts_up_to_that_day(province: Any, tmp_path: Path) -> None:
    as_of = date(2018, 11, 30)
    export_kpis(province.home, tmp_path, as_of)
    exported = {
        (r["indicator"], r["period"], r["division_code"], r["level"]): (r["numerator"], r["denominator"])
        for r in rows_of(tmp_path / "kpi.parquet")
        if r["breakdown"] == ""
        and r["division_code"].endswith("00")
        and r["indicator"] in ("H8", "A1")
        and not r["suppressed"]
        and r["denominator"]
    }
    expected = expected_figures(province.truth, as_of)
    assert exported
    assert exported == {cell: tuple(map(float, expected[cell])) for cell in exported}
    assert {period for _, period, _, _ in exported} <= {"2018", "2018-10", "2018-11", "2018-10 ytd", "2018-11 ytd"}


def test_the_same_data_give_the_same_bytes(province: Any, tmp_path: Path) -> None:
    first, second = (export_kpis(province.home, tmp_path / name, None) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
