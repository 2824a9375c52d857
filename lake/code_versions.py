"""The ledger's versions of the health codes: which file holds them, and what it was issued from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select

from lake import ledger_tables as t
from lake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class CodeVersion:
    """One issue: the registry's version that it followed, the key's, and its counts as JSON."""

    version: int
    link_version: int
    key_version: int
    counts: str
    issued_at: datetime


def code_versions(ledger: Ledger) -> list[CodeVersion]:
    """Return all issues, oldest first."""
    with ledger.engine.connect() as db:
        rows = db.execute(select(t.code_version).order_by(t.code_version.c.version)).mappings()
        return [CodeVersion(**row) for row in rows]


def add_code_version(ledger: Ledger, version: CodeVersion) -> None:
    """Enter an issue: from now on its file counts."""
    with ledger.engine.begin() as db:
        db.execute(insert(t.code_version), asdict(version))


def follow_code_version(ledger: Ledger, last: CodeVersion, at: datetime) -> None:
    """Enter a version that changes some codes of the last one and issues none."""
    add_code_version(ledger, replace(last, version=last.version + 1, issued_at=at))
