"""The command line: exit statuses, what goes to standard output and what to standard error, options."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.home import Home
from pipelines import journey
from pipelines.cli import main

from .small_inbox import QUIET, SOUND, Row, deliver

EARLY, LATE = 20, 15
CROSSWALK = ["feed", "city_code", "source_key", "person_key", "key_version", "tier", "probability"]
KPI = [
    "indicator", "period", "division_code", "level", "breakdown", "numerator", "denominator", "value", "unit",
    "suppressed", "preliminary", "definition", "as_of",
]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """How a command ended and what it told."""

    status: int
    out: str
    err: str


Call = Callable[..., Told]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Give a call of the command line within this process."""

    def run(*arguments: str | Path) -> Told:
        monkeypatch.setattr(sys, "argv", ["yimatong", *map(str, arguments)])
        try:
            main()
        except SystemExit as ended:
            status = ended.code
        else:
            status = 0
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert isinstance(status, int)
        return Told(status, out, err)

    return run


def encounters(count: int, day: str) -> list[Row]:
    """Return encounters on a day, each of another person."""
    start = f"2018-11-{day} 08:00:00"
    numbers = [f"{day}-{n}" for n in range(count)]
    return [SOUND["emr"] | {"encounter_no": n, "patient_no": n, "name": n, "start_at": start} for n in numbers]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an inbox of encounters on two days and the hospital they were in."""
    folder = tmp_path_factory.mktemp("cli") / "inbox"
    changed = {"updated_at": "2018-11-30 08:00:00"}
    deliver(folder, "emr", [row | changed for row in encounters(EARLY, "05") + encounters(LATE, "25")])
    deliver(folder, "institution", [SOUND["institution"]])
    return folder


@pytest.fixture(scope="module")
def home(inbox: Path) -> Path:
    """Give a home with the inbox published."""
    journey.run(Home(inbox.parent / "home"), inbox, None, QUIET)
    return inbox.parent / "home"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def kpis(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the exported rows by indicator."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(folder / "kpi.parquet").to_pylist():
        found.setdefault(row["indicator"], []).append(row)
    return found


UNUSABLE = {
    "no command": "",
    "an unknown command": "publish",
    "an unknown option": "status --home EMPTY --xml",
    "run without a home": "run --inbox EMPTY",
    "run without an inbox": "run --home EMPTY",
    "an inbox that is not there": "run --home EMPTY --inbox ABSENT",
    "a home that is a file": "run --home FILE --inbox EMPTY",
    "a day that does not exist": "run --home EMPTY --inbox EMPTY --as-of 2018-02-30",
    "a day in another form": "export --home EMPTY --out EMPTY --as-of 20181130",
    "status of a home that is not there": "status --home ABSENT",
    "crosswalk of a home that is not there": "crosswalk --home ABSENT --out ABSENT",
    "export of a home that is not there": "export --home ABSENT --out ABSENT",
    "status of a folder that is no home": "status --home EMPTY",
    "crosswalk of a folder that is no home": "crosswalk --home EMPTY --out ABSENT",
    "export of a folder that is no home": "export --home EMPTY --out ABSENT",
    "export without a folder": "export --home EMPTY",
    "export into a file": "export --home EMPTY --out FILE",
    "crosswalk into a folder": "crosswalk --home EMPTY --out EMPTY",
    "a province of nobody": "simulate --residents 0 --out ABSENT",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_arguments_end_with_status_2_and_touch_nothing(
    call: Call, empty: Path, tmp_path: Path, name: str
) -> None:
    file, absent = tmp_path / "file", tmp_path / "absent"
    file.write_text("not a home")
    places: dict[str, Path] = {"EMPTY": empty, "FILE": file, "ABSENT": absent}
    told = call(*(places.get(word, word) for word in UNUSABLE[name].split()))
    assert (told.status, told.out) == (2, "")
    assert told.err
    assert (file.read_text(), absent.exists(), list(empty.iterdir())) == ("not a home", False, [])


@pytest.mark.parametrize("command", ["export --home HOME --out OUT", "crosswalk --home HOME --out OUT"])
def test_what_nothing_was_run_for_ends_with_status_3_and_says_what_to_do(
    call: Call, empty: Path, tmp_path: Path, command: str
) -> None:
    places = {"HOME": tmp_path / "home", "OUT": tmp_path / "out"}
    assert call("run", "--home", places["HOME"], "--inbox", empty).status == 0
    told = call(*(places.get(word, word) for word in command.split()))
    assert (told.status, told.out) == (3, "")
    assert len(told.err.splitlines()) == 1
    assert "请先运行 yimatong run" in told.err
    assert "run `yimatong run` first" in told.err
    assert not (tmp_path / "out").exists()


def test_a_run_that_fails_ends_with_status_3_and_publishes_nothing(call: Call, inbox: Path, empty: Path) -> None:
    (empty / "ledger.sqlite").write_text("no database" * 1000)
    told = call("run", "--home", empty, "--inbox", inbox)
    assert (told.status, told.out) == (3, "")
    assert told.err.startswith("失败 failed · sqlalchemy.exc.DatabaseError @ ")
    assert len(told.err.splitlines()) == 1
    assert not Home(empty).warehouse.exists()


def test_a_run_ends_with_status_0_and_again_with_nothing_new(call: Call, inbox: Path, tmp_path: Path) -> None:
    for _ in range(2):
        told = call("run", "--home", tmp_path / "home", "--inbox", inbox)
        assert (told.status, told.out) == (0, "")
        assert told.err
    assert Home(tmp_path / "home").warehouse.exists()


def test_quarantined_rows_alone_are_no_fault(call: Call, tmp_path: Path) -> None:
    deliver(tmp_path / "inbox", "emr", [*encounters(50, "05"), SOUND["emr"] | {"total_fee": "?"}])
    assert call("run", "--home", tmp_path / "home", "--inbox", tmp_path / "inbox").status == 0
    state = json.loads(call("status", "--home", tmp_path / "home", "--json").out)
    assert state["deliveries"][0]["rows"] == {"delivered": 51, "accepted": 50, "quarantined": 1, "duplicates": 0}


def test_a_run_over_an_empty_inbox_is_done_and_publishes_nothing(call: Call, empty: Path, tmp_path: Path) -> None:
    assert call("run", "--home", tmp_path / "home", "--inbox", empty).status == 0
    state = json.loads(call("status", "--home", tmp_path / "home", "--json").out)
    assert state.pop("disk")["builds"] == 0
    assert state == {
        "deliveries": [],
        "conservation": {"ok": True, "broken": []},
        "published": {"run_id": "", "at": "", "as_of": "", "path": ""},
        "vault": {"sealed": True, "secret_beside": False},
    }


def test_a_run_that_refuses_a_delivery_ends_with_status_1_and_the_next_with_0(tmp_path: Path, call: Call) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    deliver(inbox, "institution", [SOUND["institution"]])
    deliver(inbox, "institution", [SOUND["institution"]], city="440200", stated={"encoding": "big5"})
    command = [sys.executable, "-m", "pipelines", "run", "--home", str(home), "--inbox", str(inbox)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert call("run", "--home", home, "--inbox", inbox).status == 0
    told = call("status", "--home", home)
    assert "440200/institution/2018-11/001  rejected  清单字段缺失或有误" in told.out


def test_the_status_is_json_alone_on_standard_output(home: Path) -> None:
    command = [sys.executable, "-m", "pipelines", "status", "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    state = json.loads(done.stdout)
    assert done.stderr == ""
    assert set(state) == {"deliveries", "conservation", "published", "vault", "disk"}
    assert set(state["conservation"]) == {"ok", "broken"}
    assert set(state["published"]) == {"run_id", "at", "as_of", "path"}
    assert state["published"]["as_of"] == "2018-12-01"
    assert Path(state["published"]["path"]).samefile(Home(home).warehouse)
    assert state["deliveries"] == [
        {"city": "440100", "feed": feed, "period": "2018-11", "sequence": 1, "state": "accepted", "reason": "",
         "rows": {"delivered": count, "accepted": count, "quarantined": 0, "duplicates": 0}}
        for feed, count in (("emr", EARLY + LATE), ("institution", 1))
    ]  # fmt: skip


def test_the_crosswalk_is_text_a_row_a_live_record(call: Call, home: Path, tmp_path: Path) -> None:
    told = call("crosswalk", "--home", home, "--out", tmp_path / "crosswalk.parquet")
    assert (told.status, told.out) == (0, "")
    table = pq.read_table(tmp_path / "crosswalk.parquet")
    assert table.schema.names == CROSSWALK
    assert set(table.schema.types) == {pa.string()}
    found = {(row["feed"], row["city_code"], row["source_key"]) for row in table.to_pylist()}
    rows = encounters(EARLY, "05") + encounters(LATE, "25")
    assert found == {("emr", "440100", f"{row['org_code']}|{row['encounter_no']}") for row in rows}
    assert table.num_rows == len(rows)


def test_a_warehouse_built_by_another_version_is_not_exported(
    call: Call, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.export.model_version", lambda: "another")
    told = call("export", "--home", home, "--out", tmp_path / "exports")
    assert (told.status, told.out) == (3, "")
    assert "built by another version of the program; run `yimatong run` first" in told.err
    assert not (tmp_path / "exports" / "kpi.csv").exists()


def test_the_export_tells_the_files_that_it_wrote(call: Call, home: Path, tmp_path: Path) -> None:
    told = call("export", "--home", home, "--out", tmp_path / "exports")
    assert (told.status, told.err) == (0, "")
    written = [Path(line) for line in told.out.splitlines()]
    assert {path.name for path in written} >= {"kpi.csv", "kpi.parquet"}
    assert sorted(written) == sorted((tmp_path / "exports").iterdir())
    assert pq.read_schema(tmp_path / "exports" / "kpi.parquet").names == KPI
    head = (tmp_path / "exports" / "kpi.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head.split(",") == KPI


def counted(folder: Path) -> set[tuple[str, str, float]]:
    """Return month, day and count of all encounters of the province, as A14 has them."""
    return {
        (row["period"], str(row["as_of"]), row["denominator"])
        for row in kpis(folder)["A14"]
        if (row["division_code"], row["level"], row["breakdown"]) == ("440000", "all", "") and row["denominator"]
        and len(row["period"]) == 7
    }  # fmt: skip


def test_a_run_as_of_a_day_counts_events_up_to_it(call: Call, inbox: Path, tmp_path: Path) -> None:
    for day, count in (("2018-11-24", EARLY), ("2018-11-25", EARLY + LATE), ("2018-11-05", EARLY)):
        assert call("run", "--home", tmp_path / "home", "--inbox", inbox, "--as-of", day).status == 0
        assert call("export", "--home", tmp_path / "home", "--out", tmp_path / day).status == 0
        assert counted(tmp_path / day) == {("2018-11", day, count)}


@pytest.mark.parametrize(("day", "count"), [("2018-11-05", EARLY), ("2018-11-24", EARLY), ("2018-11-25", EARLY + LATE)])
def test_an_export_as_of_a_day_counts_events_up_to_it(
    call: Call, home: Path, tmp_path: Path, day: str, count: int
) -> None:
    assert call("export", "--home", home, "--out", tmp_path, "--as-of", day).status == 0
    assert counted(tmp_path) == {("2018-11", day, count)}
