"""The judge: verdicts by subject from one frame; silent, without a network, and no verdict where it can't judge."""

from __future__ import annotations

import math
import subprocess
import sys

import pyarrow as pa
import pytest

from lake.faults import PlainFault
from quality.judge import Expectation, judge

HALF = Expectation("test.half", "share", "", "", "超过 above {most:.0%}", "{name} {share:.0%}", most=0.5)
TWICE = Expectation("test.twice", "times", "", "", "之外 outside", "{name}", least=0.5, most=2, refuses=False)

CASES = {
    # figures of a subject: the state, figures judged and beyond, the one furthest out, what is told
    "within": ([0.5, 0.1], "passed", 2, 0, 0.5, ""),
    "one beyond": ([0.5, 0.6], "refused", 2, 1, 0.6, "b 60%"),
    "worst first, three told": ([0.6, 0.7, 0.9, 0.8, 0.0], "refused", 5, 4, 0.9, "c 90%, d 80%, b 70% … +1"),
    "empty ones aren't judged": ([None, 0.2, None], "passed", 1, 0, 0.2, ""),
}


def frame(figures: list[float | None], subject: int = 1, column: str = "share") -> list[dict[str, object]]:
    return [{"subject": subject, "name": name, column: share} for name, share in zip("abcde", figures, strict=False)]


@pytest.mark.parametrize("name", CASES)
def test_verdicts(name: str) -> None:
    figures, state, judged, beyond, observed, told = CASES[name]
    (verdict,) = judge(pa.Table.from_pylist(frame(figures)), [HALF])
    assert (verdict.state, verdict.judged, verdict.beyond, verdict.observed) == (state, judged, beyond, observed)
    assert verdict.told == (f"超过 above 50%: {told}" if told else "")


def test_subjects_are_judged_together_and_told_apart() -> None:
    rows = [row for subject, (figures, *_) in enumerate(CASES.values()) for row in frame(figures, subject)]
    verdicts = judge(pa.Table.from_pylist(rows), [HALF])
    assert [(v.subject, v.state, v.observed) for v in verdicts] == [
        (subject, state, observed) for subject, (_, state, _, _, observed, _) in enumerate(CASES.values())
    ]


@pytest.mark.parametrize("figures", [[0.4, 2.0], [1.0, 2.1], [1.0, math.inf]])
def test_both_limits_hold_and_a_warning_refuses_nothing(figures: list[float | None]) -> None:
    (verdict,) = judge(pa.Table.from_pylist(frame(figures, column="times")), [TWICE])
    assert (verdict.state, verdict.refuses, verdict.beyond) == ("warned", False, 1)


@pytest.mark.parametrize("figures", [[], [None, None]])
def test_without_figures_there_is_no_verdict(figures: list[float | None]) -> None:
    assert judge(pa.Table.from_pylist(frame(figures)), [HALF]) == []


def test_what_cannot_be_judged_is_a_fault() -> None:
    never = Expectation("test.never", "share", "", "", "", "", least=2, most=1)
    with pytest.raises(PlainFault, match=r"can't judge: test\.never"):
        judge(pa.Table.from_pylist(frame([0.1])), [HALF, never])


ALONE = """
import socket

def no_network(*_args, **_named):
    raise AssertionError("the network was tried")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = no_network

import atexit, sys
import pyarrow as pa
from quality.gates import Figures, judge_deliveries

assert not [name for name in sys.modules if name.partition(".")[0] in ("great_expectations", "pandas")]
assert [verdict.state for verdict in judge_deliveries([(1, Figures(10, 1))])] == ["refused"]
"""


def test_it_is_imported_late_says_nothing_and_never_tries_the_network() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
