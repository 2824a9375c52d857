"""What the gate holds: too many refused rows, and volumes unlike those of earlier periods."""

from __future__ import annotations

import pytest

from quality.gates import Figures, Found, judge_deliveries, judge_rates

PASSES = {
    "nothing refused": Figures(100, 0),
    "5 % refused": Figures(100, 5),
    "an empty delivery": Figures(0, 0),
    "two earlier periods are too few to compare": Figures(10, 0, (1000, 1000)),
    "half the usual": Figures(50, 0, (100, 100, 100)),
    "twice the usual": Figures(200, 0, (100, 100, 100)),
    "the usual is the median": Figures(100, 0, (100, 1, 100)),
    "only the last three periods are usual": Figures(100, 0, (1, 1, 1, 100, 100, 100)),
    "nothing, as usual": Figures(0, 0, (0, 0, 0)),
}
HELD = {
    "more than 5 % refused": (Figures(100, 6), ["more than 5% quarantined: 6.0%"]),
    "all refused": (Figures(1, 1), ["more than 5% quarantined: 100.0%"]),
    "less than half the usual": (Figures(49, 0, (100, 100, 100)), ["rows unlike earlier periods: 49 ↔ 100"]),
    "more than twice the usual": (Figures(201, 0, (100, 100, 100)), ["rows unlike earlier periods: 201 ↔ 100"]),
    "nothing where there was something": (Figures(0, 0, (100, 100, 100)), ["rows unlike earlier periods: 0 ↔ 100"]),
    "something where there was nothing": (Figures(1, 0, (0, 0, 0)), ["rows unlike earlier periods: 1 ↔ 0"]),
    "both": (Figures(10, 1, (1000, 1000, 1000)), ["quarantined: 10.0%", "rows unlike earlier periods: 10 ↔ 1,000"]),
}


def told(figures: Figures) -> list[str]:
    return [verdict.told for verdict in judge_deliveries([(1, figures)]) if verdict.refuses]


@pytest.mark.parametrize("name", PASSES)
def test_what_passes(name: str) -> None:
    assert told(PASSES[name]) == []


@pytest.mark.parametrize("name", HELD)
def test_what_is_held(name: str) -> None:
    figures, said = HELD[name]
    found = told(figures)
    assert len(found) == len(said)
    assert all(text.endswith(words) for text, words in zip(found, said, strict=True))


def test_deliveries_are_judged_together_each_by_its_own_figures() -> None:
    cases = [*PASSES.values(), *(figures for figures, _ in HELD.values())]
    verdicts = judge_deliveries(list(enumerate(cases)))
    held = {verdict.subject for verdict in verdicts if verdict.refuses}
    assert held == set(range(len(PASSES), len(cases)))
    assert sum(verdict.expectation.id == "delivery.quarantined" for verdict in verdicts) == len(cases)


RATES = {
    # rows found by two warning checks among so many: what the gate says
    "seldom": ((200, 3, 40), "passed", ""),
    "often": ((200, 3, 41), "warned", "more than 20% of rows: b 20.5%"),
    "both often": ((200, 190, 150), "warned", "more than 20% of rows: a 95.0%, b 75.0%"),
}


@pytest.mark.parametrize("name", RATES)
def test_a_warning_check_that_finds_much_is_told_and_holds_nothing(name: str) -> None:
    (delivered, a, b), state, said = RATES[name]
    (verdict,) = judge_rates([Found(1, "a", a, delivered), Found(1, "b", b, delivered)])
    assert (verdict.state, verdict.refuses) == (state, False)
    assert verdict.told.endswith(said)


def test_rates_in_small_deliveries_say_nothing() -> None:
    assert judge_rates([Found(1, "a", 99, 99)]) == []
