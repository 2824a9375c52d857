"""GB 11714: the organisation code, eight characters and a check."""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(first_8: str) -> str:
    """Return the check character of the first eight."""
    remainder = sum(_ALPHABET.index(c) * weight for c, weight in zip(first_8, _WEIGHTS, strict=True)) % 11
    return "0123456789X0"[11 - remainder]


def is_valid(code: str) -> bool:
    """Say whether the nine characters carry the right check."""
    return re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code) is not None and check_character(code[:8]) == code[8]
