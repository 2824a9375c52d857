"""The gates: what a delivery's figures must be for it to join without someone's decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

EARLIER_PERIODS = 3
_MOST_QUARANTINED = 0.05
_LEAST_OF_USUAL, _MOST_OF_USUAL = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Figures:
    """A delivery's figures, in rows. `earlier` are those of the first deliveries of earlier periods, newest last.

    It is empty where volumes aren't compared: for a later sequence of a period.
    """

    delivered: int
    quarantined: int
    earlier: Sequence[int] = ()


def held_because(figures: Figures) -> str:
    """Return why the gate holds a delivery of these figures, in both languages; empty where it passes."""
    reasons = []
    if figures.quarantined > _MOST_QUARANTINED * figures.delivered:
        share = figures.quarantined / figures.delivered
        reasons.append(f"隔离行超过 5% more than 5% quarantined: {share:.1%}")
    if len(figures.earlier) >= EARLIER_PERIODS:
        usual = median(figures.earlier[-EARLIER_PERIODS:])
        if not _LEAST_OF_USUAL * usual <= figures.delivered <= _MOST_OF_USUAL * usual:
            reasons.append(f"行数与以往各期相差悬殊 rows unlike earlier periods: {figures.delivered:,} ↔ {usual:,.0f}")
    return "; ".join(reasons)
