"""GB 32100: the unified social credit code, 17 characters and a check."""

from __future__ import annotations

import re

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def check_character(first_17: str) -> str:
    """Return the check character of the first 17."""
    total = sum(_ALPHABET.index(c) * weight for c, weight in zip(first_17, _WEIGHTS, strict=True))
    return _ALPHABET[(31 - total % 31) % 31]


def is_valid(code: str) -> bool:
    """Say whether the code has the standard's shape and the right check."""
    shape = r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
    return re.fullmatch(shape, code) is not None and check_character(code[:17]) == code[17]
