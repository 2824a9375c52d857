"""The table that reviewers fill in: one line a doubt, both sides side by side, and back again as verdicts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.reviewing.doubt import KINDS, VERDICTS
from pipelines.reviewing.evidence import Step, steps
from pipelines.reviewing.queue import Queue
from pipelines.reviewing.sides import FIELDS, Shown

_FIRST = (
    ("id", "编号"), ("verdict", "结论"), ("because", "理由"), ("kind", "类别"), ("probability", "概率"),
    ("records", "涉及记录"), ("evidence", "证据 (比特)"),
)  # fmt: skip
_SIDES = (("a", "甲"), ("b", "乙"))
_EVALUATED = re.compile(r"[=+\-@＝＋－＠\t\r\n]|[\d.,]+(e[+-]?\d+)?$", re.IGNORECASE)
"""What a spreadsheet takes for a formula or a number: it would run the one and round the other."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_VERDICTS = {said.casefold(): verdict for verdict, both in VERDICTS.items() for said in (*both, " ".join(both))}


class UnsoundVerdicts(Exception):
    """A table of verdicts, or a verdict, that can't be taken; its text tells where and why, without values."""


@dataclass(frozen=True, slots=True)
class Line:
    """A verdict on a doubt, as a line of the table (from 1 on, the header's) gives it."""

    number: int
    doubt: str
    verdict: str
    because: str


def table_text(queue: Queue, doubts: Sequence[Shown]) -> str:
    """Return the doubts as CSV; a byte order mark lets spreadsheets know it for UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([f"{name} {zh}" for name, zh in _FIRST] + [
        f"{field}_{side} {FIELDS[field][0]}·{side_zh}" for field in FIELDS for side, side_zh in _SIDES
    ])  # fmt: skip
    writer.writerows(_line(queue, each) for each in doubts)
    return "\ufeff" + out.getvalue()


def _line(queue: Queue, each: Shown) -> list[str]:
    doubt = each.doubt
    weighed = steps(doubt, queue.model, queue.known) if queue.model else []
    probability = "" if doubt.probability is None else f"{doubt.probability:.1%}"
    kind = " ".join(KINDS.get(doubt.kind, (doubt.kind,)))
    sides = [" / ".join(values.get(field, ())) for field in FIELDS for values in (each.l, each.r)]
    return [doubt.id, "", "", kind, probability, str(doubt.records), evidence_text(weighed), *map(neutral, sides)]


def evidence_text(weighed: Sequence[Step]) -> str:
    """Return the steps in one line."""
    return "; ".join(" ".join(filter(None, (*step.what, *step.how, f"{step.bits:+.1f}"))) for step in weighed)


def neutral(value: str) -> str:
    """Return the value as a spreadsheet shows it and no more: an apostrophe before what it would evaluate."""
    return f"'{value}" if _EVALUATED.match(value) else value


def read_verdicts(table: bytes) -> list[Line]:
    """Return the lines of a table that have a verdict. Raises UnsoundVerdicts where it is no such table."""
    rows = list(_rows(_text(table)))
    header = [cell.split()[0].casefold() if cell.split() else "" for cell in (rows[0][1] if rows else [])]
    if not {"id", "verdict"} <= set(header):
        raise UnsoundVerdicts("首行须有 id 与 verdict 列 · its first line must name the columns id and verdict")
    at = {name: header.index(name) for name in ("id", "verdict", "because") if name in header}
    lines, faults = [], []
    for number, row in rows[1:]:
        said = {name: row[place].strip() if place < len(row) else "" for name, place in at.items()}
        if not said["verdict"]:
            continue
        verdict = _VERDICTS.get(said["verdict"].casefold())
        if verdict is None:
            faults.append(fault(number, "结论须为 同一人、不同人、无法判断", "verdict: same, different or unsure"))
        else:
            lines.append(Line(number, said["id"], verdict, said.get("because", "")))
    if faults:
        raise unsound(faults)
    return lines


def fault(number: int, zh: str, en: str) -> str:
    """Return what is wrong with a line; with a verdict that is no line of a table, where the number is 0."""
    return f"第 {number} 行 line {number}: {zh} · {en}" if number else f"{zh} · {en}"


def unsound(faults: Sequence[str], most: int = 20) -> UnsoundVerdicts:
    """Return the exception that tells all faults, or the first of many."""
    more = [f"另有 {len(faults) - most} 处 more"] if len(faults) > most else []
    return UnsoundVerdicts("\n".join(["未记入任何结论 · nothing was entered", *faults[:most], *more]))


def _text(table: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return table.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnsoundVerdicts("编码须为 UTF-8 或 GB18030 · its encoding must be UTF-8 or GB 18030")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows, each with the number of the line that it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begun = 1
    try:
        for row in reader:
            if row:
                yield begun, row
            begun = reader.line_num + 1
    except csv.Error:
        raise UnsoundVerdicts(fault(begun, "不是 CSV", "not CSV")) from None
