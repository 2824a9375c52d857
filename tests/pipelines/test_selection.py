"""A backfill: one month of a city or feed is taken in, and nothing else, as the ledger shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.run import open_run
from pipelines.selection import EVERYTHING, Selection
from tests.pipelines.small_inbox import QUIET, SOUND, deliver

PLACES = [
    (city, feed, period)
    for city in ("440100", "440300")
    for feed in ("ehr", "population")
    for period in ("2018-10", "2018-11")
]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for city, feed, period in PLACES:
        deliver(tmp_path / "inbox", feed, [SOUND[feed]], city=city, period=period)
    return tmp_path / "inbox"


def take_in(home: Home, inbox: Path, selection: Selection) -> None:
    with open_run(home, QUIET) as run:
        journey.land(run, inbox, selection)
        journey.clean(run, selection)
        journey.settle_rows(run, selection)


def states(home: Home) -> dict[tuple[str, str, str], str]:
    ledger = Ledger(home.ledger_url)
    try:
        return {(d.city, d.feed, d.period): "settled" if d.settled else d.state for d in ledger.deliveries()}
    finally:
        ledger.close()


def live(home: Home) -> set[tuple[str, str, int, int]]:
    ledger = Ledger(home.ledger_url)
    try:
        return {(*place, of.accepted, of.live) for place, of in ledger.live_versions().items()}
    finally:
        ledger.close()


@pytest.mark.parametrize(
    "selection",
    [
        Selection(period="2018-11"),
        Selection(feed="ehr"),
        Selection(city="440300"),
        Selection("population", "440100", "2018-10"),
    ],
)
def test_a_selection_is_taken_in_and_nothing_else(tmp_path: Path, inbox: Path, selection: Selection) -> None:
    home = Home(tmp_path / "home")
    take_in(home, inbox, selection)
    wanted = {
        (city, feed, period)
        for city, feed, period in PLACES
        if selection.city in (None, city) and selection.feed in (None, feed) and selection.period in (None, period)
    }
    assert states(home) == {place: "settled" if place in wanted else "found" for place in PLACES}
    assert {(feed, city) for feed, city, *_ in live(home)} == {(feed, city) for city, feed, _ in wanted}


def test_months_taken_in_one_by_one_are_those_taken_in_at_once(tmp_path: Path, inbox: Path) -> None:
    at_once, one_by_one = Home(tmp_path / "at-once"), Home(tmp_path / "one-by-one")
    take_in(at_once, inbox, EVERYTHING)
    for period in ("2018-11", "2018-10"):  # the earlier month comes late
        for feed in ("population", "ehr"):
            take_in(one_by_one, inbox, Selection(feed=feed, period=period))
    assert live(one_by_one) == live(at_once)
    assert numbers(one_by_one) == numbers(at_once)


def test_a_month_that_was_cleaned_and_not_selected_waits(tmp_path: Path, inbox: Path) -> None:
    home = Home(tmp_path / "home")
    with open_run(home, QUIET) as run:
        journey.land(run, inbox)
        journey.clean(run)
        journey.settle_rows(run, Selection(period="2018-11"))
    assert {period for (_, _, period), state in states(home).items() if state == "settled"} == {"2018-11"}
    assert {accepted for *_, accepted, _ in live(home)} == {1}


def numbers(home: Home) -> dict[tuple[str, str, str], int]:
    ledger = Ledger(home.ledger_url)
    try:
        return {(d.city, d.feed, d.period): d.delivery_no for d in ledger.deliveries()}
    finally:
        ledger.close()
