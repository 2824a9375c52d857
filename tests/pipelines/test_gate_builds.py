"""Builds that the gate refuses aren't published, whatever broke their figures; the last good one stays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.home import Home
from lake.judgements import Judgement, judgements
from lake.ledger import Ledger
from pipelines import journey, publishing
from pipelines.build_gating import BuildRefused
from pipelines.cli import main
from pipelines.progress import Progress

from .small_inbox import QUIET, built, deliver, numbered

PLANTED = {
    # what goes wrong while a build is made: after which step, and what the gate says
    "a share above 1": (
        "publish_figures",
        "UPDATE indicator_value SET numerator = denominator + 1 WHERE indicator = 'A10' AND denominator > 0",
        "build.part_of_whole",
        "A10 2018 440000",
    ),
    "figures of a city lost": (
        "publish_figures",
        "DELETE FROM indicator_value WHERE division_code = '440300' AND period = '2018-11'",
        "build.given",
        "A1 2018-11 440300",
    ),
    "a cube that lost rows": (
        "build_increment",
        "DELETE FROM cube_registration WHERE delivering_city = '440100'",
        "build.cube_of_fact",
        "cube_registration -",
    ),
}


@pytest.fixture(scope="module")
def nine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of a home that has published nine registrations, and an inbox with one more."""
    folder = tmp_path_factory.mktemp("nine")
    deliver(folder / "inbox", "population", numbered("population", 9))
    journey.run(Home(folder / "home"), folder / "inbox", None, QUIET)
    deliver(folder / "inbox", "population", numbered("population", 10)[9:], sequence=2)
    return folder


@pytest.fixture
def home(nine: Path, tmp_path: Path) -> Home:
    """Give a copy of that home, beside its inbox."""
    shutil.copytree(nine, tmp_path / "nine")
    return Home(tmp_path / "nine" / "home")


def run(home: Home, progress: Progress = QUIET) -> journey.Outcome:
    return journey.run(home, home.root.parent / "inbox", None, progress)


def published(home: Home) -> tuple[int, int]:
    """Return the number of the published file and how many registrations it holds."""
    with duckdb.connect(built(home), read_only=True) as warehouse:
        rows = warehouse.execute("SELECT count(*) FROM fact_registration").fetchall()[0][0]
    return home.warehouse.stat().st_ino, rows


def built_files(home: Home) -> list[Path]:
    return sorted([*home.build(1).parent.iterdir(), *home.published(1).parent.iterdir()])


def kept(home: Home, build: int) -> dict[str, Judgement]:
    with closing(Ledger(home.ledger_url)) as ledger:
        return {each.expectation: each for each in judgements(ledger, "build", build)}


def plant(monkeypatch: pytest.MonkeyPatch, step: str, sql: str) -> None:
    """Let a step of the build do its work and then this to its tables."""
    real: Callable[..., None] = getattr(publishing.warehouse, step)

    def tampered(connection: duckdb.DuckDBPyConnection, *given: Any) -> None:
        real(connection, *given)
        connection.execute(sql)

    monkeypatch.setattr(publishing.warehouse, step, tampered)


@pytest.mark.parametrize("name", PLANTED)
def test_a_refused_build_leaves_the_last_one_until_the_cause_is_gone(
    home: Home, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    step, sql, expectation, told = PLANTED[name]
    before, files = published(home), built_files(home)
    with monkeypatch.context() as broken:
        plant(broken, step, sql)
        broken.setattr(publishing, "WHOLE_FROM", 1.0)
        for _ in range(2):
            with pytest.raises(BuildRefused, match=told):
                run(home)
            assert published(home) == before
            assert built_files(home) == files
            assert kept(home, 2)[expectation].state == "refused"
            assert told in kept(home, 2)[expectation].told
    assert run(home) == journey.Outcome(attention=False, published=True)
    assert published(home)[1] == 10
    assert {each.state for each in kept(home, 2).values()} == {"passed"}


def test_the_command_line_tells_what_failed_and_ends_with_status_3(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, *PLANTED["a share above 1"][:2])
    monkeypatch.setattr(
        sys, "argv", ["yimatong", "run", "--home", str(home.root), "--inbox", str(home.root.parent / "inbox")]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert "闸门不放行本次构建" in said and "the gate refuses this build" in said
    assert "分子大于分母 numerators above their denominators: A10 2018 440000" in said


def test_a_first_build_is_refused_too_and_nothing_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(tmp_path / "inbox", "population", numbered("population", 1))
    plant(monkeypatch, *PLANTED["a share above 1"][:2])
    with pytest.raises(BuildRefused):
        run(Home(tmp_path / "home"))
    assert not Home(tmp_path / "home").warehouse.exists()


def test_figures_unlike_the_last_published_are_told_and_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    deliver(tmp_path / "inbox", "population", numbered("population", 1000))
    run(home, Progress())
    assert "warning" not in capsys.readouterr().err
    deliver(tmp_path / "inbox", "population", numbered("population", 1001), city="440200")
    assert run(home, Progress()) == journey.Outcome(attention=False, published=True)
    assert "denominators unlike the last published: A10 2018-11 440000 × 2.00" in capsys.readouterr().err
    assert kept(home, 2)["build.base_moved"].state == "warned"
    assert kept(home, 2)["build.base_moved"].observed == 2.001


def test_figures_are_not_compared_with_a_build_of_other_columns(home: Home) -> None:
    home.build(1).chmod(0o644)
    with duckdb.connect(str(home.build(1))) as warehouse:
        warehouse.execute("ALTER TABLE indicator_value RENAME COLUMN preliminary TO unfinished")
    assert journey.run(home, home.root.parent / "inbox", date(2018, 11, 30), QUIET).published
    assert "build.base_moved" not in kept(home, 2)


def test_a_run_without_news_does_not_import_the_judge(home: Home) -> None:
    run(home)
    alone = (
        "import sys; from pathlib import Path; from lake.home import Home; from pipelines import journey; "
        "from pipelines.progress import Progress; home = Home(Path(sys.argv[1])); "
        "journey.run(home, Path(sys.argv[2]), None, Progress(quiet=True)); "
        "sys.exit('great_expectations' in sys.modules)"
    )
    folders = [str(home.root), str(home.root.parent / "inbox")]
    assert subprocess.run([sys.executable, "-c", alone, *folders], check=False).returncode == 0
