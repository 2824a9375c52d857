"""Both sides of a doubt as a table of the review page, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from itertools import groupby

from pipelines.quality_page.parts import both
from pipelines.reviewing.sides import FIELDS, Shown, Values

_OWN = ("own_no", "institution")
"""What every place has of its own: no difference where it differs."""
_ALIKE = 0.3
"""Of values less alike than this every character differs."""
_CODED = ("sex_code", "city_code")
"""Shown by the names of their codes, whose letters tell nothing: a difference is one of the whole."""
_NUMBERS = ("id_no", "near_id_no")
_SIGNS = {"same": "=", "differs": "≠", "unknown": "·", "": ""}
_SAID = {"same": ("相同", "same"), "differs": ("不同", "different"), "unknown": ("一侧未知", "unknown on one side")}


def sides_table(each: Shown) -> str:
    """Return the table; fields that neither side has are left out."""
    rows = "\n".join(_row(field, each) for field in FIELDS if each.l.get(field) or each.r.get(field))
    caption = both("甲乙两侧所载", "What was written of A and B")
    head = "".join(f'<th scope="col">{both(*text)}</th>' for text in (("项", "field"), ("甲", "A"), ("乙", "B")))
    return (
        f'<table class="sides"><caption>{caption}</caption><colgroup><col><col><col><col></colgroup>\n<thead><tr>{head}'
        f"<th></th></tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _row(field: str, each: Shown) -> str:
    left, right = each.l.get(field, ()), each.r.get(field, ())
    state = _state(field, left, right)
    kind = ' class="differs"' if state == "differs" else ""
    sign = f'<span title="{" · ".join(_SAID[state])}">{_SIGNS[state]}</span>' if state else ""
    cells = _cell(field, each.l, each.r, state, ("乙", "B")), _cell(field, each.r, each.l, state, ("甲", "A")), sign
    said = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr{kind}><th scope="row">{both(*FIELDS[field])}</th>{said}</tr>'


def _state(field: str, left: Sequence[str], right: Sequence[str]) -> str:
    if field == "feed":
        return ""
    if set(left) & set(right):
        return "same"
    if field in _OWN:
        return ""
    return "differs" if left and right else "unknown"


def _cell(field: str, own: Values, other: Values, state: str, called: tuple[str, str]) -> str:
    """Return what one side says; `called` is what the other is called."""
    values, others = own.get(field, ()), other.get(field, ())
    if field == "health_code":
        values, others = [_short(value) for value in values], [_short(value) for value in others]
    said = [
        (_marked(field, value, others) if state == "differs" else escape(value)) + _crossed(field, value, other, called)
        for value in values
    ]
    if len(said) < 2:
        return "".join(said) or '<span class="none">—</span>'
    return f"<ul>{''.join(f'<li>{value}</li>' for value in said)}</ul>"


def _short(code: str) -> str:
    return f"{code[:8]}…{code[-8:]}" if len(code) > 20 else code


def _crossed(field: str, value: str, other: Values, called: tuple[str, str]) -> str:
    """Say where a number is the other side's in another field: a mother's number written for her child's."""
    for elsewhere in _NUMBERS:
        if field in _NUMBERS and elsewhere != field and value in other.get(elsewhere, ()):
            zh, en = FIELDS[elsewhere]
            told = both(f"= {called[0]}的{zh}", f"= {called[1]}'s {en}")
            return f'<small class="crossed">{told}</small>'
    return ""


def _marked(field: str, value: str, others: Sequence[str]) -> str:
    """Return a value with those characters marked that differ from the most alike of the others."""
    if field in _CODED:
        return f"<mark>{escape(value)}</mark>"
    nearest = max(others, key=lambda other: SequenceMatcher(None, value, other, autojunk=False).ratio())
    if SequenceMatcher(None, value, nearest, autojunk=False).ratio() < _ALIKE:
        return f"<mark>{escape(value)}</mark>"
    parts, done = [], 0
    for start, end in _common(value, nearest):
        if start > done:
            parts.append(f"<mark>{escape(value[done:start])}</mark>")
        parts.append(escape(value[start:end]))
        done = end
    return "".join(parts)


def _common(value: str, other: str) -> Iterator[tuple[int, int]]:
    """Give the stretches of a value that the other has too, in order; the last ends the value, and may be empty."""
    if len(value) == len(other):  # numbers and dates: place by place
        for alike, places in groupby(range(len(value)), key=lambda at: value[at] == other[at]):
            stretch = list(places)
            if alike:
                yield stretch[0], stretch[-1] + 1
    else:
        for start, _, length in SequenceMatcher(None, value, other, autojunk=False).get_matching_blocks():
            yield start, start + length
    yield len(value), len(value)
