"""The settlements of a synthetic province add up, and are of the care that its insured persons had."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from contracts.standards import resident_id
from lake.home import Home
from tests.pipelines.small_inbox import deliveries_of, parquet_rows, rows_of

Rows = list[dict[str, Any]]
OF_ENCOUNTER = {"11": "1", "14": "1", "13": "2", "21": "3"}


@pytest.fixture(scope="module")
def home(province: Any) -> Home:
    return Home(province.home.root)


@pytest.fixture(scope="module")
def truth(province: Any) -> dict[str, Rows]:
    names = ("population", "emr", "insurance", "institution")
    return {name: pq.read_table(province.truth / f"{name}.parquet").to_pylist() for name in names}


@pytest.fixture(scope="module")
def settlements(truth: dict[str, Rows]) -> Rows:
    return truth["insurance"]


@pytest.fixture(scope="module")
def encounters(truth: dict[str, Rows]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["org_code"], row["encounter_no"]): row for row in truth["emr"]}


def test_what_comes_amiss_is_refused_and_comes_again(home: Home, settlements: Rows) -> None:
    found = [d for d in deliveries_of(home) if d["feed"] == "insurance"]
    assert {d["state"] for d in found} == {"accepted"} and {d["sequence"] for d in found} == {1, 2}
    rows = Counter[str]()
    for delivery in found:
        rows.update(delivery["rows"])
    assert 0 < rows["quarantined"] < 0.02 * rows["delivered"]
    why = {row["check_id"] for row in parquet_rows(home, "vault/quarantine", "insurance") if row["severity"] == "error"}
    assert why <= {"insurance.psn_cash_pay.required", "insurance.medfee_sumamt.sum"}
    live = [row for file in home.root.glob("vault/live/insurance/*/*.parquet") for row in rows_of(file) if row["live"]]
    assert {row["source_key"] for row in live} == {row["settlement_id"] for row in settlements}
    assert len(live) == len(settlements)


def test_who_pays_adds_up_to_the_cent(settlements: Rows) -> None:
    for row in settlements:
        parts = [row["fund_pay_sumamt"], row["acct_pay"] or Decimal(0), row["psn_cash_pay"]]
        assert sum(parts) == row["medfee_sumamt"] and min(parts) >= 0
        assert row["fund_pay_sumamt"] <= row["inscp_scp_amt"] <= row["medfee_sumamt"]
        assert (row["drug_fee"] or 0) <= row["medfee_sumamt"]
        assert (row["acct_pay"] is None) == (row["insutype"] == "390"), "residents have no account"


def test_things_happen_in_their_order(settlements: Rows) -> None:
    assert all(row["begin_at"] <= row["end_at"] <= row["settled_at"] <= row["updated_at"] for row in settlements)


def test_a_settlement_is_of_an_encounter_of_its_person(
    settlements: Rows, encounters: dict[tuple[str, str], dict[str, Any]]
) -> None:
    numbered = [row for row in settlements if row["encounter_no"]]
    matched = [(row, encounters.get((row["org_code"], row["encounter_no"]))) for row in numbered]
    pairs = [(row, encounter) for row, encounter in matched if encounter is not None]
    for row, encounter in pairs:
        assert row["person_id"] == encounter["person_id"]
        assert row["begin_at"] == encounter["start_at"]
        assert OF_ENCOUNTER[row["med_type"]] == encounter["encounter_type"]
        assert row["medfee_sumamt"] <= encounter["total_fee"]
        assert row["med_type"] != "21" or row["end_at"] == encounter["end_at"]
    alike = sum(abs(row["medfee_sumamt"] - e["total_fee"]) <= e["total_fee"] / 100 for row, e in pairs)
    assert 0.95 < alike / len(pairs) < 1
    assert 0.01 < 1 - len(numbered) / len(settlements) < 0.15, "some come without the encounter's number"
    assert 0.01 < 1 - len(pairs) / len(numbered) < 0.1, "some encounters never reach the EMR feed"


def test_most_encounters_are_settled_once(settlements: Rows, encounters: dict[tuple[str, str], dict[str, Any]]) -> None:
    settled = Counter((row["org_code"], row["encounter_no"]) for row in settlements if row["encounter_no"])
    assert max(settled.values()) == 1
    assert 0.6 < len(settled.keys() & encounters.keys()) / len(encounters) < 0.9


def test_a_number_is_one_persons_at_a_city_and_stays(settlements: Rows) -> None:
    persons, numbers, schemes = defaultdict(set), defaultdict(set), defaultdict(set)
    for row in settlements:
        persons[row["city_code"], row["psn_no"]].add(row["person_id"])
        numbers[row["city_code"], row["person_id"]].add(row["psn_no"])
        schemes[row["person_id"]].add((row["insutype"], row["insured_division"]))
    for groups in (persons, numbers, schemes):
        assert {len(group) for group in groups.values()} == {1}


def test_children_are_insured_as_residents_and_of_the_grown_most_as_employees_where_work_is(
    truth: dict[str, Rows],
) -> None:
    born = {row["person_id"]: row["birth_date"] for row in truth["population"]}
    schemes: dict[tuple[bool, str], Counter[str]] = defaultdict(Counter)
    for row in truth["insurance"]:
        if row["person_id"] in born:
            years = (date(2018, 10, 1) - born[row["person_id"]]).days / 365.25
            if years < 18 or 20 < years < 60:
                schemes[years < 18, row["city_code"]][row["insutype"]] += 1
    assert all(not counts["310"] for (child, _), counts in schemes.items() if child)
    shenzhen, meizhou = schemes[False, "440300"], schemes[False, "441400"]
    assert shenzhen["310"] > shenzhen["390"] and meizhou["310"] < meizhou["390"]


def test_care_is_away_where_it_is_not_in_the_insured_city(truth: dict[str, Rows]) -> None:
    city = {row["org_code"]: row["division_code"][:4] for row in truth["institution"]}
    for row in truth["insurance"]:
        assert row["cross_region"] == (city[row["org_code"]] != row["insured_division"][:4])
        assert row["insured_division"][:4] == row["city_code"][:4] or row["insured_division"][:2] != "44"
    away = [row["direct_settled"] for row in truth["insurance"] if row["cross_region"] and row["med_type"] == "21"]
    near = [row["direct_settled"] for row in truth["insurance"] if not row["cross_region"]]
    assert 0.4 < sum(away) / len(away) < sum(near) / len(near) < 1


def test_stays_are_paid_for_best(settlements: Rows) -> None:
    def paid(insutype: str) -> Decimal:
        stays = [row for row in settlements if row["med_type"] == "21" and row["insutype"] == insutype]
        fund: Decimal = sum((row["fund_pay_sumamt"] for row in stays), Decimal(0))
        return fund / sum((row["inscp_scp_amt"] for row in stays), Decimal(0))

    assert Decimal("0.75") < paid("310") < Decimal("0.9")
    assert Decimal("0.62") < paid("390") < Decimal("0.78")


def test_who_is_insured_is_written_down_nearly_as_in_the_register(truth: dict[str, Rows]) -> None:
    own = {row["person_id"]: row for row in truth["population"]}
    pairs = [(row, own[row["person_id"]]) for row in truth["insurance"] if row["person_id"] in own]
    stated = [(row["id_no"], register["id_no"]) for row, register in pairs if row["id_no"] and register["id_no"]]
    assert 0.9 < len(stated) / len(pairs) < 1
    same = sum(resident_id.as_18(one) == resident_id.as_18(other) for one, other in stated if len(other) >= 15)
    assert 0.96 < same / len(stated) < 1
    assert 0.95 < sum(row["name"] == register["name"] for row, register in pairs) / len(pairs) < 1


def test_a_reversed_settlement_has_another_in_its_place(home: Home, settlements: Rows) -> None:
    index = [row for file in home.root.glob("vault/live/insurance/*/*.parquet") for row in rows_of(file)]
    gone = {row["source_key"] for row in index if row["op"] == "D"}
    anew = [row for row in settlements if row["settlement_id"][-7] == "8"]
    assert gone and anew and len(gone) >= len(anew)
    assert not gone & {row["settlement_id"] for row in settlements}
