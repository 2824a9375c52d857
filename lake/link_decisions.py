"""The ledger's decisions on persons: what reviewers said of pairs of presentations, by keys, never by values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from lake import ledger_tables as t
from lake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """That two presentations are the same person, different persons, or that nobody can say.

    `l_own` and `r_own` are the keys of their institutions' numbers, `l` and `r` their handles
    (linkage/sql/decided.sql). The latest of a pair counts.
    """

    verdict: str
    l_own: int
    l: int  # noqa: E741
    r_own: int
    r: int
    doubt: str
    kind: str
    probability: float | None
    evidence: str
    because: str
    decided_by: str
    decided_at: datetime


_KEYS = ("l_own", "l", "r_own", "r")


def enter_link_decisions(ledger: Ledger, decisions: Sequence[LinkDecision]) -> None:
    """Enter decisions after all earlier ones, all at once."""
    if not decisions:
        return
    with ledger.engine.begin() as db:
        last = int(db.execute(select(func.coalesce(func.max(t.link_decision.c.number), 0))).scalar_one())
        rows = [
            {"number": last + step} | asdict(each) | {key: str(getattr(each, key)) for key in _KEYS}
            for step, each in enumerate(decisions, start=1)
        ]
        db.execute(insert(t.link_decision), rows)


def link_decisions(ledger: Ledger) -> list[tuple[int, LinkDecision]]:
    """Return all decisions with their numbers, in their order."""
    columns = [t.link_decision.c[name] for name in LinkDecision.__dataclass_fields__]
    with ledger.engine.connect() as db:
        rows = (
            db.execute(select(t.link_decision.c.number, *columns).order_by(t.link_decision.c.number)).mappings().all()
        )
    found = []
    for row in rows:
        values = {name: row[name] for name in LinkDecision.__dataclass_fields__}
        found.append((int(row["number"]), LinkDecision(**values | {key: int(values[key]) for key in _KEYS})))
    return found
