"""ICD-10 as used in China: GB/T 14396, the clinical and the insurance edition, with their extensions."""

from __future__ import annotations

import re

_CODE = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9X]{1,3}(X?[0-9]{3})?)?[+*]?")

CLOSED = {
    "sexually transmitted diseases": ("A50", "A64"),
    "HIV disease": ("B20", "B24"),
    "mental and behavioural disorders": ("F00", "F99"),
    "pregnancy with abortive outcome": ("O00", "O08"),
    "laboratory evidence of HIV": ("R75", "R75"),
    "asymptomatic HIV infection": ("Z21", "Z21"),
    "contraceptive management, abortion among it": ("Z30", "Z30"),
    "sexual assault, neglect and abuse": ("Y05", "Y07"),
}
"""Categories that are told in aggregate alone, first to last: the closed list (GB/T 39725-2020, level 5)."""


def is_valid(code: str) -> bool:
    """Say whether the folded code (upper case) has a shape of one of the editions, such as I10.X00X002."""
    return _CODE.fullmatch(code) is not None


def category(code: str) -> str:
    """Return the category of three characters, on which editions agree."""
    return code[:3]


def closed_macro() -> str:
    """Return the SQL macro icd10_is_closed(category): is it of the closed list?"""
    within = " OR ".join(f"c BETWEEN '{first}' AND '{last}'" for first, last in CLOSED.values())
    return f"CREATE OR REPLACE TEMP MACRO icd10_is_closed(c) AS ({within});"
