"""The gate judges all deliveries of a run at once, and finds what judging them one by one, in order, would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.judgements import judgements
from lake.ledger import Ledger
from pipelines import gating

PERIODS = ("2018-06", "2018-07", "2018-08", "2018-09", "2018-10", "2018-11", "2018-12", "2019-01")
Arrived = dict[tuple[str, str, int], tuple[int, int]]
"""City, period and sequence of a delivery: its rows, and how many of them are quarantined."""


def one_by_one(arrived: Arrived) -> set[tuple[str, str, int]]:
    """Return which deliveries are held, each judged after those of earlier periods."""
    usual: dict[str, list[int]] = defaultdict(list)
    held = set()
    for (city, period, sequence), (rows, quarantined) in sorted(arrived.items(), key=lambda item: item[0][1:]):
        first, before = sequence == 1, usual[city][-3:]
        unlike = first and len(before) == 3 and not median(before) / 2 <= rows <= 2 * median(before)
        if unlike or quarantined * 20 > rows:
            held.add((city, period, sequence))
        elif first:
            usual[city].append(rows)
    return held


def enter(ledger: Ledger, arrived: Arrived) -> None:
    """Enter the deliveries as cleaned."""
    ledger.register(
        [
            {
                "city": city, "feed": "emr", "period": period, "sequence": sequence, "digest": "", "mode": "delta",
                "extracted_at": None, "state": "cleaned",
            }
            for city, period, sequence in arrived
        ],
        "run",
    )  # fmt: skip
    for number, (rows, quarantined) in enumerate(arrived.values(), len(ledger.deliveries()) - len(arrived) + 1):
        counts = {"accepted": rows - quarantined, "quarantined": quarantined, "duplicates": 0}
        ledger.judge(number, "cleaned", delivered=rows, **counts)


def states(ledger: Ledger, state: str) -> set[tuple[str, str, int]]:
    return {(d.city, d.period, d.sequence) for d in ledger.deliveries(state)}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as opened:
        yield opened


_ROWS = st.integers(0, 60).flatmap(lambda rows: st.tuples(st.just(rows), st.sampled_from((0, 0, 0, 0, min(rows, 3)))))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(("440100", "440200")), st.sampled_from(PERIODS), st.sampled_from((1, 1, 1, 2))),
        _ROWS,
        min_size=1,
        max_size=16,
    ),
    st.integers(0, len(PERIODS)),
)
def test_together_or_one_by_one_the_same_are_held(arrived: Arrived, runs: int) -> None:
    with closing(Ledger("sqlite://")) as ledger:
        parts = [{k: v for k, v in arrived.items() if (k[1] in PERIODS[:runs]) is early} for early in (True, False)]
        for part in parts:
            enter(ledger, part)
            assert gating.pass_gate(ledger) == len(states(ledger, "held") & part.keys())
        assert states(ledger, "held") == one_by_one(arrived)
        assert states(ledger, "accepted") == arrived.keys() - one_by_one(arrived)


USUAL: Arrived = {(city, period, 1): (1000, 0) for city in ("440100", "440200") for period in PERIODS}


def test_a_run_without_held_deliveries_is_judged_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []
    judge = gating.judge_deliveries
    monkeypatch.setattr(gating, "judge_deliveries", lambda given: rounds.append(len(given)) or judge(given))
    enter(ledger, USUAL)
    assert gating.pass_gate(ledger) == 0
    assert rounds == [len(USUAL)]


def test_only_what_follows_a_held_delivery_is_judged_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []
    judge = gating.judge_deliveries
    monkeypatch.setattr(gating, "judge_deliveries", lambda given: rounds.append(len(given)) or judge(given))
    enter(ledger, USUAL | {("440100", "2018-11", 1): (9999, 0)})
    assert gating.pass_gate(ledger) == 1
    assert rounds == [len(USUAL), 2]  # December and January of that city


def test_each_judgement_is_kept_and_a_later_one_takes_its_place(ledger: Ledger) -> None:
    enter(ledger, {("440100", "2018-11", 1): (100, 6)})
    ledger.replace_check_results(
        [1], ["emr.id_no.birth"], [{"delivery_no": 1, "check_id": "emr.id_no.birth", "rows": 30}]
    )
    gating.pass_gate(ledger)

    def kept() -> list[tuple[str, str, float | None, str]]:
        return [(j.expectation, j.state, j.observed, j.told.split(": ")[-1]) for j in judgements(ledger, "delivery", 1)]

    assert kept() == [
        ("delivery.quarantined", "refused", 0.06, "6.0%"),
        ("delivery.warnings", "warned", 0.3, "emr.id_no.birth 30.0%"),
    ]
    ledger.judge(1, "cleaned", quarantined=0, accepted=100)
    ledger.replace_check_results([1], ["emr.id_no.birth"], [])
    gating.pass_gate(ledger)
    assert kept() == [("delivery.quarantined", "passed", 0.0, "")]
