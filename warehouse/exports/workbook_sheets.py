"""Workbooks and their sheets: each a title, a legend and one table, ready to read, filter and print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from xlsxwriter import Workbook

from lake.files import put
from warehouse.exports.safe import RISKY
from warehouse.exports.workbook_formats import HEAD, LEGEND, TITLE, Look

_HEAD_ROW = 2
_A4 = 9
_LINE = 14.5
"""Points that a line of text needs."""
_MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and how it looks."""

    value: str | float | date | None
    look: Look


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, and its width in characters."""

    head: str
    width: float
    look: Look = field(default_factory=lambda: HEAD)


@dataclass(frozen=True, slots=True)
class Marked:
    """A column in which texts that begin with a sign get colours."""

    column: int
    colours: dict[str, Look]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; the first `still` columns stay while the others scroll."""

    name: str
    title: str
    legend: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    still: int = 2
    marked: tuple[Marked, ...] = ()
    tab: str = ""


def write_sheets(path: Path, title: str, as_of: date, sheets: Sequence[Sheet]) -> None:
    """Write a workbook; the same sheets, the same bytes: its date is the as-of day."""
    written = BytesIO()
    # Text stays text, whatever it looks like.
    as_text = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    workbook = Workbook(written, {"in_memory": True, **as_text})
    workbook.set_properties({"title": title, "author": "一码通 Yimatong", "created": datetime.combine(as_of, time.min)})
    formats = _Formats(workbook)
    for sheet in sheets:
        _write(workbook, formats, sheet, f"{title} · 截至 as of {as_of}")
    workbook.close()
    with put(path) as partial:
        partial.write_bytes(written.getvalue())


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[tuple[str, Any], ...], bool], Any] = {}

    def of(self, look: Look, risky: bool = False) -> Any:
        key = (tuple(look.items()), risky)
        if key not in self._made:
            # The mark keeps what looks like a formula text even when somebody edits the cell.
            marked = {"quote_prefix": True} if risky else {}
            self._made[key] = self._workbook.add_format({**look, **marked})
        return self._made[key]


def _write(workbook: Any, formats: _Formats, sheet: Sheet, footer: str) -> None:
    made = workbook.add_worksheet(sheet.name)
    made.write_string(0, 0, sheet.title, formats.of(TITLE))
    made.write_string(1, 0, sheet.legend, formats.of(LEGEND))
    made.set_row(0, 24)
    widths = [column.width for column in sheet.columns]
    for at, column in enumerate(sheet.columns):
        made.set_column(at, at, column.width)
        made.write_string(_HEAD_ROW, at, column.head, formats.of(column.look))
    made.set_row(_HEAD_ROW, _height([column.head for column in sheet.columns], widths))
    for number, row in enumerate(sheet.rows, start=_HEAD_ROW + 1):
        for at, cell in enumerate(row):
            _put(made, number, at, cell, formats)
        made.set_row(number, _height([cell.value for cell in row], widths))
    last = _HEAD_ROW + len(sheet.rows)
    made.autofilter(_HEAD_ROW, 0, last, len(widths) - 1)
    made.freeze_panes(_HEAD_ROW + 1, sheet.still)
    for marked in sheet.marked:
        _colour(made, marked, last, formats)
    made.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
    if sheet.tab:
        made.set_tab_color(sheet.tab)
    _set_up_print(made, footer)


def _put(made: Any, row: int, at: int, cell: Cell, formats: _Formats) -> None:
    match cell.value:
        case None:
            made.write_blank(row, at, None, formats.of(cell.look))
        case str(text):
            made.write_string(row, at, text, formats.of(cell.look, risky=re.search(RISKY, text) is not None))
        case date() as day:
            made.write_datetime(row, at, datetime.combine(day, time.min), formats.of(cell.look))
        case number:
            made.write_number(row, at, number, formats.of(cell.look))


def _colour(made: Any, marked: Marked, last: int, formats: _Formats) -> None:
    for sign, look in marked.colours.items():
        rule = {"type": "text", "criteria": "begins with", "value": sign, "format": formats.of(look)}
        made.conditional_format(_HEAD_ROW + 1, marked.column, max(last, _HEAD_ROW + 1), marked.column, rule)


def _set_up_print(made: Any, footer: str) -> None:
    made.set_landscape()
    made.set_paper(_A4)
    made.fit_to_pages(1, 0)
    made.repeat_rows(0, _HEAD_ROW)
    made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    made.set_footer(f"&L&8{footer}&R&8&A　第 &P 页，共 &N 页 · page &P of &N")


def _height(values: Sequence[object], widths: Sequence[float]) -> float:
    """Return the height of a row in which no text is cut off; programs differ in whether they see to it themselves."""
    lines = [_lines(value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str)]
    return 2 + _LINE * min(max(lines, default=1), _MOST_LINES)


@cache
def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column."""
    return sum(max(1, ceil(_text_width(part) / max(width - 1, 1))) for part in text.split("\n"))


def _text_width(text: str) -> float:
    """Return how many digits wide a text is: a Chinese character is two, a Latin one mostly less than one."""
    return sum(2 if east_asian_width(character) in "WF" else 0.85 for character in text)
