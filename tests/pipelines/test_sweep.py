"""Sweeping: what goes, what stays, and that no step notices."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow.parquet as pq
import pytest

from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from lake.swept import Swept, all_swept
from lake.vault import open_to_read
from pipelines import journey, publishing
from pipelines.cleaning.clean import rules_digest
from pipelines.crosswalk import write_crosswalk
from pipelines.export import export_kpis
from pipelines.simulate import simulate
from pipelines.status import status_of
from pipelines.sweeping.kinds import disk_use
from pipelines.sweeping.rules import Retention, UnusableRules, read_rules
from pipelines.sweeping.sweep import Outcome, sweep
from quality import checks

from .small_inbox import QUIET, SOUND, Row, deliver, numbered, yimatong

AT_ONCE = Retention(0, 0, 0, 0, 0, 0)
"""Nothing is kept for its age."""

MONTHS = ("2018-09", "2018-10", "2018-11")
REFUSED = {"total_fee": "?"}


def month_of(inbox: Path, period: str, sequence: int = 1) -> None:
    """Deliver a month of residents, records and visits, one of them refused, and the institution; a column unknown."""
    stated = {"extracted_at": "2018-12-01T02:00:00+08:00"}
    changed = {"updated_at": f"{period}-28 08:00:00"}
    for feed in ("population", "ehr"):
        deliver(
            inbox,
            feed,
            [SOUND[feed] | changed | {"sent_by": "vendor"}],
            period=period,
            sequence=sequence,
            stated=stated,
        )
    name = "李" + "甲乙丙丁"[MONTHS.index(period) + sequence - 1]  # so that who they are has to be found again
    sound, refused = numbered("emr", 30, name=name, **changed), SOUND["emr"] | changed | REFUSED
    deliver(inbox, "emr", [*sound, refused], period=period, sequence=sequence, stated=stated)
    deliver(inbox, "institution", [SOUND["institution"] | changed], period=period, sequence=sequence, stated=stated)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an inbox and a home in which each month was a run."""
    folder = tmp_path_factory.mktemp("sweep")
    for period in MONTHS:
        month_of(folder / "inbox", period)
        journey.run(Home(folder / "home"), folder / "inbox", None, QUIET)
    return folder


@pytest.fixture
def place(worked: Path, tmp_path: Path) -> Path:
    """Give a copy of the worked home and inbox, everything in it a minute old."""
    shutil.copytree(worked, tmp_path / "place")
    aged(tmp_path / "place", timedelta(minutes=1))
    return tmp_path / "place"


def aged(folder: Path, by: timedelta) -> None:
    then = (datetime.now() - by).timestamp()
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (then, then), follow_symlinks=False)


def swept_at_once(place: Path, rules: Retention = AT_ONCE, dry_run: bool = False) -> Outcome:
    return sweep(Home(place / "home"), place / "inbox", rules, dry_run, QUIET)


def files(folder: Path) -> dict[str, bytes]:
    """Return the digest of each file by its path, but for the ledger and the lock."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).digest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(("ledger.", "run.lock"))
    }


def seen(home: Home, out: Path) -> dict[str, object]:
    """Return what people see of a home: facts and persons, figures, crosswalk, receipts, the state of deliveries."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    write_crosswalk(home, out / "crosswalk.parquet")
    state = status_of(home)
    with duckdb.connect(str(home.warehouse), read_only=True) as published:
        tables = [name for (name,) in published.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        rows = {
            table: sorted(published.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
            for table in tables
            if table != "build_info"
        }
    return {
        "tables": rows,
        "exports": [path.read_bytes() for path in export_kpis(home, out, None)],
        "crosswalk": pq.read_table(out / "crosswalk.parquet").to_pylist(),
        "receipts": files(home.root / "receipts"),
        "state": (state["deliveries"], state["conservation"]),
    }


def another_delivery(home: Home, place: Path) -> None:
    month_of(place / "inbox", MONTHS[-1], sequence=2)
    journey.run(home, place / "inbox", None, QUIET)


def whole_build(home: Home, place: Path) -> None:
    for path in (*home.build(1).parent.glob("*"), home.warehouse):
        path.unlink()
    journey.run(home, place / "inbox", None, QUIET)


def receipts_anew(home: Home, place: Path) -> None:
    shutil.rmtree(home.root / "receipts")
    journey.run(home, place / "inbox", None, QUIET)


def other_day(home: Home, place: Path) -> None:
    journey.run(home, place / "inbox", datetime(2018, 10, 15).date(), QUIET)


def refused_rows_pass(home: Home, place: Path) -> None:
    with any_fee_allowed():
        journey.requalify(home, None, QUIET)
    assert {d["rows"]["quarantined"] for d in status_of(home)["deliveries"]} == {0}


LATER: dict[str, Callable[[Home, Path], None]] = {
    "another delivery, by increments": another_delivery,
    "a whole build": whole_build,
    "all receipts anew": receipts_anew,
    "the figures of another day": other_day,
    "refused rows judged again": refused_rows_pass,
}


@pytest.mark.parametrize(
    "later", [name if name == "all receipts anew" else pytest.param(name, marks=pytest.mark.e2e) for name in LATER]
)
def test_what_comes_later_is_the_same_as_without_the_sweep(
    place: Path, tmp_path: Path, later: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "WHOLE_FROM", 2.0)  # so few rows would otherwise always be built whole
    other = tmp_path / "other"
    shutil.copytree(place, other)
    assert swept_at_once(place).swept
    found = []
    for folder in (place, other):
        home = Home(folder / "home")
        LATER[later](home, folder)
        found.append(seen(home, tmp_path / "out"))
    assert found[0] == found[1]


@contextmanager
def any_fee_allowed() -> Iterator[None]:
    """Drop the checks of the hospital's total fee while the block works, so that refused rows pass."""

    def judged_anew() -> None:
        checks.row_checks.cache_clear()
        rules_digest.cache_clear()

    judge = checks._column_checks
    with patch.object(checks, "_column_checks", lambda f, c: [] if c.name == "total_fee" else judge(f, c)):
        judged_anew()
        yield
    judged_anew()


def test_a_dry_run_tells_the_same_and_removes_nothing(place: Path) -> None:
    before = files(place)
    told = swept_at_once(place, dry_run=True)
    assert files(place) == before
    assert told.swept == swept_at_once(place).swept
    assert swept_at_once(place).swept == ()


def test_what_was_swept_stands_in_the_ledger(place: Path) -> None:
    home = Home(place / "home")
    before = disk_use(home)
    outcome = swept_at_once(place)
    with closing(Ledger(home.ledger_url)) as ledger:
        assert sorted(all_swept(ledger), key=repr) == sorted(outcome.swept, key=repr)
    assert {s.kind for s in outcome.swept} == {"landing", "live", "links", "inbox"}
    after = disk_use(home)
    for kind in ("live", "links"):
        assert before[kind] - after[kind] == sum(s.bytes for s in outcome.swept if s.kind == kind)


def metadata(path: Path) -> pq.FileMetaData:
    with open_to_read(path) as file:
        return pq.read_metadata(file)


def test_by_default_little_goes_of_a_young_home(place: Path) -> None:
    outcome = swept_at_once(place, Retention())
    assert {(s.kind, s.because) for s in outcome.swept} <= {("live", "superseded")}


def test_rows_that_may_be_judged_again_stay_and_other_landed_rows_go(place: Path) -> None:
    landing = place / "home" / "vault" / "landing"
    before = {path: metadata(path) for path in landing.rglob("*.parquet")}
    swept_at_once(place)
    for path, was in before.items():
        now = metadata(path)
        refused = path.parent.name == "emr"
        assert now.num_rows == (was.num_rows if refused else 0)
        assert now.metadata[b"yimatong.origin"] == was.metadata[b"yimatong.origin"]


def test_rows_landed_later_than_the_rule_stay(place: Path) -> None:
    before = files(place / "home" / "vault" / "landing")
    swept_at_once(place, Retention(landing_days=1, inbox_days=0, unreferenced_days=0))
    assert files(place / "home" / "vault" / "landing") == before


STRANGERS = {
    "vault/landing/emr/440100_2018-11_009_00000000.parquet": "landing",
    "vault/identity/emr/00000900-00000901.parquet": "identity",
    "content/emr/00000900-00000901.parquet": "content",
    "vault/live/emr/440100/000900.parquet": "live",
    "vault/links/000900/link.parquet": "links",
    "vault/codes/000900.parquet": "codes",
    "builds/000900.duckdb": "builds",
    "warehouse/builds/000900.duckdb": "published",
    "warehouse/builds/.000900.duckdb.77.part": "published",
    "receipts/440100/emr/2018-11/.001-00000000.json.77.part": "receipts",
    "tmp/run/spill/block": "scratch",
}


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("age", [timedelta(hours=23), timedelta(hours=25)])
def test_a_file_that_the_ledger_does_not_know_goes_after_a_day(place: Path, name: str, age: timedelta) -> None:
    home = Home(place / "home")
    swept_at_once(place, Retention())
    path = home.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left")
    written = (datetime.now() - age).timestamp()
    for each in (path, *(parent for parent in path.parents if home.root in parent.parents)):
        os.utime(each, (written, written))
    swept = sweep(home, None, Retention(), False, QUIET).swept
    gone = age > timedelta(days=1)
    assert swept == ((Swept(STRANGERS[name], "unreferenced", 1, 4),) if gone else ())
    assert path.exists() == (not gone)


@pytest.mark.parametrize(
    "name", ["notes.txt", "vault/pulled/emr/.440100.part", "keys/secret", "vault/other/x.parquet", "warehouse/notes"]
)
def test_what_is_no_file_of_a_step_stays(place: Path, name: str) -> None:
    path = place / "home" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"someone's")
    aged(path.parent, timedelta(days=9))
    swept_at_once(place)
    assert path.exists()


def test_a_folder_of_the_inbox_goes_once_its_delivery_was_judged_and_an_unfinished_one_once_it_is_old(
    place: Path,
) -> None:
    inbox = place / "inbox"
    new = deliver(inbox, "emr", [SOUND["emr"]], sequence=7)  # not met by a run yet
    unfinished = inbox / "440100" / "emr" / "2018-11" / "008"
    unfinished.mkdir()
    (unfinished / "rows.csv").write_text("name")
    staged = inbox / ".pull" / "440100-emr" / "delivery" / "x"
    staged.mkdir(parents=True)
    swept_at_once(place, Retention(inbox_days=0))
    assert sorted(path for path in inbox.glob("*/*/*/*") if path.is_dir()) == sorted([new, unfinished, staged])
    aged(inbox, timedelta(days=31))
    swept_at_once(place, Retention(inbox_days=0))
    assert (new.exists(), unfinished.exists(), staged.exists()) == (True, False, True)


def test_a_delivery_that_the_gate_holds_keeps_all_its_files(tmp_path: Path) -> None:
    rows: list[Row] = [SOUND["emr"] | REFUSED, SOUND["emr"] | {"encounter_no": "E2"}]
    deliver(tmp_path / "inbox", "emr", rows)
    home = Home(tmp_path / "home")
    journey.run(home, tmp_path / "inbox", None, QUIET)
    before = files(tmp_path)
    assert swept_at_once(tmp_path).swept == ()
    assert files(tmp_path) == before


def test_nothing_goes_where_the_ledger_is_not_the_homes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(place)
    monkeypatch.setenv("YIMATONG_LEDGER_URL", f"sqlite:///{place / 'empty.sqlite'}")
    with pytest.raises(PlainFault, match="the ledger knows no delivery of this home"):
        swept_at_once(place)
    monkeypatch.delenv("YIMATONG_LEDGER_URL")
    lost = next((place / "home" / "content").rglob("*.parquet"))
    lost.unlink()
    with pytest.raises(PlainFault, match="the home lacks a file that the ledger refers to"):
        swept_at_once(place)
    assert {name for name in before if name not in files(place)} == {str(lost.relative_to(place))}


@pytest.mark.e2e
def test_a_home_that_is_swept_after_every_run_ends_as_one_that_never_is(tmp_path: Path) -> None:
    simulate(600, 4, 11, tmp_path / "province")
    homes = [tmp_path / "swept", tmp_path / "whole"]
    for period in sorted({path.name for path in (tmp_path / "province" / "inbox").glob("*/*/*")}):
        for place in homes:
            for folder in (tmp_path / "province" / "inbox").glob(f"*/*/{period}"):
                shutil.copytree(folder, place / "inbox" / folder.relative_to(tmp_path / "province" / "inbox"))
            journey.run(Home(place / "home"), place / "inbox", None, QUIET)
        assert swept_at_once(homes[0]).failed == 0
    found = [seen(Home(place / "home"), tmp_path / "out") for place in homes]
    assert found[0] == found[1]


def test_the_command_tells_what_it_swept(place: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("landing_days = 0\ninbox_days = 0\nhistory_days = 0\n")
    arguments = ("sweep", "--home", place / "home", "--inbox", place / "inbox", "--rules", rules)
    would = yimatong(*arguments, "--dry-run", "--json")
    done = yimatong(*arguments, "--json")
    assert (would.status, done.status) == (0, 0)
    told = json.loads(done.out)
    assert json.loads(would.out) == told | {"dry_run": True}
    assert {entry["because"] for entry in told["swept"]} == {"landing_days", "inbox_days", "superseded"}
    assert "已清理 swept  0 " in yimatong(*arguments).out
    rules.write_text("inbox = 1")
    assert yimatong(*arguments).status == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("landing_days = 30", None),
        ("", None),
        ("landing_day = 30", "unknown rule: landing_day"),
        ("landing_days = -1", "0 or more: landing_days"),
        ("landing_days = true", "0 or more: landing_days"),
        ("landing_days =", "can't be read"),
    ],
)
def test_rules_of_retention_are_read_from_toml(tmp_path: Path, text: str, told: str | None) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    if told is None:
        assert read_rules(path) == Retention(landing_days=30 if text else Retention().landing_days)
    else:
        with pytest.raises(UnusableRules, match=told):
            read_rules(path)


def test_the_disk_use_is_that_of_each_file_once(place: Path) -> None:
    home = Home(place / "home")
    home.warehouse.unlink()
    home.warehouse.hardlink_to(home.build(len(MONTHS)))
    use = status_of(home)["disk"]
    found = {path.stat().st_ino: path.stat().st_size for path in home.root.rglob("*") if path.is_file()}
    assert use["total"] == sum(found.values()) == sum(size for kind, size in use.items() if kind != "total")
    assert use["builds"] == sum(path.stat().st_size for path in home.build(1).parent.glob("*.duckdb"))
    assert json.dumps(use)


def test_the_page_on_retention_states_every_rule_with_its_days() -> None:
    page = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")
    stated = {rule: int(days) for rule, days in re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE)}
    assert stated == asdict(Retention())
