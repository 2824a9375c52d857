"""The health records of a synthetic province: whose they are, what they say, and what becomes of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from contracts.standards import ehr_number
from lake.home import Home
from tests.pipelines.small_inbox import deliveries_of, parquet_rows, rows_of
from tests.simulated_truth import simulate_truth

Rows = list[dict[str, Any]]
TODAY = date(2018, 10, 1)


@pytest.fixture(scope="module")
def home(province: Any) -> Home:
    return Home(province.home.root)


@pytest.fixture(scope="module")
def truth(province: Any) -> dict[str, Rows]:
    names = ("population", "ehr", "institution")
    return {name: pq.read_table(province.truth / f"{name}.parquet").to_pylist() for name in names}


@pytest.fixture(scope="module")
def records(truth: dict[str, Rows]) -> Rows:
    return truth["ehr"]


def share(rows: Rows, column: str, of: str) -> float:
    asked = [row for row in rows if row[of]]
    return sum(bool(row[column]) for row in asked) / len(asked)


def test_the_first_delivery_is_whole_and_the_others_are_small(home: Home) -> None:
    everyones = [d for d in deliveries_of(home) if d["feed"] == "ehr"]
    assert {d["state"] for d in everyones} == {"accepted"}
    found = [d for d in everyones if d["city"] == "440100"]
    assert [(d["period"], d["sequence"]) for d in found][:2] == [("2018-10", 1), ("2018-10", 2)]
    first, *others = [d["rows"]["delivered"] for d in found if d["sequence"] == 1]
    assert 0 < max(others) < 0.15 * first


def test_what_comes_amiss_is_refused_and_comes_again(home: Home, records: Rows) -> None:
    rows = Counter[str]()
    for delivery in deliveries_of(home):
        if delivery["feed"] == "ehr":
            rows.update(delivery["rows"])
    assert 0 < rows["quarantined"] < 0.02 * rows["delivered"]
    why = {row["check_id"] for row in parquet_rows(home, "vault/quarantine", "ehr") if row["severity"] == "error"}
    assert why == {"ehr.created_on.required", "ehr.systolic_bp.range"}
    index = [row for file in home.root.glob("vault/live/ehr/*/*.parquet") for row in rows_of(file)]
    assert {row["source_key"] for row in index if row["live"]} == {row["ehr_no"] for row in records}
    assert {row["op"] for row in index} == {"I", "U", "D"}, "records entered by mistake are deleted"


def test_numbers_are_those_of_the_standard_and_each_a_records_own(records: Rows) -> None:
    assert all(ehr_number.is_valid(row["ehr_no"]) for row in records)
    assert len({row["ehr_no"] for row in records}) == len(records)
    assert all(row["ehr_no"][:4] == row["city_code"][:4] == row["residence_division"][:4] for row in records)


def test_most_residents_have_a_record_some_two_and_some_none(truth: dict[str, Rows]) -> None:
    held = Counter(row["person_id"] for row in truth["ehr"])
    living = {row["person_id"] for row in truth["population"] if row["death_date"] is None}
    assert 0.75 < len(living & held.keys()) / len(living) < 0.97
    assert 0.03 < sum(count > 1 for count in held.values()) / len(held) < 0.3
    cities = defaultdict(set)
    for row in truth["ehr"]:
        cities[row["person_id"]].add(row["city_code"])
    assert {1, 2} <= {len(group) for group in cities.values()}, "some moved between cities, some between institutions"


def test_guangzhou_has_more_records_than_residents(truth: dict[str, Rows]) -> None:
    def raw(city: str) -> float:
        living = sum(row["city_code"] == city and row["death_date"] is None for row in truth["population"])
        return sum(row["city_code"] == city for row in truth["ehr"]) / living

    assert 1.3 < raw("440100") < 1.65
    assert raw("441400") < 1
    active = {r["person_id"] for r in truth["ehr"] if r["city_code"] == "440100" and r["status"] == "1"}
    residents = {r["person_id"] for r in truth["population"] if r["city_code"] == "440100" and not r["death_date"]}
    assert 0.85 < len(active & residents) / len(residents) < 1, "once doubles and those who left are taken out"


def test_the_records_of_the_dead_are_closed_though_not_all(truth: dict[str, Rows]) -> None:
    dead = {row["person_id"] for row in truth["population"] if row["death_date"]}
    states = Counter((row["person_id"] in dead, row["status"]) for row in truth["ehr"])
    assert states[True, "1"] and states[True, "2"]
    assert states[True, "2"] / states[True, "1"] > 3 * states[False, "2"] / states[False, "1"] > 0
    assert states[False, "2"] < 0.15 * len(truth["ehr"])


def test_days_lie_in_their_order(records: Rows) -> None:
    for row in records:
        assert row["birth_date"] is None or row["birth_date"] <= row["created_on"]
        for name in ("last_service_on", "contract_on"):
            assert row[name] is None or row["created_on"] <= row[name] <= row["updated_at"].date()
    opened = [row["created_on"] for row in records]
    assert min(opened) < date(2012, 1, 1) and max(opened) >= date(2018, 11, 1)


def test_readings_are_those_of_people(records: Rows) -> None:
    for row in records:
        assert (row["systolic_bp"] is None) == (row["diastolic_bp"] is None)
        assert row["systolic_bp"] is None or 220 > row["systolic_bp"] > row["diastolic_bp"] + 10 > 50
        assert row["fasting_glucose"] is None or 2 < row["fasting_glucose"] < 30
        assert row["last_service_on"] or (row["systolic_bp"] is None and row["fasting_glucose"] is None)
        assert row["hypertension_managed"] or row["hypertension_standard"] is None
        assert row["diabetes_managed"] or row["diabetes_standard"] is None


def test_the_old_are_managed_more_and_children_are_not_asked(truth: dict[str, Rows]) -> None:
    born = {row["person_id"]: row["birth_date"] for row in truth["population"]}
    managed: dict[str, Counter[bool | None]] = defaultdict(Counter)
    for row in truth["ehr"]:
        if row["person_id"] in born:
            years = (TODAY - born[row["person_id"]]).days / 365.25
            managed["child" if years < 17.9 else "old" if years > 60 else "grown"][row["hypertension_managed"]] += 1
    assert managed["child"].keys() == {None} and None not in managed["old"]
    old, grown = (managed[age][True] / managed[age].total() for age in ("old", "grown"))
    assert old > 0.2 > 0.08 > grown > 0


def test_management_is_about_as_good_as_the_province_reports(records: Rows) -> None:
    active = [row for row in records if row["status"] == "1"]
    assert 0.55 < share(active, "hypertension_standard", "hypertension_managed") < 0.8
    assert 0.5 < share(active, "diabetes_standard", "diabetes_managed") < 0.8
    pressed = [row for row in active if row["hypertension_managed"] and row["systolic_bp"]]
    assert 0.4 < sum(row["systolic_bp"] < 140 and row["diastolic_bp"] < 90 for row in pressed) / len(pressed) < 0.75
    sweet = [row["fasting_glucose"] for row in active if row["diabetes_managed"] and row["fasting_glucose"]]
    assert 0.25 < sum(glucose < Decimal(7) for glucose in sweet) / len(sweet) < 0.65
    assert 0.25 < sum(row["contract_on"] is not None for row in active) / len(active) < 0.45


def test_children_have_guardians_and_telephones_are_often_a_relatives(truth: dict[str, Rows]) -> None:
    register = {row["person_id"]: row for row in truth["population"]}
    known = [(row, register[row["person_id"]]) for row in truth["ehr"] if row["person_id"] in register]
    guarded = [(row, own) for row, own in known if row["guardian_id_no"]]
    assert guarded and all((TODAY - own["birth_date"]).days < 14 * 365.25 for _, own in guarded)
    assert all(row["guardian_id_no"] != own["id_no"] for row, own in guarded)
    phones = [row["phone"] == own["phone"] for row, own in known if row["phone"] and own["phone"]]
    assert 0.55 < sum(phones) / len(phones) < 0.9


def test_a_primary_institution_of_the_city_keeps_the_record(truth: dict[str, Rows]) -> None:
    keepers = {row["org_code"]: row for row in truth["institution"]}
    for row in truth["ehr"]:
        keeper = keepers[row["org_code"]]
        assert keeper["category"] in "CD" and keeper["city_code"] == row["city_code"]


def test_a_city_whose_first_centre_opens_later_still_has_records(tmp_path: Path) -> None:
    truth = simulate_truth(50, 12, 11, tmp_path)
    records = pq.read_table(truth / "ehr.parquet").to_pylist()
    known = {row["org_code"] for row in pq.read_table(truth / "institution.parquet").to_pylist()}
    assert {row["org_code"] for row in records} <= known
