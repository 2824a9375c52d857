"""PostgreSQL and MariaDB of the tests' own, each on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError

PASSWORD = "geheim-Kwh7-nur-lesen"
PASSWORD_ENV = "YIMATONG_TEST_READER"


class Server(ABC):
    """A server that can be stopped and started again, with an account `reader` that may only read."""

    user = ""
    grants: tuple[str, ...] = ()
    kill_reader = ""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="db-", dir="/tmp"))  # a socket's path must be short
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        self.initialise()
        self.start()
        self.engine: Engine = create_engine(self.url(), poolclass=NullPool)
        for statement in self.grants:
            self.execute(statement)

    @abstractmethod
    def url(self, user: str = "") -> URL:
        """Return the URL of an account, without password."""

    @abstractmethod
    def initialise(self) -> None:
        """Make an empty cluster."""

    @abstractmethod
    def start(self) -> None:
        """Start the server and wait until it answers."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the server at once."""

    def remove(self) -> None:
        """Stop the server and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str) -> None:
        """Run a statement as the administrator."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.execute(text(statement))

    def kill_readers(self) -> int:
        """End the connections of the account `reader`; return how many."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            found = [number for (number,) in db.execute(text(self.kill_reader))]
            for number in found if "processlist" in self.kill_reader else []:
                db.execute(text(f"KILL {number}"))
        return len(found)


class PostgreSQL(Server):
    """PostgreSQL."""

    user = "postgres"
    grants = (
        f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader",
    )
    kill_reader = """
        WITH found AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE usename = 'reader')
        SELECT pid FROM found WHERE pg_terminate_backend(pid)"""
    fill = """
        INSERT INTO {table} (encounter_no, org_code, encounter_type, patient_no, name, start_at, total_fee, drug_fee,
          booked, birth_date, op, updated_at)
        SELECT 'E' || n, 'D2143569X44010011A1001', '1', 'N' || n, '张三', timestamp '2018-01-01' + n * interval '1 s',
          (n % 10000) / 100.0 + 100, 12.5, n % 2 = 0, date '1960-01-01' + (n % 10000)::int, 'I',
          timestamp '2018-06-01' + n * interval '{seconds} s'
        FROM generate_series(1, {rows}) AS n"""

    def url(self, user: str = "") -> URL:
        """Return the URL of an account."""
        return URL.create(
            "postgresql+psycopg", user or "postgres", database="postgres", query={"host": str(self.folder)}
        )

    def _command(self, name: str) -> list[str]:
        places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        program = str(places[-1]) if places else name
        return ["runuser", "-u", "postgres", "--", program] if os.geteuid() == 0 else [program]

    def initialise(self) -> None:
        """Make a cluster in which the reader needs a password."""
        data = self.folder / "data"
        subprocess.run([*self._command("initdb"), "-D", data, "-U", "postgres", "--auth", "trust", "-E", "UTF8"],
                       check=True, capture_output=True)  # fmt: skip
        rules = "local all postgres trust\nlocal all all scram-sha-256\n"
        (data / "pg_hba.conf").write_text(rules, encoding="ascii")

    def listens(self) -> str:
        """Return the settings of where it listens, beside its socket."""
        return "-c listen_addresses=''"

    def start(self) -> None:
        """Start the server."""
        settings = f"-k {self.folder} {self.listens()} -c fsync=off -c timezone=UTC"
        subprocess.run([*self._command("pg_ctl"), "-D", self.folder / "data", "-w", "-o", settings,
                        "-l", self.folder / "log", "start"], check=True, stdout=subprocess.DEVNULL)  # fmt: skip

    def stop(self) -> None:
        """Stop the server."""
        command = [*self._command("pg_ctl"), "-D", self.folder / "data", "-m", "immediate", "stop"]
        subprocess.run(command, check=False, capture_output=True)


class MariaDB(Server):
    """MariaDB."""

    user = "mysql"
    grants = (
        "CREATE DATABASE IF NOT EXISTS platform CHARACTER SET utf8mb4",
        f"CREATE USER reader@localhost IDENTIFIED BY '{PASSWORD}'",
        "GRANT SELECT, SHOW VIEW ON platform.* TO reader@localhost",
    )
    kill_reader = "SELECT id FROM information_schema.processlist WHERE user = 'reader'"
    fill = """
        INSERT INTO {table} (encounter_no, org_code, encounter_type, patient_no, name, start_at, total_fee, drug_fee,
          booked, birth_date, op, updated_at)
        SELECT concat('E', seq), 'D2143569X44010011A1001', '1', concat('N', seq), '张三',
          timestamp '2018-01-01 00:00:00' + INTERVAL seq SECOND, (seq % 10000) / 100.0 + 100, 12.5, seq % 2 = 0,
          date '1960-01-01' + INTERVAL (seq % 10000) DAY, 'I',
          timestamp '2018-06-01 00:00:00' + INTERVAL seq * {seconds} SECOND
        FROM seq_1_to_{rows}"""
    _process: subprocess.Popen[bytes] | None = None

    def url(self, user: str = "") -> URL:
        """Return the URL of an account."""
        socket = {"unix_socket": str(self.folder / "socket")}
        return URL.create("mysql+pymysql", user or "root", database="platform", query=socket)

    def _as(self) -> list[str]:
        return ["--user=mysql"] if os.geteuid() == 0 else []

    def initialise(self) -> None:
        """Make a cluster."""
        command = ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder / 'data'}", *self._as(),
                   "--auth-root-authentication-method=normal", "--skip-test-db"]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)

    def start(self) -> None:
        """Start the server."""
        program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        options = [f"--datadir={self.folder / 'data'}", f"--socket={self.folder / 'socket'}", "--skip-networking",
                   f"--pid-file={self.folder / 'pid'}", "--innodb-flush-log-at-trx-commit=2",
                   "--innodb-log-file-size=256M", "--character-set-server=utf8mb4", *self._as()]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([program, "--no-defaults", *options], stdout=log, stderr=log)
        engine = create_engine(self.url()._replace(database=None), poolclass=NullPool)
        last = time.monotonic() + 120
        while True:
            try:
                with engine.connect() as db:
                    db.execute(text("CREATE DATABASE IF NOT EXISTS platform CHARACTER SET utf8mb4"))
                return
            except DBAPIError:
                assert time.monotonic() < last and self._process.poll() is None
                time.sleep(0.2)

    def stop(self) -> None:
        """Stop the server as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
