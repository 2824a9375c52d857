"""Telephone numbers of the mainland."""

from __future__ import annotations

import re

_MOBILE = r"(\+?86[- ]?)?1[3-9][0-9]{9}"
_LANDLINE = r"(0[0-9]{2,3}[- ]?)?[2-9][0-9]{6,7}"


def is_valid(phone: str) -> bool:
    """Say whether it is a mobile number, or a landline with or without its area code."""
    return re.fullmatch(f"{_MOBILE}|{_LANDLINE}", phone) is not None
