"""Whether a process of Airflow lives, as Airflow itself tells: `python -m pipelines.scheduling.alive scheduler`."""

from __future__ import annotations

import json
import os
import sys
from urllib.parse import urlsplit
from urllib.request import urlopen

_SELF = "api-server"
PROCESSES = (_SELF, "scheduler", "dag-processor", "triggerer")


def health_of(url: str, seconds: float) -> dict[str, dict[str, str]]:
    """Return what the api-server at `url` says of the health of each part. Raises OSError, ValueError."""
    with urlopen(f"{url}/api/v2/monitor/health", timeout=seconds) as answer:
        return dict(json.load(answer))


def is_alive(process: str) -> bool:
    """Say whether the process answers (the api-server) or has sent its heartbeat in time. Raises OSError, ValueError.

    The api-server is asked, whose address is that of the execution API; that costs less than importing Airflow.
    """
    server = urlsplit(os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"])
    told = health_of(f"{server.scheme}://{server.netloc}", 10)
    return process == _SELF or told[process.replace("-", "_")]["status"] == "healthy"


if __name__ == "__main__":
    if sys.argv[1:] not in [[each] for each in PROCESSES]:
        sys.exit(f"用法 usage: {' | '.join(PROCESSES)}")
    sys.exit(not is_alive(sys.argv[1]))
