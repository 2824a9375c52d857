"""Housekeeping: logs that were not written to for long go, folders that are empty then too; all else stays."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.scheduling import housekeeping

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def log(folder: Path, name: str, days_old: float) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    when = (NOW - timedelta(days=days_old)).timestamp()
    os.utime(file, (when, when))
    return file


def test_old_log_files_go_and_their_folders_with_them(tmp_path: Path) -> None:
    for name, days in (("a/run/1.log", 91), ("a/run/2.log", 200), ("b/run/1.log", 89), ("b/old/1.log", 91)):
        log(tmp_path, name, days)
    assert housekeeping.clean_logs(NOW - timedelta(days=90), tmp_path) == 3
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["b", "b/run", "b/run/1.log"]
    assert housekeeping.clean_logs(NOW, tmp_path) == 1
    assert tmp_path.is_dir()


def test_a_database_that_cannot_be_cleaned_is_told_and_logs_are_cleaned_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log(tmp_path, "a/1.log", 10_000)

    def refuse(before: datetime) -> None:
        raise subprocess.CalledProcessError(1, "airflow")

    monkeypatch.setattr(housekeeping, "clean_metadata", refuse)
    assert not housekeeping.clean(90, tmp_path)
    assert "could not be cleaned" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--days", "14"], "at least 15"), (["--logs", "nowhere"], "no folder of logs"), ([], "no folder of logs")],
)
def test_runs_that_may_wait_for_people_are_kept(arguments: list[str], said: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    command = [sys.executable, "-m", "pipelines.scheduling.housekeeping", *arguments]
    done = subprocess.run(command, env=environment, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert (done.returncode, said in done.stderr) == (2, True)
