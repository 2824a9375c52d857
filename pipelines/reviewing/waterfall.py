"""The way to a probability as a waterfall: a table of steps, each with its bits and a bar from where the last ended."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from pipelines.quality_page.parts import both
from pipelines.reviewing.evidence import Step, odds


def waterfall(steps: Sequence[Step], probability: float) -> str:
    """Return the table of the steps; they add up to the odds of the probability."""
    total = odds(probability)
    reached = [0.0, *accumulate(step.bits for step in steps)]
    scale = _Scale(reached)
    rows = [
        _row(_named(step), f"{step.bits:+.1f}", scale.bar(start, end, "" if end >= start else "against"))
        for step, (start, end) in zip(steps, pairwise(reached), strict=True)
    ]
    end = f"<b>{both('合计', 'in all')}</b> = {probability:.1%}"
    rows.append(_row(end, f"{total:+.1f}", scale.bar(0.0, total, "sum"), "end"))
    caption = both("证据如何相加 (比特)", "How the evidence adds up (bits)")
    head = "".join(
        f'<th scope="col"{kind}>{both(*text)}</th>'
        for text, kind in (
            (("依据", "evidence"), ""),
            (("比特", "bits"), ' class="n"'),
            (("0 为各半", "0: even odds"), ""),
        )
    )
    body = "\n".join(rows)
    return (
        f'<table class="way"><caption>{caption}</caption>\n'
        '<colgroup><col><col class="bits"><col class="bar"></colgroup>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )


class _Scale:
    """The places of bits along a track, in percent."""

    def __init__(self, bits: Sequence[float]) -> None:
        self.least, most = min(0.0, *bits), max(0.0, *bits)
        self.width = (most - self.least) or 1.0

    def at(self, bits: float) -> float:
        return 100 * (bits - self.least) / self.width

    def bar(self, start: float, end: float, kind: str) -> str:
        left, right = sorted((self.at(start), self.at(end)))
        classed = f' class="{kind}"' if kind else ""
        return (
            f'<div class="track" aria-hidden="true"><u style="left:{self.at(0.0):.1f}%"></u>'
            f'<i{classed} style="left:{left:.1f}%;width:{right - left:.1f}%"></i></div>'
        )


def _named(step: Step) -> str:
    how = f" {both(*step.how)}" if any(step.how) else ""
    return f"<b>{both(*step.what)}</b>{how}"


def _row(name: str, bits: str, bar: str, kind: str = "") -> str:
    classed = f' class="{kind}"' if kind else ""
    return f'<tr{classed}><th scope="row">{name}</th><td class="n">{bits}</td><td>{bar}</td></tr>'
