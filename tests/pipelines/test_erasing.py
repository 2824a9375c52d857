"""Erasure: a person's values are in no file any longer, opened or not; all else stands as it stood."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from lake.home import Home
from lake.vault import open_to_read
from pipelines import journey
from pipelines.erasing import scrub as scrubbing
from pipelines.erasing.erase import erase_person

from .small_inbox import QUIET, Told, deliver, rows, yimatong
from .small_review import resident_id

ERASED, CHILD, OTHER = map(resident_id, ("44010619870719991", "44010620180303991", "44010619650101991"))
GONE = {
    "name": "欧阳奇葩绝密", "number": ERASED, "phone": "13912345679", "address": "绝密路八十八号",
    "population_no": "PLANTED-P1", "patient_no": "PLANTED-N1", "former address": "旧密街七号",
    "phone of a deleted visit": "13700008888", "phone of a visit without number": "13700009999",
}  # fmt: skip
KEPT = {"name": "李四毛", "number": OTHER, "child": CHILD, "child's name": "欧阳小宝", "patient_no": "PLANTED-N9"}


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Home(tmp_path / "home")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("erasing")
    inbox, home = folder / "inbox", Home(folder / "home")
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
        *[them | {"encounter_no": f"E{at}", "patient_no": GONE["patient_no"]} for at in range(100, 130)],
    ]
    deliver(inbox, "emr", rows("emr", *visits))
    unlike = {"name": them["name"], "birth_date": them["birth_date"], "patient_no": GONE["patient_no"]}
    more = [
        unlike | {"encounter_no": "E5", "phone": GONE["phone of a deleted visit"]},
        unlike | {"encounter_no": "E6", "phone": GONE["phone of a visit without number"]},
        *[them | {"encounter_no": f"E{at}", "patient_no": GONE["patient_no"]} for at in range(130, 160)],
    ]
    deliver(inbox, "emr", rows("emr", *more), sequence=2)
    deleted = {"encounter_no": "E5", "op": "D", "updated_at": "2018-11-20 08:00:00"}
    deliver(inbox, "emr", rows("emr", unlike | deleted), sequence=3)
    deliver(inbox, "institution", rows("institution", {}))
    journey.run(home, inbox, None, QUIET)
    assert yimatong("code", "issue", "--home", home.root).status == 0
    return folder


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
    return yimatong("erase", "--home", home.root, given=f"{number}\n".encode())


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


def test_an_erasure_that_was_cut_off_is_ended_by_the_next(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    real, files = scrubbing._scrub_file, 0

    def cut_off(connection: Any, path: Path, kind: str) -> bool:
        nonlocal files
        written = real(connection, path, kind)
        files += written
        if kind == "keys" and written:
            raise KeyboardInterrupt
        return written

    with monkeypatch.context() as broken:
        broken.setattr(scrubbing, "_scrub_file", cut_off)
        with pytest.raises(KeyboardInterrupt):
            erase_person(home, ERASED, QUIET)
    assert files > 2
    told = erase(home, ERASED)
    assert told.status == 0, told.err
    assert [what for what, value in GONE.items() if value.encode() in opened(home)] == []
    assert not (home.root / "vault" / "erasing").exists()


def test_one_of_whom_only_deleted_rows_are_left_is_erased(home: Home, tmp_path: Path) -> None:
    gone = {"population_no": "P3", "op": "D", "name": KEPT["name"], "updated_at": "2019-01-02 08:00:00"}
    deliver(tmp_path / "inbox", "population", rows("population", gone), period="2019-01")
    gone = {"encounter_no": "E2", "op": "D", "updated_at": "2018-12-20 08:00:00", "name": KEPT["name"]}
    deliver(tmp_path / "inbox", "emr", rows("emr", gone), period="2018-12")
    journey.run(home, tmp_path / "inbox", None, QUIET)
    assert erase(home, OTHER).status == 0
    assert [what for what in ("number", "patient_no") if KEPT[what].encode() in opened(home)] == []


@pytest.mark.parametrize(("number", "told"), [("1", "18 digits"), (resident_id("44010619500101991"), "nobody")])
def test_nobody_is_erased_by_a_number_that_nobody_has(home: Home, number: str, told: str) -> None:
    before = opened(home).count(GONE["name"].encode())
    answer = erase(home, number)
    assert (answer.status, told in answer.err, number in answer.err) == (3, True, number == "1")
    assert opened(home).count(GONE["name"].encode()) == before
