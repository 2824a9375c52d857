"""The fault table, the gate: more than 5 % of rows quarantined, and volumes unlike three accepted periods; by the run.

What the gate's rules are is in tests/quality, what becomes of a held delivery in test_gate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lake.home import Home

from .small_inbox import Row, deliver, listed, numbered, receipt, rows, run, settle

PERIODS = ("2018-08", "2018-09", "2018-10")
"""Periods accepted before the one in question, of ten rows each."""

FAULTY: list[Row] = rows("population", {"population_no": "wrong", "birth_date": "someday"})
HELD = {
    # rows of the delivery, the sequence, and a part of the reason
    "more than 5 % quarantined": ([*numbered("population", 18), *FAULTY], 1, "5.3%"),
    "fewer than half the usual rows": (numbered("population", 4), 1, "4 ↔ 10"),
    "more than twice the usual rows": (numbered("population", 21), 1, "21 ↔ 10"),
    "more than 5 % of a correction": ([*numbered("population", 18), *FAULTY], 2, "5.3%"),
}
PASSES = {
    "5 % quarantined": ([*numbered("population", 19), *FAULTY], 1),
    "half the usual rows": (numbered("population", 5), 1),
    "twice the usual rows": (numbered("population", 20), 1),
    "a correction of one row": (numbered("population", 1), 2),
}


def earlier(folder: Path) -> None:
    """Settle the earlier periods."""
    for period in PERIODS:
        sent = numbered("population", 10, updated_at=f"{period}-05 08:00:00")
        deliver(folder / "inbox", "population", sent, period=period)
    settle(Home(folder / "home"), folder / "inbox")


def last(folder: Path) -> dict[str, Any]:
    (found,) = [delivery for delivery in listed(folder) if delivery["period"] == "2018-11"]
    return found


@pytest.mark.parametrize("name", HELD)
def test_the_gate_holds_and_the_run_calls_for_attention(tmp_path: Path, name: str) -> None:
    sent, sequence, reason = HELD[name]
    if "usual" in name:
        earlier(tmp_path)
    deliver(tmp_path / "inbox", "population", sent, sequence=sequence)
    assert run(tmp_path).status == 1
    found = last(tmp_path)
    quarantined = len(sent) - sum(row in numbered("population", len(sent)) for row in sent)
    assert (found["state"], found["rows"]) == ("held", {
        "delivered": len(sent), "accepted": len(sent) - quarantined, "quarantined": quarantined, "duplicates": 0,
    })  # fmt: skip
    assert reason in found["reason"]
    answer = receipt(tmp_path, "440100", "population", sequence=sequence)
    assert (answer["state"], answer["reason"], answer["rows"]) == ("held", found["reason"], found["rows"])
    assert answer["refused_rows"] == quarantined
    assert run(tmp_path).status == 0
    assert last(tmp_path) == found


@pytest.mark.parametrize("name", PASSES)
def test_the_gate_lets_through(tmp_path: Path, name: str) -> None:
    sent, sequence = PASSES[name]
    earlier(tmp_path)
    deliver(tmp_path / "inbox", "population", sent, sequence=sequence)
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    assert (last(tmp_path)["state"], last(tmp_path)["rows"]["delivered"]) == ("accepted", len(sent))
