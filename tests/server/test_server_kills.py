"""A server whose scheduler, task and database are killed in the midst: it ends where an undisturbed run does."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

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

        first = freeze_at_work(server, "clean", scheduler_too=True)
        server.kill("scheduler")  # and the tasks with it: they are its children
        assert unfinished(server)
        server.start("scheduler")

        second = freeze_at_work(server, "settle", "land", "clean", but=first.name)
        os.kill(second.process, signal.SIGKILL)

        server.wait(lambda: at_work(server, "link", "publish"), "task that links or publishes")
        server.database.stop()
        time.sleep(10)
        server.database.start()

        server.settle_down(1800)
        journey.run(Home(tmp_path / "by-run"), server.inbox, None, Progress(quiet=True))
        assert published(server.home) == published(tmp_path / "by-run")
        ended = instances(server, "success") + instances(server, "skipped")  # skipped: another took in what was left
        tries = {name_of(task): task["try_number"] for task in ended}
        assert tries[first.name] > 1
        assert tries[second.name] > 1


Name = tuple[str, str, str, int]
"""Dag, run, task and its place among the mapped: what stays the same from try to try."""


class AtWork(NamedTuple):
    """A try of a task, and the process that it runs in."""

    name: Name
    instance: str
    process: int


def at_work(server: NativeServer, *tasks: str) -> list[AtWork]:
    """Return those of these tasks that run now."""
    processes = {title_of(pid): pid for pid in server.members("scheduler")}
    return [AtWork(name_of(task), task["id"], processes[title])
            for task in instances(server, "running")
            if task["task_id"] in tasks and (title := f"airflow worker -- {task['id']}") in processes]  # fmt: skip


def freeze_at_work(server: NativeServer, *tasks: str, scheduler_too: bool = False, but: Name | None = None) -> AtWork:
    """Wait for one of these tasks but one, stop it in its midst and return it.

    What stands still can't end between the look and the kill. With it stands the scheduler, if asked.
    """

    def caught() -> AtWork | None:
        for found in (each for each in at_work(server, *tasks) if each.name != but):
            stopped = server.members("scheduler") if scheduler_too else [found.process]
            send(signal.SIGSTOP, stopped)
            time.sleep(1)  # what it said before it stood still is heard
            if any(found.instance == task["id"] for task in instances(server, "running")):
                return found
            send(signal.SIGCONT, stopped)
        return None

    found = server.wait(caught, f"running {tasks}")
    assert isinstance(found, AtWork)
    return found


def send(number: signal.Signals, processes: list[int]) -> None:
    """Send a signal to processes, as far as they are still there."""
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def title_of(pid: int) -> str:
    """Return what a process calls itself; nothing where it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def instances(server: NativeServer, state: str) -> list[dict[str, Any]]:
    """Return the instances of all tasks in a state."""
    return server.listed("dags/~/dagRuns/~/taskInstances", "task_instances", state=state)


def name_of(task: dict[str, Any]) -> Name:
    """Return a task instance's name."""
    return task["dag_id"], task["dag_run_id"], task["task_id"], task["map_index"]


def unfinished(server: NativeServer) -> bool:
    """Say whether the inbox holds more than was taken in."""
    with server.ledger() as ledger:
        return {d.state for d in ledger.deliveries()} != {"accepted"}
