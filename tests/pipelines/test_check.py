"""A city's preflight: what is said of a delivery before it is sent, with which exit status, and without its values."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from lake.home import Home
from pipelines.cli import main
from pipelines.rejection import Reason

from .small_inbox import PLANTED, SOUND, Row, csv_text, deliver, deliveries_of, numbered, rows, settle, sm3

MANY = 100


@dataclass(frozen=True)
class Told:
    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


Check = Callable[..., Told]


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Give a call of `yimatong check` within this process."""

    def run(*arguments: Path | str) -> Told:
        monkeypatch.setattr(sys, "argv", ["yimatong", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert isinstance(ended.value.code, int)
        return Told(ended.value.code, out, err)

    return run


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder in which temporary ones are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@dataclass(frozen=True)
class Broken:
    """A delivery with something wrong with it, and what is said: state, a part of the reason, checks with places."""

    files: Mapping[str, bytes] | list[Row]
    state: str = "accepted"
    reason: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    stated: dict[str, Any] = field(default_factory=dict)
    feed: str = "emr"


SOUND_TEXT = csv_text(numbered("emr", MANY))
BROKEN = {
    "nothing": Broken(numbered("emr", MANY)),
    "a fee that is no number": Broken(
        [*numbered("emr", MANY), *rows("emr", {"encounter_no": "x", "total_fee": "?"})],
        errors={"emr.total_fee.type": ["rows.csv:102"]}),
    "two checks on one row": Broken(
        [*rows("emr", {"encounter_no": "x", "total_fee": "?", "start_at": "2031-01-01"}), *numbered("emr", MANY)],
        errors={"emr.start_at.future": ["rows.csv:2"], "emr.total_fee.type": ["rows.csv:2"]}),
    "a record of too few fields, in the second file": Broken(
        {"a.csv": SOUND_TEXT.encode(), "b.csv": (SOUND_TEXT + "alone\n").encode()},
        errors={"record.fields": ["b.csv:102"]}),
    "a NUL byte": Broken(
        {"rows.csv": (SOUND_TEXT + SOUND_TEXT.splitlines()[1] + "\0\n").encode()},
        errors={"record.nul": ["rows.csv:102"]}),
    "a phone that is none": Broken(
        [*numbered("emr", 3), *rows("emr", {"encounter_no": "x", "phone": "1"})], warnings={"emr.phone.form": 1}),
    "a column that nobody knows": Broken(
        rows("emr", {"blood_type": "AB"}), unknown=[f"rows.csv#{len(SOUND['emr']) + 1}"]),
    "too many refused": Broken(
        rows("emr", {"total_fee": "?"}), "held", "5%", {"emr.total_fee.type": ["rows.csv:2"]}),
    "a count that differs": Broken(
        {"rows.csv": SOUND_TEXT.encode()}, "rejected", Reason.ROWS.zh,
        stated={"files": [
            {"name": "rows.csv", "rows": 7, "bytes": len(SOUND_TEXT.encode()), "sm3": sm3(SOUND_TEXT.encode())}]}),
    "an encoding that nobody knows": Broken(
        numbered("emr", 1), "rejected", Reason.FIELD.en, stated={"encoding": "big5"}),
    "another city than the folder's": Broken(
        numbered("emr", 1), "rejected", Reason.FOLDER.zh, stated={"city": "440200"}),
    "a required column missing": Broken({"rows.csv": b"encounter_no\n1\n"}, "rejected", "rows.csv:1 · "),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_said_of_a_delivery(tmp_path: Path, temporary: Path, check: Check, name: str) -> None:
    broken = BROKEN[name]
    folder = deliver(tmp_path / "inbox", broken.feed, broken.files, stated=broken.stated)
    told = check(folder, "--json")
    report = told.report
    assert report["state"] == broken.state
    assert broken.reason in report["reason"]
    assert {found["check"]: found["places"] for found in report["errors"]} == broken.errors
    assert all(found["zh"] and found["en"] and found["rows"] == 1 for found in report["errors"] + report["warnings"])
    assert {found["check"]: found["rows"] for found in report["warnings"]} == broken.warnings
    assert report["unknown_columns"] == broken.unknown
    assert told.status == (0 if broken.state == "accepted" else 1)

    text = check(folder)
    assert text.status == told.status
    said = [broken.reason, *broken.errors, *broken.warnings, *broken.unknown, *chain(*broken.errors.values())]
    assert [part for part in said if part not in text.out] == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["nothing", "a fee that is no number", "a count that differs", "too many refused"])
def test_a_run_makes_of_it_what_was_said(tmp_path: Path, check: Check, name: str) -> None:
    broken = BROKEN[name]
    folder = deliver(tmp_path / "inbox", broken.feed, broken.files, stated=broken.stated)
    report = check(folder, "--json").report
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    (delivery,) = deliveries_of(Home(tmp_path / "home"))
    assert {part: report[part] for part in delivery} == delivery


def test_many_places_are_cut_short_and_all_rows_counted(tmp_path: Path, check: Check) -> None:
    broken = [row | {"encounter_no": f"x{n}", "total_fee": "?"} for n, row in enumerate(numbered("emr", 9))]
    folder = deliver(tmp_path / "inbox", "emr", [*broken, *numbered("emr", 400)])
    (found,) = check(folder, "--json").report["errors"]
    assert (found["rows"], found["places"]) == (9, [f"rows.csv:{line}" for line in range(2, 7)])
    assert "9 行 rows: rows.csv:2, rows.csv:3, rows.csv:4, rows.csv:5, rows.csv:6 …" in check(
        folder
    ).out  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize("header", [True, False])
def test_no_planted_value_is_said(tmp_path: Path, options: tuple[str, ...], header: bool) -> None:
    planted = SOUND["emr"] | PLANTED
    table = [
        *numbered("emr", 200, **PLANTED),
        planted | {"start_at": PLANTED["name"]},
        planted | {"total_fee": PLANTED["phone"], PLANTED["name"]: PLANTED["name"]},
        planted | {"birth_date": PLANTED["id_no"]},
    ]
    text = csv_text(table) + ",".join(PLANTED.values()) + "\n"
    if not header:
        text = text.partition("\n")[2]
    folder = deliver(tmp_path / "inbox", "emr", {"rows.csv": text.encode()})
    command = [sys.executable, "-m", "pipelines", "check", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if header else 1), done.stderr
    assert [value for value in PLANTED.values() if value in done.stdout + done.stderr] == []
    if options:
        assert json.loads(done.stdout)["rows"]["quarantined"] == (4 if header else 0)


UNUSABLE = {
    "a folder without a manifest": "440100/emr/2018-11/002",
    "an inbox": ".",
    "a folder that is not there": "absent",
    "the manifest itself": "440100/emr/2018-11/001/manifest.json",
    "a folder too high to be one": "/",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_delivery_ends_with_status_2(tmp_path: Path, check: Check, name: str) -> None:
    folder = deliver(tmp_path, "emr", numbered("emr", 1))
    (folder.parent / "002").mkdir()
    told = check(tmp_path / UNUSABLE[name])
    assert (told.status, told.out) == (2, "")
    assert told.err


def test_a_folder_may_be_named_from_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: Check) -> None:
    monkeypatch.chdir(deliver(tmp_path, "emr", numbered("emr", 1)))
    for name in (".", "../001"):
        assert check(name).status == 0


def test_neither_the_province_s_ledger_nor_the_inbox_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: Check
) -> None:
    folder = deliver(tmp_path / "inbox", "emr", numbered("emr", 1))
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    monkeypatch.setenv("YIMATONG_LEDGER_URL", f"sqlite:///{tmp_path / 'province.sqlite'}")
    assert check(folder).status == 0
    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_a_check_that_fails_ends_with_status_3_and_leaves_nothing(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, check: Check
) -> None:
    folder = deliver(tmp_path / "inbox", "emr", numbered("emr", 1))
    monkeypatch.setenv("YIMATONG_MEMORY", "much")
    told = check(folder, "--json")
    assert (told.status, told.out) == (3, "")
    assert "失败 failed · builtins.ValueError" in told.err
    assert list(temporary.iterdir()) == []


def test_its_folder_is_closed_to_others_and_goes_when_it_is_stopped(tmp_path: Path) -> None:
    folder = deliver(tmp_path / "inbox", "emr", numbered("emr", 1))
    (tmp_path / "temporary").mkdir()
    waits = (
        "import pipelines.journey as j, pipelines.cli as c, sys, time\n"
        "j.clean = lambda run: (print('there', flush=True), time.sleep(60))\n"
        f"sys.argv = ['yimatong', 'check', {str(folder)!r}]\n"
        "c.main()\n"
    )
    env = os.environ | {"TMPDIR": str(tmp_path / "temporary")}
    with subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as it:
        assert it.stdout is not None
        it.stdout.readline()
        (made,) = (tmp_path / "temporary").iterdir()
        assert made.stat().st_mode & 0o777 == 0o700
        assert list(made.rglob("vault/landing/emr/*.parquet"))
        it.send_signal(signal.SIGTERM)
        it.communicate(timeout=30)
    assert it.returncode == 3
    assert list((tmp_path / "temporary").iterdir()) == []
