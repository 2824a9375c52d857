"""The ledger's terminals that may decode health codes, the codes they used up, and what they asked."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lake import ledger_tables as t
from lake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal: where it stands, the public half of its Ed25519 pair in hex, the scenes in which it may decode.

    `static`: it may decode static codes too, which whoever has seen a code of the person could show.
    """

    terminal: str
    org_code: str
    public_key: str
    scenes: tuple[str, ...]
    static: bool
    expires_on: date
    added_by: str
    added_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decoding:
    """That a terminal asked to decode a code: `outcome` is `allowed`, or the reason why not.

    `mark` is a keyed digest of the card, empty where none could be read: never the card itself.
    """

    at: datetime
    terminal: str
    org_code: str
    scene: str
    kind: str
    outcome: str
    mark: str


def add_terminal(ledger: Ledger, terminal: Terminal) -> bool:
    """Enter a terminal; False where its name is taken."""
    try:
        with ledger.engine.begin() as db:
            db.execute(insert(t.terminal), asdict(terminal) | {"scenes": ",".join(terminal.scenes)})
    except IntegrityError:
        return False
    return True


def terminals(ledger: Ledger, name: str | None = None) -> list[Terminal]:
    """Return the terminals, or the one of that name, in the order of their names."""
    query = select(t.terminal).order_by(t.terminal.c.terminal)
    if name is not None:
        query = query.where(t.terminal.c.terminal == name)
    with ledger.engine.connect() as db:
        found = [Terminal(**row) for row in db.execute(query).mappings().all()]
    return [replace(each, scenes=tuple(str(each.scenes).split(","))) for each in found]


def revoke_terminal(ledger: Ledger, name: str, at: datetime) -> bool:
    """Revoke a terminal for good; False where there is none of that name, or it is revoked already."""
    table = t.terminal
    where = (table.c.terminal == name) & table.c.revoked_at.is_(None)
    with ledger.engine.begin() as db:
        return bool(db.execute(update(table).where(where).values(revoked_at=at)).rowcount)


def use_up(ledger: Ledger, mark: str, until: datetime, now: datetime) -> bool:
    """Note that a dynamic code was used; False where it was before. What has expired is forgotten."""
    try:
        with ledger.engine.begin() as db:
            db.execute(delete(t.used_code).where(t.used_code.c.until < now))
            db.execute(insert(t.used_code), {"mark": mark, "until": until})
    except IntegrityError:
        return False
    return True


def revoke_code_mark(ledger: Ledger, mark: str, at: datetime) -> None:
    """Note that a code is revoked, from now on."""
    with suppress(IntegrityError), ledger.engine.begin() as db:
        db.execute(insert(t.revoked_code), {"mark": mark, "revoked_at": at})


def is_revoked(ledger: Ledger, mark: str) -> bool:
    """Say whether a code is revoked."""
    with ledger.engine.connect() as db:
        return db.execute(select(t.revoked_code.c.mark).where(t.revoked_code.c.mark == mark)).first() is not None


def note_decoding(ledger: Ledger, decoding: Decoding) -> None:
    """Enter what a terminal asked, and what it was told."""
    with ledger.engine.begin() as db:
        db.execute(insert(t.decoding), asdict(decoding))


def count_decodings(ledger: Ledger) -> int:
    """Return how often terminals asked."""
    with ledger.engine.connect() as db:
        return int(db.execute(select(func.count()).select_from(t.decoding)).scalar_one())


def usage_counts(ledger: Ledger) -> list[tuple[str, str, str, str, int]]:
    """Return institution, day, scene and outcome of what terminals asked, and how often."""
    columns = t.decoding.c
    day = func.date(columns.at)
    asked = select(columns.org_code, day, columns.scene, columns.outcome, func.count()).group_by(
        columns.org_code, day, columns.scene, columns.outcome
    )
    with ledger.engine.connect() as db:
        return [(row[0], str(row[1]), row[2], row[3], int(row[4])) for row in db.execute(asked).all()]
