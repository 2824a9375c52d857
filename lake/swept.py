"""The ledger's word on sweeping: when what it knows was settled, and what was swept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import and_, func, insert, select

from lake import ledger_tables as t
from lake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed of one kind of file, and why: `because` is a rule of retention or `unreferenced`."""

    kind: str
    because: str
    files: int
    bytes: int


def judged_at(ledger: Ledger) -> dict[int, datetime]:
    """Return since when each delivery's outcome stands, by number: the start of the run, or the decision, that gave it.

    An accepted delivery that hasn't joined a live index yet is left out.
    """
    delivery, live, run, decision = t.delivery.c, t.live_version.c, t.run.c, t.decision.c
    place = and_(live.feed == delivery.feed, live.city == delivery.city, live.version == delivery.settled)
    settled = (
        select(delivery.delivery_no, run.started_at)
        .join(t.live_version, place)
        .join(t.run, run.run_id == live.run_id)
        .where(delivery.state == "accepted")
    )
    refused = (
        select(delivery.delivery_no, func.coalesce(decision.decided_at, run.started_at))
        .join(t.run, run.run_id == delivery.run_id)
        .outerjoin(t.decision, decision.delivery_no == delivery.delivery_no)
        .where(delivery.state.in_(("rejected", "unchanged")))
    )
    with ledger.engine.connect() as db:
        return {number: at for query in (settled, refused) for number, at in db.execute(query)}


def build_numbers(ledger: Ledger) -> list[int]:
    """Return the numbers of the published builds, oldest first."""
    with ledger.engine.connect() as db:
        return list(db.scalars(select(t.build.c.build_no).order_by(t.build.c.build_no)))


def builds_since(ledger: Ledger, since: datetime) -> list[int]:
    """Return the numbers of the builds that were replaced as the newest after `since`."""
    with ledger.engine.connect() as db:
        built = list(db.execute(select(t.build.c.build_no, t.build.c.built_at).order_by(t.build.c.build_no)))
    return [number for (number, _), (_, replaced_at) in pairwise(built) if replaced_at > since]


def build_links(ledger: Ledger, builds: Sequence[int]) -> list[int]:
    """Return the registry's versions that these builds were made with."""
    with ledger.engine.connect() as db:
        return list(db.scalars(select(t.build.c.link_version).where(t.build.c.build_no.in_(builds))))


def note_swept(ledger: Ledger, run_id: str, at: datetime, swept: Swept) -> None:
    """Note what a sweep removed."""
    with ledger.engine.begin() as db:
        db.execute(insert(t.swept).values(run_id=run_id, swept_at=at, **asdict(swept)))


def all_swept(ledger: Ledger) -> list[Swept]:
    """Return what was ever swept, oldest first."""
    columns = [t.swept.c[name] for name in Swept.__dataclass_fields__]
    with ledger.engine.connect() as db:
        return [Swept(*row) for row in db.execute(select(*columns).order_by(t.swept.c.swept_at, t.swept.c.kind))]
