"""The status of a target: what its figures say on a day, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.divisions import CITIES
from warehouse.targets.entry import OfIndicator, OfQuery, Target

MET, ON_TRACK, DUE, MISSED, NOT_COMPUTABLE = "met", "on track", "due", "missed", "not computable"
STATUSES = {MET: "已达标", ON_TRACK: "进度正常", DUE: "待完成", MISSED: "未达标", NOT_COMPUTABLE: "不可计算"}
"""Every status, with its Chinese name."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How a target's value moved up to `month`, the last that is over and has data; all months are first days."""

    month: date
    value: float
    furthest: str | None
    earlier_value: float
    earlier_month: date
    reached_on: date | None

    @property
    def pace(self) -> float:
        """Return the mean change of the value a month, since up to three months before; 0 where it is the first."""
        months = _months_between(self.earlier_month, self.month)
        return (self.value - self.earlier_value) / months if months else 0.0


def status_of(target: Target, progress: Progress | None, as_of: date) -> str:
    """Return the status of a target on a day.

    Reached is met, even late. On the deadline and after it, with data up to it, what isn't reached is missed, and so is
    at any time what is in force. Before it, a target is on track where the pace of the last three months is enough to
    arrive in time; else, or without a deadline, it is due.
    """
    if progress is None or target.target is None:
        return NOT_COMPUTABLE
    if _reaches(target, progress.value):
        return MET
    if target.in_force:
        return MISSED
    if target.deadline is None:
        return DUE
    if target.deadline <= as_of and _months_between(progress.month, target.deadline) <= 0:
        return MISSED
    left = _months_between(progress.month, target.deadline)
    return ON_TRACK if _reaches(target, progress.value + progress.pace * left) else DUE


def assessed(target: Target, city: str, progress: Progress | None, missing: int | None, as_of: date) -> dict[str, Any]:
    """Return a row of target_status: of the target as a whole, or of one city that it binds."""
    status = status_of(target, progress, as_of)
    notes = _notes(target, city, progress, missing, status)
    return {
        "target_id": target.code,
        "scope": city or target.scope,
        "whole": not city,
        "zh": target.zh,
        "en": target.en,
        "scope_zh": CITIES[city].zh if city else target.scope_zh,
        "scope_en": CITIES[city].en if city else target.scope_en,
        "indicator": target.measure.indicator if isinstance(target.measure, OfIndicator) else "",
        "target": target.target,
        "at_most": target.at_most,
        "deadline": target.deadline,
        "value": progress.value if progress else None,
        "month": progress.month if progress else None,
        "furthest": progress.furthest if progress and not city else None,
        "reached_on": progress.reached_on if progress else None,
        "pace": progress.pace if progress else None,
        "pace_needed": _pace_needed(target, progress, status),
        "missing": missing,
        "status": status,
        "ambiguous": bool(target.ambiguity_zh),
        "note_zh": "；".join(zh for zh, _ in notes),
        "note_en": "; ".join(en for _, en in notes),
        "quote": target.quote,
        "as_of": as_of,
    }


def is_late(deadline: date | None, reached_on: date | None) -> bool:
    """Say whether a target was first reached in a month after its deadline."""
    return deadline is not None and reached_on is not None and reached_on > deadline


def _notes(
    target: Target, city: str, progress: Progress | None, missing: int | None, status: str
) -> list[tuple[str, str]]:
    """Return what is to be said of a target, in Chinese and English: why it stands as it does, how it is read."""
    notes = []
    if target.measure is None:
        notes.append((target.why_zh, target.why_en))
    elif progress is None:
        notes.append(("尚无已结束月份的数据", "no data yet of a month that is over"))
    else:
        if missing and status != MET:
            notes.append((f"尚缺 {missing:,} 家机构", f"{missing:,} institutions missing"))
        if progress.furthest and not city:
            furthest = CITIES[progress.furthest]
            notes.append((f"差距最大 {furthest.zh}", f"furthest: {furthest.en}"))
        needed = _pace_needed(target, progress, status)
        if needed is not None:
            need, pace = _amount(target, needed), _amount(target, progress.pace)
            notes.append(
                (f"每月需 {need[0]}，近三月 {pace[0]}", f"needs {need[1]} a month, last three months {pace[1]}")
            )
        if status == MET and is_late(target.deadline, progress.reached_on):
            notes.append((f"逾期达标于 {progress.reached_on:%Y-%m}", f"reached late, in {progress.reached_on:%Y-%m}"))
    if target.ambiguity_zh:
        notes.append((f"歧义：{target.ambiguity_zh}", f"ambiguous: {target.ambiguity_en}"))
    return notes


def _pace_needed(target: Target, progress: Progress | None, status: str) -> float | None:
    """Return the change a month that brings an unmet target to its value by its deadline; None where there is none."""
    if progress is None or target.target is None or target.deadline is None or status not in (ON_TRACK, DUE):
        return None
    left = _months_between(progress.month, target.deadline)
    return (target.target - progress.value) / left if left > 0 else None


def _amount(target: Target, change: float) -> tuple[str, str]:
    """Return a change of the value in words: points of a per cent, or a number."""
    if isinstance(target.measure, OfQuery) and target.measure.counts:
        return f"{change:+.1f}", f"{change:+.1f}"
    return f"{change * 100:+.1f} 个百分点", f"{change * 100:+.1f} points"


def _reaches(target: Target, value: float) -> bool:
    assert target.target is not None
    # A share that is exactly the target may come out a little less, as a floating-point number.
    return value <= target.target + 1e-12 if target.at_most else value >= target.target - 1e-12


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
