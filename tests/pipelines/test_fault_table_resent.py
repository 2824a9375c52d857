"""The fault table, what is sent again: the same content, other content under a known sequence, late or out of order.

Which row counts after late and disordered deliveries is in test_settling.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.divisions import CITIES
from lake.home import Home
from pipelines.rejection import Reason, RejectedDelivery

from .small_inbox import (
    Row,
    csv_text,
    deliver,
    deliveries_of,
    described,
    listed,
    parquet_rows,
    receipt,
    rows,
    rows_of,
    run,
    settle,
)

ROWS = rows("population", {"population_no": "P1"}, {"population_no": "P2", "name": "李四"})
TEXT = csv_text(ROWS).encode()
NOTHING = {"delivered": 0, "accepted": 0, "quarantined": 0, "duplicates": 0}
OTHER: list[Row] = rows("population", {"population_no": "P3"})
STATED = {"files": [described("rows.csv", TEXT)]}
STATED_WRONG = {"files": [described("rows.csv", TEXT) | {"rows": 3}]}
KNOWN = {"delivered": 2, "accepted": 2, "quarantined": 0, "duplicates": 0}
AGAIN: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[int, str]]]] = {
    # what comes first, what comes then, and the states of both
    "the same content under a new sequence": (
        {}, {"sequence": 2}, [(1, "accepted"), (2, "unchanged")]),
    "the same content in files of another name": (
        {}, {"sequence": 2, "files": {"other.csv": TEXT}}, [(1, "accepted"), (2, "unchanged")]),
    "the same content in another period": (
        {}, {"period": "2018-12"}, [(1, "accepted"), (1, "accepted")]),
    "other content under a new sequence": (
        {}, {"sequence": 2, "files": OTHER}, [(1, "accepted"), (2, "accepted")]),
    "an earlier sequence after a later one": (
        {"sequence": 2}, {"files": OTHER}, [(2, "accepted"), (1, "accepted")]),
    "a refused delivery, right under a new sequence": (
        {"stated": STATED_WRONG}, {"sequence": 2}, [(1, "rejected"), (2, "accepted")]),
}  # fmt: skip
LATER = {
    "other content under the same sequence": (
        {}, {"files": OTHER}, [(1, "accepted"), (1, "rejected")]),
    "the stated content, not the real one": (
        {}, {"sequence": 2, "files": {"rows.csv": TEXT[:-9]}, "stated": STATED}, [(1, "accepted"), (2, "rejected")]),
    "other content in the place of a refused delivery": (
        {"stated": STATED_WRONG}, {"files": OTHER}, [(1, "rejected"), (1, "accepted")]),
}  # fmt: skip
CITY = dict(zip([*AGAIN, *LATER], CITIES, strict=False))
States = dict[str, list[tuple[int, str]]]


def send(inbox: Path, city: str = "440100", **delivery: Any) -> None:
    deliver(inbox, "population", **{"files": ROWS, "city": city} | delivery)


def states_by_city(home: Home) -> States:
    found: States = {}
    for delivery in deliveries_of(home):
        found.setdefault(delivery["city"], []).append((delivery["sequence"], delivery["state"]))
    return found


@pytest.fixture(scope="module")
def one_after_another(tmp_path_factory: pytest.TempPathFactory) -> States:
    """Run the first deliveries of all cases, then the others; each case has its city."""
    folder = tmp_path_factory.mktemp("after")
    for nth in (0, 1):
        for name, case in (AGAIN | LATER).items():
            send(folder / "inbox", CITY[name], **case[nth])
        settle(Home(folder / "home"), folder / "inbox")
    return states_by_city(Home(folder / "home"))


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> States:
    """Run both deliveries of each case at once."""
    folder = tmp_path_factory.mktemp("together")
    for name, case in AGAIN.items():
        for nth in (0, 1):
            send(folder / "inbox", CITY[name], **case[nth])
    settle(Home(folder / "home"), folder / "inbox")
    return states_by_city(Home(folder / "home"))


@pytest.mark.parametrize("name", [*AGAIN, *LATER])
def test_a_delivery_after_another(one_after_another: States, name: str) -> None:
    assert one_after_another[CITY[name]] == (AGAIN | LATER)[name][2]


@pytest.mark.parametrize("name", AGAIN)
def test_two_deliveries_that_come_together(together: States, name: str) -> None:
    assert sorted(together[CITY[name]]) == sorted(AGAIN[name][2])


def test_an_unchanged_delivery_is_made_of_duplicates(tmp_path: Path) -> None:
    for sequence in (1, 2):
        send(tmp_path / "inbox", sequence=sequence)
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    first, second = deliveries_of(Home(tmp_path / "home"))
    assert first["rows"] == KNOWN
    assert second["rows"] == {"delivered": 2, "accepted": 0, "quarantined": 0, "duplicates": 2}


def test_the_refusal_of_other_content_asks_for_a_new_sequence(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for files in (ROWS, OTHER):
        send(tmp_path / "inbox", files=files)
        settle(home, tmp_path / "inbox")
    first, second = deliveries_of(home)
    assert (first["state"], first["rows"]) == ("accepted", KNOWN)
    assert (second["reason"], second["rows"]) == (str(RejectedDelivery(Reason.SEQUENCE)), NOTHING)


def test_what_each_run_ends_with_and_tells(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    place = {"city": "440100", "feed": "population", "period": "2018-11"}
    first = {**place, "sequence": 1, "state": "accepted", "reason": "", "rows": KNOWN}
    again = {
        **place,
        "sequence": 2,
        "state": "unchanged",
        "reason": "",
        "rows": KNOWN | {"accepted": 0, "duplicates": 2},
    }
    other = {
        **place,
        "sequence": 1,
        "state": "rejected",
        "reason": str(RejectedDelivery(Reason.SEQUENCE)),
        "rows": NOTHING,
    }

    send(tmp_path / "inbox")
    assert run(tmp_path).status == 0
    assert listed(tmp_path) == [first]

    send(tmp_path / "inbox", sequence=2)
    keys = parquet_rows(home, "vault/keys", "population")
    assert run(tmp_path).status == 0
    assert listed(tmp_path) == [first, again]
    assert receipt(tmp_path, "440100", "population", sequence=2)["state"] == "unchanged"
    assert parquet_rows(home, "vault/keys", "population") == keys

    send(tmp_path / "inbox", files=OTHER)
    assert run(tmp_path).status == 1
    assert listed(tmp_path) == [first, again, other]
    assert len([*(home.root / "receipts").rglob("001-*.json")]) == 2
    assert parquet_rows(home, "vault/keys", "population") == keys

    assert run(tmp_path).status == 0
    assert listed(tmp_path) == [first, again, other]


def test_late_and_disordered_deliveries_are_accepted(tmp_path: Path) -> None:
    for period, sequence in (("2018-11", 2), ("2018-11", 1), ("2018-03", 7), ("2018-10", 1)):
        day = f"{period}-{sequence:02d}"
        send(tmp_path / "inbox", period=period, sequence=sequence, files=rows("population", {"updated_at": day}))
        settle(Home(tmp_path / "home"), tmp_path / "inbox")
    assert {d["state"] for d in listed(tmp_path)} == {"accepted"}
    (version, *_) = sorted((tmp_path / "home" / "vault" / "live" / "population" / "440100").iterdir(), reverse=True)
    assert [(str(row["updated_at"]), row["live"]) for row in rows_of(version)] == [("2018-11-02 00:00:00", True)]
