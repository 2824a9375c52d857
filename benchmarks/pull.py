"""Pulling from a database: rows per second and peak memory of a first pull, an increment, a pull without news.

It starts a PostgreSQL of its own (Debian's package), or a MariaDB, and fills a table of encounters:

    python benchmarks/pull.py --rows 10000000 [--server MariaDB]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))  # the servers of the tests


def main() -> None:
    """Fill a table, pull it three times, each in a process of its own, and print a line for each."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--server", choices=["PostgreSQL", "MariaDB"], default="PostgreSQL")
    arguments.add_argument("--part", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.part:
        _pull(given.part)
    else:
        _measure(given.rows, given.server)


def _measure(rows: int, kind: str) -> None:
    from sqlalchemy import Index, create_engine

    from contracts.feeds import FEEDS
    from tests import database_servers
    from tests.pipelines.city_database import table_of

    folder = Path(tempfile.mkdtemp(prefix="yimatong-bench-"))
    server = getattr(database_servers, kind)()
    try:
        os.environ[database_servers.PASSWORD_ENV] = database_servers.PASSWORD
        (folder / "sources.toml").write_text(
            f'[[source]]\ncity = "440100"\nurl = "{server.url("reader").render_as_string()}"\n'
            f'password_env = "{database_servers.PASSWORD_ENV}"\nfeeds = ["emr"]\n'
        )
        emr = table_of(FEEDS["emr"])
        Index("emr_updated_at", emr.c.updated_at)
        emr.create(create_engine(server.url()))
        server.execute(server.fill.format(table="emr", rows=rows, seconds=1))
        server.execute("ANALYZE emr" if kind == "PostgreSQL" else "ANALYZE TABLE emr")
        _report("first pull", folder)
        changed = f"encounter_no IN ({', '.join(repr(f'E{n}') for n in range(1, rows, max(1, rows // 10_000)))})"
        server.execute(f"UPDATE emr SET updated_at = now() - INTERVAL '1' DAY, name = '李四' WHERE {changed}")
        _report("increment", folder)
        _report("nothing new", folder)
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def _report(name: str, folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, __file__, "--part", str(folder)], check=True, stdout=subprocess.PIPE, text=True
    )
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    pace = told["rows"] / told["seconds"]
    print(f"{name:12} {told['state']:12} {told['rows']:>12,} rows {told['seconds']:8.1f} s {pace:>10,.0f} rows/s"
          f"  processor {told['cpu_seconds']:,.1f} s"
          f"  peak {told['peak_mib']:,} MiB {told['reason']}", flush=True)  # fmt: skip


def _pull(folder: Path) -> None:
    from lake.home import Home
    from pipelines.progress import Progress
    from pipelines.pull import pull
    from pipelines.sources.listed import read_sources

    began = time.monotonic()
    (outcome,) = pull(Home(folder / "home"), folder / "inbox", read_sources(folder / "sources.toml"), Progress())
    seconds = time.monotonic() - began
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    measured = {
        "seconds": seconds,
        "cpu_seconds": sum(each.ru_utime + each.ru_stime for each in used),
        "peak_mib": max(each.ru_maxrss for each in used) // 1024,
    }
    print(json.dumps(outcome.as_dict() | measured))


if __name__ == "__main__":
    main()
