"""How far each city's databases were read: the pulls, each standing on the one before it.

A pull counts once its delivery has landed, and for as long as that isn't rejected; what stood on one that no longer
counts doesn't count either, so that its rows are read again. No watermark is moved: it is that of the last pull that
counts. Landing a delivery moves it, in the transaction of the landing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, select

from lake import ledger_tables as t
from lake.ledger import Ledger

Profile = Mapping[str, tuple[int, int]]
"""A table's history by day of `updated_at`: how many rows, and their times summed, in seconds of the day."""

_NOT_LANDED = ("found", "rejected")


@dataclass(frozen=True, slots=True)
class Pull:
    """One reading of a city's table that became a delivery; `base` is the pull that it went on from, or 0."""

    pull_no: int
    city: str
    feed: str
    period: str
    sequence: int
    digest: str
    mode: str
    base: int
    rows: int
    extracted_at: datetime
    watermark: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a table was read: the pulls that count, oldest first, and the table's profile at the last of them."""

    pulls: tuple[Pull, ...]
    profile: Profile

    @property
    def last(self) -> Pull:
        """Return the pull that the next one goes on from."""
        return self.pulls[-1]

    @property
    def full_at(self) -> datetime | None:
        """Return when the last full pull was made that what followed stands on."""
        return self.pulls[0].extracted_at if self.pulls[0].mode == "full" else None


_PULL = [t.pull.c[field.name] for field in fields(Pull)]
_DELIVERY_OF_PULL = and_(
    *(t.pull.c[name] == t.delivery.c[name] for name in ("city", "feed", "period", "sequence", "digest"))
)


class Watermarks(Ledger):
    """The ledger with its pulls. Each method is one transaction."""

    def standing(self, city: str, feed: str) -> Standing | None:
        """Return how far the feed of a city was read; None where no pull counts."""
        with self.engine.connect() as db:
            pulls = _counting(_pulls(db, city, feed), _NOT_LANDED)
            if not pulls:
                return None
            day = t.pull_day.c
            found = db.execute(select(day.day, day.rows, day.seconds).where(day.pull_no == pulls[-1].pull_no))
            return Standing(pulls, {name: (rows, seconds) for name, rows, seconds in found})

    def waiting_pulls(self) -> list[Pull]:
        """Return the pulls whose delivery hasn't landed, nor been rejected: a stop came between."""
        with self.engine.connect() as db:
            query = select(*_PULL, t.delivery.c.state).outerjoin(t.delivery, _DELIVERY_OF_PULL)
            return [Pull(*row[:-1]) for row in db.execute(query) if row[-1] in (None, "found")]

    def forget_pull(self, pull_no: int) -> None:
        """Take out a pull that left no delivery."""
        with self.engine.begin() as db:
            db.execute(delete(t.pull_day).where(t.pull_day.c.pull_no == pull_no))
            db.execute(delete(t.pull).where(t.pull.c.pull_no == pull_no))

    def last_sequence(self, city: str, feed: str, period: str) -> int:
        """Return the last sequence number known for a city, feed and period, 0 where there is none."""
        with self.engine.connect() as db:
            where = [(c.city == city) & (c.feed == feed) & (c.period == period) for c in (t.delivery.c, t.pull.c)]
            last = [
                db.execute(select(func.max(table.c.sequence)).where(condition)).scalar() or 0
                for table, condition in zip((t.delivery, t.pull), where, strict=True)
            ]
        return max(last)

    def plan_pull(self, pull: Pull, profile: Profile) -> int:
        """Enter a pull before its delivery comes into the inbox, and return its number; `pull_no` is ignored.

        Profiles that no later pull can go on from are dropped.
        """
        with self.engine.begin() as db:
            number = (db.execute(select(func.max(t.pull.c.pull_no))).scalar() or 0) + 1
            db.execute(insert(t.pull).values(asdict(pull) | {"pull_no": number}))
            _write_profile(db, number, profile)
            final = _counting(_pulls(db, pull.city, pull.feed), ("found", "rejected", "landed", "cleaned", "held"))
            if final:
                old = select(t.pull.c.pull_no).where(
                    t.pull.c.city == pull.city, t.pull.c.feed == pull.feed, t.pull.c.pull_no < final[-1].pull_no
                )
                db.execute(delete(t.pull_day).where(t.pull_day.c.pull_no.in_(old)))
        return number

    def renew_profile(self, pull_no: int, profile: Profile) -> None:
        """Give the last pull the table's profile as it is now, after a reading that found nothing new."""
        with self.engine.begin() as db:
            db.execute(delete(t.pull_day).where(t.pull_day.c.pull_no == pull_no))
            _write_profile(db, pull_no, profile)


def _pulls(db: Connection, city: str, feed: str) -> list[tuple[Pull, str | None]]:
    query = select(*_PULL, t.delivery.c.state).outerjoin(t.delivery, _DELIVERY_OF_PULL)
    query = query.where(t.pull.c.city == city, t.pull.c.feed == feed).order_by(t.pull.c.pull_no)
    return [(Pull(*row[:-1]), row[-1]) for row in db.execute(query)]


def _counting(pulls: list[tuple[Pull, str | None]], but: tuple[str, ...]) -> tuple[Pull, ...]:
    """Return the chain that ends with the last pull that counts, leaving out deliveries in the states `but`."""
    chains: dict[int, tuple[Pull, ...]] = {0: ()}
    last: tuple[Pull, ...] = ()
    for pull, state in pulls:
        if state is not None and state not in but and pull.base in chains:
            last = chains[pull.pull_no] = (*chains[pull.base], pull)
    return last


def _write_profile(db: Connection, pull_no: int, profile: Profile) -> None:
    if profile:
        days = [{"pull_no": pull_no, "day": d, "rows": r, "seconds": s} for d, (r, s) in profile.items()]
        db.execute(insert(t.pull_day), days)
