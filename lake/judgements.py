"""The ledger's judgements: what the gates found in the figures of deliveries and builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from lake import ledger_tables as t
from lake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a gate's expectation found in the figures of a delivery or build, by its number.

    `observed` is the figure furthest out, empty where that has no bound; `told` says in both languages what is beyond.
    """

    gate: str
    subject: int
    expectation: str
    state: str
    judged: int
    beyond: int
    observed: float | None
    told: str
    judged_at: datetime


_COLUMNS = [t.judgement.c[name] for name in Judgement.__dataclass_fields__]


def keep_judgements(ledger: Ledger, found: Sequence[Judgement]) -> None:
    """Let these be all that is known of their subjects, in the place of earlier judgements; all at once."""
    if not found:
        return
    judgement = t.judgement
    subjects = [
        {"of_gate": gate, "of_subject": number} for gate, number in {(each.gate, each.subject) for each in found}
    ]
    old = (judgement.c.gate == bindparam("of_gate")) & (judgement.c.subject == bindparam("of_subject"))
    with ledger.engine.begin() as db:
        db.execute(delete(judgement).where(old), subjects)
        db.execute(insert(judgement), [asdict(each) for each in found])


def judgements(ledger: Ledger, gate: str, *subjects: int) -> list[Judgement]:
    """Return a gate's judgements (on these numbers, where some are named), by number and expectation."""
    query = select(*_COLUMNS).where(t.judgement.c.gate == gate)
    if subjects:
        query = query.where(t.judgement.c.subject.in_(subjects))
    with ledger.engine.connect() as db:
        rows = db.execute(query.order_by(t.judgement.c.subject, t.judgement.c.expectation))
        return [Judgement(*row) for row in rows]
