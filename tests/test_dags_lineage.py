"""Lineage of the Dags: what each step reads and writes, as OpenLineage datasets, from the assets that it declares."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.facet_v2 import documentation_job, error_message_run, nominal_time_run

from contracts.feeds import FEEDS
from pipelines.scheduling.lineage_events import PlainEvents

ROOT = Path(__file__).parents[1]
EXTRACT = """
import json, sys
from airflow.dag_processing.collection import AssetModelOperation
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.openlineage import conf
from airflow.providers.openlineage.extractors import OperatorLineage
from airflow.providers.openlineage.extractors.manager import ExtractorManager
from airflow.serialization.serialized_objects import LazyDeserializedDAG
bag, manager, found = DagBag(sys.argv[1]), ExtractorManager(), {}
for name, dag in bag.dags.items():
    for task in dag.tasks:
        lineage = OperatorLineage()
        manager.extract_inlets_and_outlets(lineage, task)
        if lineage.inputs or lineage.outputs:
            named = [sorted(f"{of.namespace}:{of.name}" for of in side) for side in (lineage.inputs, lineage.outputs)]
            found[f"{name}.{task.task_id}"] = named
kept = AssetModelOperation.collect({name: LazyDeserializedDAG.from_dag(dag) for name, dag in bag.dags.items()}).assets
print(json.dumps({"found": found, "off": conf.is_disabled(), "watched": {
    name: [watcher.name for watcher in asset.watchers] for (name, _), asset in kept.items() if asset.watchers}}))
"""


def installed(folder: Path) -> Path:
    """Describe the package as an installation of this tree would: by the entry points that it declares."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    described = folder / f"yimatong-{declared['version']}.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: yimatong\nVersion: {declared['version']}\n")
    points = declared["entry-points"]["apache_airflow_provider"].items()
    lines = ["[apache_airflow_provider]", *(f"{name} = {place}" for name, place in points)]
    (described / "entry_points.txt").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("lineage")
    environment = {name: value for name, value in os.environ.items() if "OPENLINEAGE" not in name}
    environment |= {
        "AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": f"{installed(folder / 'package')}:{ROOT}", "YIMATONG_HOME": str(folder / "home"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", EXTRACT, str(ROOT / "dags")],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_each_step_tells_what_it_reads_and_writes(extracted: dict[str, Any]) -> None:
    persons = sorted(f"yimatong:accepted/{name}" for name, feed in FEEDS.items() if feed.is_person)
    accepted = sorted(f"yimatong:accepted/{name}" for name in FEEDS)
    registry, published = ["yimatong:registry"], ["yimatong:published"]
    decisions, model = ["yimatong:decisions"], ["yimatong:model"]
    assert extracted["found"] == {
        **{
            f"yimatong_intake_{feed}.settle": [[f"yimatong:inbox/{feed}"], [f"yimatong:accepted/{feed}"]]
            for feed in FEEDS
        },
        "yimatong_link.link": [sorted([*persons, *decisions, *model]), registry],
        "yimatong_publish.publish": [sorted([*accepted, *registry]), published],
        "yimatong_export.export": [published, ["yimatong:exports"]],
        "yimatong_review.replay": [registry, decisions],
        "yimatong_train.train": [persons, model],
    }


def test_declaring_what_is_read_leaves_the_inbox_watched(extracted: dict[str, Any]) -> None:
    assert extracted["watched"] == {f"yimatong_delivered_{feed}": [f"yimatong_{feed}_manifests"] for feed in FEEDS}


def test_nothing_is_sent_where_no_transport_is_set(extracted: dict[str, Any]) -> None:
    assert extracted["off"] is True


def test_events_leave_without_what_a_person_typed() -> None:
    event = RunEvent(
        eventTime="2026-01-01T00:00:00Z", producer="https://example.org", eventType=RunState.FAIL,
        run=Run("01941f29-7c00-7000-8000-000000000000", {
            "nominalTime": nominal_time_run.NominalTimeRunFacet("2026-01-01T00:00:00Z"),
            "errorMessage": error_message_run.ErrorMessageRunFacet("张三 440101199001011234", "python"),
        }),
        job=Job("yimatong", "yimatong_link.link", {
            "documentation": documentation_job.DocumentationJobFacet("关联"),
            "gitLocation": documentation_job.DocumentationJobFacet("/home/zhang"),
        }),
    )  # fmt: skip
    plain = PlainEvents({}).transform(event)
    assert set(plain.run.facets) == {"nominalTime"}
    assert set(plain.job.facets) == {"documentation"}
