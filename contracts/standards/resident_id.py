"""GB 11643: the resident ID number, 18 characters, and its legacy form of 15 digits."""

from __future__ import annotations

import re
from datetime import date

from contracts.divisions import known_codes

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
EARLIEST_BIRTH = date(1880, 1, 1)


def check_character(first_17: str) -> str:
    """Return the check character of the first 17 digits (ISO 7064, MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def as_18(number: str) -> str | None:
    """Return the number in 18 characters, upper case, completed where it had 15; None for other shapes."""
    if re.fullmatch(r"[1-9][0-9]{16}[0-9Xx]", number):
        return number.upper()
    if re.fullmatch(r"[1-9][0-9]{14}", number):
        first_17 = f"{number[:6]}19{number[6:]}"
        return first_17 + check_character(first_17)
    return None


def birth_date(number: str) -> date | None:
    """Return the birth date of an 18-character number, None where it is no day of the calendar."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_code(number: str) -> str:
    """Return the sex of an 18-character number by GB/T 2261.1: an odd sequence is male."""
    return "1" if int(number[16]) % 2 else "2"


def is_valid(number: str) -> bool:
    """Say whether an 18-character number has the right check, an area of any edition and a possible birth date."""
    if as_18(number) != number or check_character(number[:17]) != number[17]:
        return False
    born = birth_date(number)
    return number[:6] in known_codes() and born is not None and born >= EARLIEST_BIRTH
