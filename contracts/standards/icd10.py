"""ICD-10 as used in China: GB/T 14396, the clinical and the insurance edition, with their extensions."""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9X]{1,3}(X?[0-9]{3})?)?[+*]?")


def is_valid(code: str) -> bool:
    """Say whether the folded code (upper case) has a shape of one of the editions, such as I10.X00X002."""
    return _CODE.fullmatch(code) is not None


def category(code: str) -> str:
    """Return the category of three characters, on which editions agree."""
    return code[:3]
