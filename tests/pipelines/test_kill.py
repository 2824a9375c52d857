"""A run killed at any moment, then run again, ends in the same tables as an undisturbed one."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.home import Home
from pipelines.status import status_of

KILLS = 20


def start(home: Path, inbox: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipelines", "run", "--home", str(home), "--inbox", str(inbox)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def works(process: int) -> bool:
    """Say whether a process is there and no zombie that nobody has buried."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def tables_of(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the warehouse's tables as sorted rows, without clock times and run ids."""
    with duckdb.connect(str(Home(home).warehouse), read_only=True) as warehouse:
        names = warehouse.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        tables = {}
        for schema, name in names:
            columns = "* EXCLUDE (run_id, built_at)" if name == "build_info" else "*"
            rows = warehouse.execute(f"SELECT {columns} FROM {schema}.{name}").fetchall()
            tables[f"{schema}.{name}"] = sorted(rows, key=repr)
        return tables


@pytest.mark.e2e
def test_a_run_killed_at_twenty_moments_ends_in_the_same_tables(province: Any, tmp_path: Path) -> None:
    began = time.monotonic()
    assert start(tmp_path / "undisturbed", province.inbox).wait() == 0
    duration = time.monotonic() - began
    expected = tables_of(tmp_path / "undisturbed")
    moments = random.Random(20190131)
    cut_off = 0
    for attempt in range(KILLS):
        home = tmp_path / f"killed-{attempt}"
        process = start(home, province.inbox)
        time.sleep(duration * (attempt + moments.random()) / KILLS)
        cut_off += process.poll() is None
        process.kill()
        process.wait()
        assert start(home, province.inbox).wait() == 0
        assert status_of(Home(home))["conservation"] == {"ok": True, "broken": []}
        killed = tables_of(home)
        assert killed.keys() == expected.keys()
        for name, rows in expected.items():
            assert killed[name] == rows, (attempt, name)
        assert not list((home / "tmp").iterdir())
    assert cut_off >= KILLS * 0.7


@pytest.mark.e2e
def test_a_killed_run_leaves_no_process_at_work(province: Any, tmp_path: Path) -> None:
    always_processes = (
        "import pipelines.landing.arrivals as a; a.PROCESSES_FROM = 0; import pipelines.cli as c; c.main()"
    )
    arguments = ["run", "--home", str(tmp_path), "--inbox", str(province.inbox)]
    run = subprocess.Popen([sys.executable, "-c", always_processes, *arguments], stderr=subprocess.DEVNULL)
    workers: set[int] = set()
    while len(workers) < 3:  # two that land, and the tracker of their shared resources
        assert run.poll() is None
        workers = {int(child) for child in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()}
    run.kill()
    run.wait()
    gone = time.monotonic() + 20
    while any(works(worker) for worker in workers):
        assert time.monotonic() < gone
        time.sleep(0.1)


@pytest.mark.e2e
def test_two_runs_at_once_break_nothing(province: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    runs = [start(home, province.inbox) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert start(tmp_path / "alone", province.inbox).wait() == 0
    assert tables_of(home) == tables_of(tmp_path / "alone")
