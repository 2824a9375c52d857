"""Deliveries that the gate holds: what is said of them, and what becomes of them when someone decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.gating import decide, held_deliveries
from pipelines.status import status_of

from .small_inbox import QUIET, built, deliver, numbered, rows

BROKEN = "440100/population/2018-11/001"
PERIODS = ("2018-08", "2018-09", "2018-10", "2018-11")


@pytest.fixture
def held(tmp_path: Path) -> Home:
    """Give a home in which one delivery of two is held: one of its ten rows is refused."""
    wrong = rows("population", {"population_no": "wrong", "birth_date": "someday"})
    deliver(tmp_path / "inbox", "population", [*numbered("population", 9), *wrong])
    deliver(tmp_path / "inbox", "population", numbered("population", 9), city="440200")
    assert run(tmp_path) == journey.Outcome(attention=True, published=True)
    return Home(tmp_path / "home")


def run(folder: Path) -> journey.Outcome:
    return journey.run(Home(folder / "home"), folder / "inbox", None, QUIET)


def states(home: Home) -> dict[str, str]:
    return {f"{d['city']}/{d['period']}/{d['sequence']}": d["state"] for d in status_of(home)["deliveries"]}


def registrations(home: Home) -> int:
    with duckdb.connect(built(home), read_only=True) as warehouse:
        return int(warehouse.execute("SELECT count(*) FROM fact_registration").fetchall()[0][0])


def test_a_held_delivery_says_what_each_row_would_be_and_stays_outside(held: Home) -> None:
    (entry,) = held_deliveries(held)
    assert {name: entry[name] for name in ("id", "delivered", "accepted", "quarantined", "duplicates")} == {
        "id": BROKEN, "delivered": 10, "accepted": 9, "quarantined": 1, "duplicates": 0,
    }  # fmt: skip
    assert "10.0%" in entry["reason"]
    assert states(held) == {"440100/2018-11/1": "held", "440200/2018-11/1": "accepted"}
    assert status_of(held)["conservation"] == {"ok": True, "broken": []}
    assert registrations(held) == 9


def test_a_later_run_leaves_it_held_and_calls_for_no_attention(held: Home) -> None:
    assert run(held.root.parent) == journey.Outcome(attention=False, published=False)
    assert states(held)["440100/2018-11/1"] == "held"


def test_a_released_delivery_joins_as_if_it_had_never_waited(held: Home) -> None:
    decide(held, BROKEN, "release", "known gap", "reviewer")
    assert run(held.root.parent) == journey.Outcome(attention=False, published=True)
    assert states(held)["440100/2018-11/1"] == "accepted"
    assert registrations(held) == 18
    assert status_of(held)["conservation"] == {"ok": True, "broken": []}


def test_a_refused_delivery_never_joins_and_a_correction_does(held: Home) -> None:
    decide(held, BROKEN, "refuse", "sent again", "reviewer")
    deliver(held.root.parent / "inbox", "population", numbered("population", 10), sequence=2)
    assert run(held.root.parent) == journey.Outcome(attention=False, published=True)
    assert states(held)["440100/2018-11/1"] == "rejected"
    assert registrations(held) == 19


def test_a_decision_is_kept_with_reason_and_name(held: Home) -> None:
    decide(held, BROKEN, "release", "known gap", "reviewer")
    ledger = Ledger(held.ledger_url)
    (kept,) = ledger.decisions()
    ledger.close()
    assert (kept.action, kept.because, kept.decided_by) == ("release", "known gap", "reviewer")
    assert "10.0%" in kept.held_because


@pytest.mark.parametrize("name", ["440200/population/2018-11/001", "440100/population/2018-11/002", "nonsense"])
def test_only_what_is_held_is_decided_on(held: Home, name: str) -> None:
    with pytest.raises(PlainFault, match="no such delivery is held"):
        decide(held, name, "release", "because", "reviewer")


def test_a_delivery_is_decided_on_once(held: Home) -> None:
    decide(held, BROKEN, "refuse", "because", "reviewer")
    with pytest.raises(PlainFault, match="no such delivery is held"):
        decide(held, BROKEN, "release", "because", "reviewer")


VOLUMES: dict[str, tuple[tuple[int, ...], list[str]]] = {
    # rows of four periods, and the states they come to
    "usual": ((4, 4, 4, 8), ["accepted"] * 4),
    "too many": ((4, 4, 4, 9), ["accepted"] * 3 + ["held"]),
    "too few": ((4, 4, 4, 1), ["accepted"] * 3 + ["held"]),
    "nothing to compare with yet": ((1, 9, 1, 2), ["accepted"] * 4),
}
CITIES = dict(zip(VOLUMES, ("440100", "440200", "440300", "440400"), strict=True))


@pytest.fixture(scope="module", params=["together", "one by one"])
def volumes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    folder = tmp_path_factory.mktemp("volumes")
    for nth, period in enumerate(PERIODS):
        for name, (counts, _) in VOLUMES.items():
            sent = numbered("population", counts[nth], updated_at=f"{period}-05 08:00:00")
            deliver(folder / "inbox", "population", sent, CITIES[name], period)
        if request.param == "one by one" or period == PERIODS[-1]:
            run(folder)
    found = status_of(Home(folder / "home"))["deliveries"]
    return {name: [d["state"] for d in found if d["city"] == CITIES[name]] for name in VOLUMES}


@pytest.mark.parametrize("name", VOLUMES)
def test_volumes_are_held_against_those_of_three_earlier_periods(volumes: dict[str, list[Any]], name: str) -> None:
    assert volumes[name] == VOLUMES[name][1]


def test_the_command_line_lists_and_decides(held: Home, capsys: pytest.CaptureFixture[str]) -> None:
    from pipelines.cli import commands

    call = commands.main
    call(["gate", "list", "--home", str(held.root), "--json"], standalone_mode=False)
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [BROKEN]
    call(
        ["gate", "release", BROKEN, "--home", str(held.root), "--because", "known", "--by", "me"], standalone_mode=False
    )
    assert held_deliveries(held) == []
