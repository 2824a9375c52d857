"""The journey of a record, in order: land, clean, settle, link, publish. Each step can be run again at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.completeness import enter_completeness
from lake.conservation import conserve
from lake.engine import connect, side_by_side
from lake.home import Home
from lake.ledger import Delivery
from pipelines.cleaning.clean import Cleaned, batches, clean_batch
from pipelines.cleaning.registered import note_unregistered
from pipelines.cleaning.requalify import enter_requalified, judged_otherwise, requalify_batch
from pipelines.gating import pass_gate
from pipelines.landing.arrivals import land_arrivals, take_in
from pipelines.linking import link_live_rows
from pipelines.live import define_deliveries
from pipelines.presenting import present_batch
from pipelines.progress import Progress
from pipelines.publishing import publish_build
from pipelines.quality_page.write import refresh_quality_page
from pipelines.receipts.write import unanswered, write_receipts
from pipelines.run import Run, open_run
from pipelines.selection import EVERYTHING, Selection
from pipelines.settling.settle import joining, settle
from pipelines.sources.inbox import Found, find_deliveries


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: `attention` says that it refused or held a delivery, `published` that figures changed."""

    attention: bool
    published: bool


def run(home: Home, inbox: Path, as_of: date | None, progress: Progress) -> Outcome:
    """Take the inbox's deliveries to published figures; one run at a time works on a home.

    A run after any stop, a kill included, ends in the same state as an undisturbed one. Raises PlainFault, with nothing
    published.
    """
    with open_run(home, progress) as current:
        refused = land(current, inbox)
        held = clean(current)
        published = _take_in(current, as_of)
        stale = sum(
            delivery.quarantined for of_batch in judged_otherwise(current.ledger).values() for delivery in of_batch
        )
        if stale:
            progress.say(
                f"复核 requalify  规则已变, 隔离 {stale:,} 行可复核 rows judged by former rules; yimatong requalify"
            )
    return Outcome(refused + held > 0, published)


def requalify(home: Home, as_of: date | None, progress: Progress) -> Outcome:
    """Judge refused rows again where checks, code sets or spellings have changed, and take in those that now pass.

    Deliveries that the gate holds meet it again. Raises PlainFault, with nothing published.
    """
    with open_run(home, progress) as current:
        judge_again(current)
        held = clean(current)
        published = _take_in(current, as_of)
    return Outcome(held > 0, published)


def _take_in(run: Run, as_of: date | None) -> bool:
    refresh_quality_page(run)
    answer(run)
    settle_rows(run)
    link_live_rows(run)
    return publish_build(run, as_of)


def land(run: Run, inbox: Path, selection: Selection = EVERYTHING) -> int:
    """Land what is new in the inbox and selected; return how many deliveries this refused.

    All that is new there is numbered in its order, so that row ids don't hang on what was selected first.
    """
    return land_found(run, find_deliveries(inbox), selection)


def land_found(run: Run, found: Sequence[Found], selection: Selection = EVERYTHING) -> int:
    """Land those of the deliveries that are new and selected; return how many this refused."""
    before = len(run.ledger.deliveries("rejected"))
    arrivals = [each for each in take_in(run.ledger, found, run.run_id) if selection.takes(each.delivery)]
    if not arrivals:
        run.progress.say("落地 land  没有新交付 nothing new")
        return 0
    with run.step("land", len(arrivals)) as step:
        step.written = land_arrivals(run.home, run.ledger, arrivals, step)
        step.read = step.written
        refused = len(run.ledger.deliveries("rejected")) - before
        step.outcome = f"{len(arrivals)} 份交付 deliveries, {step.written:,} 行 rows, 拒收 refused {refused}"
    return refused


def clean(run: Run, selection: Selection = EVERYTHING) -> int:
    """Type, check and split the landed deliveries, and accept them; return how many the gate holds."""
    _clean_landed(run, selection)
    return _judge_deliveries(run, selection)


def _clean_landed(run: Run, selection: Selection) -> None:
    landed = {feed: list(filter(selection.takes, run.ledger.deliveries("landed", feed=feed))) for feed in FEEDS}
    todo = [(FEEDS[feed], batch) for feed, deliveries in landed.items() for batch in batches(deliveries)]
    if not todo:
        return

    def clean_one(connection: duckdb.DuckDBPyConnection, task: tuple[Feed, list[Delivery]]) -> Cleaned:
        return clean_batch(connection, run.home, *task)

    with run.step("clean", len(todo)) as step:
        quarantined = 0
        for (_, deliveries), cleaned in zip(todo, side_by_side(run.scratch, clean_one, todo), strict=True):
            for delivery, counts in zip(deliveries, cleaned.counts, strict=True):
                taken = counts["accepted"], counts["quarantined"], counts["duplicates"]
                conserve(f"clean {delivery.name}", delivery.delivered, *taken)
            enter_completeness(run.ledger, cleaned.filled)  # before the batch, which ends its cleaning
            run.ledger.enter_batch(cleaned.batch, cleaned.rules, cleaned.counts, cleaned.checks)
            step.read += sum(delivery.delivered for delivery in deliveries)
            step.written += sum(counts["accepted"] for counts in cleaned.counts)
            quarantined += sum(counts["quarantined"] for counts in cleaned.counts)
            step.advance()
        step.outcome = f"接受 accepted {step.written:,}, 隔离 quarantined {quarantined:,}"


def _judge_deliveries(run: Run, selection: Selection) -> int:
    cleaned = list(filter(selection.takes, run.ledger.deliveries("cleaned")))
    if not cleaned:
        return 0
    with run.step("gate", len(cleaned)) as step:
        note_unregistered(run, cleaned)
        held = pass_gate(run.ledger, selection)
        step.read = sum(delivery.delivered for delivery in cleaned)
        step.outcome = f"暂缓 held {held}; yimatong gate list" if held else "暂缓 held 0"
    return held


def judge_again(run: Run) -> None:
    """Re-qualify the refused rows of batches that other rules judged."""
    stale = judged_otherwise(run.ledger)
    if not stale:
        run.progress.say("复核 requalify  规则未变 the rules are the same")
        return
    with run.step("requalify", len(stale)) as step, connect(run.scratch) as connection:
        define_deliveries(connection, run.ledger.deliveries())
        for batch, deliveries in stale.items():
            feed = FEEDS[deliveries[0].feed]
            now = requalify_batch(connection, run.home, feed, batch, deliveries)
            if now is not None:
                if feed.is_person:
                    present_batch(connection, run.home, feed, now.batch)
                step.written += now.rows
            enter_requalified(run.ledger, feed, batch, deliveries, now)
            step.read += sum(delivery.quarantined for delivery in deliveries)
            step.advance()
        step.outcome = f"隔离 quarantined {step.read:,}, 现合格 now pass {step.written:,}"


def answer(run: Run) -> None:
    """Write the receipt of each judged delivery that has none as it stands."""
    todo = unanswered(run.home, run.ledger)
    if not todo:
        return
    with run.step("answer", len(todo)) as step:
        write_receipts(run.home, run.ledger, todo, run.scratch, step)
        step.outcome = f"{len(todo)} 份回执 receipts"


def settle_rows(run: Run, selection: Selection = EVERYTHING) -> None:
    """Find which row of each key counts, where something selected came."""
    if all(delivery.settled for delivery in joining(run.ledger, selection)):
        return
    with run.step("settle") as step, connect(run.scratch) as connection:
        step.read = step.written = settle(connection, run.home, run.ledger, run.run_id, selection)
        step.outcome = f"{step.read:,} 行 rows"
