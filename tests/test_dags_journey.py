"""The journey by Dags: the tables that `yimatong run` publishes, from months that the data name, and nothing told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.feeds import FEEDS
from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from pipelines.simulate import simulate
from tests.pipelines.small_inbox import PLANTED, SOUND, deliver
from tests.server.published import published
from tests.test_dags_lineage import installed

ROOT = Path(__file__).parents[1]
RUN = """
import json, sys
from airflow import settings
from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent, AssetModel, AssetPartitionDagRun
from airflow.models.xcom import XComModel
from sqlalchemy import select
bag = DagBag(sys.argv[1])
states = {}
for name in sys.argv[2:]:
    dag = bag.dags[f"yimatong_{name}"]
    dag.deadline = None  # dag.test() of Airflow 3.3 can't end a run that has one
    states[name] = str(dag.test(mark_success_pattern="approve").state)
with settings.Session() as session:
    events = session.execute(select(AssetModel.name, AssetEvent.partition_key).join(AssetEvent,
        AssetEvent.asset_id == AssetModel.id)).all()
    runs = session.execute(select(AssetPartitionDagRun.target_dag_id, AssetPartitionDagRun.partition_key)).all()
    xcoms = session.scalars(select(XComModel.value)).all()
print(json.dumps({"states": states, "events": sorted({tuple(each) for each in events}),
                  "runs": sorted(tuple(each) for each in runs), "xcoms": xcoms}))
"""
DAGS = [*(f"intake_{feed}" for feed in ("institution", *(name for name in FEEDS if name != "institution"))), "link",
        "publish", "export"]  # fmt: skip


@pytest.mark.e2e
def test_dags_publish_the_tables_that_run_publishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_SECRET", "5e" * 32)
    simulate(300, 2, 77, tmp_path)
    planted = {name: PLANTED[name] for name in ("name", "id_no", "phone")}
    for number, row in enumerate((planted, planted | {"birth_date": PLANTED["name"]})):  # the second is quarantined
        sent = SOUND["population"] | row | {"population_no": f"planted-{number}"}
        deliver(tmp_path / "inbox", "population", [sent], period="2018-11", sequence=90 + number)
    journey.run(Home(tmp_path / "by-run"), tmp_path / "inbox", None, Progress(quiet=True))
    for name in ("home", "inbox", "exports"):
        monkeypatch.setenv(f"YIMATONG_{name.upper()}", str(tmp_path / name))
    told = by_dags(tmp_path, *DAGS)
    assert set(told["states"].values()) == {"success"}
    assert published(tmp_path / "home") == published(tmp_path / "by-run")

    months = sorted({path.name for path in (tmp_path / "inbox").glob("*/*/*")})
    accepted = {(f"yimatong_accepted_{feed}", month) for feed, month in delivered(tmp_path / "inbox")}
    (reached,) = {month for name, month in told["events"] if name == "yimatong_published"}
    later = {("yimatong_registry", months[-1]), ("yimatong_published", reached), ("yimatong_exports", reached)}
    assert {tuple(each) for each in told["events"]} == accepted | later
    assert {tuple(each) for each in told["runs"]} == {
        *(("yimatong_link", month) for month in months),
        *(("yimatong_publish", month) for month in months),
        ("yimatong_export", reached),
        ("yimatong_review", reached),
    }
    assert {path.name for path in (tmp_path / "exports").iterdir()} == {"000001"}
    assert all(fits(each) for each in told["xcoms"])
    kept = [path.read_bytes() for path in (tmp_path / "airflow").rglob("*") if path.is_file()]
    for value in (*PLANTED.values(), "5e" * 32):  # logs, XComs, templates and all else that Airflow keeps or prints
        assert not [octets for octets in kept if value.encode() in octets]
        assert value not in told["printed"]

    ways = edges(tmp_path / "airflow" / "lineage")
    assert ("inbox/emr", "yimatong_intake_emr.settle", "accepted/emr") in ways
    assert ("accepted/emr", "yimatong_link.link", "registry") in ways
    assert ("registry", "yimatong_publish.publish", "published") in ways
    assert ("published", "yimatong_export.export", "exports") in ways


def by_dags(folder: Path, *names: str) -> dict[str, Any]:
    """Run Dags one after the other in an Airflow of its own and return what its database knows of them."""
    environment = os.environ | {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({
            "type": "transform", "transformer_class": "pipelines.scheduling.lineage_events.PlainEvents",
            "transport": {"type": "file", "log_file_path": str(folder / "airflow" / "lineage"), "append": True},
        }),
        "PYTHONPATH": f"{installed(folder / 'package')}:{ROOT}",
    }  # fmt: skip
    for arguments in (["-m", "airflow", "db", "migrate"], ["-m", "pipelines.scheduling.pools"]):
        subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT / "dags"), *names],
        env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (told,) = (line for line in done.stdout.splitlines() if line.startswith('{"states"'))
    return json.loads(told) | {"printed": done.stdout + done.stderr}


def edges(events: Path) -> set[tuple[str, str, str]]:
    """Return what ended runs of tasks read and wrote, as a lineage server would be told: input, task, output."""
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    return {
        (read["name"], each["job"]["name"], written["name"])
        for each in told
        if each["eventType"] == "COMPLETE"
        for read in each["inputs"]
        for written in each["outputs"]
    }


def delivered(inbox: Path) -> set[tuple[str, str]]:
    return {(path.parts[-2], path.parts[-1]) for path in inbox.glob("*/*/*")}


def fits(value: Any) -> bool:
    """Say whether an XCom holds counts, months, days and names of figures alone."""
    if isinstance(value, dict):
        return set(value) <= {"refused", "held", "build", "as_of", "month", "rows"} and all(map(fits, value.values()))
    if isinstance(value, list):
        return all(map(fits, value))
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= 10 and value[:4].isdigit())
