"""Page 1 of the brief: the promises at a glance, those first that ask for something to be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from warehouse.exports.amounts import change_in_words, in_words
from warehouse.exports.brief_drawing import (
    BLUE,
    COLOURS,
    GREY,
    INNER,
    MARGIN,
    PALE,
    Style,
    draw_sign,
    rule,
    text_width,
    write,
)
from warehouse.exports.target_rows import TargetRow
from warehouse.exports.words import NONE, URGENCY
from warehouse.targets.status import MET, MISSED, NOT_COMPUTABLE, STATUSES

_STATUS, _TARGET, _VALUE, _DEADLINE, _OBSTACLE = (MARGIN + at for at in (0, 62, 268, 288, 346))
_TALLEST_ROW = 24.4


def draw_promises(
    canvas: Any, targets: Sequence[TargetRow], names: Mapping[str, tuple[str, str]], as_of: date, y: float
) -> None:
    """Draw the counts by status, and a row a target below y."""
    y = _draw_counts(canvas, Counter(target.status for target in targets), y)
    head = Style(7.5, BLUE, bold=True)
    write(canvas, _STATUS, y, "状态 status", head)
    write(canvas, _TARGET, y, "承诺 promise", head)
    write(canvas, _VALUE, y, "实现 / 目标 value", head, align=1)
    write(canvas, _DEADLINE, y, "期限 by", head)
    write(canvas, _OBSTACLE, y, "差在哪里 what stands in the way", head)
    y -= 5
    rule(canvas, y, BLUE, 0.8)
    ordered = sorted(targets, key=lambda t: (URGENCY.index(t.status), t.deadline or date.max, t.target_id))
    height = min(_TALLEST_ROW, (y - MARGIN - 8) / max(len(ordered), 1))
    for target in ordered:
        _draw_target(canvas, target, names, as_of, y, height)
        y -= height


def _draw_counts(canvas: Any, counts: Counter[str], y: float) -> float:
    width = (INNER - 4 * 6) / 5
    for number, status in enumerate(URGENCY):
        left = MARGIN + number * (width + 6)
        canvas.setFillColor(PALE)
        canvas.roundRect(left, y - 34, width, 34, 3, stroke=0, fill=1)
        draw_sign(canvas, left + 8, y - 22, status)
        write(canvas, left + 22, y - 23, str(counts[status]), Style(15, COLOURS[status], bold=True))
        write(canvas, left + 46, y - 15, STATUSES[status], Style(9), room=width - 49)
        write(canvas, left + 46, y - 26, status, Style(7, GREY), room=width - 49)
    return y - 50


def _draw_target(
    canvas: Any, target: TargetRow, names: Mapping[str, tuple[str, str]], as_of: date, y: float, height: float
) -> None:
    upper, lower = y - height * 0.42, y - height * 0.79
    plain, small = Style(8), Style(6.3, GREY)
    room = _VALUE - 52 - _TARGET
    draw_sign(canvas, _STATUS, upper - 2, target.status)
    write(canvas, _STATUS + 13, upper, STATUSES[target.status], Style(8, COLOURS[target.status]))
    write(canvas, _STATUS + 13, lower, target.status, small, room=46)
    title = f"{target.target_id} {target.zh}"
    write(canvas, _TARGET, upper, title, plain, room=room)
    left = room - text_width(title, plain) - 6
    if left > 2 * small.size:
        write(canvas, _TARGET + room - left, upper, target.scope_zh, small, room=left)
    write(canvas, _TARGET, lower, target.en, small, room=room)
    if target.value is None:
        write(canvas, _VALUE, upper, NONE, plain, align=1)
    else:
        write(canvas, _VALUE, upper, in_words(target.amount, target.value), Style(8, bold=True), align=1)
    if target.target is not None:
        sign = "≤" if target.at_most else "≥"
        write(canvas, _VALUE, lower, f"{sign} {in_words(target.amount, target.target)}", small, align=1)
    write(canvas, _DEADLINE, upper, f"{target.deadline:%Y-%m-%d}" if target.deadline else "无期限", plain, room=54)
    write(canvas, _DEADLINE, lower, *_time_left(target, as_of), room=54)
    zh, en = obstacle(target, names)
    room = MARGIN + INNER - _OBSTACLE
    write(canvas, _OBSTACLE, upper, zh, Style(7.2), room=room)
    write(canvas, _OBSTACLE, lower, en, small, room=room)
    rule(canvas, y - height)


def _time_left(target: TargetRow, as_of: date) -> tuple[str, Style]:
    if target.deadline is None:
        return "no date", Style(6.3, GREY)
    days = (target.deadline - as_of).days
    if target.status == MET or days > 0:
        return (f"{days} 天 days left" if days > 0 else "已到期 past"), Style(6.3, GREY)
    return "已到期 past", Style(6.3, COLOURS[MISSED])


def obstacle(target: TargetRow, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return what stands in the way of a target, in Chinese and English; of one that isn't computable, why."""
    if target.status == NOT_COMPUTABLE:
        return target.note_zh.partition("歧义：")[0].rstrip("；"), target.note_en.partition("ambiguous: ")[0].rstrip(
            "; "
        )
    if target.status == MET:
        return ("逾期达标", "reached late") if target.is_late else ("", "")
    zh, en = [], []
    if target.missing:
        zh.append(f"缺 {target.missing:,} 家")
        en.append(f"{target.missing:,} missing")
    if target.pace is not None:
        zh_pace, en_pace = _pace(target, target.pace)
        zh.append(zh_pace)
        en.append(en_pace)
    if target.furthest:
        zh.append(f"{names[target.furthest][0]}差距最大")
        en.append(f"{names[target.furthest][1]} furthest")
    return "；".join(zh), "; ".join(en)


def _pace(target: TargetRow, pace: float) -> tuple[str, str]:
    """Return how fast a target moves a month, and how fast it would have to."""
    now = change_in_words(target.amount, pace)
    short = now.removesuffix(" 点")
    if target.pace_needed is None:
        return f"近三月每月 {now}", f"{short} a month"
    need = change_in_words(target.amount, target.pace_needed).removesuffix(" 点")
    return f"每月需 {need}，现 {now}", f"needs {need} a month, has {short}"
