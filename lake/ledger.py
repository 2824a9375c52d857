"""The ledger: what came, what became of it, and which files count. The one thing in a home that changes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, create_engine, delete, event, func, insert, inspect, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from lake import ledger_tables as t
from lake.ledger_reading import engine_to_read

JUDGED = ("accepted", "rejected", "held", "unchanged")
"""The states of a delivery of which something was decided."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the ledger knows it; the counts are rows."""

    delivery_no: int
    city: str
    feed: str
    period: str
    sequence: int
    digest: str
    mode: str
    extracted_at: datetime | None
    state: str
    reason: str
    delivered: int
    accepted: int
    quarantined: int
    duplicates: int
    batch: str | None
    settled: int | None

    @property
    def name(self) -> str:
        """Return its name in the lake: city, period, sequence and the first of its digest."""
        return f"{self.city}_{self.period}_{self.sequence:03d}_{self.digest[:8]}"

    @property
    def folder(self) -> str:
        """Return its folder in the inbox, by which people call it: city/feed/period/sequence."""
        return f"{self.city}/{self.feed}/{self.period}/{self.sequence:03d}"

    @property
    def requalified(self) -> bool:
        """Say whether refused rows of its batch were judged again and some passed: the batch then bears those rules."""
        return (self.batch or "").count("-") > 1

    @property
    def place(self) -> int:
        """Return its place by period and sequence among the deliveries of its city and feed."""
        year, month = self.period.split("-")
        return (int(year) * 100 + int(month)) * 1_000_000 + self.sequence


@dataclass(frozen=True, slots=True)
class Decision:
    """What someone decided on a delivery that the gate held, and why it had been held."""

    delivery_no: int
    held_because: str
    action: str
    because: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A version of a city's live index; accepted = live + superseded + deleted."""

    feed: str
    city: str
    version: int
    accepted: int
    live: int
    superseded: int
    deleted: int


@dataclass(frozen=True, slots=True)
class LinkVersion:
    """A version of the registry; `whole` says that it needs no earlier one. `linked_at` is by this machine's clock."""

    version: int
    whole: bool
    counts: str
    linked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Build:
    """A published build of the warehouse."""

    build_no: int
    fingerprint: str
    models: str
    as_of: str
    link_version: int
    key_version: int
    built_at: datetime
    run_id: str
    counts: str


_DELIVERY = [t.delivery.c[name] for name in Delivery.__dataclass_fields__]
_LIVE = [t.live_version.c[name] for name in LiveVersion.__dataclass_fields__]
_BUILD = [t.build.c[name] for name in Build.__dataclass_fields__]

_ATTEMPTS, _PAUSE = 8, 0.25


class Ledger:
    """The ledger of a home, on SQLite or PostgreSQL. Each method is one transaction."""

    def __init__(self, url: str, *, reading: bool = False) -> None:
        """Open the ledger of an address; for `reading` alone it makes no table, writes nothing, waits for nobody."""
        if reading:
            self.engine: Engine = engine_to_read(url)
            return
        self.engine = create_engine(url, hide_parameters=True)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _sqlite_settings)
        _make_tables(self.engine)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def is_made(self) -> bool:
        """Say whether its tables are there, which whoever opens it to read alone doesn't make."""
        return inspect(self.engine).has_table(t.delivery.name)

    # runs and steps

    def start_run(self, run_id: str, at: datetime) -> None:
        """Note that a run has begun."""
        with self.engine.begin() as db:
            db.execute(insert(t.run).values(run_id=run_id, started_at=at, status="running"))

    def end_run(self, run_id: str, at: datetime, status: str) -> None:
        """Note how a run ended."""
        with self.engine.begin() as db:
            db.execute(update(t.run).where(t.run.c.run_id == run_id).values(ended_at=at, status=status))

    def note_step(self, run_id: str, step: str, read: int, written: int, seconds: float) -> None:
        """Note what a step of a run read and wrote, in rows."""
        with self.engine.begin() as db:
            values = {"run_id": run_id, "step": step, "read": read, "written": written, "seconds": seconds}
            db.execute(insert(t.step).values(values))

    # deliveries

    def deliveries(self, *states: str, feed: str | None = None) -> list[Delivery]:
        """Return the deliveries in these states (all, where none is named), by number."""
        query = select(*_DELIVERY).order_by(t.delivery.c.delivery_no)
        if states:
            query = query.where(t.delivery.c.state.in_(states))
        if feed is not None:
            query = query.where(t.delivery.c.feed == feed)
        with self.engine.connect() as db:
            return [Delivery(*row) for row in db.execute(query)]

    def register(self, found: Sequence[Mapping[str, Any]], run_id: str) -> int:
        """Enter deliveries met for the first time, numbered in the order given; return how many."""
        if not found:
            return 0
        with self.engine.begin() as db:
            first = (db.execute(select(func.max(t.delivery.c.delivery_no))).scalar() or 0) + 1
            zero = {"reason": "", "delivered": 0, "accepted": 0, "quarantined": 0, "duplicates": 0, "run_id": run_id}
            rows = [{**zero, **row, "delivery_no": first + n} for n, row in enumerate(found)]
            db.execute(insert(t.delivery), rows)
        return len(found)

    def judge(self, delivery_no: int, state: str, reason: str = "", **rows: int) -> None:
        """Give a delivery its state, the reason where there is one, and its row counts."""
        with self.engine.begin() as db:
            values = {"state": state, "reason": reason, **rows}
            db.execute(update(t.delivery).where(t.delivery.c.delivery_no == delivery_no).values(**values))

    def enter_batch(
        self, batch: str, rules: str, counts: Iterable[Mapping[str, int]], checks: Sequence[Mapping[str, Any]]
    ) -> None:
        """Enter a cleaned batch: what judged it, its deliveries' row counts, what the checks found; all at once."""
        with self.engine.begin() as db:
            _judged_by(db, batch, rules)
            for row in counts:
                where = t.delivery.c.delivery_no == row["delivery_no"]
                db.execute(update(t.delivery).where(where).values(state="cleaned", batch=batch, **row))
                db.execute(delete(t.check_result).where(t.check_result.c.delivery_no == row["delivery_no"]))
            if checks:
                db.execute(insert(t.check_result), list(checks))

    def batch_rules(self) -> dict[str, str]:
        """Return what judged each cleaned batch."""
        with self.engine.connect() as db:
            return {
                batch: rules for batch, rules in db.execute(select(t.cleaned_batch.c.batch, t.cleaned_batch.c.rules))
            }

    def confirm_rules(self, batch: str, rules: str) -> None:
        """Note that these rules find in a batch what was found before."""
        with self.engine.begin() as db:
            _judged_by(db, batch, rules)

    def replace_batch(
        self,
        batch: tuple[str, str],
        rules: str,
        counts: Iterable[Mapping[str, int]],
        checks: Sequence[str],
        found: Sequence[Mapping[str, Any]],
    ) -> None:
        """Let the second batch take the place of the first, with other rows of the deliveries in `counts`.

        Those that were accepted join the live index anew, held ones meet the gate again. `found` replaces what the
        checks named in `checks` had found in them. All at once.
        """
        with self.engine.begin() as db:
            _judged_by(db, batch[1], rules)
            db.execute(update(t.delivery).where(t.delivery.c.batch == batch[0]).values(batch=batch[1]))
            for row in counts:
                where = t.delivery.c.delivery_no == row["delivery_no"]
                db.execute(update(t.delivery).where(where).values(**row))
                again = where & t.delivery.c.settled.is_not(None)
                db.execute(update(t.delivery).where(again).values(settled=0))
                held = where & (t.delivery.c.state == "held")
                db.execute(update(t.delivery).where(held).values(state="cleaned", reason=""))
                old = (t.check_result.c.delivery_no == row["delivery_no"]) & t.check_result.c.check_id.in_(checks)
                db.execute(delete(t.check_result).where(old))
            if found:
                db.execute(insert(t.check_result), list(found))

    def pass_gate(self, accepted: Sequence[int], held: Mapping[int, str]) -> None:
        """Accept cleaned deliveries, by number, and hold others, each with its reason; all at once."""
        with self.engine.begin() as db:
            if accepted:
                where = t.delivery.c.delivery_no == bindparam("number")
                db.execute(update(t.delivery).where(where).values(state="accepted"), [{"number": n} for n in accepted])
            for number, reason in held.items():
                where = t.delivery.c.delivery_no == number
                db.execute(update(t.delivery).where(where).values(state="held", reason=reason))

    def decide(self, decision: Decision, state: str, reason: str) -> bool:
        """Keep a decision on a held delivery and give that its state; False, with nothing done, if it isn't held."""
        with self.engine.begin() as db:
            where = (t.delivery.c.delivery_no == decision.delivery_no) & (t.delivery.c.state == "held")
            if db.execute(update(t.delivery).where(where).values(state=state, reason=reason)).rowcount == 0:
                return False
            db.execute(insert(t.decision).values(asdict(decision)))
        return True

    def decisions(self) -> list[Decision]:
        """Return the decisions on held deliveries, oldest first."""
        columns = [t.decision.c[name] for name in Decision.__dataclass_fields__]
        with self.engine.connect() as db:
            return [Decision(*row) for row in db.execute(select(*columns).order_by(t.decision.c.decided_at))]

    def released(self) -> list[tuple[Delivery, datetime]]:
        """Return the deliveries that someone released and that haven't joined a live index, and when, oldest first."""
        of = t.decision.c
        query = (
            select(*_DELIVERY, of.decided_at)
            .join(t.decision, of.delivery_no == t.delivery.c.delivery_no)
            .where((of.action == "release") & (t.delivery.c.state == "accepted") & t.delivery.c.settled.is_(None))
            .order_by(of.decided_at)
        )
        with self.engine.connect() as db:
            return [(Delivery(*row), decided_at) for *row, decided_at in db.execute(query)]

    def replace_check_results(
        self, deliveries: Sequence[int], checks: Sequence[str], found: Sequence[Mapping[str, Any]]
    ) -> None:
        """Let `found` be what these checks found in these deliveries, by number."""
        with self.engine.begin() as db:
            old = t.check_result.c.delivery_no.in_(deliveries) & t.check_result.c.check_id.in_(checks)
            db.execute(delete(t.check_result).where(old))
            if found:
                db.execute(insert(t.check_result), list(found))

    def check_results(self, first: int = 0) -> list[dict[str, Any]]:
        """Return what the checks found in the deliveries from number `first` on: delivery_no, check_id, rows."""
        query = select(t.check_result).where(t.check_result.c.delivery_no >= first)
        with self.engine.connect() as db:
            return [dict(row._mapping) for row in db.execute(query)]

    # live indexes

    def live_versions(self) -> dict[tuple[str, str], LiveVersion]:
        """Return the newest live index of each feed and city."""
        query = select(*_LIVE).order_by(t.live_version.c.version)
        with self.engine.connect() as db:
            versions = [LiveVersion(*row) for row in db.execute(query)]
        return {(version.feed, version.city): version for version in versions}

    def add_live_versions(self, versions: Sequence[LiveVersion], deliveries: Sequence[int], run_id: str) -> None:
        """Enter new live indexes and the deliveries (by number) that joined them, all at once."""
        rows = [{name: getattr(v, name) for name in LiveVersion.__dataclass_fields__} for v in versions]
        version_of = {(v.feed, v.city): v.version for v in versions}
        with self.engine.begin() as db:
            db.execute(insert(t.live_version), [{**row, "run_id": run_id} for row in rows])
            for (feed, city), version in version_of.items():
                where = (
                    (t.delivery.c.feed == feed) & (t.delivery.c.city == city) & t.delivery.c.delivery_no.in_(deliveries)
                )
                db.execute(update(t.delivery).where(where).values(settled=version))

    # the registry's versions

    def link_versions(self) -> list[LinkVersion]:
        """Return the versions of the registry, oldest first."""
        columns = [t.link_version.c[name] for name in LinkVersion.__dataclass_fields__]
        query = select(*columns).order_by(t.link_version.c.version)
        with self.engine.connect() as db:
            return [LinkVersion(*row) for row in db.execute(query)]

    def link_inputs(self, version: int) -> dict[tuple[str, str], int]:
        """Return the live indexes that a version of the registry stands for."""
        return self._inputs(t.link_input, t.link_input.c.version == version)

    def add_link_version(
        self, version: int, whole: bool, inputs: Mapping[tuple[str, str], int], counts: str, run_id: str
    ) -> None:
        """Enter a version of the registry with the live indexes that it stands for."""
        with self.engine.begin() as db:
            values = {
                "version": version,
                "whole": whole,
                "counts": counts,
                "linked_at": datetime.now(),
                "run_id": run_id,
            }
            db.execute(insert(t.link_version).values(**values))
            _add_inputs(db, t.link_input, {"version": version}, inputs)

    # builds

    def last_build(self) -> Build | None:
        """Return the last published build."""
        query = select(*_BUILD).order_by(t.build.c.build_no.desc()).limit(1)
        with self.engine.connect() as db:
            row = db.execute(query).first()
        return Build(*row) if row else None

    def build_inputs(self, build_no: int) -> dict[tuple[str, str], int]:
        """Return the live indexes that a build was made of."""
        return self._inputs(t.build_input, t.build_input.c.build_no == build_no)

    def add_build(self, build: Build, inputs: Mapping[tuple[str, str], int]) -> None:
        """Enter a published build with its inputs."""
        with self.engine.begin() as db:
            values = {name: getattr(build, name) for name in Build.__dataclass_fields__}
            db.execute(insert(t.build).values(**values))
            _add_inputs(db, t.build_input, {"build_no": build.build_no}, inputs)

    def _inputs(self, table: Any, where: Any) -> dict[tuple[str, str], int]:
        query = select(table.c.feed, table.c.city, table.c.live_version).where(where)
        with self.engine.connect() as db:
            return {(feed, city): version for feed, city, version in db.execute(query)}


def _judged_by(db: Connection, batch: str, rules: str) -> None:
    db.execute(delete(t.cleaned_batch).where(t.cleaned_batch.c.batch == batch))
    db.execute(insert(t.cleaned_batch).values(batch=batch, rules=rules))


def _add_inputs(db: Connection, table: Any, owner: dict[str, int], inputs: Mapping[tuple[str, str], int]) -> None:
    rows = [{**owner, "feed": feed, "city": city, "live_version": v} for (feed, city), v in sorted(inputs.items())]
    if rows:
        db.execute(insert(table), rows)


def _make_tables(engine: Engine) -> None:
    """Make the tables that aren't there. Where another process does so at the same time, either may be refused one."""
    for _ in range(_ATTEMPTS):
        try:
            t.metadata.create_all(engine)
            return
        except DBAPIError:
            time.sleep(_PAUSE)
    t.metadata.create_all(engine)


def _sqlite_settings(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 60000")
