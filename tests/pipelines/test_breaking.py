"""Deliveries broken at random: nothing crashes, no row is lost, and what is taken is what the contract takes."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from contracts.feeds import FEEDS
from lake.home import Home
from pipelines import journey
from pipelines.run import open_run
from pipelines.status import status_of

from .broken_deliveries import PLANTED, Broken, broken_inbox
from .small_inbox import QUIET, parquet_rows, run

NOTHING = {"delivered": 0, "accepted": 0, "quarantined": 0, "duplicates": 0}
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
few = settings(max_examples=15, deadline=None, suppress_health_check=SLOW, derandomize=True)
many = settings(max_examples=150, deadline=None, suppress_health_check=SLOW)


def judge(home: Home, inbox: Path, deliveries: list[Broken]) -> None:
    """Take the deliveries as far as their live indexes and hold what came of each against the contract."""
    for delivery in deliveries:
        delivery.write(inbox)
    with open_run(home, QUIET) as current:
        journey.land(current, inbox)
        journey.clean(current)
        journey.answer(current)
        journey.settle_rows(current)
    assert_as_expected(home, deliveries)


def assert_as_expected(home: Home, deliveries: list[Broken]) -> None:
    """Hold states, counts, taken and refused rows of each delivery against what it should come to."""
    status = status_of(home)
    assert status["conservation"] == {"ok": True, "broken": []}
    found = {(d["city"], d["feed"], d["period"]): d for d in status["deliveries"]}
    numbers = {place: number for number, place in enumerate(found, start=1)}
    sent = {(d.city, d.feed.name, d.period): d.expected for d in deliveries if d.expected is not None}
    assert found.keys() == sent.keys()
    assert len(found) == len(status["deliveries"])
    keys, quarantine = _by_delivery(home, "vault/keys"), _by_delivery(home, "vault/quarantine")
    for place, expected in sent.items():
        state, counted = found[place]["state"], found[place]["rows"]
        if expected.state == "rejected":
            assert (state, counted) == ("rejected", NOTHING)
            assert found[place]["reason"]
            continue
        assert (state, counted) == (expected.state, expected.rows), found[place]["reason"]
        assert keys.get(numbers[place], set()) == expected.taken
        assert quarantine.get(numbers[place], set()) == expected.refused
    assert PLANTED not in json.dumps(status, ensure_ascii=False)
    for path in (home.root / "receipts").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert PLANTED not in text
        assert json.dumps(PLANTED)[1:-1] not in text


def _by_delivery(home: Home, dataset: str) -> dict[int, set[int]]:
    """Return the ordinals of the rows of a dataset by delivery."""
    found: dict[int, set[int]] = {}
    for feed in FEEDS:
        for row in parquet_rows(home, dataset, feed):
            found.setdefault(row["row_id"] >> 32, set()).add(row["row_id"] & 0xFFFFFFFF)
    return found


@few
@given(deliveries=broken_inbox())
def test_broken_deliveries_come_to_what_the_contract_says(deliveries: list[Broken]) -> None:
    with TemporaryDirectory() as folder:
        judge(Home(Path(folder) / "home"), Path(folder) / "inbox", deliveries)


@pytest.mark.e2e
@many
@given(deliveries=broken_inbox(most=9))
def test_many_broken_deliveries_come_to_what_the_contract_says(deliveries: list[Broken]) -> None:
    with TemporaryDirectory() as folder:
        judge(Home(Path(folder) / "home"), Path(folder) / "inbox", deliveries)


@pytest.mark.e2e
@settings(max_examples=5, deadline=None, suppress_health_check=SLOW)
@given(deliveries=broken_inbox(most=20))
def test_a_whole_run_over_broken_deliveries(deliveries: list[Broken]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "inbox").mkdir()
        for delivery in deliveries:
            delivery.write(Path(folder) / "inbox")
        told = run(Path(folder))
        attention = any(d.expected and d.expected.state != "accepted" for d in deliveries)
        assert (told.status, told.out) == (1 if attention else 0, ""), told.err
        assert PLANTED not in told.err
        assert_as_expected(Home(Path(folder) / "home"), deliveries)
        outcome = status_but_for_the_log(Home(Path(folder) / "home"))
        assert run(Path(folder)).status == 0
        assert status_but_for_the_log(Home(Path(folder) / "home")) == outcome


def status_but_for_the_log(home: Home) -> dict[str, Any]:
    """Return a home's status without the room of its access log, where each run leaves a line."""
    status = status_of(home)
    status["disk"]["total"] -= status["disk"].pop("audit")
    return status
