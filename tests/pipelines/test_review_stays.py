"""One person in two hospitals at once: the whole way, from two deliveries to a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.home import Home
from pipelines import journey

from .small_inbox import HOSPITAL, QUIET, SOUND, deliver
from .small_review import decide, listed, resident_id, review

NUMBERED = {"id_type": "01", "id_no": resident_id("44010619870719001"), "birth_date": "1987-07-19"}
KIND = "in two places at once"
OTHER_HOSPITAL = HOSPITAL.replace("44010011", "44030011")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    stay = SOUND["emr"] | NUMBERED | {"encounter_type": "3", "end_at": "2018-11-09 08:00:00"}
    elsewhere = stay | {"org_code": OTHER_HOSPITAL, "patient_no": "X7", "start_at": "2018-11-07 08:00:00"}
    deliver(tmp_path / "inbox", "population", [SOUND["population"] | NUMBERED])
    deliver(tmp_path / "inbox", "emr", [stay | {"updated_at": "2018-11-10 08:00:00"}])
    deliver(tmp_path / "inbox", "emr", [elsewhere | {"updated_at": "2018-11-10 08:00:00"}], city="440300")
    link(home)
    return home


def link(home: Home) -> None:
    journey.run(home, home.root.parent / "inbox", None, QUIET)


def test_both_stays_are_put_to_a_reviewer(home: Home) -> None:
    (entry,) = listed(home)
    assert (entry["kind"], entry["feeds"], entry["records"]) == (KIND, ["emr", "emr"], 1)
    table, page = home.root.parent / "doubts.csv", home.root.parent / "doubts.html"
    assert review(home, "export", "--out", table, "--page", page).status == 0
    told = page.read_text(encoding="utf-8")
    assert "同时在两处住院" in told and "时间重叠" in told
    assert told.count(">N1<") == told.count(">X7<") == 1  # each side says what it says itself


@pytest.mark.parametrize("verdict", ["same", "different", "unsure"])
def test_a_verdict_is_asked_for_once(home: Home, verdict: str) -> None:
    decide(home, verdict, KIND)
    assert listed(home) == []
    link(home)
    assert listed(home) == []
