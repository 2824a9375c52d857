"""The Dags as Airflow parses them: light, without a look at any data, and set up alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.feeds import FEEDS
from pipelines.scheduling.pools import HOME_POOL, POOLS, SOURCES_POOL

ROOT = Path(__file__).parents[1]
PARSE = """
import json, os, sys
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
before, seen, places = set(sys.modules), [], os.environ["PLACES"]
sys.addaudithook(lambda event, of: seen.append(event) if any(places in str(each) for each in of) else None)
bag = DagBag(sys.argv[1])
from lake.faults import PassingFault, PlainFault, UnexpectedFault
from pipelines.scheduling.defaults import RETRIES, RETRY_POLICY
faults = [PassingFault, ConnectionError, UnexpectedFault, PlainFault, ValueError]
names = lambda assets: sorted(asset.name for asset in assets)
leaves = lambda condition: sum(map(leaves, condition.objects), []) if hasattr(condition, "objects") else [condition]
waited_for = lambda dag: leaves(dag.timetable.asset_condition) if getattr(dag.timetable, "asset_condition", 0) else []
print(json.dumps({
    "policy": {kind.__name__: RETRY_POLICY.evaluate(kind("told"), 1, RETRIES).action.value for kind in faults},
    "errors": bag.import_errors, "seen": seen, "imported": sorted(set(sys.modules) - before),
    "dags": {dag.dag_id: {
        "owner": dag.owner, "tags": sorted(dag.tags), "doc": dag.doc_md, "description": dag.description,
        "title": dag.dag_display_name, "deadline": bool(dag.deadline), "timetable": type(dag.timetable).__name__,
        "runs": dag.max_active_runs, "params": sorted(dag.params), "catchup": dag.catchup,
        "assets": names(waited_for(dag)),
        "watchers": [watcher.trigger.serialize() for asset in waited_for(dag) for watcher in asset.watchers],
        "tasks": {task.task_id: {
            "pool": task.pool, "retries": task.retries, "policy": task.retry_policy is not None,
            "told": bool(task.on_failure_callback), "outlets": names(task.outlets), "mapped": task.is_mapped,
            "backoff": task.retry_exponential_backoff, "owner": task.owner, "weight": task.priority_weight,
        } for task in dag.tasks},
    } for dag in bag.dags.values()},
}))
"""
INTAKES = {f"yimatong_intake_{feed}" for feed in FEEDS}
OTHERS = {f"yimatong_{name}" for name in ("backfill", "link", "publish", "export", "review", "train", "sweep")}
WRITES_NO_HOME = {"default_pool"}
WAIT_FOR_PEOPLE = {"yimatong_export", "yimatong_review"}


def parsed(folder: Path, **environment: str) -> dict[str, Any]:
    """Return what parsing the folder of Dags gave, imported and looked at."""
    places = folder / "places"
    for name in ("home", "inbox"):
        (places / name).mkdir(parents=True)
        (places / name / "ledger.sqlite").touch()
    of_airflow = {"AIRFLOW_HOME": str(folder), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONPATH": str(ROOT)}
    of_home = {"YIMATONG_HOME": f"{places}/home", "YIMATONG_INBOX": f"{places}/inbox", "PLACES": str(places)}
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(ROOT / "dags")], env=os.environ | of_airflow | of_home | environment,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return parsed(tmp_path_factory.mktemp("airflow"))


def test_all_files_are_parsed(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert set(bag["dags"]) == INTAKES | OTHERS


def test_parsing_imports_nothing_heavy(bag: dict[str, Any]) -> None:
    heavy = {"duckdb", "pyarrow", "pandas", "numpy", "splink", "great_expectations", "altair", "reportlab",
             "warehouse", "linkage", "quality"}  # fmt: skip
    assert not heavy & {name.split(".")[0] for name in bag["imported"]}
    ours = {name for name in bag["imported"] if name.startswith("pipelines")}
    rooms = {name for name in ours if not name.startswith("pipelines.scheduling")}
    assert rooms - {"pipelines"} == {"pipelines.selection"}
    assert not ours & {"pipelines.scheduling.steps", "pipelines.scheduling.months"}


def test_parsing_looks_at_no_home_and_no_inbox(bag: dict[str, Any]) -> None:
    assert bag["seen"] == []


def test_each_dag_is_set_up_alike(bag: dict[str, Any]) -> None:
    for name, dag in bag["dags"].items():
        assert (dag["owner"], dag["catchup"], dag["deadline"]) == ("yimatong", False, True), name
        assert (dag["runs"] > 1) == (name in WAIT_FOR_PEOPLE), name
        assert "yimatong" in dag["tags"] and len(dag["tags"]) > 1, name
        assert dag["title"].startswith("一码通 "), name
        for text in (dag["doc"], dag["description"]):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text) and any(map(str.isascii, text)), name
        for task_name, task in dag["tasks"].items():
            assert task["retries"] > 0 and task["policy"] and task["told"] and task["backoff"] > 1, (name, task_name)
            assert task["pool"] in {*POOLS, *WRITES_NO_HOME}, (name, task_name)


def test_a_passing_fault_is_tried_again_and_a_lasting_one_fails_at_once(bag: dict[str, Any]) -> None:
    assert bag["policy"] == {
        "PassingFault": "retry", "ConnectionError": "retry",
        "UnexpectedFault": "fail", "PlainFault": "fail", "ValueError": "fail",
    }  # fmt: skip


def test_whatever_writes_a_home_waits_for_its_only_slot(bag: dict[str, Any]) -> None:
    assert [POOLS[name][0] for name in (HOME_POOL, SOURCES_POOL)] == [1, 1]
    elsewhere = {
        (name.removeprefix("yimatong_").partition("_")[0], task_name)
        for name, dag in bag["dags"].items()
        for task_name, task in dag["tasks"].items()
        if task["pool"] != HOME_POOL
    }
    for_people = {("export", "approve"), ("review", "review")}
    assert elsewhere == {("backfill", "chosen"), ("backfill", "intake")} | for_people


def test_data_moves_the_journey(bag: dict[str, Any]) -> None:
    dags = bag["dags"]
    persons = {f"yimatong_accepted_{name}" for name, feed in FEEDS.items() if feed.is_person}
    others = {f"yimatong_accepted_{name}" for name, feed in FEEDS.items() if not feed.is_person}
    waits_for = {name.removeprefix("yimatong_"): set(dags[name]["assets"]) for name in OTHERS}
    assert waits_for == {
        "link": persons | {"yimatong_decisions", "yimatong_model"},
        "publish": others | {"yimatong_registry"},
        "export": {"yimatong_published"},
        "review": {"yimatong_published"},
        "backfill": set(), "train": set(), "sweep": set(),
    }  # fmt: skip
    assert {dags[name]["timetable"] for name in OTHERS if dags[name]["assets"]} == {"PartitionedAssetTimetable"}
    gives = {
        (name, task): of["outlets"] for name, dag in dags.items() for task, of in dag["tasks"].items() if of["outlets"]
    }
    assert gives == {
        **{(f"yimatong_intake_{feed}", "settle"): [f"yimatong_accepted_{feed}"] for feed in FEEDS},
        ("yimatong_link", "link"): ["yimatong_registry"],
        ("yimatong_publish", "publish"): ["yimatong_published"],
        ("yimatong_export", "export"): ["yimatong_exports"],
        ("yimatong_review", "replay"): ["yimatong_decisions"],
        ("yimatong_train", "train"): ["yimatong_model"],
    }


def test_each_intake_watches_the_manifests_of_its_feed(bag: dict[str, Any]) -> None:
    for feed in FEEDS:
        dag = bag["dags"][f"yimatong_intake_{feed}"]
        ((path, kwargs),) = dag["watchers"]
        assert (path, kwargs["feed"]) == ("pipelines.scheduling.manifest_trigger.ManifestTrigger", feed)
        assert dag["timetable"] == "AssetTriggeredTimetable"
        assert list(dag["tasks"]) == ["land", "clean", "settle"]
        assert dag["params"] == ["city", "period"]
    assert bag["dags"]["yimatong_backfill"]["params"] == ["city", "feed", "period"]


def test_what_waits_is_taken_in_then_linked_then_published_the_register_first(bag: dict[str, Any]) -> None:
    weights = {name: dag["tasks"]["clean"]["weight"] for name, dag in bag["dags"].items() if name in INTAKES}
    first = [name for name, weight in weights.items() if weight == max(weights.values())]
    assert first == ["yimatong_intake_institution"]
    tasks = [("intake_emr", "settle"), ("link", "link"), ("publish", "publish")]
    in_turn = [bag["dags"][f"yimatong_{name}"]["tasks"][task]["weight"] for name, task in tasks]
    assert in_turn == sorted(in_turn, reverse=True)
    assert len(set(in_turn)) == len(in_turn)


def test_what_a_person_waits_for_goes_before_what_comes_next(bag: dict[str, Any]) -> None:
    others = max(task["weight"] for name in INTAKES for task in bag["dags"][name]["tasks"].values())
    for name in WAIT_FOR_PEOPLE:
        home = [task for task in bag["dags"][name]["tasks"].values() if task["pool"] == HOME_POOL]
        assert home and all(task["weight"] > others for task in home), name


def test_databases_are_pulled_by_the_clock_where_they_are_listed(tmp_path: Path) -> None:
    dags = parsed(tmp_path, YIMATONG_SOURCES=f"{tmp_path}/places/sources.toml")["dags"]
    assert {dags[name]["timetable"] for name in INTAKES} == {"AssetOrTimeSchedule"}
    assert dags["yimatong_intake_ehr"]["assets"] == ["yimatong_delivered_ehr"]
    for name in INTAKES:
        tasks = dags[name]["tasks"]
        assert set(tasks) == {"cities", "pull", "pulled", "land", "clean", "settle"}
        assert tasks["pull"]["mapped"] and tasks["pull"]["pool"] == SOURCES_POOL
        assert tasks["pull"]["retries"] == 1  # while it may be tried again, the feed's files wait
        assert {tasks[task]["pool"] for task in ("cities", "pulled")} == WRITES_NO_HOME
