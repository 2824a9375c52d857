"""`yimatong health`: what a monitor is told of homes that are well, and of each thing that can be amiss."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lake.faults import PlainFault
from lake.home import Home
from lake.judgements import Judgement, keep_judgements
from lake.ledger import Ledger
from lake.pull_outcomes import FAILED, note_outcome
from lake.roles import ROLES, user
from pipelines import journey
from pipelines.cli import commands
from pipelines.linking import link_live_rows
from pipelines.run import open_run
from pipelines.watching.check import ATTENTION, BROKEN, UNSEEN, WELL

from .small_inbox import QUIET, SOUND, Told, deliver, numbered, run, settle, yimatong

CHECKS = {
    "ledger", "disk", "secret", "run", "behind", "build", "warehouse", "conservation", "access_log", "pulls", "doubts",
    "inbox", "held", "refused", "late",
}  # fmt: skip
NOW = datetime.now()


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an inbox and a home that has taken it in and published it."""
    folder = tmp_path_factory.mktemp("well")
    deliver(folder / "inbox", "population", numbered("population", 9))
    deliver(folder / "inbox", "institution", [SOUND["institution"]])
    assert run(folder).status == 0
    return folder


@pytest.fixture
def folder(well: Path, tmp_path: Path) -> Path:
    shutil.copytree(well, tmp_path / "copy")
    return tmp_path / "copy"


def health(folder: Path, *more: str | Path) -> Told:
    return yimatong("health", "--home", folder / "home", "--inbox", folder / "inbox", *more)


def checks(folder: Path) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(health(folder, "--json").out)["checks"]}


def changed(statement: str) -> Callable[[Path], None]:
    """Return what changes the ledger of a folder's home."""

    def change(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "home" / "ledger.sqlite")) as ledger, ledger:
            assert ledger.execute(statement).rowcount > 0

    return change


def log_without_its_end(folder: Path) -> None:
    log = folder / "home" / "audit" / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))


def log_gone(folder: Path) -> None:
    (folder / "home" / "audit" / "log.jsonl").unlink()


def warehouse_cut(folder: Path) -> None:
    warehouse = folder / "home" / "warehouse" / "current.duckdb"
    octets = warehouse.read_bytes()
    warehouse.unlink()
    warehouse.write_bytes(octets[:5000])


def warehouse_gone(folder: Path) -> None:
    (folder / "home" / "warehouse" / "current.duckdb").unlink()


def build_refused(folder: Path) -> None:
    since = NOW - timedelta(days=3)
    with closing(Ledger(Home(folder / "home").ledger_url)) as ledger:
        keep_judgements(ledger, [Judgement("build", 2, "build.given", "refused", 1, 1, None, "A1 2018-11", since)])


def pull_fails(folder: Path) -> None:
    with closing(Ledger(Home(folder / "home").ledger_url)) as ledger:
        note_outcome(ledger, "440100", "emr", "nothing new", "")
        note_outcome(ledger, "440300", "emr", FAILED, "连接中断 connection lost")


def pulls_stopped(folder: Path) -> None:
    pull_fails(folder)
    changed("UPDATE pull_outcome SET state = 'landed', tried_at = '2020-01-01 00:00:00', failing_since = NULL")(folder)


def nothing_new_for_long(folder: Path) -> None:
    pull_fails(folder)
    changed("DELETE FROM pull_outcome WHERE state = 'failed'")(folder)
    changed(
        "INSERT INTO pull VALUES (1, '440100', 'emr', '2018-11', 1, '', 'full', 0, 5, '2018-11-05 08:00:00', NULL)"
    )(folder)


def waits_for_long(folder: Path) -> None:
    manifest = deliver(folder / "inbox", "population", numbered("population", 1), sequence=2) / "manifest.json"
    os.utime(manifest, (time.time() - 2 * 86_400,) * 2)


def run_killed(folder: Path) -> None:
    changed("UPDATE run SET status = 'running', ended_at = NULL")(folder)
    Home(folder / "home").scratch(run_of(folder)).mkdir(parents=True)


def former_build(folder: Path) -> None:
    changed("UPDATE build SET run_id = 'a later one'")(folder)


def published_no_longer(folder: Path) -> None:
    """Let linking and publishing fail for two days, while a run just now landed more, and was done."""
    changed("UPDATE run SET started_at = '2020-01-01 00:00:00', ended_at = '2020-01-01 01:00:00'")(folder)
    changed("UPDATE build_input SET live_version = 0")(folder)
    changed("UPDATE link_input SET live_version = 0")(folder)
    lands(folder)


def never_settled(folder: Path) -> None:
    again(folder, 2)
    with open_run(Home(folder / "home"), QUIET) as tasks:
        journey.land(tasks, folder / "inbox")
        journey.clean(tasks)
    changed("UPDATE run SET started_at = '2020-01-01 00:00:00', ended_at = '2020-01-01 01:00:00'")(folder)
    lands(folder)


def again(folder: Path, sequence: int) -> None:
    deliver(folder / "inbox", "institution", [SOUND["institution"] | {"beds": str(sequence)}], sequence=sequence)


def lands(folder: Path) -> None:
    """Let a run of one task be done."""
    deliver(folder / "inbox", "population", numbered("population", 1), sequence=2)
    with open_run(Home(folder / "home"), QUIET) as task:
        journey.land(task, folder / "inbox")


def run_of(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "home" / "ledger.sqlite")) as ledger:
        return str(ledger.execute("SELECT run_id FROM run").fetchone()[0])


def no_inbox(folder: Path) -> None:
    shutil.rmtree(folder / "inbox")


def no_ledger(folder: Path) -> None:
    (folder / "home" / "ledger.sqlite").unlink()


AMISS: dict[str, tuple[Callable[[Path], None], str, str, str]] = {
    # what happened: how it comes about, the check that says so, its state, and what it names
    "a row is lost": (changed("UPDATE delivery SET accepted = accepted - 1"), "conservation", BROKEN, "status"),
    "the log lost its end": (log_without_its_end, "access_log", BROKEN, "audit verify"),
    "the log is gone": (log_gone, "access_log", BROKEN, "audit verify"),
    "the warehouse is cut": (warehouse_cut, "warehouse", BROKEN, "yimatong run"),
    "the warehouse is gone": (warehouse_gone, "warehouse", BROKEN, "yimatong run"),
    "a former build is published": (former_build, "warehouse", ATTENTION, "last build"),
    "the ledger is gone": (no_ledger, "ledger", BROKEN, "OperationalError"),
    "the inbox is gone": (no_inbox, "inbox", BROKEN, "mounted"),
    "no build for long": (changed("UPDATE build SET built_at = '2020-01-01 00:00:00'"), "build", ATTENTION, "days ago"),
    "the gate holds a build": (build_refused, "build", ATTENTION, "for 3 days"),
    "a delivery is held": (
        changed("UPDATE delivery SET state = 'held' WHERE feed = 'population'"), "held", ATTENTION,
        "440100/population/2018-11/001",
    ),
    "a delivery was refused": (
        changed("UPDATE delivery SET state = 'rejected' WHERE feed = 'population'"), "refused", ATTENTION,
        "440100/population",
    ),
    "a city is late": (
        changed("UPDATE delivery SET period = '2018-10' WHERE feed = 'population'"), "late", ATTENTION,
        "440100/population",
    ),
    "a run was killed": (run_killed, "run", ATTENTION, "cut off"),
    "a run failed": (changed("UPDATE run SET status = 'failed'"), "run", ATTENTION, "its log"),
    "nothing is published": (
        published_no_longer, "behind", ATTENTION,
        "1 to be cleaned, 1 to be published. Look at the failed task and at `build`, or run yimatong run. "
        "440100/institution, 440100/population",
    ),
    "nothing is settled": (never_settled, "behind", ATTENTION, "1 to be cleaned, 1 to be settled."),
    "a pull fails": (pull_fails, "pulls", ATTENTION, "440300/emr 连接中断 connection lost"),
    "pulls stopped": (pulls_stopped, "pulls", ATTENTION, "schedule"),
    "a watermark is stuck": (nothing_new_for_long, "pulls", ATTENTION, "updated_at"),
    "a delivery waits": (waits_for_long, "inbox", ATTENTION, "440100/population"),
}  # fmt: skip


def test_a_home_that_is_well_ends_with_0(folder: Path) -> None:
    told = health(folder)
    assert (told.status, told.err) == (0, "")
    assert {check["state"] for check in checks(folder).values()} == {WELL}
    assert set(checks(folder)) == CHECKS


@pytest.mark.parametrize("name", AMISS)
def test_what_is_amiss_is_told_with_its_place_and_what_to_do(name: str, folder: Path) -> None:
    happen, check, state, named = AMISS[name]
    happen(folder)
    told = health(folder)
    assert told.status == {ATTENTION: 1, BROKEN: 3}[state], told.out
    assert told.out.startswith("! ")
    found = checks(folder)[check]
    assert found["state"] == state
    assert named in f"{found['en']} {found['where']}"
    assert re.search("[\u4e00-\u9fff]", found["zh"]) and not re.search("[\u4e00-\u9fff]", found["en"])


def test_a_home_that_is_not_there_is_broken_not_an_unusable_argument(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    assert health(tmp_path).status == 3
    assert not (tmp_path / "home").exists()


def test_what_came_just_now_is_nobodys_concern(folder: Path) -> None:
    deliver(folder / "inbox", "population", numbered("population", 1), sequence=2)
    assert (health(folder).status, checks(folder)["inbox"]["figures"][0]["value"]) == (0, 1)


def test_what_waits_is_told_by_its_first_step_and_is_well_within_a_day(folder: Path) -> None:
    assert checks(folder)["behind"]["figures"] == [{"metric": "behind_feeds", "value": 0}]
    again(folder, 2)
    deliver(folder / "inbox", "population", numbered("population", 10)[9:], sequence=2)
    settle(Home(folder / "home"), folder / "inbox")
    found = checks(folder)["behind"]
    assert (found["state"], found["figures"][0]["value"]) == (WELL, 2)
    assert "1 to be linked, 1 to be published." in found["en"]
    with open_run(Home(folder / "home"), QUIET) as task:
        link_live_rows(task)
    assert ": 2 to be published." in checks(folder)["behind"]["en"]
    assert run(folder).status == 0
    assert checks(folder)["behind"]["figures"][0]["value"] == 0


def test_a_wait_is_as_old_as_its_first_part_and_no_older_than_a_decision(folder: Path) -> None:
    again(folder, 2)
    settle(Home(folder / "home"), folder / "inbox")
    changed("UPDATE run SET started_at = '2020-01-01 00:00:00', ended_at = '2020-01-01 01:00:00'")(folder)
    again(folder, 3)
    settle(Home(folder / "home"), folder / "inbox")
    assert checks(folder)["behind"]["state"] == ATTENTION
    changed("UPDATE build_input SET live_version = 3 WHERE feed = 'institution'")(folder)
    assert checks(folder)["behind"]["state"] == WELL
    changed("UPDATE delivery SET state = 'held', settled = NULL WHERE feed = 'population'")(folder)
    released = "440100/population/2018-11/001"
    assert yimatong("gate", "release", released, "--home", folder / "home", "--because", "确认 confirmed").status == 0
    found = checks(folder)["behind"]
    assert (found["state"], found["where"]) == (WELL, "440100/population")
    assert "1 to be settled" in found["en"]


def test_a_register_may_stand_still(folder: Path) -> None:
    nothing_new_for_long(folder)
    changed("UPDATE pull SET feed = 'institution'")(folder)
    changed("UPDATE pull_outcome SET feed = 'institution'")(folder)
    assert checks(folder)["pulls"]["state"] == WELL


def test_pulls_are_judged_that_the_file_of_sources_lists(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulls_stopped(folder)
    changed("UPDATE pull_outcome SET reason = ''")(folder)
    sources = folder / "sources.toml"
    monkeypatch.setenv("YIMATONG_SOURCES", str(sources))
    assert checks(folder)["pulls"]["where"] == "440100/emr, 440300/emr"  # by a file that can't be read
    sources.write_text('[[source]]\ncity = "440300"\nurl = "sqlite://"\nfeeds = ["emr"]\n')
    assert checks(folder)["pulls"]["where"] == "440300/emr"
    sources.write_text('[[source]]\ncity = "440300"\nurl = "sqlite://"\nfeeds = ["ehr"]\n')
    found = checks(folder)["pulls"]
    assert (found["state"], [figure["metric"] for figure in found["figures"]]) == (WELL, [])


def test_a_run_at_work_is_neither_waited_for_nor_disturbed(folder: Path) -> None:
    home = Home(folder / "home")
    changed("UPDATE run SET status = 'running', ended_at = NULL")(folder)
    with (
        closing(sqlite3.connect(home.root / "ledger.sqlite")) as ledger,
        home.one_writer(lambda: None),
        home.aside(run_of(folder)),
    ):
        ledger.execute("BEGIN IMMEDIATE")
        ledger.execute("UPDATE run SET status = 'failed'")
        began = time.monotonic()
        found = checks(folder)
        assert time.monotonic() - began < 10
        ledger.rollback()
    assert (found["run"]["state"], found["ledger"]["state"]) == (WELL, WELL)
    assert "at work" in found["run"]["en"]


def test_looking_writes_nothing(folder: Path) -> None:
    def kept() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in folder.rglob("*")
            if path.is_file() and path.suffix not in (".sqlite-wal", ".sqlite-shm")  # SQLite's own
        }

    before = kept()
    health(folder)
    assert kept() == before


def test_a_monitor_without_the_secret_is_told_all_but_that(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIMATONG_SECRET")
    assert health(folder).status == 0
    assert {name for name, check in checks(folder).items() if check["state"] == UNSEEN} == {"secret"}


def test_another_secret_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_SECRET", "00" * 32)
    assert health(folder).status == 3
    assert checks(folder)["secret"]["state"] == BROKEN


def test_every_role_may_look_and_nobody_else(folder: Path) -> None:
    def ended(roles: str) -> int:
        (folder / "home" / "access.toml").write_text(roles)
        asked = CliRunner().invoke(commands, ["health", "--home", str(folder / "home")], prog_name="yimatong")
        assert not asked.exception or isinstance(asked.exception, SystemExit | PlainFault)
        return asked.exit_code if isinstance(asked.exception, SystemExit) or not asked.exception else -1

    assert [ended(f'{role} = ["{user()}"]') for role in ROLES] == [0] * len(ROLES)
    assert ended('analyst = ["someone-else"]') == -1


def test_metrics_are_put_in_place_whole_for_a_collector(folder: Path, tmp_path: Path) -> None:
    changed("UPDATE delivery SET state = 'held' WHERE feed = 'population'")(folder)
    file = tmp_path / "node" / "yimatong.prom"
    assert health(folder, "--metrics", file).status == 1
    assert [path.name for path in file.parent.iterdir()] == ["yimatong.prom"]
    assert file.stat().st_mode & 0o777 == 0o644
    lines = file.read_text(encoding="utf-8").splitlines()
    assert 'yimatong_held_deliveries{city="440100",feed="population"} 1' in lines
    assert "yimatong_health 1" in lines
    assert lines.pop() == "# EOF"
    families: list[str] = []
    for line in lines:
        if line.startswith("# HELP"):
            families.append(line.split()[2])
        elif line.startswith("# TYPE"):
            assert line == f"# TYPE {families[-1]} gauge"
        else:
            fits = re.fullmatch(r'(yimatong_[a-z_]+)(?:\{(?:city|feed)="\w+"(?:,feed="\w+")?\})? [0-9.]+', line)
            assert fits and fits[1] == families[-1], line
    assert families == sorted(set(families))


def test_metrics_replace_no_other_file(folder: Path) -> None:
    ledger = folder / "home" / "ledger.sqlite"
    before = ledger.read_bytes()
    assert health(folder, "--metrics", ledger).status == 2
    assert ledger.read_bytes() == before


def test_what_a_folder_of_the_inbox_is_called_is_not_repeated(folder: Path, tmp_path: Path) -> None:
    named = folder / "inbox" / "张三" / "440106198707199915" / "2018-11" / "001"
    named.mkdir(parents=True)
    (named / "manifest.json").write_text("{}")
    told = health(folder, "--metrics", tmp_path / "m.prom")
    assert checks(folder)["inbox"]["figures"][0]["value"] == 1
    assert run(folder).status == 1
    for text in (told.out, (tmp_path / "m.prom").read_text(encoding="utf-8"), health(folder, "--json").out):
        assert "张三" not in text and "440106198707199915" not in text
