"""How complete each delivery was, in the ledger: of its sound rows, how many fill each optional column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select

from lake import ledger_tables as t
from lake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Filled:
    """Of the sound `rows` of a delivery, how many have a value in a column."""

    delivery_no: int
    column_name: str
    rows: int
    filled: int


def enter_completeness(ledger: Ledger, found: Sequence[Filled]) -> None:
    """Enter what was found in deliveries, in place of what was entered for them before; all at once."""
    if not found:
        return
    numbers = sorted({each.delivery_no for each in found})
    with ledger.engine.begin() as db:
        db.execute(delete(t.completeness).where(t.completeness.c.delivery_no.in_(numbers)))
        db.execute(insert(t.completeness), [asdict(each) for each in found])


def completeness(ledger: Ledger) -> list[Filled]:
    """Return how complete each delivery was, by number and column; none for those cleaned before it was kept."""
    columns = [t.completeness.c[name] for name in Filled.__dataclass_fields__]
    query = select(*columns).order_by(t.completeness.c.delivery_no, t.completeness.c.column_name)
    with ledger.engine.connect() as db:
        return [Filled(*row) for row in db.execute(query)]
