"""The journey end to end: rows conserved, every KPI as the simulator's truth has it, nothing done twice."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
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
from tests.warehouse.oracle import expected_figures
from tests.warehouse.oracle.grains import Figures, Key
from tests.warehouse.truth_rows import read_truth

QUIET = Progress(quiet=True)
FIRST_MONTH = "2018-10"


def rows_of(path: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(path).to_pylist())


def latest_extraction(inbox: Path) -> date:
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in inbox.glob("*/*/*/*/manifest.json")]
    return max(datetime.fromisoformat(manifest["extracted_at"]) for manifest in manifests).date()


OF_PERSONS = {"A10", "A11", "A13", "R1", "R2", "R3", "R6", "R7", "R10", "H13", "X1", "X2", "C1", "C2", "C3"}
"""Indicators that depend on who is who: linkage may err, if little."""


@pytest.fixture(scope="module")
def truth(province: Any) -> Figures:
    return expected_figures(read_truth(province.truth), latest_extraction(province.inbox), FIRST_MONTH)


def figures_of(home: Home) -> dict[Key, tuple[Decimal | None, Decimal]]:
    with duckdb.connect(built(home), read_only=True) as warehouse:
        rows = warehouse.execute("""
            SELECT indicator, period, division_code, level, breakdown, numerator, denominator
            FROM indicator_value WHERE denominator > 0
        """).fetchall()
    return {tuple(key): (n if n is None else Decimal(str(n)), Decimal(str(d))) for *key, n, d in rows}


def test_every_kpi_is_what_the_truth_says(province: Any, truth: Figures) -> None:
    found = figures_of(province.home)
    expected = {key: (numerator, denominator) for key, (numerator, denominator, _) in truth.items() if denominator > 0}
    assert {key[0] for key in found} >= OF_PERSONS
    exact = [{key: of for key, of in figures.items() if key[0] not in OF_PERSONS} for figures in (found, expected)]
    assert exact[0] == exact[1]
    for key, (numerator, denominator) in expected.items():
        if key[0] in OF_PERSONS and denominator >= 1000:
            assert abs(found[key][0] - numerator) <= Decimal("0.01") * denominator, key[:5]
            assert abs(found[key][1] - denominator) <= Decimal("0.01") * denominator, key[:5]


def test_the_truth_lies_within_the_intervals_as_often_as_stated(province: Any, truth: Figures) -> None:
    with duckdb.connect(built(province.home), read_only=True) as warehouse:
        rows = warehouse.execute("""
            SELECT indicator, period, division_code, level, breakdown, low, high FROM indicator_value
            WHERE denominator > 0 AND low IS NOT NULL
        """).fetchall()
    inside = [low - 1e-9 <= truth[tuple(key)][2] <= high + 1e-9 for *key, low, high in rows if tuple(key) in truth]
    assert {row[0] for row in rows} >= OF_PERSONS
    assert sum(inside) >= 0.95 * len(inside) > 10_000
    assert sum(low < high for *_, low, high in rows) > 500


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


@pytest.mark.e2e
@pytest.mark.parametrize("order", ["by month", "backwards"])
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
        tuple(row[name] for name in ("indicator", "period", "division_code", "level", "breakdown")): (
            row["numerator"],
            row["denominator"],
        )
        for row in rows_of(tmp_path / "kpi.parquet")
        if row["indicator"] not in OF_PERSONS and not row["suppressed"] and row["denominator"]
    }
    expected = expected_figures(read_truth(province.truth), as_of, FIRST_MONTH)
    assert {key[0] for key in exported} >= {"A1", "A2", "A5", "A7", "A12"}
    for key, (numerator, denominator) in exported.items():
        assert (numerator, denominator) == tuple(n if n is None else float(n) for n in expected[key][:2]), key
    assert {key[1] for key in exported} <= {"2018", "2018-10", "2018-11", "2018-10 ytd", "2018-11 ytd"}


def test_the_same_data_give_the_same_bytes(province: Any, tmp_path: Path) -> None:
    first, second = (export_kpis(province.home, tmp_path / name, None) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
