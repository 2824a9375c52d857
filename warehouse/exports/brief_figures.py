"""Page 2 of the brief: the key figures of the province, and the cities at both ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.divisions import CITIES, PROVINCE_CODE
from warehouse.exports.amounts import Amount, change_in_words, in_words
from warehouse.exports.brief_drawing import (
    BLUE,
    COLOURS,
    GREY,
    INNER,
    MARGIN,
    Style,
    draw_bar,
    draw_sign,
    draw_trend,
    rule,
    write,
)
from warehouse.exports.figure_cells import Entry, Figure, Figures
from warehouse.exports.shown import Shown
from warehouse.exports.thresholds import MET as THRESHOLD_MET
from warehouse.exports.thresholds import threshold_mark
from warehouse.exports.words import GOOD, NONE, SUPPRESSED
from warehouse.targets.status import MET, MISSED

KEY_FIGURES = ("A1", "A3", "A4", "A10", "R1", "R2", "R6", "R7", "R9", "H12", "H14", "I4")
RANKED = ("A1", "A3")
_AT_EACH_END = 5
_NAME, _LAST, _THREE, _TWELVE, _TREND, _THRESHOLD, _MARK = (MARGIN + at for at in (0, 228, 298, 370, 384, 480, 490))
_ROW = 38
_CITY_ROW = 16


@dataclass(frozen=True, slots=True)
class End:
    """The cities at one end, each with its value, and how many others have the value of the last of them."""

    cities: tuple[tuple[str, float], ...]
    tied: int


def draw_figures(
    canvas: Any, entries: Mapping[str, Entry], figures: Figures, names: Mapping[str, tuple[str, str]], shown: Shown,
    y: float,
) -> None:  # fmt: skip
    """Draw the table of key figures below y, and beneath it the cities."""
    head = Style(7.5, BLUE, bold=True)
    write(canvas, _NAME, y, "指标 figure", head)
    write(canvas, _LAST, y, f"{shown.last or NONE}", head, align=1)
    write(canvas, _THREE, y, "较3个月前 3 m", head, align=1)
    write(canvas, _TWELVE, y, "较12个月前 12 m", head, align=1)
    write(canvas, _TREND, y, f"近{len(shown.over)}月 trend", head)
    write(canvas, _THRESHOLD, y, "目标值", head, align=1)
    write(canvas, _MARK, y, "达标 met", head)
    y -= 5
    rule(canvas, y, BLUE, 0.8)
    for code in KEY_FIGURES:
        if code in entries:
            _draw_figure(canvas, entries[code], figures.get((code, PROVINCE_CODE, "all", ""), {}), shown, y)
        y -= _ROW
        rule(canvas, y)
    _draw_cities(canvas, entries, figures, names, shown, y - 24)


def _draw_figure(canvas: Any, entry: Entry, own: Mapping[str, Figure], shown: Shown, y: float) -> None:
    upper, lower = y - 16, y - 28
    small = Style(6.5, GREY)
    write(canvas, _NAME, upper, f"{entry.code} {entry.zh}", Style(9), room=_LAST - 60 - _NAME)
    write(canvas, _NAME, lower, f"{entry.en} · {GOOD[entry.good].split()[0]}", small, room=_LAST - 46 - _NAME)
    last = own.get(shown.last)
    write(canvas, _LAST, upper - 5, _told(entry, last), Style(11, bold=True), align=1)
    for at, months in ((_THREE, 3), (_TWELVE, 12)):
        _draw_change(canvas, at, y, entry, last, own.get(shown.back(months)))
    values = [figure.value if (figure := own.get(month)) else None for month in shown.over]
    draw_trend(canvas, _TREND, y - _ROW + 4, (58, _ROW - 8), values, entry.threshold)
    threshold = NONE if entry.threshold is None else in_words(entry.amount, entry.threshold)
    write(canvas, _THRESHOLD, upper - 5, threshold, Style(8.5), align=1)
    mark = threshold_mark(entry, entry.threshold, last)
    if mark:
        status = MET if mark == THRESHOLD_MET else MISSED
        draw_sign(canvas, _MARK, upper - 6, status)
        write(canvas, _MARK + 13, upper - 5, mark.split()[1], Style(8, COLOURS[status]))


def _told(entry: Entry, figure: Figure | None) -> str:
    if figure is not None and figure.suppressed:
        return SUPPRESSED
    return NONE if figure is None or figure.value is None else in_words(entry.amount, figure.value)


def _draw_change(canvas: Any, x: float, y: float, entry: Entry, last: Figure | None, before: Figure | None) -> None:
    """Draw a change, and whether it is for the better."""
    if last is None or before is None or last.value is None or before.value is None:
        write(canvas, x, y - 21, NONE, Style(8.5, GREY), align=1)
        return
    change = last.value - before.value
    told = change_in_words(entry.amount, change)
    is_none = told == change_in_words(entry.amount, 0)
    better = (change > 0) == (entry.good == "up")
    write(canvas, x, y - 16, told, Style(8.5), align=1)
    if is_none:
        write(canvas, x, y - 28, "持平 level", Style(6.5, GREY), align=1)
    elif entry.good in ("up", "down"):
        words, colour = ("向好 better", COLOURS[MET]) if better else ("变差 worse", COLOURS[MISSED])
        write(canvas, x, y - 28, words, Style(6.5, colour), align=1)


def _draw_cities(
    canvas: Any, entries: Mapping[str, Entry], figures: Figures, names: Mapping[str, tuple[str, str]], shown: Shown,
    y: float,
) -> None:  # fmt: skip
    write(canvas, MARGIN, y, f"地市两端 cities at both ends · {shown.last or NONE}", Style(10, BLUE, bold=True))
    y -= 18
    half = (INNER - 20) / 2
    for number, code in enumerate(code for code in RANKED if code in entries):
        left = MARGIN + number * (half + 20)
        best, worst, without = ends(entries[code], figures, shown)
        write(canvas, left, y, f"{code} {entries[code].zh} {entries[code].en}", Style(8, bold=True), room=half)
        quarter = (half - 14) / 2
        _draw_end(canvas, left, y - 15, quarter, best, names, entries[code].amount, MET)
        _draw_end(canvas, left + quarter + 14, y - 15, quarter, worst, names, entries[code].amount, MISSED)
        if without:
            told = f"另 {without} 市无数或抑制 · {without} cities without a figure"
            write(
                canvas,
                left,
                y - 46 - max(len(best.cities), len(worst.cities)) * _CITY_ROW,
                told,
                Style(6.5, GREY),
                room=half,
            )


def _draw_end(
    canvas: Any, x: float, y: float, width: float, end: End, names: Mapping[str, tuple[str, str]], amount: Amount,
    status: str,
) -> None:  # fmt: skip
    """Draw the cities at one end, and how many more have the value of the last of them."""
    title = "最好 best" if status == MET else "最差 worst"
    write(canvas, x, y, title, Style(7.5, COLOURS[status], bold=True))
    for row, (city, value) in enumerate(end.cities):
        _draw_city(canvas, x, y - 15 - row * _CITY_ROW, width, names[city], amount, value, status)
    told = f"另 {end.tied} 市同值 · {end.tied} more the same" if end.tied else ("" if end.cities else NONE)
    write(canvas, x, y - 15 - len(end.cities) * _CITY_ROW, told, Style(6.5, GREY), room=width)


def _draw_city(
    canvas: Any, x: float, y: float, width: float, names: tuple[str, str], amount: Amount, value: float, status: str
) -> None:
    write(canvas, x, y, f"{names[0]} {names[1]}", Style(7.5), room=width - 40)
    write(canvas, x + width, y, in_words(amount, value), Style(7.5, bold=True), align=1)
    draw_bar(canvas, x, y - 6.5, width, value, COLOURS[status])


def ends(entry: Entry, figures: Figures, shown: Shown) -> tuple[End, End, int]:
    """Return the best cities and the worst, none at both ends, and how many have no figure.

    Cities that are as low as the lowest aren't among the best, unless all are alike.
    """
    values = []
    for city in CITIES:
        figure = figures.get((entry.code, city, "all", ""), {}).get(shown.last)
        if figure is not None and figure.value is not None:
            values.append((city, figure.value))
    ordered = sorted(values, key=lambda pair: (-pair[1] if entry.good == "up" else pair[1], pair[0]))
    lowest = ordered[-1][1] if ordered else 0.0
    better = [pair for pair in ordered if pair[1] != lowest]
    best = (better or ordered)[:_AT_EACH_END]
    others = [pair for pair in reversed(ordered) if pair not in best]
    worst = sorted(others[:_AT_EACH_END], key=lambda pair: (pair[1] if entry.good == "up" else -pair[1], pair[0]))
    return _end(best, ordered), _end(worst, ordered), len(CITIES) - len(values)


def _end(cities: list[tuple[str, float]], ordered: list[tuple[str, float]]) -> End:
    tied = sum(pair not in cities and pair[1] == cities[-1][1] for pair in ordered) if cities else 0
    return End(tuple(cities), tied)
