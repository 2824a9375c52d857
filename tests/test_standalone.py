"""`make airflow`: an Airflow of its own takes in what arrives, is reached from here alone, and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.scheduling.look import Look
from pipelines.scheduling.standalone import ROOT, environment, is_free, settings
from pipelines.scheduling.trial import interrupter, published
from tests.pipelines.small_inbox import QUIET, SOUND, deliver, settle
from tests.questions import about_export

EXPORT = "yimatong_export"


def test_nothing_of_another_installation_is_taken_over(tmp_path: Path) -> None:
    of_others = {
        "YIMATONG_HOME": "/srv/home", "YIMATONG_LEDGER_URL": "postgresql://ledger", "YIMATONG_SOURCES": "/etc/sources",
        "YIMATONG_SECRET": "5e" * 32, "AIRFLOW_HOME": "/srv/airflow", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "other",
        "YIMATONG_MEMORY": "1GiB", "LANG": "zh_CN.UTF-8",
    }  # fmt: skip
    own = environment(tmp_path, 8081, of_others)
    assert not {"YIMATONG_LEDGER_URL", "YIMATONG_SOURCES", "YIMATONG_SECRET"} & own.keys()
    places = ("AIRFLOW_HOME", "YIMATONG_HOME", "YIMATONG_INBOX", "YIMATONG_EXPORTS")
    assert {own[name].startswith(f"{tmp_path}/") for name in places} == {True}
    assert own["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith(f"sqlite:///{tmp_path}/")
    assert (own["YIMATONG_MEMORY"], own["LANG"], own["AIRFLOW__API__HOST"]) == ("1GiB", "zh_CN.UTF-8", "127.0.0.1")
    assert settings().items() <= own.items()


def test_a_signal_that_comes_twice_interrupts_once() -> None:
    interrupt = interrupter()
    with pytest.raises(KeyboardInterrupt):
        interrupt(signal.SIGTERM, None)
    interrupt(signal.SIGTERM, None)  # passed on by make
    time.sleep(1.1)
    with pytest.raises(KeyboardInterrupt):
        interrupt(signal.SIGINT, None)


def test_a_month_is_published_once_a_build_stands_on_all_that_came(tmp_path: Path) -> None:
    home, inbox = Home(tmp_path / "home"), tmp_path / "inbox"
    look = Look(inbox, home.root)
    assert published(home, look, "2018-12") is None
    deliver(inbox, "population", [SOUND["population"]])
    assert published(home, look, "2018-12") is None
    settle(home, inbox)
    assert published(home, look, "2018-12") is None
    journey.run(home, inbox, None, QUIET)
    first = published(home, look, "2018-12")
    assert first and first.build_no == 1
    assert published(home, look, "2019-01") is None
    deliver(inbox, "institution", [SOUND["institution"]])
    assert published(home, look, "2018-12") is None
    settle(home, inbox)
    assert published(home, look, "2018-12") is None
    journey.run(home, inbox, None, QUIET)
    assert published(home, look, "2018-12")


@pytest.fixture
def port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def test_a_port_that_is_taken_is_told(port: int, tmp_path: Path) -> None:
    assert is_free(port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not is_free(port)
        done = subprocess.run(
            trial(tmp_path, port), env=os.environ | PATHS, capture_output=True, text=True, check=False
        )
    assert done.returncode == 3
    assert f"port {port} is taken" in done.stderr


PATHS = {"PYTHONPATH": str(ROOT)}


def trial(folder: Path, port: int) -> list[str]:
    """Return the command of a trial of a tiny province, of one month."""
    sizes = ["--residents", "100", "--months", "1", "--pause", "0"]
    command = [sys.executable, "-m", "pipelines.scheduling.trial", "--folder", str(folder), "--port", str(port)]
    return command + sizes


class Started:
    """A trial at work, and what can be asked of it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.told = folder.with_suffix(".out")
        with self.told.open("wb") as out:
            self.process = subprocess.Popen(
                trial(folder, port), env=os.environ | PATHS, stdout=out, stderr=out, start_new_session=True
            )

    def wait(self, what: Callable[[], Any]) -> Any:
        """Wait until that is so and return it; it may take as long as a busy machine needs."""
        last = time.monotonic() + 900
        while not (found := what()):
            assert self.process.poll() is None and time.monotonic() < last, self.told.read_text("utf-8")
            time.sleep(0.5)
        return found

    def says(self, what: str) -> bool:
        return what in self.told.read_text(encoding="utf-8")

    def ask(self, path: str, sent: object = None, method: str | None = None, token: str = "") -> Any:
        """Ask the REST API."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = None if sent is None else json.dumps(sent).encode()
        asked = urllib.request.Request(self.url + path, body, headers, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def everyone(self) -> list[psutil.Process]:
        """Return the processes that belong to it, whoever is their parent: they work in its folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(self.folder):
                    found.append(process)
            except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        return found


@pytest.fixture
def started(tmp_path: Path, port: int) -> Iterator[Started]:
    at_work = Started(tmp_path / "trial", port)
    yield at_work
    for process in [at_work.process, *at_work.everyone()]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    at_work.process.wait()


@pytest.mark.e2e
def test_a_month_is_published_and_exported_after_approval_and_nothing_is_left(started: Started) -> None:
    started.wait(lambda: started.says("已就绪 ready"))
    kept = started.folder / "airflow" / "simple_auth_manager_passwords.json.generated"
    password = json.loads(kept.read_text("utf-8"))["admin"]
    assert started.says(f"password  {password}") and started.says(started.url)
    assert kept.parent.stat().st_mode & 0o077 == 0
    everyone = started.everyone()
    assert len(everyone) >= 4
    assert {address for process in everyone for address in listened_at(process)} == {"127.0.0.1"}

    started.wait(lambda: started.says("2018-11  已发布 published"))
    token = started.ask("/auth/token", {"username": "admin", "password": password})["access_token"]
    waiting = started.wait(lambda: approval(started, token))
    place = f"/api/v2/dags/{EXPORT}/dagRuns/{waiting['dag_run_id']}/taskInstances/approve/-1/hitlDetails"
    started.ask(place, {"chosen_options": ["Approve"]}, "PATCH", token)
    started.wait(lambda: list((started.folder / "exports").glob("*/report.html")))

    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(90) == 0
    assert started.says("已停止 stopped")
    assert started.everyone() == []


def listened_at(process: psutil.Process) -> list[str]:
    """Return the addresses that a process listens at; none where it has ended."""
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return [each.laddr.ip for each in process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    return []


def approval(started: Started, token: str) -> dict[str, Any] | None:
    """Return the task that asks whether to export what is published, once it does."""
    with closing(Ledger(Home(started.folder / "home").ledger_url, reading=True)) as ledger:
        last = ledger.last_build()
    asked = started.ask(f"/api/v2/dags/{EXPORT}/dagRuns/~/hitlDetails", token=token)["hitl_details"]
    return about_export(asked, last.build_no) if last else None
