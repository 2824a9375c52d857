"""The server of docker-compose.yml without Docker: its services' own commands and environment, on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL, Engine

from lake.ledger import Ledger
from pipelines.scheduling import months
from pipelines.scheduling.standalone import stated_in
from pipelines.sources.outgoing import bring_in
from tests.database_servers import PostgreSQL
from tests.server.compose_file import AIRFLOW, ROOT, services
from tests.server.image import PLACE, lay_out

BIN = Path(sys.executable).parent
WAIT_FOR_PEOPLE = {"yimatong_export", "yimatong_review"}
QUICK = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "12",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
}
"""What is lost is missed after seconds, not minutes: tests wait for that."""
PATIENCE = 600
"""Seconds until a step that takes one or two minutes at the most counts as stuck, on a busy machine too."""


class NativePostgreSQL(PostgreSQL):
    """PostgreSQL that listens on a port of this machine, too, where accounts need their passwords."""

    def __init__(self) -> None:
        self.port = free_port()
        super().__init__()

    def initialise(self) -> None:
        """Make a cluster in which accounts that come by the port need a password."""
        super().initialise()
        with (self.folder / "data" / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write("host all all 127.0.0.1/32 scram-sha-256\n")

    def listens(self) -> str:
        """Return the settings of where it listens."""
        return f"-c listen_addresses=127.0.0.1 -c port={self.port}"

    def engine_of(self, database: str) -> Engine:
        """Return a way into a database, as the administrator."""
        return create_engine(self.url().set(database=database), poolclass=NullPool)

    def url(self, user: str = "") -> URL:
        """Return the URL of an account on the socket."""
        return super().url(user).update_query_dict({"port": str(self.port)})


class NativeServer:
    """The services of docker-compose.yml as processes in a folder, each with the environment that it states."""

    def __init__(self, folder: Path, **own: str) -> None:
        self.folder = folder
        self.secrets = settings_of_new_env() | own
        self.port = free_port()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._tokens: dict[str, str] = {}
        self.image = folder / "image"
        lay_out(self.image)
        for name in ("home", "inbox", "exports", "logs", "printed", "tmp"):
            (folder / name).mkdir(parents=True)
        self.database = NativePostgreSQL()
        self.services = services(self.secrets)

    def __enter__(self) -> NativeServer:
        try:
            self._run(["bash", str(ROOT / "deploy" / "databases.sh")],
                      os.environ | self.services["postgres"]["environment"] |
                      {"PGHOST": str(self.database.folder), "PGPORT": str(self.database.port)})  # fmt: skip
            self.initialise()
            first, *others = AIRFLOW
            self.start(first)
            self.wait(lambda: self.healthy(first), first)
            for name in others:
                self.start(name)
            self.wait(lambda: all(map(self.healthy, others)), "processes of Airflow")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.stop(name)
        self.database.remove()

    @property
    def home(self) -> Path:
        """Return the home."""
        return self.folder / "home"

    @property
    def inbox(self) -> Path:
        """Return the inbox."""
        return self.folder / "inbox"

    @property
    def exports(self) -> Path:
        """Return the folder of exports."""
        return self.folder / "exports"

    def environment(self, service: str) -> dict[str, str]:
        """Return a service's environment, containers' places and hosts turned into this machine's."""
        places = {
            "/tmp/airflow": str(self.folder / "tmp" / service),
            PLACE: str(self.image),
            "/var/lib/yimatong": str(self.folder),
            "@postgres:5432": f"@127.0.0.1:{self.database.port}",
            "http://api-server:8080": f"http://127.0.0.1:{self.port}",
        }
        of_system = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
        stated = {name: _replaced(value, places) for name, value in self.services[service]["environment"].items()}
        ports = {"AIRFLOW__API__PORT": str(self.port), "AIRFLOW__API__HOST": "127.0.0.1"}
        path = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": str(self.image), "AIRFLOW__API__WORKERS": "1"}
        return of_system | stated | QUICK | ports | path

    def initialise(self) -> None:
        """Run the service `init`, which ends."""
        self._run(self.services["init"]["command"], self.environment("init"))

    def start(self, service: str) -> None:
        """Start a service's command as a group of processes of its own."""
        with (self.folder / "printed" / service).open("ab") as printed:
            self.processes[service] = subprocess.Popen(
                self.services[service]["command"], env=self.environment(service), stdout=printed, stderr=printed,
                start_new_session=True, cwd=self.image,
            )  # fmt: skip

    def stop(self, service: str) -> None:
        """End a service as Compose does: asked first, and whatever is left of it after a while killed."""
        process = self.processes[service]
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        self.kill(service)

    def kill(self, service: str) -> None:
        """Kill a service and all that it started, tasks too."""
        for pid in self.members(service):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.processes.pop(service).wait()

    def members(self, service: str) -> list[int]:
        """Return the processes of a service: its own and all that it started, tasks too."""
        return [int(each.name) for each in Path("/proc").glob("[0-9]*")
                if _session(int(each.name)) == self.processes[service].pid]  # fmt: skip

    def healthy(self, service: str) -> bool:
        """Run the health check that the service states."""
        if self.processes[service].poll() is not None:
            raise AssertionError(f"{service} ended: {self.tail(service)}")
        test = self.services[service]["healthcheck"]["test"]
        done = subprocess.run(test[1:], env=self.environment(service), check=False, capture_output=True, cwd=self.image)
        return done.returncode == 0

    def tail(self, service: str) -> str:
        """Return the end of what a service printed."""
        return (self.folder / "printed" / service).read_text(encoding="utf-8", errors="replace")[-3000:]

    def wait(self, until: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Wait until something is so, and return it. AssertionError after so many seconds."""
        last = time.monotonic() + seconds
        while time.monotonic() < last:
            try:
                if found := until():
                    return found
            except (requests.ConnectionError, requests.Timeout):
                pass  # a server that is just starting, or away
            except requests.HTTPError as error:
                if error.response.status_code < 500:
                    raise
            time.sleep(1)
        raise AssertionError(f"after {seconds:g} s still no {what}")

    def ask(self, method: str, path: str, *, account: str = "", **body: Any) -> Any:
        """Ask the REST API, as the first account or another, and return the answer. HTTPError where it refuses."""
        name = account or self.services["init"]["environment"]["YIMATONG_ADMIN"]
        if name not in self._tokens:
            stated = {"username": name, "password": self.secrets["YIMATONG_ADMIN_PASSWORD"]}
            told = requests.post(f"http://127.0.0.1:{self.port}/auth/token", json=stated, timeout=30)
            told.raise_for_status()
            self._tokens[name] = told.json()["access_token"]
        answer = requests.request(
            method, f"http://127.0.0.1:{self.port}/api/v2/{path}", timeout=60, json=body or None,
            headers={"Authorization": f"Bearer {self._tokens[name]}"},
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def listed(self, path: str, name: str, **query: str) -> list[dict[str, Any]]:
        """Return all that the REST API lists there under a name, page by page: it caps what a page may hold."""
        found: list[dict[str, Any]] = []
        asked = urlencode(query | {"order_by": "id", "limit": "100"})
        while page := self.ask("GET", f"{path}?{asked}&offset={len(found)}")[name]:
            found += page
        return found

    def add_account(self, name: str, role: str, *others: str) -> None:
        """Add an account with its roles, its password that of the first account."""
        password = self.secrets["YIMATONG_ADMIN_PASSWORD"]
        self._run(["airflow", "users", "create", "--username", name, "--role", role, "--password", password,
                   "--firstname", name, "--lastname", name, "--email", f"{name}@localhost"],
                  self.environment("init"))  # fmt: skip
        for other in others:
            self._run(["airflow", "users", "add-role", "--username", name, "--role", other], self.environment("init"))

    def drop_in(self, province: Path, month: str) -> None:
        """Let a month's deliveries come to the inbox, each at once."""
        deliveries = sorted(province.glob(f"*/*/{month}/*"))
        copies = [shutil.copytree(delivery, self.folder / "tmp" / "arriving" / str(number))
                  for number, delivery in enumerate(deliveries)]  # fmt: skip
        for copy, delivery in zip(copies, deliveries, strict=True):
            bring_in(copy, self.inbox / delivery.relative_to(province))

    def ledger(self) -> closing[Ledger]:
        """Open the ledger."""
        return closing(Ledger(self.environment("scheduler")["YIMATONG_LEDGER_URL"]))

    def runs(self, *states: str) -> Counter[str]:
        """Return how many runs of each Dag are in these states, by default queued or running."""
        found = Counter[str]()
        for state in states or ("queued", "running"):
            found.update(run["dag_id"] for run in self.listed("dags/~/dagRuns", "dag_runs", state=state))
        return found

    def settle_down(self, seconds: float = 1200) -> None:
        """Wait until what is in the inbox is published and no run has anything left to do but wait for people."""

        def at_rest() -> bool:
            self.keep_up()
            with self.ledger() as ledger:
                states = {d.state for d in ledger.deliveries()}
                known = len(ledger.deliveries())
                done = months.all_linked(ledger) and months.all_built(ledger)
            there = len(list(self.inbox.glob("*/*/*/*/manifest.json")))
            return known == there and "found" not in states and done and not set(self.runs()) - WAIT_FOR_PEOPLE

        self.wait(lambda: at_rest() and (time.sleep(5) or at_rest()), "rest", seconds)

    def keep_up(self) -> None:
        """Start again what ended by itself, as `restart: unless-stopped` does."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.stop(name)
                self.start(name)

    def _run(self, command: list[str], environment: Mapping[str, str]) -> None:
        done = subprocess.run(
            command, env=dict(environment), check=False, capture_output=True, text=True, cwd=self.image
        )
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])


def settings_of_new_env() -> dict[str, str]:
    """Return what `deploy/new-env` prints: the secrets of a new server."""
    printed = subprocess.run([sys.executable, str(ROOT / "deploy" / "new-env")], check=True, capture_output=True)
    return stated_in(printed.stdout.decode())


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _session(pid: int) -> int:
    with suppress(ProcessLookupError):
        return os.getsid(pid)
    return 0


def _replaced(value: str, places: Mapping[str, str]) -> str:
    for of_container, of_machine in places.items():
        value = value.replace(of_container, of_machine)
    return value
