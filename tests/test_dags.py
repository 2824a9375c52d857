"""The Dag of the journey: thin, quick to parse, and the same tables as `yimatong run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from pipelines.simulate import simulate

DAGS = Path(__file__).parents[1] / "dags"
RUN = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
dag = bag.dags["yimatong_journey"]
run = dag.test(run_conf={"home": sys.argv[2], "inbox": sys.argv[3]})
print("STATE", run.state)
"""
PARSE = """
import sys, time
import airflow.sdk
before = set(sys.modules)
import runpy
runpy.run_path(sys.argv[1])
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def airflow_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("airflow")
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "YIMATONG_SECRET": "5e" * 32,
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=environment, check=True, capture_output=True)
    return environment


def test_parsing_the_dag_imports_nothing_heavy(airflow_environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(DAGS / "journey.py")],
        env=airflow_environment,
        check=True,
        capture_output=True,
        text=True,
    )
    imported = json.loads(done.stdout.splitlines()[-1])
    heavy = {
        "duckdb",
        "pyarrow",
        "pandas",
        "numpy",
        "splink",
        "great_expectations",
        "pipelines",
        "warehouse",
        "linkage",
    }
    assert not heavy & {name.split(".")[0] for name in imported}


@pytest.mark.e2e
def test_the_dag_publishes_the_tables_that_run_publishes(airflow_environment: dict[str, str], tmp_path: Path) -> None:
    simulate(300, 2, 77, tmp_path)
    os.environ["YIMATONG_SECRET"] = "5e" * 32
    journey.run(Home(tmp_path / "by-run"), tmp_path / "inbox", None, Progress(quiet=True))
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(DAGS), str(tmp_path / "by-dag"), str(tmp_path / "inbox")],
        env=airflow_environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert "STATE success" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    assert published(tmp_path / "by-dag") == published(tmp_path / "by-run")


def published(home: Path) -> dict[str, list[object]]:
    with duckdb.connect(str(Home(home).warehouse), read_only=True) as warehouse:
        names = [name for (name,) in warehouse.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {
            name: sorted(warehouse.execute(f"FROM {name}").fetchall(), key=repr)
            for name in names
            if name != "build_info"
        }
