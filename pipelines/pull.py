"""Pulling: what city platforms expose as tables becomes deliveries in the inbox, and lands."""

from __future__ import annotations

import fcntl
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from contracts.schema import Feed
from lake.engine import connect
from lake.faults import PassingFault, PlainFault, without_values
from lake.home import Home
from lake.pull_outcomes import note_outcome
from lake.watermarks import Pull, Watermarks
from pipelines import journey
from pipelines.progress import Progress
from pipelines.run import open_run
from pipelines.sources import outgoing
from pipelines.sources.dialects import dialect_of, error_code
from pipelines.sources.inbox import read_delivery
from pipelines.sources.listed import Source
from pipelines.sources.manifest import NAME, Manifest, content_digest
from pipelines.sources.marks import marks_file
from pipelines.sources.reading import Plan, Reader, Written, plan
from pipelines.sources.table import open_table

STAGING = ".pull"
"""The folder of an inbox in which a delivery is written before it comes to its place."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of pulling one feed: `state` is landed, refused, nothing new or failed; `reason` says why.

    `passing` says of a failure that the next pull may fare better.
    """

    source: str
    city: str
    feed: str
    state: str
    delivery: str = ""
    mode: str = ""
    rows: int = 0
    watermark: str = ""
    reason: str = ""
    passing: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def pull(
    home: Home,
    inbox: Path,
    sources: Sequence[Source],
    progress: Progress,
    wait: Callable[[float], None] = time.sleep,
) -> list[Pulled]:
    """Pull every feed of the sources and land what is new; one that fails is told, the others go on.

    Each feed is read in one snapshot and becomes a delivery by one rename; then all land together. A pull that was
    stopped anywhere, a kill included, is taken up where it stood.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    with without_values(), _one_puller(home, progress):
        ledger = Watermarks(home.ledger_url)
        try:
            _take_up(home, inbox, ledger, progress)
            puller = _Puller(home, inbox, ledger, progress, wait)
            outcomes = [puller.pull(source, feed) for source in sources for feed in source.feeds]
            _land(home, inbox, [o.delivery for o in outcomes if o.delivery], progress)
            told = [_judged(ledger, outcome) for outcome in outcomes]
            for outcome in told:
                note_outcome(ledger, outcome.city, outcome.feed, outcome.state, outcome.reason)
            return told
        finally:
            ledger.close()
            shutil.rmtree(inbox / STAGING, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Puller:
    home: Home
    inbox: Path
    ledger: Watermarks
    progress: Progress
    wait: Callable[[float], None]

    def pull(self, source: Source, feed: Feed) -> Pulled:
        """Bring what is new in a feed's table into the inbox; a failure is told in the outcome."""
        outcome = Pulled(source.name, source.city, feed.name, "failed")
        try:
            with without_values(), self.progress.step(f"拉取 pull {source.city}/{feed.name}") as step:
                outcome = self._several_attempts(source, feed, outcome)
                step.outcome = f"{outcome.rows:,} 行 rows → {outcome.delivery}" if outcome.delivery else _NOTHING_NEW
        except PlainFault as fault:
            outcome = replace(outcome, reason=str(fault), passing=isinstance(fault, PassingFault))
            self.progress.say(f"失败 failed · {outcome.city}/{outcome.feed} · {fault}")
        return outcome

    def _several_attempts(self, source: Source, feed: Feed, outcome: Pulled) -> Pulled:
        dialect = dialect_of(source.url.get_backend_name())
        for attempt in range(1, source.attempts + 1):
            try:
                return self._attempt(source, feed, outcome)
            except DBAPIError as error:  # its text quotes SQL and parameters
                told = f"{source.name}: {feed.name}: {_told(error)}"
                if not dialect.is_transient(error):
                    raise PlainFault(told) from None
            if attempt < source.attempts:
                self.progress.say(f"{told} · 重试 again {attempt + 1}/{source.attempts}")
                self.wait(min(2.0 ** (attempt - 1), 60.0))
        raise PassingFault(told)

    def _attempt(self, source: Source, feed: Feed, outcome: Pulled) -> Pulled:
        """Read the table in a new snapshot and bring the delivery to its place."""
        aside = _emptied(self.inbox / STAGING / f"{source.city}-{feed.name}")
        marks = self.home.pulled(feed.name, source.city).with_suffix(".part")
        marks.parent.mkdir(parents=True, exist_ok=True)
        standing = self.ledger.standing(source.city, feed.name)
        with (
            open_table(source, feed) as table,
            self.home.aside(f"pull-{uuid.uuid4().hex}") as scratch,
            connect(scratch) as connection,
        ):
            planned = plan(table, source, standing)
            place = self._place(source, feed, planned.extracted_at)
            (aside / "delivery").mkdir()
            rows_to = aside / "delivery" / f"{feed.name}_{source.city}_{place.period}_{place.sequence:03d}.csv.gz"
            written = Reader(connection, self.home, source, feed).write(table, planned, rows_to, marks, scratch)
        if written.file.rows == 0:
            if standing is not None:
                self.ledger.renew_profile(standing.last.pull_no, planned.profile)
            marks.unlink()
            return replace(outcome, state=_NOTHING_NEW.split(maxsplit=1)[1])
        return self._bring_in(planned, place, written, aside / "delivery", marks, outcome)

    def _place(self, source: Source, feed: Feed, extracted_at: datetime) -> Manifest:
        """Return the manifest of the next delivery, its files still to come."""
        period = f"{extracted_at:%Y-%m}"
        of = source.city, feed.name, period
        sequence = 1 + max(self.ledger.last_sequence(*of), outgoing.last_sequence(self.inbox, *of))
        encoding, delimiter = outgoing.ENCODING, outgoing.DELIMITER
        return Manifest(source.city, feed, period, sequence, "delta", encoding, delimiter, extracted_at, ())

    def _bring_in(
        self, planned: Plan, place: Manifest, written: Written, folder: Path, marks: Path, outcome: Pulled
    ) -> Pulled:
        """Enter the pull in the ledger, then bring its delivery to its place; it counts once that has landed."""
        manifest = replace(place, mode=planned.mode, files=(written.file.described(),))
        entry = Pull(
            0, manifest.city, manifest.feed.name, manifest.period, manifest.sequence, content_digest(manifest),
            manifest.mode, planned.base, written.file.rows, manifest.extracted_at, written.watermark,
        )  # fmt: skip
        outgoing.state(folder, manifest)
        marks.replace(marks_file(self.home, entry))
        self.ledger.plan_pull(entry, planned.profile)
        to = f"{entry.city}/{entry.feed}/{entry.period}/{entry.sequence:03d}"
        outgoing.bring_in(folder, self.inbox / to)
        watermark = entry.watermark.isoformat(" ") if entry.watermark else ""
        return replace(outcome, state="landed", delivery=to, mode=entry.mode, rows=entry.rows, watermark=watermark)


_NOTHING_NEW = "没有新数据 nothing new"


def _take_up(home: Home, inbox: Path, ledger: Watermarks, progress: Progress) -> None:
    """Land what a stopped pull has left in the inbox, and forget what it never brought there."""
    waiting = ledger.waiting_pulls()
    folders = {p.pull_no: f"{p.city}/{p.feed}/{p.period}/{p.sequence:03d}" for p in waiting}
    _land(home, inbox, [f for f in folders.values() if (inbox / f / NAME).is_file()], progress)
    for left in ledger.waiting_pulls():
        ledger.forget_pull(left.pull_no)
        marks_file(home, left).unlink(missing_ok=True)


def _land(home: Home, inbox: Path, folders: Sequence[str], progress: Progress) -> None:
    if folders:
        with open_run(home, progress) as run:
            journey.land_found(run, [read_delivery(inbox / folder) for folder in folders])


def _judged(ledger: Watermarks, outcome: Pulled) -> Pulled:
    """Return the outcome with what the landing said of its delivery."""
    for delivery in ledger.deliveries("rejected", feed=outcome.feed) if outcome.delivery else []:
        if delivery.folder == outcome.delivery:
            return replace(outcome, state="refused", reason=delivery.reason)
    return outcome


def _told(error: DBAPIError) -> str:
    code, state = error_code(error)
    lost = error.connection_invalidated
    what = "连接中断 connection lost" if lost else "数据库报错 the database failed"
    told = ", ".join(dict.fromkeys(part for part in (type(error).__name__, code, state) if part))
    return f"{what} ({told})"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir()
    return folder


@contextmanager
def _one_puller(home: Home, progress: Progress) -> Iterator[None]:
    """Hold the home's lock on pulling; a run may work meanwhile, until what was pulled is to land."""
    home.create()
    with (home.root / "pull.lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("等待另一拉取结束 waiting for another pull to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
