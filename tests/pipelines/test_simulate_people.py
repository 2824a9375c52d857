"""Who lives in a synthetic province, and how its records speak of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from pypinyin import lazy_pinyin

from pipelines.simulate import simulate
from pipelines.simulate.clock import NEVER, months
from pipelines.simulate.names import draw_names, draw_surnames, with_slips
from pipelines.simulate.people import RESIDENT_ID, People, draw_people

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.fixture(scope="module")
def people() -> People:
    return draw_people(3, 20_000, months("2018-10", 6))


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    out = tmp_path_factory.mktemp("people")
    simulate(1500, 3, 5, out)
    names = ("population", "emr", "institution")
    return {name: pq.read_table(out / f"truth/{name}.parquet").to_pylist() for name in names}


def id_is_valid(number: str) -> bool:
    return number[17] == "10X98765432"[sum(int(d) * w for d, w in zip(number, _WEIGHTS, strict=False)) % 11]


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("a", "b"):
        simulate(60, 2, 7, tmp_path / name, "2019-12")
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        digests.append({p.relative_to(tmp_path / name): hashlib.sha256(p.read_bytes()).hexdigest() for p in files})
    assert digests[0] == digests[1] and len(digests[0]) > 21 * 2 * 4 * 2
    assert {path.parts[3] for path in digests[0] if path.parts[0] == "inbox"} == {"2019-12", "2020-01"}


@pytest.mark.parametrize(("residents", "count", "seed"), [(20, 1, 1), (100, 0, 1), (100, 1, -1)])
def test_impossible_arguments_are_refused(tmp_path: Path, residents: int, count: int, seed: int) -> None:
    with pytest.raises(ValueError):
        simulate(residents, count, seed, tmp_path)


def test_every_number_is_valid_unique_and_agrees_with_its_bearer(people: People) -> None:
    bearers = np.flatnonzero(people.id_type == RESIDENT_ID)
    numbers = people.ids.take(bearers).to_pylist()
    assert len(set(people.ids.to_pylist())) == people.count
    assert all(map(id_is_valid, numbers))
    births = people.birth[bearers].astype("datetime64[D]").astype(str)
    assert all(n[6:14] == b.replace("-", "") for n, b in zip(numbers, births, strict=True))
    assert all(int(n[16]) % 2 == s % 2 for n, s in zip(numbers, people.sex[bearers], strict=True))


def test_twins_have_numbers_a_step_apart(people: People) -> None:
    born = people.born_month >= 0
    mothers = Counter(people.mother[born].tolist())
    pairs = [np.flatnonzero(born & (people.mother == m)) for m, n in mothers.items() if n == 2]
    assert pairs
    for pair in pairs:
        one, other = (int(people.ids[int(i)].as_py()[14:17]) for i in pair)
        assert people.birth[pair[0]] == people.birth[pair[1]]
        assert abs(one - other) <= 3 or abs(one - other) >= 997


def test_a_household_shares_its_home_and_its_surname(people: People) -> None:
    children = np.flatnonzero((people.mother >= 0) & (people.born_month < 0))
    fathers = people.start[children]
    assert np.mean(people.names.surname[children] == people.names.surname[fathers]) > 0.85
    assert np.array_equal(people.tail[0][children], people.tail[0][fathers])
    assert np.array_equal(people.household[children], people.household[people.mother[children]])
    shared = Counter(people.phone[0].tolist())
    assert 0.02 < sum(n - 1 for n in shared.values()) / people.count < 0.4


def test_mothers_are_of_an_age_to_be(people: People) -> None:
    children = np.flatnonzero(people.mother >= 0)
    years = (people.birth[children] - people.birth[people.mother[children]]) / 365.25
    assert years.min() >= 17.9 and years.max() < 56


def test_nobody_dies_before_birth_or_after_the_last_month(people: People) -> None:
    dead = people.death < NEVER
    assert dead.any()
    assert np.all(people.death[dead] > people.birth[dead])
    assert people.death[dead].max() < months("2018-10", 6)[-1].following


def test_slips_keep_the_sound_and_change_the_character() -> None:
    rng = np.random.default_rng(2)
    names = draw_names(rng, draw_surnames(rng, 400), rng.integers(1, 3, 400), rng.integers(1930, 2018, 400))
    slipped = with_slips(rng, names, np.ones(400, bool)).text().to_pylist()
    pairs = [(a, b) for a, b in zip(names.text().to_pylist(), slipped, strict=True) if a != b]
    assert len(pairs) > 350
    for before, after in pairs:
        assert len(before) == len(after)
        changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        assert len(changed) == 1
        assert lazy_pinyin(changed[0][0]) == lazy_pinyin(changed[0][1])


def test_infants_come_by_their_mothers_names_until_they_have_their_own(truth: dict[str, list[dict[str, Any]]]) -> None:
    infants = [row for row in truth["emr"] if row["name"].endswith(("之子", "之女"))]
    assert infants
    mothers = {row["id_no"]: row["name"] for row in truth["population"] if row["id_no"]}
    for row in infants:
        if (row["id_no"] or "") in mothers:
            assert row["name"][0] == mothers[row["id_no"]][0] or row["name"][0] not in "陈张吴刘"
    named = {row["person_id"]: row for row in truth["population"]}
    grown = [named[row["person_id"]] for row in infants if row["person_id"] in named]
    assert any(row["id_no"] and not row["name"].endswith(("之子", "之女")) for row in grown)
    assert all(row["mother_id_no"] for row in grown)


def test_records_depart_from_the_truth_as_often_as_said(truth: dict[str, list[dict[str, Any]]]) -> None:
    rows = truth["emr"]
    assert 0.05 < np.mean([row["id_no"] is None for row in rows]) < 0.11
    own = {row["person_id"]: row["id_no"] for row in truth["population"]}
    stated = [row for row in rows if row["id_no"] and own.get(row["person_id"])]
    assert 0 < np.mean([row["id_no"].upper() != own[row["person_id"]] for row in stated]) < 0.1
    assert 0 < np.mean([not row["registered"] for row in rows]) < 0.1
    fees = [row["drug_fee"] + row["consumables_fee"] + row["exam_fee"] <= row["total_fee"] for row in rows]
    assert all(fees)


def test_one_may_be_registered_in_two_cities(truth: dict[str, list[dict[str, Any]]]) -> None:
    cities = {(row["person_id"], row["city_code"]) for row in truth["population"]}
    assert len(cities) == len(truth["population"])
    assert max(Counter(person for person, _ in cities).values()) == 2


def test_each_city_has_hospitals_and_primary_care(truth: dict[str, list[dict[str, Any]]]) -> None:
    for city in {row["city_code"] for row in truth["institution"]}:
        here = [row for row in truth["institution"] if row["city_code"] == city]
        public = Counter(row["level"] for row in here if row["public"])
        assert public["3"] >= 1 and public["2"] >= 2 and public["1"] >= 2
        assert len({row["org_code"] for row in here}) == len(here)
        assert all(len(row["org_code"]) == 22 for row in here)
