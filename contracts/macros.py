"""The contract's rules as SQL macros: one script for an engine to run when it starts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from contracts.divisions import known_codes
from contracts.standards.icd10 import closed_macro


@cache
def sql_macros() -> str:
    """Return the script that gives a DuckDB connection the macros of contracts/sql and what they look up."""
    codes = " ".join(sorted(code for code in known_codes() if "110000" <= code <= "829999"))
    # One text, split, for an engine takes much longer to read thousands of numbers.
    bits = f"SELECT bitstring_agg(code::INT, 110000, 829999) FROM (SELECT unnest(string_split('{codes}', ' ')) AS code)"
    known = f"SET VARIABLE known_divisions = ({bits});"
    folder = files("contracts.sql")
    scripts = [folder.joinpath(f"{name}.sql").read_text(encoding="utf-8") for name in ("spellings", "standards")]
    return "\n".join([known, closed_macro(), *scripts])
