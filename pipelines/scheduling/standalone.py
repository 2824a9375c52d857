"""An Airflow of its own on one machine: database, pools, processes, and an end that leaves none of them behind.

As `airflow standalone`, but for two things: nothing listens on another address than 127.0.0.1 (`standalone` serves logs
on all of them), and the end waits for tasks at work, then ends whatever is left.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from lake.faults import PlainFault
from pipelines.scheduling.alive import health_of

ROOT = Path(__file__).parents[2]
"""The folder of the project, which holds `dags` and `deploy`."""

HOST = "127.0.0.1"
_PROCESSES = (
    ("api-server",),
    ("dag-processor",),
    ("triggerer", "--skip-serve-logs"),  # the api-server finds the logs on this machine
)
_SCHEDULER = ("scheduler", "--skip-serve-logs")
_STARTS_IN = 180.0
_ENDS_IN, _LEFT_ENDS_IN = 30.0, 5.0
_OF_OTHERS = ("AIRFLOW", "YIMATONG_")
_KEPT = ("YIMATONG_MEMORY", "YIMATONG_THREADS")


def settings(file: Path = ROOT / "deploy" / "airflow.env") -> dict[str, str]:
    """Return Airflow's settings that hold wherever the Dags run, as environment variables."""
    return stated_in(file.read_text(encoding="utf-8"))


def stated_in(text: str) -> dict[str, str]:
    """Return the variables that the text of a file of environment states."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pairs = [line.split("=", 1) for line in lines]
    return {name: value[1:-1] if value[:1] in ("'", '"') else value for name, value in pairs}


def environment(folder: Path, port: int, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of an Airflow that keeps everything in `folder` and is reached at `port`.

    Nothing is taken over from another installation that `environ` may name: neither its home nor its databases.
    """
    own = {name: value for name, value in environ.items() if name in _KEPT or not name.startswith(_OF_OTHERS)}
    paths = [str(Path(sys.executable).parent), own.get("PATH", os.defpath)]
    imports = [str(ROOT), *filter(None, [own.get("PYTHONPATH")])]
    return own | settings() | {
        "PATH": os.pathsep.join(paths),
        "PYTHONPATH": os.pathsep.join(imports),
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow' / 'airflow.db'}",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",  # what a stop cut off is soon tried again
        "YIMATONG_HOME": str(folder / "home"),
        "YIMATONG_INBOX": str(folder / "inbox"),
        "YIMATONG_EXPORTS": str(folder / "exports"),
    }  # fmt: skip


def is_free(port: int) -> bool:
    """Say whether nothing listens at the port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


class Airflow:
    """The processes of an Airflow in one folder; what they print goes to `log`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.log = folder / "airflow.log"
        self._environment = environment(folder, port)
        self._running: dict[str, psutil.Popen] = {}

    def prepare(self) -> None:
        """Make the database and the pools, or bring them up. PlainFault where that fails; the log says why."""
        (self.folder / "airflow").mkdir(mode=0o700, parents=True, exist_ok=True)
        for arguments in (["airflow", "db", "migrate"], ["pipelines.scheduling.pools"]):
            process = self._start(arguments)
            try:
                failed = process.wait()
            except BaseException:
                process.kill()
                raise
            if failed:
                raise PlainFault(f"未能准备 Airflow 的数据库 could not make Airflow's database: {self.log}")

    def start(self) -> None:
        """Start the processes. PlainFault where one of them ends by itself, or the api-server doesn't answer."""
        for name, *arguments in _PROCESSES:
            self._running[name] = self._start(["airflow", name, *arguments])
        last = time.monotonic() + _STARTS_IN
        while not self._health():  # a task that the scheduler starts before would fail, for it can't tell how it ended
            if self.ended() or time.monotonic() > last:
                raise PlainFault(f"Airflow 未能启动 could not be started: {self.log}")
            time.sleep(0.5)
        self._running[_SCHEDULER[0]] = self._start(["airflow", *_SCHEDULER])

    def answers(self) -> bool:
        """Say whether all of it answers: the UI, and behind it scheduler, triggerer and Dag processor."""
        told = self._health()
        return all(
            told.get(part, {}).get("status") == "healthy" for part in ("scheduler", "triggerer", "dag_processor")
        )

    def _health(self) -> dict[str, dict[str, str]]:
        """Return what the api-server says of the health of each part; nothing where it doesn't answer."""
        try:
            return health_of(self.url, 5)
        except (OSError, ValueError):
            return {}

    def ended(self) -> list[str]:
        """Return the processes that have ended by themselves."""
        return [name for name, process in self._running.items() if process.poll() is not None]

    def password(self) -> str:
        """Return the password of the user `admin`, which Airflow made and keeps in its folder."""
        kept = self.folder / "airflow" / "simple_auth_manager_passwords.json.generated"
        return str(json.loads(kept.read_text(encoding="utf-8"))["admin"])

    def stop(self) -> None:
        """End all processes, the scheduler first: it waits for the tasks at work. KeyboardInterrupt hurries it."""
        everyone: list[psutil.Process] = []
        try:
            everyone = self._everyone()
            for name in reversed(self._running):
                self._running[name].terminate()
                if name == "scheduler":  # while the api-server is there, to which tasks tell how they ended
                    psutil.wait_procs([self._running[name]], _ENDS_IN)
            psutil.wait_procs(everyone, _LEFT_ENDS_IN)
        except KeyboardInterrupt:
            pass
        finally:
            left = [process for process in {*everyone, *self._everyone()} if process.is_running()]
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(left, _LEFT_ENDS_IN)
            self._running.clear()

    def _everyone(self) -> list[psutil.Process]:
        """Return the processes and all that they started, also where the one between has ended: by session."""
        sessions = {process.pid for process in self._running.values()}
        found: set[psutil.Process] = set()
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, OSError):
                if os.getsid(process.pid) in sessions:
                    found |= {process, *process.children(recursive=True)}
        return list(found)

    def _start(self, module: list[str]) -> psutil.Popen:
        with self.log.open("ab") as log:
            return psutil.Popen(
                [sys.executable, "-m", *module], env=self._environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,  # Ctrl-C is not for them: they are ended in turn
            )  # fmt: skip
