"""Progress and faults for a collector: JSON lines where that is asked for, the task's log under Airflow; no values."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.scheduling import steps
from pipelines.selection import EVERYTHING

from .small_inbox import PLANTED, SOUND, deliver, numbered, run, yimatong


def planted(folder: Path) -> None:
    row = SOUND["population"] | {name: PLANTED[name] for name in ("name", "id_no", "phone")}
    refused = row | {"population_no": "P2", "birth_date": PLANTED["name"]}
    deliver(folder / "inbox", "population", [row, refused, *numbered("population", 60)])


def test_each_line_is_json_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_LOG_FORMAT", "json")
    planted(tmp_path)
    told = run(tmp_path)
    lines = [json.loads(line) for line in told.err.splitlines()]
    by_step = {line["step"]: line for line in lines if "step" in line}
    assert {"land", "clean", "link", "load", "measure"} <= set(by_step)
    assert by_step["land"]["written"] == 62
    assert by_step["land"]["seconds"] >= 0
    for line in lines:
        assert {"time", "level", "text"} <= set(line) and line["level"] == "info"
        assert datetime.fromisoformat(line["time"]).utcoffset() is not None
    assert not [value for value in PLANTED.values() if value in told.err]


def test_faults_are_json_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_LOG_FORMAT", "json")
    planted(tmp_path)
    assert run(tmp_path).status in (0, 1)
    (tmp_path / "home" / "ledger.sqlite").write_bytes(PLANTED["name"].encode() * 1000)
    failed, misused = run(tmp_path), yimatong("status")
    assert (failed.status, misused.status) == (3, 2)
    assert json.loads(failed.err.splitlines()[-1])["level"] == "error"
    assert PLANTED["name"] not in failed.err
    assert "--home" in json.loads(misused.err)["text"]


def test_lines_are_plain_where_nothing_is_asked_for(tmp_path: Path) -> None:
    planted(tmp_path)
    assert run(tmp_path).err.startswith("落地 land  1 份交付 deliveries")


def test_steps_of_dags_tell_their_progress_to_the_log_and_not_to_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YIMATONG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YIMATONG_INBOX", str(tmp_path / "inbox"))
    planted(tmp_path)
    with caplog.at_level(logging.INFO, "yimatong.steps"):
        steps.land(EVERYTHING)
    (line,) = [record for record in caplog.records if record.name == "yimatong.steps"]
    assert (line.levelname, line.getMessage()[:7]) == ("INFO", "落地 land")
    assert "land" not in capfd.readouterr().err
