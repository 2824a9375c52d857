"""The journey on schedule: 21 cities, 12 feeds, month after month of small deliveries through the server's Dags.

Each month, or some at a time, comes to the inbox of a server of docker-compose.yml (its processes, PostgreSQL too) when
what came before is published. Time is from the arrival until nothing is left to do; at the end `yimatong run` takes the
last arrival into a copy of the home as it was before: what is more is the price of scheduling. Airflow's database is
weighed after each arrival, and cleaned as housekeeping does, so that it keeps the runs of the last ones alone:

    python -m benchmarks.scheduled --residents 1000 --months 24 --seed 9907 --at-a-time 3 --keep 3
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, text

from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from pipelines.scheduling.housekeeping import clean_logs
from pipelines.simulate import simulate
from pipelines.simulate.arrival import arrive, months_of
from tests.server.native import NativeServer

SECRET = "5e" * 32


@dataclass(frozen=True, slots=True)
class Weight:
    """Airflow's database: its bytes on disk, rows in all tables, task instances; the bytes of its logs."""

    size: int
    rows: int
    tasks: int
    logs: int


def main() -> None:
    """Simulate, let months arrive, print a line a month and what it comes to."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=1000)
    arguments.add_argument("--months", type=int, default=24)
    arguments.add_argument("--seed", type=int, default=9907)
    arguments.add_argument("--at-a-time", type=int, default=1, help="months that arrive at a time")
    arguments.add_argument("--keep", type=int, default=3, help="arrivals whose runs housekeeping keeps")
    given = arguments.parse_args()
    os.environ["YIMATONG_SECRET"] = SECRET
    os.environ.pop("YIMATONG_LEDGER_URL", None)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yimatong-bench-")))
        made = simulate(given.residents, given.months, given.seed, folder / "province")
        print(f"{made.deliveries:,} deliveries, {sum(made.rows.values()):,} rows")
        server = stack.enter_context(NativeServer(folder / "server", YIMATONG_SECRET=SECRET))
        _arrivals(server, folder, given.at_a_time, given.keep)


def _arrivals(server: NativeServer, folder: Path, at_a_time: int, keep: int) -> None:
    province = folder / "province" / "inbox"
    months = months_of(province)
    arrivals = [months[first : first + at_a_time] for first in range(0, len(months), at_a_time)]
    began: list[datetime] = []
    whole = removed = 0.0
    print("up to    deliveries  scheduled   tasks    rows   database     logs")
    for of_arrival in arrivals:
        if of_arrival is arrivals[-1]:
            shutil.copytree(server.home, folder / "aside")
            ledger = _copied_ledger(server)
        began.append(datetime.now(UTC))
        start = time.monotonic()
        count = sum(arrive(province, server.inbox, month) for month in of_arrival)
        server.settle_down(3600)
        seconds = time.monotonic() - start
        whole += seconds
        if len(began) > keep:
            before = _weigh(server)
            _clean(server, began[-keep])
            removed += before.rows - _weigh(server).rows
        now = _weigh(server)
        print(f"{of_arrival[-1]}  {count:10,}  {seconds:7.0f} s  {now.tasks:6,}  {now.rows:6,}"
              f"  {now.size / 1e6:6.1f} MB  {now.logs / 1e6:4.1f} MB", flush=True)  # fmt: skip
    os.environ["YIMATONG_LEDGER_URL"] = ledger
    start = time.monotonic()
    journey.run(Home(folder / "aside"), server.inbox, None, Progress(quiet=True))
    print(f"in all {whole:,.0f} s; the last arrival {seconds:.0f} s, by run alone {time.monotonic() - start:.1f} s")
    print(f"rows of Airflow's database removed by the clean-up: {removed:,.0f}")


def _copied_ledger(server: NativeServer) -> str:
    """Copy the ledger and return the copy's URL."""
    server.database.execute("CREATE DATABASE aside OWNER yimatong")
    place = f"--host={server.database.folder} --port={server.database.port} --username=postgres"
    subprocess.run(["sh", "-c", f"pg_dump {place} yimatong | psql {place} --quiet aside"], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    url = make_url(server.environment("scheduler")["YIMATONG_LEDGER_URL"])
    return url.set(database="aside").render_as_string(hide_password=False)


def _weigh(server: NativeServer) -> Weight:
    with server.database.engine_of("airflow").connect() as db:
        db.execute(text("ANALYZE"))
        rows = db.execute(text("SELECT sum(reltuples) FROM pg_class WHERE relkind = 'r' AND reltuples > 0 "
                               "AND relnamespace = 'public'::regnamespace")).scalar_one()  # fmt: skip
        size = db.execute(text("SELECT pg_database_size('airflow')")).scalar_one()
        tasks = db.execute(text("SELECT count(*) FROM task_instance")).scalar_one()
    logs = sum(file.stat().st_size for file in (server.folder / "logs").rglob("*") if file.is_file())
    return Weight(int(size), int(rows), int(tasks), logs)


def _clean(server: NativeServer, before: datetime) -> None:
    """Do what housekeeping does, with a moment for its days: months pass quickly here."""
    code = ("import sys; from datetime import datetime; from pipelines.scheduling.housekeeping import clean_metadata; "
            "clean_metadata(datetime.fromisoformat(sys.argv[1]))")  # fmt: skip
    subprocess.run([sys.executable, "-c", code, before.isoformat()], env=server.environment("housekeeping"), check=True,
                   capture_output=True)  # fmt: skip
    clean_logs(before, server.folder / "logs")


if __name__ == "__main__":
    main()
