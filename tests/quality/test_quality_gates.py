"""What the gate holds: too many refused rows, and volumes unlike those of earlier periods."""

from __future__ import annotations

import pytest

from quality.gates import Figures, held_because

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
    "less than half the usual": (Figures(49, 0, (100, 100, 100)), ["rows unlike earlier periods: 49"]),
    "more than twice the usual": (Figures(201, 0, (100, 100, 100)), ["rows unlike earlier periods: 201"]),
    "nothing where there was something": (Figures(0, 0, (100, 100, 100)), ["rows unlike earlier periods: 0"]),
    "something where there was nothing": (Figures(1, 0, (0, 0, 0)), ["rows unlike earlier periods: 1"]),
    "both": (Figures(10, 1, (100, 100, 100)), ["quarantined: 10.0%", "rows unlike"]),
}


@pytest.mark.parametrize("name", PASSES)
def test_what_passes(name: str) -> None:
    assert held_because(PASSES[name]) == ""


@pytest.mark.parametrize("name", HELD)
def test_what_is_held(name: str) -> None:
    figures, said = HELD[name]
    assert all(words in held_because(figures) for words in said)
