"""WS 218: the institution code, 22 characters: organisation 9, area 6, economic type 2, category 4, class 1."""

from __future__ import annotations

import re

from contracts.divisions import known_codes
from contracts.standards import organisation_code


def is_valid(code: str) -> bool:
    """Say whether the code has the standard's shape, a valid organisation code and a known area."""
    return (
        re.fullmatch(r"[0-9A-Z]{8}[0-9X][0-9]{6}[0-9]{2}[0-9A-Z][0-9]{3}[0-9]", code) is not None
        and organisation_code.is_valid(code[:9])
        and code[9:15] in known_codes()
    )
