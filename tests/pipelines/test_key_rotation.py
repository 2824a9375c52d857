"""Person keys that rotate: the next run gives everyone another in all tables, and old cohorts find their people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.home import Home
from pipelines import journey

from .small_inbox import QUIET, built, deliver, numbered, rows, yimatong
from .small_review import resident_id

KEYED = ("dim_person", "fact_encounter", "fact_health_record", "fact_settlement")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    inbox, home = tmp_path / "inbox", Home(tmp_path / "home")
    residents = [
        {"population_no": f"P{at}", "name": "张三", "id_type": "01", "id_no": resident_id(f"440106198707{at + 10}991"),
         "birth_date": f"1987-07-{at + 10}"}
        for at in range(12)
    ]  # fmt: skip
    deliver(inbox, "population", rows("population", *residents))
    deliver(inbox, "emr", rows("emr", *[r | {"encounter_no": f"E{at}", "patient_no": f"N{at}"}
                                        for at, r in enumerate(residents)]))  # fmt: skip
    deliver(inbox, "institution", rows("institution", {}))
    journey.run(home, inbox, None, QUIET)
    return home


def ask(home: Home, query: str) -> list[Any]:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def persons(home: Home) -> dict[int, str]:
    return dict(ask(home, "SELECT encounter_id, person_key FROM fact_encounter"))


def run(home: Home) -> journey.Outcome:
    return journey.run(home, home.root.parent / "inbox", None, QUIET)


def redirects(home: Home) -> dict[tuple[str, int], str]:
    return {(former, version): now for former, version, now in ask(home, "FROM person_redirect")}


def test_a_rotation_gives_everyone_another_key_and_leaves_redirects(home: Home, tmp_path: Path) -> None:
    first = persons(home)
    assert redirects(home) == {}
    assert yimatong("key", "rotate", "person-key", "--home", home.root).status == 0
    assert persons(home) == first
    assert run(home).published
    second = persons(home)
    assert first.keys() == second.keys() and not set(first.values()) & set(second.values())
    for table in KEYED:
        assert not {key for (key,) in ask(home, f"SELECT person_key FROM {table}")} & set(first.values())
    assert redirects(home) == {(first[row], 1): second[row] for row in first}
    out = tmp_path / "x.parquet"
    assert yimatong("crosswalk", "--home", home.root, "--out", out).status == 0
    versions = duckdb.sql(f"SELECT DISTINCT key_version FROM '{out}'").fetchall()
    assert versions == [("2",)]
    assert not run(home).published


def test_cohorts_of_two_rotations_ago_and_of_merged_persons_are_found(home: Home) -> None:
    first = persons(home)
    for _ in range(2):
        yimatong("key", "rotate", "person-key", "--home", home.root)
        run(home)
    third = persons(home)
    found = redirects(home)
    assert {version for _, version in found} == {1, 2}
    assert {row: found[key, 1] for row, key in first.items()} == third


def test_a_merge_of_persons_leaves_a_redirect_through_later_builds(home: Home, tmp_path: Path) -> None:
    visitor = {"encounter_no": "V1", "patient_no": "V1", "name": "钱多多", "birth_date": "1960-01-01", "sex_code": "1",
               "start_at": "2018-11-08 08:00:00"}  # fmt: skip
    deliver(tmp_path / "inbox", "emr", rows("emr", visitor), sequence=2)
    run(home)
    (before,) = ask(home, "SELECT person_key FROM dim_person WHERE NOT registered")[0]
    number = resident_id("44010619600101991")
    resident = {"population_no": "Q1", "name": "钱多多", "birth_date": "1960-01-01", "id_type": "01", "id_no": number}
    deliver(tmp_path / "inbox", "population", rows("population", resident), sequence=2)
    known = visitor | {"id_type": "01", "id_no": number, "op": "U", "updated_at": "2018-11-09 08:00:00"}
    deliver(tmp_path / "inbox", "emr", rows("emr", known), sequence=3)
    run(home)
    assert ask(home, "SELECT count(*) FROM dim_person WHERE NOT registered") == [(0,)]
    with duckdb.connect(built(home), read_only=True) as internal:
        latest = "FROM fact_encounter SELECT arg_max(person_key, start_at)"
        now = internal.execute(latest).fetchall()[0][0]
    assert redirects(home).get((before, 1), before) == now
    deliver(tmp_path / "inbox", "emr", numbered("emr", 3, name="李四"), sequence=4)
    run(home)
    assert redirects(home).get((before, 1), before) == now


def test_keys_are_listed_without_a_key(home: Home) -> None:
    listed = json.loads(yimatong("key", "list", "--home", home.root, "--json").out)
    assert {row["key"] for row in listed["keys"]} >= {"vault", "person key", "health code", "audit"}
    assert all(set(row) == {"key", "version", "made_at", "retired"} for row in listed["keys"])
    for again in ("registry-id", "registry id", "nothing"):
        assert yimatong("key", "rotate", again, "--home", home.root).status == 2


def test_another_master_secret_opens_the_same_home(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = persons(home)
    secret = tmp_path / "safe" / "secret"
    assert yimatong("key", "rewrap", "--home", home.root, "--to", secret).status == 0
    assert yimatong("crosswalk", "--home", home.root, "--out", tmp_path / "x.parquet").status == 3
    monkeypatch.delenv("YIMATONG_SECRET")
    monkeypatch.setenv("YIMATONG_SECRET_FILE", str(secret))
    assert yimatong("crosswalk", "--home", home.root, "--out", tmp_path / "x.parquet").status == 0
    assert not run(home).published and persons(home) == first
    assert secret.stat().st_mode & 0o777 == 0o600
