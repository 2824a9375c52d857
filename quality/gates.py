"""The gate of deliveries: what a delivery's figures must be for it to join without someone's decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import pyarrow as pa

from quality.judge import Expectation, Verdict, judge

EARLIER_PERIODS = 3
FEWEST_ROWS = 100
"""Below so many rows the rate at which a check finds something says little."""

JOINING = (
    Expectation(
        id="delivery.quarantined",
        column="quarantined",
        zh="隔离行不超过 5%：更多则多半是整列写法或对应关系有误，应由报送方更正",
        en="At most 5% of rows quarantined: more is mostly a whole column miswritten, which the city should mend",
        beyond="隔离行超过 {most:.0%} more than {most:.0%} quarantined",
        shown="{quarantined:.1%}",
        most=0.05,
    ),
    Expectation(
        id="delivery.volume",
        column="times_usual",
        zh="行数为此前三期中位数的一半至两倍：其外多半是漏报、重报或期次有误",
        en="Half to twice the median rows of the three periods before: else mostly a part missing, or sent twice",
        beyond="行数与以往各期相差悬殊 rows unlike earlier periods",
        shown="{delivered:,} ↔ {usual:,.0f}",
        least=0.5,
        most=2.0,
    ),
)
CHECKED = (
    Expectation(
        id="delivery.warnings",
        column="rate",
        zh="每项提示性校验所涉行不超过 20%：更多则多半是列错位；只提示，不暂缓",
        en="Each warning check finds at most 20% of rows: more is mostly a shifted column; it warns and doesn't hold",
        beyond="提示性校验所涉行超过 {most:.0%} a warning check finds more than {most:.0%} of rows",
        shown="{check_id} {rate:.1%}",
        most=0.2,
        refuses=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """A delivery's figures, in rows. `earlier` are those of the first deliveries of earlier periods, newest last.

    It is empty where volumes aren't compared: for a later sequence of a period.
    """

    delivered: int
    quarantined: int
    earlier: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """How many of a delivery's rows a warning check found."""

    delivery_no: int
    check_id: str
    rows: int
    delivered: int


def judge_deliveries(deliveries: Sequence[tuple[int, Figures]]) -> list[Verdict]:
    """Judge the figures of deliveries, each with its number, all at once: one that a verdict refuses is held."""
    rows = [{"subject": number, **_joining(figures)} for number, figures in deliveries]
    return judge(pa.Table.from_pylist(rows), JOINING)


def judge_rates(found: Sequence[Found]) -> list[Verdict]:
    """Judge how often warning checks found something in deliveries of `FEWEST_ROWS` or more: deliveries × checks."""
    rows = [
        {"subject": each.delivery_no, "check_id": each.check_id, "rate": each.rows / each.delivered}
        for each in found
        if each.delivered >= FEWEST_ROWS
    ]
    return judge(pa.Table.from_pylist(rows), CHECKED)


def _joining(figures: Figures) -> dict[str, float | None]:
    """Return a delivery's row of the frame; `usual` is empty where there are too few earlier periods."""
    delivered, earlier = figures.delivered, figures.earlier[-EARLIER_PERIODS:]
    usual = float(median(earlier)) if len(earlier) == EARLIER_PERIODS else None
    return {
        "delivered": delivered,
        "quarantined": figures.quarantined / delivered if delivered else 0.0,
        "usual": usual,
        "times_usual": None if usual is None else _times(delivered, usual),
    }


def _times(rows: int, usual: float) -> float:
    if usual:
        return rows / usual
    return float("inf") if rows else 1.0
