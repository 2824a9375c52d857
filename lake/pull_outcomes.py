"""What came last of pulling each city's feed, kept so that a monitor sees what keeps failing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, inspect, select

from lake import ledger_tables as t
from lake.ledger import Ledger

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PullOutcome:
    """The last outcome of a city's feed. Times are by the machine's clock, but `read_to`: the last rows, Asia/Shanghai.

    `done_at` is when one last didn't fail, `failing_since` when the first of those failed that failed in a row.
    """

    city: str
    feed: str
    state: str
    reason: str
    tried_at: datetime
    done_at: datetime | None
    failing_since: datetime | None
    read_to: datetime | None


def note_outcome(ledger: Ledger, city: str, feed: str, state: str, reason: str) -> None:
    """Let this be the last outcome of a city's feed; the reason holds no value."""
    of, now = t.pull_outcome.c, datetime.now()
    where = (of.city == city) & (of.feed == feed)
    with ledger.engine.begin() as db:
        before = db.execute(select(of.done_at, of.failing_since).where(where)).first()
        done_at, failing_since = before or (None, None)
        if state == FAILED:
            failing_since = failing_since or now
        else:
            done_at, failing_since = now, None
        db.execute(delete(t.pull_outcome).where(where))
        db.execute(insert(t.pull_outcome).values(
            city=city, feed=feed, state=state, reason=reason, tried_at=now, done_at=done_at,
            failing_since=failing_since,
        ))  # fmt: skip


def pull_outcomes(ledger: Ledger) -> list[PullOutcome]:
    """Return the last outcomes, by city and feed; none where no version of the program has noted any yet."""
    if not inspect(ledger.engine).has_table(t.pull_outcome.name):
        return []
    of, pull = t.pull_outcome.c, t.pull.c
    rows = (
        select(pull.city, pull.feed, func.max(pull.extracted_at).label("read_to"))
        .where(pull.rows > 0)
        .group_by(pull.city, pull.feed)
        .subquery()
    )
    columns = [of[name] for name in PullOutcome.__dataclass_fields__ if name != "read_to"]
    query = (
        select(*columns, rows.c.read_to)
        .outerjoin(rows, (rows.c.city == of.city) & (rows.c.feed == of.feed))
        .order_by(of.city, of.feed)
    )
    with ledger.engine.connect() as db:
        return [PullOutcome(**row._mapping) for row in db.execute(query)]
