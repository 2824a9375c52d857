"""The number of a health record, 17 digits: area 6, street 3, village 3, sequence 5."""

from __future__ import annotations

import re

from contracts.divisions import known_codes


def is_valid(number: str) -> bool:
    """Say whether the number has 17 digits and a known area."""
    return re.fullmatch(r"[0-9]{17}", number) is not None and number[:6] in known_codes()
