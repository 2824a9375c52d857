"""A server whose scheduler, task and database are killed in the midst: it ends where an undisturbed run does."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from pipelines.simulate import simulate
from tests.server.native import NativeServer
from tests.server.published import published

SECRET = "5e" * 32
MONTH = "2018-10"


@pytest.mark.e2e
def test_what_is_killed_starts_again_and_publishes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_SECRET", SECRET)
    monkeypatch.delenv("YIMATONG_LEDGER_URL", raising=False)
    simulate(300, 1, 78, tmp_path / "province")
    with NativeServer(tmp_path / "server", YIMATONG_SECRET=SECRET) as server:
        server.drop_in(tmp_path / "province" / "inbox", MONTH)

        running(server, "clean")
        server.kill("scheduler")  # and the tasks with it: they are its children
        assert unfinished(server)
        server.start("scheduler")

        os.kill(process_of(server, running(server, "settle", "land", "clean")), signal.SIGKILL)

        running(server, "link", "publish")
        server.database.stop()
        time.sleep(10)
        server.database.start()

        server.settle_down(1800)
        journey.run(Home(tmp_path / "by-run"), server.inbox, None, Progress(quiet=True))
        assert published(server.home) == published(tmp_path / "by-run")
        tries = server.ask("GET", "dags/~/dagRuns/~/taskInstances?limit=500")["task_instances"]
        assert sum(task["try_number"] > 1 for task in tries) >= 2


def running(server: NativeServer, *tasks: str) -> str:
    """Wait until one of these tasks runs and return the id of its instance."""

    def found() -> str | None:
        instances = server.ask("GET", "dags/~/dagRuns/~/taskInstances?state=running&limit=100")["task_instances"]
        named = [each["id"] for each in instances if each["task_id"] in tasks]
        return next((each for each in named if process_of(server, each)), None)

    return str(server.wait(found, 300, f"running {tasks}"))


def process_of(server: NativeServer, instance: str) -> int:
    """Return the process in which a task runs; 0 where there is none."""
    session = server.processes["scheduler"].pid
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            title = place.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            pid = int(place.parent.name)
            if title == f"airflow worker -- {instance}" and os.getsid(pid) == session:
                return pid
        except OSError:
            continue  # ended meanwhile
    return 0


def unfinished(server: NativeServer) -> bool:
    """Say whether the inbox holds more than was taken in."""
    with server.ledger() as ledger:
        return {d.state for d in ledger.deliveries()} != {"accepted"}
