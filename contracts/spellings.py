"""The accepted spellings of each type, as pure functions; contracts/sql/spellings.sql says the same for sets.

Each takes a delivered text and returns the value, or None where the spelling is not accepted.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_WHITE = " \t\r\n"
_MISSING = ("", "NULL", r"\N")
_BLANK = (*_MISSING, "无", "不详", "-", "/", "－", "／")
_ENDS = " \t\u3000"
_BOOLEAN = {"1": True, "是": True, "Y": True, "TRUE": True, "0": False, "否": False, "N": False, "FALSE": False}
_EAST_8 = timedelta(hours=8)


def fold_width(text: str) -> str:
    """Return the text with full-width forms and ideographic spaces in half width, without white space at the ends."""
    return text.translate(_FULL_WIDTH).strip(_WHITE)


def is_missing(text: str | None) -> bool:
    """Say whether nothing is given, in a column that needs a value."""
    return text is None or text.strip(_ENDS) in _MISSING


def is_blank(text: str | None) -> bool:
    """Say whether nothing is given, in a column that may be empty."""
    return text is None or text.strip(_ENDS) in _BLANK


def parse_date(text: str) -> date | None:
    """Return the date of `YYYYMMDD`, `YYYY-MM-DD` or `YYYY/MM/DD`."""
    match = re.fullmatch(
        r"([1-9][0-9]{3})(?:([0-9]{2})([0-9]{2})|-([0-9]{2})-([0-9]{2})|/([0-9]{2})/([0-9]{2}))", fold_width(text)
    )
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_datetime(text: str) -> datetime | None:
    """Return the wall time at +08:00, whole seconds; a date alone is midnight.

    `YYYY-MM-DD HH:MM:SS`, `YYYYMMDDHHMMSS`, or ISO 8601 with `T`, with or without offset (none is +08:00).
    """
    folded = fold_width(text)
    day = parse_date(folded)
    if day is not None:
        return datetime(day.year, day.month, day.day)
    try:
        if re.fullmatch(r"[1-9][0-9]{13}", folded):
            return datetime.strptime(folded, "%Y%m%d%H%M%S")
        match = re.fullmatch(
            r"([1-9][0-9]{3}-[0-9]{2}-[0-9]{2})([ T])([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,9})?"
            r"(Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?",
            folded,
        )
        if match is None:
            return None
        day_part, separator, minutes, seconds, fraction, offset = match.groups()
        if separator == " " and (seconds is None or fraction or offset):
            return None
        if seconds is None and (fraction or offset):
            return None
        local = datetime.strptime(f"{day_part} {minutes}{seconds or ':00'}", "%Y-%m-%d %H:%M:%S")
        return local - _offset(offset) + _EAST_8 if offset else local
    except (ValueError, OverflowError):
        return None


def parse_boolean(text: str) -> bool | None:
    """Return the truth of `1/0`, `是/否`, `Y/N` or `true/false`."""
    return _BOOLEAN.get(fold_width(text).upper())


def parse_decimal(text: str) -> Decimal | None:
    """Return a plain number, or one with thousands commas, to two places, rounded half away from zero."""
    folded = fold_width(text)
    if re.fullmatch(r"[+-]?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,9})?", folded) is None:
        return None
    return Decimal(folded.replace(",", "")).quantize(Decimal("0.01"), ROUND_HALF_UP)


def parse_integer(text: str) -> int | None:
    """Return a whole number, plain or with thousands commas."""
    folded = fold_width(text)
    if re.fullmatch(r"[+-]?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})", folded) is None:
        return None
    return int(folded.replace(",", ""))


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    minutes = 60 * int(text[1:3]) + int(text[-2:])
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)
