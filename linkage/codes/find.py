"""Finding codes: what a card stands for now, and which code a number's bearer has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.engine import located
from linkage.script import run

_MOST_REPLACED = 64


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is kept."""

    card: str
    factor: str
    kind: str
    key_version: int
    state: str
    successor: str | None
    because: str | None


_COLUMNS = ", ".join(Code.__dataclass_fields__)


def code_of(connection: duckdb.DuckDBPyConnection, codes: Path, card: str) -> Code | None:
    """Return the code of a card ID as it was issued; None where none was."""
    return _one(connection, codes, "card = ?", card)


def standing(connection: duckdb.DuckDBPyConnection, codes: Path, code: Code) -> Code:
    """Return the code that stands for one that was replaced, itself where it wasn't."""
    for _ in range(_MOST_REPLACED):
        following = code_of(connection, codes, code.successor) if code.state == "replaced" and code.successor else None
        if following is None:
            return code
        code = following
    return code


def code_of_number(connection: duckdb.DuckDBPyConnection, codes: Path, number: str) -> Code | None:
    """Return the active code of who has that ID number; None where nobody has."""
    run(connection, "normalise")
    return _one(connection, codes, "state = 'active' AND number_key = link_number_key(?)", number)


def _one(connection: duckdb.DuckDBPyConnection, codes: Path, where: str, value: str) -> Code | None:
    asked = f"SELECT {_COLUMNS} FROM read_parquet({located(codes)}) WHERE {where} LIMIT 1"
    found = connection.execute(asked, [value]).fetchall()
    return Code(*found[0]) if found else None
