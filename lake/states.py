"""The states of a home that were published, each by what it was made of: what was known at a time is one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select

from lake import ledger_tables as t
from lake.ledger import Build, Delivery, Ledger


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the deliveries behind a build reach: the latest extraction, and the first day of the first month."""

    known_at: datetime
    first_month: date


@dataclass(frozen=True, slots=True)
class Published:
    """A build that was published, and its extent."""

    build: Build
    extent: Extent


@dataclass(frozen=True, slots=True)
class State(Published):
    """A published build with the live indexes that it was made of, by feed and city."""

    inputs: Mapping[tuple[str, str], int]


def extent_of(deliveries: Iterable[Delivery]) -> Extent | None:
    """Return the extent of deliveries; None where none says when it was extracted."""
    told = [(d.extracted_at, d.period) for d in deliveries]
    extracted = [at for at, _ in told if at is not None]
    if not extracted:
        return None
    return Extent(max(extracted), date.fromisoformat(f"{min(period for _, period in told)}-01"))


def note_extent(ledger: Ledger, build_no: int, extent: Extent) -> None:
    """Keep the extent of a build: what its deliveries were doesn't show later, when some joined anew."""
    with ledger.engine.begin() as db:  # of a build that was cut off, the next one has the number
        db.execute(delete(t.build_extent).where(t.build_extent.c.build_no == build_no))
        db.execute(insert(t.build_extent).values(build_no=build_no, **asdict(extent)))


def published(ledger: Ledger) -> list[Published]:
    """Return what was published, oldest first."""
    with ledger.engine.connect() as db:
        builds = [Build(**row) for row in db.execute(select(t.build).order_by(t.build.c.build_no)).mappings()]
        extents = {number: Extent(at, first) for number, at, first in db.execute(select(t.build_extent))}
    found = []
    for build in builds:
        extent = extents.get(build.build_no) or _joined_extent(ledger, build.build_no)
        if extent is not None:
            found.append(Published(build, extent))
    return found


def state_of(ledger: Ledger, of: Published) -> State:
    """Return what was published with the live indexes that it was made of."""
    return State(of.build, of.extent, ledger.build_inputs(of.build.build_no))


def _joined_extent(ledger: Ledger, build_no: int) -> Extent | None:
    """Return the extent of a build made before extents were kept: of what had joined the indexes it stands on."""
    inputs = ledger.build_inputs(build_no)
    accepted = ledger.deliveries("accepted")
    return extent_of(d for d in accepted if d.settled and d.settled <= inputs.get((d.feed, d.city), 0))
