"""Housekeeping of Airflow itself: its database and its logs keep what is younger than so many days.

`python -m pipelines.scheduling.housekeeping [--days 90] [--every HOURS] [--logs DIR]`
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAYS = 90
TABLES = (
    "asset_event", "callback", "connection_test_request", "dag_run", "deadline", "import_error", "job", "log",
    "partitioned_asset_key_log", "revoked_token", "task_instance", "task_instance_history", "task_reschedule",
    "task_state_store", "xcom",
)  # fmt: skip
"""What `airflow db clean` may clean. Of the others `trigger` would lose the watchers of the inbox, made once."""
_LEAST = 15
"""Fewer days would take away runs that still wait for people: a review waits for fourteen."""


def clean_metadata(before: datetime) -> None:
    """Remove from Airflow's database what is older: runs, tasks, XComs, events; the last run of a Dag stays.

    Raises CalledProcessError where a table couldn't be cleaned; Airflow has said which.
    """
    stamp = before.astimezone(UTC).isoformat()
    which = ["--clean-before-timestamp", stamp, "--tables", ",".join(TABLES)]
    how = ["--skip-archive", "--yes", "--error-on-cleanup-failure"]
    subprocess.run([sys.executable, "-m", "airflow", "db", "clean", *which, *how], check=True)


def clean_logs(before: datetime, folder: Path) -> int:
    """Remove log files that were not written to since, and folders that are empty then; return how many files."""
    removed = 0
    for place, _, files in os.walk(folder, topdown=False):
        for file in (Path(place, name) for name in files):
            with suppress(OSError):  # gone meanwhile
                if file.stat().st_mtime < before.timestamp():
                    file.unlink()
                    removed += 1
        if Path(place) != folder:
            with suppress(OSError):  # not empty
                Path(place).rmdir()
    return removed


def clean(days: int, logs: Path) -> bool:
    """Clean database and logs of what is older than so many days; return whether both could be."""
    before = datetime.now(UTC) - timedelta(days=days)
    files = clean_logs(before, logs)
    try:
        clean_metadata(before)
    except subprocess.CalledProcessError:
        print(
            f"清理 housekeeping: 日志文件 log files {files}; 元数据库未能清理 Airflow's database could not be cleaned"
        )
        return False
    print(f"清理 housekeeping: 保留 keeps {days} 日 days, 删除日志文件 log files removed {files}", flush=True)
    return True


def main() -> None:
    """Clean once, or again and again."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--days", type=int, default=DAYS, help=f"保留日数 days kept, at least {_LEAST}")
    arguments.add_argument("--every", type=float, help="每隔几小时 every so many hours; by default once")
    arguments.add_argument("--logs", type=Path, default=os.environ.get("AIRFLOW__LOGGING__BASE_LOG_FOLDER"))
    given = arguments.parse_args()
    if given.days < _LEAST:
        arguments.error(f"至少 at least {_LEAST} 日 days")
    if given.logs is None or not given.logs.is_dir():
        arguments.error("缺少日志目录 no folder of logs: --logs")
    done = clean(given.days, given.logs)
    while given.every:
        time.sleep(given.every * 3600)
        clean(given.days, given.logs)
    sys.exit(not done)


if __name__ == "__main__":
    main()
