"""The operations feeds of a synthetic province are such as the contract wants and the gate lets through."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from contracts.feeds import FEEDS
from lake.home import Home
from pipelines.simulate import simulate
from pipelines.simulate.clock import NEVER, months
from pipelines.simulate.institutions import draw_institutions
from tests.pipelines.small_inbox import deliveries_of, rows_of, settle

NEW = ("platform_function", "smart_service", "code_usage", "code_activation", "booking", "telemedicine")
Settled = tuple[Home, Path]


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    folder = tmp_path_factory.mktemp("operations")
    simulate(900, 6, 20190630, folder)
    for feed in (name for name, of in FEEDS.items() if of.is_person):  # these are looked at elsewhere
        for of_city in (folder / "inbox").glob(f"*/{feed}"):
            shutil.rmtree(of_city)
    home = Home(folder / "home")
    settle(home, folder / "inbox")
    return home, folder / "truth"


@pytest.fixture(scope="module")
def truth(settled: Settled) -> dict[str, list[dict[str, Any]]]:
    names = (*NEW, "institution", "platform_connection")
    return {name: rows_of(settled[1] / f"{name}.parquet") for name in names}


@pytest.mark.parametrize("feed", NEW)
def test_every_row_passes_and_no_delivery_is_held(settled: Settled, feed: str) -> None:
    found = [d for d in deliveries_of(settled[0]) if d["feed"] == feed]
    assert found and {d["state"] for d in found} <= {"accepted", "indexed"}
    assert sum(d["rows"]["quarantined"] for d in found) == 0
    assert sum(d["rows"]["accepted"] for d in found) > 0


@pytest.mark.parametrize("feed", [*NEW, "institution", "platform_connection"])
def test_some_deliveries_are_corrected(settled: Settled, feed: str) -> None:
    found = [d for d in deliveries_of(settled[0]) if d["feed"] == feed]
    assert {d["sequence"] for d in found} == {1, 2}
    assert sum(d["rows"]["accepted"] for d in found) > pq.read_metadata(settled[1] / f"{feed}.parquet").num_rows


def test_codes_are_scanned_where_they_are_taken(truth: dict[str, list[dict[str, Any]]]) -> None:
    taken = {(row["org_code"], row["month"]) for row in truth["platform_connection"] if row["code_live"]}
    scanned = {(row["org_code"], f"{row['day']:%Y-%m}") for row in truth["code_usage"]}
    assert scanned and scanned <= taken
    totals = [(row["scans"], row["failures"]) for row in truth["code_usage"]]
    assert 0 < sum(failures for _, failures in totals) < 0.1 * sum(scans for scans, _ in totals)
    months = Counter[str]()
    for row in truth["code_activation"]:
        if row["city_code"] == "440300":
            months[f"{row['day']:%Y-%m}"] += 1
    assert len(months) == 6


def test_slots_are_released_before_they_start_and_seen_when_booked(truth: dict[str, list[dict[str, Any]]]) -> None:
    level = {row["org_code"]: row["level"] for row in truth["institution"]}
    lengths = set()
    for row in truth["booking"]:
        assert row["released_at"] < row["slot_start"] < row["slot_end"]
        assert (row["channel"] is None) == (row["booked_at"] is None)
        assert row["booked_at"] is None or row["released_at"] < row["booked_at"] < row["slot_start"]
        assert row["seen_at"] is None or (row["booked_at"] is not None and row["seen_at"] >= row["slot_start"])
        lengths.add((level[row["org_code"]], row["slot_end"] - row["slot_start"] <= timedelta(minutes=30)))
    assert {("3", True), ("2", False)} <= lengths <= {(rank, fine) for rank in "23" for fine in (True, False)}
    at_night = sum(row["released_at"].hour in (22, 23, 0, 1, 2, 3, 4, 5) for row in truth["booking"])
    assert 0 < at_night < 0.4 * len(truth["booking"])


def test_cases_go_from_one_institution_to_another_in_order(truth: dict[str, list[dict[str, Any]]]) -> None:
    codes = {row["org_code"] for row in truth["institution"]}
    cases = truth["telemedicine"]
    for row in cases:
        assert row["requester_org"] in codes and row["requester_org"] != row["responder_org"]
        assert (row["responder_org"] is None) == (row["arranged_at"] is None)
        assert row["completed_at"] is None or row["requested_at"] < row["arranged_at"] < row["completed_at"]
    urgent = [row["arranged_at"] - row["requested_at"] for row in cases if row["urgency"] == "1" and row["arranged_at"]]
    assert 0.7 < sum(wait <= timedelta(hours=1) for wait in urgent) / len(urgent) < 1


def test_institutions_open_and_close() -> None:
    calendar = months("2018-10", 12)
    drawn = draw_institutions(3, np.full(21, 40_000), calendar)
    opens, closes = drawn.opened_month >= 0, drawn.closed_month < NEVER
    assert opens.any() and closes.any() and not (opens & closes).any()
    for index, month in enumerate(calendar):
        assert np.all(drawn.opened[drawn.opened_month == index] >= month.first)
        assert np.all(drawn.closed[drawn.closed_month == index] < month.following)


def test_an_institution_registered_by_mistake_is_gone(truth: dict[str, list[dict[str, Any]]], settled: Settled) -> None:
    found = [d for d in deliveries_of(settled[0]) if d["feed"] == "institution"]
    assert [d["city"] for d in found if d["sequence"] == 2] == ["440100"]
    index = [row for file in settled[0].root.glob("vault/live/institution/*/*.parquet") for row in rows_of(file)]
    kept = {row["org_code"] for row in truth["institution"]}
    assert {row["source_key"] for row in index if row["live"]} == kept
    assert len({row["source_key"] for row in index if not row["live"]} - kept) > 1
    assert {row["org_code"] for row in truth["platform_connection"]} <= kept


def test_what_is_live_says_since_when(truth: dict[str, list[dict[str, Any]]]) -> None:
    for feed, per_thing in (("platform_function", 60), ("smart_service", 10)):
        rows = truth[feed]
        assert all(row["live"] == (row["live_on"] is not None) for row in rows)
        assert 0.2 < sum(row["live"] for row in rows) / len(rows) < 0.9
        things = Counter(row[{"platform_function": "city_code", "smart_service": "org_code"}[feed]] for row in rows)
        assert min(things.values()) >= per_thing
    tertiary = {row["org_code"] for row in truth["institution"] if row["level"] == "3"}
    assert {r["org_code"] for r in truth["smart_service"] if r["service_code"][0] == "T"} == tertiary
