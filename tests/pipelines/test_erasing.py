"""Erasure: a person's values are in no file any longer, opened or not; all else stands as it stood."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from lake.home import Home
from lake.vault import open_to_read
from pipelines import journey

from .small_inbox import QUIET, Told, deliver, rows, yimatong
from .small_review import resident_id

ERASED, CHILD, OTHER = map(resident_id, ("44010619870719991", "44010620180303991", "44010619650101991"))
GONE = {
    "name": "欧阳奇葩绝密", "number": ERASED, "phone": "13912345679", "address": "绝密路八十八号",
    "population_no": "PLANTED-P1", "patient_no": "PLANTED-N1", "former address": "旧密街七号",
}  # fmt: skip
KEPT = {"name": "李四毛", "number": OTHER, "child": CHILD, "child's name": "欧阳小宝", "patient_no": "PLANTED-N9"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    inbox, home = tmp_path / "inbox", Home(tmp_path / "home")
    them = {"name": GONE["name"], "id_type": "01", "id_no": ERASED, "phone": GONE["phone"], "birth_date": "1987-07-19"}
    resident = them | {"population_no": GONE["population_no"], "sex_code": "1"}
    child = {
        "population_no": "P2", "name": KEPT["child's name"], "id_type": "01", "id_no": CHILD, "sex_code": "1",
        "birth_date": "2018-03-03", "mother_id_no": ERASED,
    }  # fmt: skip
    other = {"population_no": "P3", "name": KEPT["name"], "id_type": "01", "id_no": OTHER, "birth_date": "1965-01-01"}
    deliver(inbox, "population", rows("population", resident | {"address": GONE["former address"]}, child, other))
    later = resident | {"address": GONE["address"], "op": "U", "updated_at": "2018-12-02 08:00:00"}
    deliver(inbox, "population", rows("population", later), period="2018-12")
    visits = [
        them | {"encounter_no": "E1", "patient_no": GONE["patient_no"], "address": GONE["address"]},
        {"encounter_no": "E2", "patient_no": KEPT["patient_no"], "name": KEPT["name"], "id_type": "01", "id_no": OTHER},
        them | {"encounter_no": "E3", "patient_no": GONE["patient_no"], "start_at": "nonsense"},
    ]
    deliver(inbox, "emr", rows("emr", *visits))
    deliver(inbox, "institution", rows("institution", {}))
    journey.run(home, inbox, None, QUIET)
    assert yimatong("code", "issue", "--home", home.root).status == 0
    return home


def opened(home: Home) -> bytes:
    """Return what every file of the home says, sealed and compressed ones opened."""
    said = b""
    for path in sorted(home.root.rglob("*")):
        if path.is_file():
            with open_to_read(path) as file:
                said += file.read()
            if path.suffix == ".parquet":
                with open_to_read(path) as file:
                    said += repr(pq.read_table(file).to_pylist()).encode()
            if path.suffix == ".duckdb":
                with duckdb.connect(str(path), read_only=True) as build:
                    for (table,) in build.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                        said += repr(build.execute(f"FROM {table}").fetchall()).encode()
    return said


def erase(home: Home, number: str) -> Told:
    kept, sys.stdin = sys.stdin, io.StringIO(number + "\n")
    try:
        return yimatong("erase", "--home", home.root)
    finally:
        sys.stdin = kept


def figures(home: Home) -> list[Any]:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return warehouse.execute("FROM indicator_value ORDER BY ALL").fetchall()


def test_a_person_is_erased_and_nothing_else_is(home: Home) -> None:
    before = opened(home)
    assert [what for what, value in (GONE | KEPT).items() if value.encode() not in before] == []
    published = figures(home)
    told = erase(home, ERASED)
    assert told.status == 0, told.err
    assert "emr/440100, population/440100" in told.err and ERASED not in told.err
    after = opened(home)
    assert [what for what, value in GONE.items() if value.encode() in after] == []
    assert [what for what, value in KEPT.items() if value.encode() not in after] == []
    state = json.loads(yimatong("status", "--home", home.root, "--json").out)
    assert state["conservation"] == {"ok": True, "broken": []}
    assert figures(home) == published
    journey.run(home, home.root.parent / "inbox", None, QUIET)
    assert figures(home) == published
    assert erase(home, ERASED).status == 3


def test_later_runs_and_commands_go_on(home: Home, tmp_path: Path) -> None:
    assert erase(home, ERASED).status == 0
    deliver(tmp_path / "inbox", "emr", rows("emr", {"encounter_no": "E9", "name": KEPT["name"], "id_no": OTHER,
                                                    "id_type": "01"}), period="2018-12")  # fmt: skip
    journey.run(home, tmp_path / "inbox", None, QUIET)
    for command in (["crosswalk", "--out", tmp_path / "x.parquet"], ["code", "issue"], ["requalify"], ["link-report"]):
        assert yimatong(*command, "--home", home.root).status == 0, command
    said = opened(home)
    assert [what for what, value in GONE.items() if value.encode() in said] == []


@pytest.mark.parametrize(("number", "told"), [("1", "18 digits"), (resident_id("44010619500101991"), "nobody")])
def test_nobody_is_erased_by_a_number_that_nobody_has(home: Home, number: str, told: str) -> None:
    before = opened(home).count(GONE["name"].encode())
    answer = erase(home, number)
    assert (answer.status, told in answer.err, number in answer.err) == (3, True, number == "1")
    assert opened(home).count(GONE["name"].encode()) == before
