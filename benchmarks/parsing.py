"""Parsing the folder of Dags: seconds beyond importing Airflow, beside a folder with one empty Dag.

python -m benchmarks.parsing --runs 7
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARSE = """
import sys, time
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
began = time.perf_counter()
bag = DagBag(sys.argv[1])
assert not bag.import_errors and bag.dags
print(time.perf_counter() - began)
"""
EMPTY = "from airflow.sdk import DAG\nwith DAG('empty'):\n    pass\n"


def main() -> None:
    """Parse both folders, in turn, each time in a process of its own, and print medians and extremes."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=7)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="yimatong-bench-") as folder:
        (Path(folder) / "dags").mkdir()
        (Path(folder) / "dags" / "empty.py").write_text(EMPTY, encoding="utf-8")
        of_airflow = {"AIRFLOW_HOME": folder, "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONPATH": str(ROOT)}
        seconds: dict[str, list[float]] = {"one empty Dag": [], "dags/": []}
        places = {"one empty Dag": Path(folder) / "dags", "dags/": ROOT / "dags"}
        for _ in range(given.runs):
            for name, place in places.items():
                command = [sys.executable, "-c", PARSE, str(place)]
                done = subprocess.run(command, env=os.environ | of_airflow, check=True, capture_output=True, text=True)
                seconds[name].append(float(done.stdout.splitlines()[-1]))
    for name, of_runs in seconds.items():
        print(f"{name:14} {statistics.median(of_runs):5.2f} s  ({min(of_runs):.2f} to {max(of_runs):.2f})")


if __name__ == "__main__":
    main()
