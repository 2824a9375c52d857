"""The model of linkage on a home: what it states of its error, how it is trained, what another model changes."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.engine import connect, located
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from linkage import registry
from linkage.evidence.model import load_model
from linkage.evidence.persons import COMPARISONS
from pipelines import journey
from pipelines.link_report import link_report, report_text
from pipelines.progress import Progress
from pipelines.training import train_model

QUIET = Progress(quiet=True)


def ask(home: Home, query: str) -> list[Any]:
    """Query the published warehouse."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def home(province: Any, tmp_path: Path) -> Home:
    shutil.copytree(province.home.root, tmp_path / "home")
    return Home(tmp_path / "home")


def test_the_warehouse_states_the_error_of_linkage(province: Any) -> None:
    records = ask(province.home, "SELECT records FROM link_error WHERE feed = '' AND city_code = '' AND age = ''")
    live = sum(v.live for (feed, _), v in Ledger(province.home.ledger_url).live_versions().items() if feed in PERSONS)
    assert records == [(live,)]
    feeds = ask(province.home, "SELECT feed FROM link_error WHERE city_code = '' AND age = '' ORDER BY feed")
    assert feeds == [("",), *((feed,) for feed in sorted(PERSONS))]
    for kind in ("false", "missed"):
        wrong = f"NOT ({kind}_low BETWEEN 0 AND {kind}_rate AND {kind}_rate <= {kind}_high AND {kind}_high <= 1)"
        assert ask(province.home, f"SELECT count(*) FROM link_error WHERE {wrong}") == [(0,)]
    assert ask(province.home, "SELECT count(*) FROM link_error WHERE without_number > records") == [(0,)]


PERSONS = ("population", "ehr", "emr", "insurance")


def test_a_trained_model_has_probabilities_and_no_names(home: Home, tmp_path: Path) -> None:
    model = train_model(home, tmp_path / "model.json")
    assert model == load_model(tmp_path / "model.json") and not home.model.exists()
    for one in COMPARISONS:
        of_one = model.evidence[one.name]
        assert len(of_one.match) == len(of_one.kin) == len(of_one.chance) == len(one.levels)
        assert 0.9 <= sum(of_one.match) <= 1.001 or one.name == "own"
    assert all(len(character) == 1 for character in [*model.surnames, *model.given])
    written = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert written["version"] == model.version and written["provenance"]["persons"]


def test_a_second_opinion_says_where_it_disagrees(province: Any) -> None:
    report = link_report(province.home, ask_another=True)
    opinion = report["second_opinion"]
    assert 0 < opinion["both"] <= opinion["pairs"] - opinion["ours"] - opinion["ecm"]
    assert opinion["both"] > 10 * (opinion["ours"] + opinion["ecm"])
    for kind in opinion["disagreements"]:
        assert kind["says"] in ("ours", "ecm") and not set(kind["agree"]) & set(kind["differ"])
        assert 0 < kind["pairs"] <= opinion[kind["says"]]
    assert "second opinion" in report_text(report)


def test_without_recordlinkage_there_is_no_second_opinion(province: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "recordlinkage", None)
    with pytest.raises(PlainFault, match="second-opinion"):
        link_report(province.home, ask_another=True)


@pytest.mark.e2e
def test_another_model_keeps_who_is_who_and_says_what_changed(home: Home, province: Any) -> None:
    before = dict(ask(home, "SELECT encounter_id, person_key FROM fact_encounter"))
    model = train_model(home, None)
    assert home.model.exists()
    journey.run(home, province.inbox, None, QUIET)
    after = dict(ask(home, "SELECT encounter_id, person_key FROM fact_encounter"))
    kept = sum(after[row] == key for row, key in before.items()) / len(before)
    report = link_report(home)
    assert kept >= 0.999 and report["change"]["kept"] >= 0.999
    assert report["model"]["version"] == model.version
    assert model.version in report_text(report)
    journey.run(home, province.inbox, None, QUIET)
    assert dict(ask(home, "SELECT encounter_id, person_key FROM fact_encounter")) == after


@pytest.mark.e2e
def test_a_version_that_only_folds_changes_hides_no_event(
    home: Home, province: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(registry, "COMPACT_FROM", -1.0)
    train_model(home, None)
    journey.run(home, province.inbox, None, QUIET)
    *_, linked, folded = Ledger(home.ledger_url).link_versions()
    assert folded.whole and not linked.whole
    merged = """
        SELECT 'merged' AS kind, uuid() AS from_id, uuid() AS to_id, 3 AS presentations, 'model' AS tier,
          0.99 AS probability, 'm' AS model"""
    with connect(tmp_path) as engine:
        engine.execute(f"COPY ({merged}) TO {located(home.links(linked.version) / 'event.parquet')} (FORMAT parquet)")
    change = link_report(home)["change"]
    assert change["events"] == {"merged": {"ids": 1, "presentations": 3}} and change["kept"] < 1
