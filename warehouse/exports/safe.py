"""Text that a spreadsheet would run, made harmless."""

from __future__ import annotations

RISKY = "^[=+@\\-\\t\\r]"


def safe_text(column: str) -> str:
    """Return SQL for a text column in which what a spreadsheet would run as a formula begins with an apostrophe."""
    return f"CASE WHEN regexp_matches({column}, '{RISKY}') THEN '''' || {column} ELSE {column} END"
