"""The sheets of figures: an indicator a row, for the province or a city; a place a row, for a city that checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from contracts.divisions import PROVINCE_CODE
from warehouse.exports.amounts import NUMBER_FORMATS, UNITS, Amount
from warehouse.exports.figure_cells import Entry, Figure, Figures
from warehouse.exports.shown import Shown
from warehouse.exports.thresholds import MET, NOT_MET, threshold_in, threshold_mark
from warehouse.exports.words import GOOD, NONE, SUPPRESSED, breakdown_words, level_words
from warehouse.exports.workbook_formats import (
    BESIDE,
    CENTRED,
    CODE,
    GREEN,
    HEAD,
    HEAD_BESIDE,
    HEAD_PRELIMINARY,
    HEAD_TO_FILL,
    NUMBER,
    PRELIMINARY,
    RED,
    TEXT,
    TO_FILL,
    WITHOUT,
    Look,
)
from warehouse.exports.workbook_formats import SUPPRESSED as SUPPRESSED_LOOK
from warehouse.exports.workbook_sheets import Cell, Column, Marked, Sheet

_LEGEND = (
    "抑制 = 为少数人之数，或由此可推出少数人之数，不显示 suppressed: would show few persons　"
    "– = 无数 no figure　初步 prelim. = 期间未结束 period not over"
)
_MARKS = "　✓ ✗ = 末个已结束月份是否达到目标值 whether the last finished month meets the threshold"
_MONTH = 10
_MARK = 5
"""The column of the mark."""
_FINE: Look = {**NUMBER, "num_format": "0.000 %"}
_MONEY: Look = {**NUMBER, "num_format": "#,##0.00"}
_WHOLE: Look = {**NUMBER, "num_format": "#,##0"}
_LEVELS = "all 3 2 1 0"
"""In this order."""


def division_sheet(
    code: str, names: tuple[str, str], entries: Mapping[str, Entry], figures: Figures, shown: Shown
) -> Sheet:
    """Return the sheet of the province, or of a city with the province's figures beside its own."""
    of_city = code != PROVINCE_CODE
    order: list[tuple[str, bool]] = []
    for period in shown.periods:
        order.append((period, False))
        if of_city and (period in shown.totals or period == shown.last):
            order.append((period, True))
    columns = [
        Column("编号\nCode", 8),
        Column("指标\nIndicator", 36),
        Column("单位\nUnit", 10),
        Column("导向\nBetter", 12),
        Column("目标值\nThreshold", 11),
        Column(f"达标\nMet\n{shown.last}", 11),
        *(_beside(period) if beside else _of_period(shown, period) for period, beside in order),
        *_interval_columns(shown),
    ]
    rows = []
    for entry in entries.values():
        own = figures.get((entry.code, code, "all", ""), {})
        province = figures.get((entry.code, PROVINCE_CODE, "all", ""), {})
        threshold = threshold_in(entry, code)
        mark = threshold_mark(entry, threshold, own.get(shown.last))
        rows.append(
            [
                Cell(entry.code, CODE),
                Cell(f"{entry.zh}\n{entry.en}", TEXT),
                Cell(UNITS[entry.amount], TEXT),
                Cell(GOOD[entry.good], TEXT),
                _threshold_cell(entry, threshold),
                Cell(mark, CENTRED),
                *(
                    _figure_cell(entry, (province if beside else own).get(period), period in shown.preliminary, beside)
                    for period, beside in order
                ),
                *_interval_cells(entry, own.get(shown.last)),
            ]
        )
    title = f"{names[0]} {names[1]} · 指标 indicators · 截至 as of {shown.as_of}"
    name = f"{names[0]} {names[1]}" if of_city else "省 Province"
    marked = (Marked(_MARK, {MET[0]: GREEN, NOT_MET[0]: RED}),)
    return Sheet(name, title, _LEGEND + _MARKS, columns, rows, marked=marked, tab="" if of_city else "#1F4E79")


def checked_sheet(
    city: str, names: Mapping[str, tuple[str, str]], entries: Mapping[str, Entry], figures: Figures, shown: Shown
) -> Sheet:
    """Return the sheet of all places of a city, with numerators and denominators, and room to object."""
    columns = [
        Column("编号\nCode", 8),
        Column("指标\nIndicator", 34),
        Column("区划\nDivision", 17),
        Column("机构等级\nLevel", 12),
        Column("分列\nBreakdown", 21),
        *(_of_period(shown, period) for period in shown.periods),
        *_interval_columns(shown),
        Column(f"分子\nNumerator\n{shown.last}", 13),
        Column(f"分母\nDenominator\n{shown.last}", 13),
        Column("异议\nObjection", 30, HEAD_TO_FILL),
    ]
    order = {code: at for at, code in enumerate(entries)}
    places = [place for place in figures if place[0] in entries]
    rows = []
    for place in sorted(places, key=lambda place: (order[place[0]], place[1], _LEVELS.find(place[2]), place[3])):
        code, division, level, breakdown = place
        entry, own = entries[code], figures[place]
        last = own.get(shown.last)
        rows.append(
            [
                Cell(code, CODE),
                Cell(f"{entry.zh}\n{entry.en}", TEXT),
                Cell(f"{names[division][0]} {names[division][1]}\n{division}", TEXT),
                Cell(level_words(level).replace(" ", "\n", 1), TEXT),
                Cell(breakdown_words(breakdown), TEXT),
                *(_figure_cell(entry, own.get(period), period in shown.preliminary) for period in shown.periods),
                *_interval_cells(entry, last),
                _part_cell(entry, last, last.numerator if last else None),
                _part_cell(entry, last, last.denominator if last else None),
                Cell(None, TO_FILL),
            ]
        )
    title = f"{names[city][0]} {names[city][1]} · 指标值 figures · 截至 as of {shown.as_of}"
    return Sheet("指标 Figures", title, _LEGEND, columns, rows, tab="#1F4E79")


def _figure_cell(entry: Entry, figure: Figure | None, preliminary: bool, beside: bool = False) -> Cell:
    """Return the cell of a figure: its value, or in words that it is suppressed or that there is none."""
    if figure is not None and figure.suppressed:
        return Cell(SUPPRESSED, SUPPRESSED_LOOK)
    if figure is None or figure.value is None:
        return Cell(NONE, _look(None, preliminary, beside))
    return Cell(figure.value, _look(entry.amount, preliminary, beside))


@cache
def _look(amount: Amount | None, preliminary: bool, beside: bool) -> Look:
    plain = {**NUMBER, "num_format": NUMBER_FORMATS[amount]} if amount else WITHOUT
    return {**plain, **(BESIDE if beside else {}), **(PRELIMINARY if preliminary else {})}


def _interval_columns(shown: Shown) -> list[Column]:
    return [Column(f"{name}\n{shown.last}", _MONTH) for name in ("区间下限\nLow 95 %", "区间上限\nHigh 95 %")]


def _interval_cells(entry: Entry, figure: Figure | None) -> list[Cell]:
    """Return the ends of a figure's interval, in finer steps than figures: most are narrow."""
    if figure is None or figure.low is None or figure.high is None:
        return [Cell(NONE, WITHOUT)] * 2
    look = _FINE if entry.amount is Amount.PERCENT else _look(entry.amount, False, False)
    return [Cell(figure.low, look), Cell(figure.high, look)]


def _part_cell(entry: Entry, figure: Figure | None, part: float | None) -> Cell:
    if figure is not None and figure.suppressed:
        return Cell(SUPPRESSED, SUPPRESSED_LOOK)
    if part is None:
        return Cell(NONE, WITHOUT)
    return Cell(part, _MONEY if entry.is_money else _WHOLE)


def _threshold_cell(entry: Entry, threshold: float | None) -> Cell:
    if threshold is None:
        return Cell(NONE, WITHOUT)
    return Cell(threshold, _look(entry.amount, False, False))


def _of_period(shown: Shown, period: str) -> Column:
    return Column(shown.head(period), _MONTH, HEAD_PRELIMINARY if period in shown.preliminary else HEAD)


def _beside(period: str) -> Column:
    return Column(f"全省 Prov.\n{period}", _MONTH, HEAD_BESIDE)
