"""Deliveries of an inbox taken in: entered in the ledger, then landed, refused or known already."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Thread

from lake.engine import worker_count
from lake.faults import without_values
from lake.home import Home
from lake.ledger import Delivery, Ledger
from pipelines.landing.decode import verify
from pipelines.landing.land import Landed, land, unknown_remark
from pipelines.progress import Step
from pipelines.rejection import Reason, RejectedDelivery
from pipelines.sources.inbox import Found

PROCESSES_FROM = 64 << 20
"""Bytes in the inbox from which the start of processes is cheap beside the landing."""

_Key = tuple[str, str, str, int, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that waits to be landed."""

    delivery: Delivery
    found: Found


def take_in(ledger: Ledger, deliveries: Sequence[Found], run_id: str) -> list[Arrival]:
    """Enter new deliveries in the ledger and return those that wait to be landed, by number."""
    found = {_found_key(delivery): delivery for delivery in deliveries}
    known = {_key(delivery) for delivery in ledger.deliveries()}
    ledger.register([_entry(delivery) for key, delivery in found.items() if key not in known], run_id)
    waiting = ledger.deliveries("found")
    return [Arrival(delivery, found[_key(delivery)]) for delivery in waiting if _key(delivery) in found]


def land_arrivals(home: Home, ledger: Ledger, arrivals: Sequence[Arrival], step: Step) -> int:
    """Land the arrivals, several at a time; a refused one is entered with its reason, and the others go on.

    Returns the rows landed.
    """
    standing = {_content(d): d for d in reversed(ledger.deliveries("landed", "accepted", "held"))}
    places = {_place(d): d for d in standing.values()}
    first: dict[tuple[str, str, str, str], Arrival] = {}
    again: list[Arrival] = []
    for arrival in arrivals:
        content = _content(arrival.delivery)
        if arrival.found.manifest is None:
            _reject(ledger, arrival, arrival.found.rejection)
        elif _place(arrival.delivery) in places and content not in standing:
            _reject(ledger, arrival, RejectedDelivery(Reason.SEQUENCE))
        elif content in standing or content in first:
            again.append(arrival)
            continue
        else:
            first[content] = arrival
            continue
        step.advance()
    rows = _land_each(home, ledger, list(first.values()), step)
    rows += _land_again(home, ledger, again, step)
    return rows


def _land_again(home: Home, ledger: Ledger, again: Sequence[Arrival], step: Step) -> int:
    """Judge the arrivals whose content another delivery of their period has: unchanged, unless that one was refused."""
    rows = 0
    for arrival in again:
        standing: Mapping[tuple[str, str, str, str], Delivery] = {
            _content(d): d for d in ledger.deliveries("landed", "accepted", "held", feed=arrival.delivery.feed)
        }
        known = standing.get(_content(arrival.delivery))
        if known is None:
            rows += _land_each(home, ledger, [arrival], step)
            continue
        try:
            _verify(arrival)
        except RejectedDelivery as rejection:
            _reject(ledger, arrival, rejection)
        else:
            ledger.judge(
                arrival.delivery.delivery_no, "unchanged", delivered=known.delivered, duplicates=known.delivered
            )
        step.advance()
    return rows


def _land_each(home: Home, ledger: Ledger, arrivals: Sequence[Arrival], step: Step) -> int:
    rows = 0
    with _pool(arrivals) as pool:
        landings = {pool.submit(_land, home, arrival): arrival for arrival in arrivals}
        for landing in as_completed(landings):
            arrival = landings[landing]
            try:
                landed = landing.result()
            except RejectedDelivery as rejection:
                _reject(ledger, arrival, rejection)
            else:
                remark = unknown_remark(landed.unknown_columns)
                ledger.judge(arrival.delivery.delivery_no, "landed", remark, delivered=landed.delivered)
                rows += landed.delivered
            step.advance()
    return rows


def _pool(arrivals: Sequence[Arrival]) -> Executor:
    """Return workers for the arrivals: processes where they pay, for much of the work holds the interpreter's lock."""
    size = sum(file.bytes for arrival in arrivals if arrival.found.manifest for file in arrival.found.manifest.files)
    if size < PROCESSES_FROM:
        return ThreadPoolExecutor(worker_count())
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(worker_count(), mp_context=spawn, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """End this process when its parent does: one that was killed leaves no one at work in its home."""

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _land(home: Home, arrival: Arrival) -> Landed:
    delivery, manifest = arrival.delivery, arrival.found.manifest
    assert manifest is not None
    with without_values(RejectedDelivery):  # another process would send the text of what it raised
        return land(
            arrival.found.folder,
            manifest,
            delivery.delivery_no,
            home.landing(delivery.feed, delivery.name),
            home.malformed(delivery.feed, delivery.name),
        )


def _verify(arrival: Arrival) -> None:
    assert arrival.found.manifest is not None
    for file in arrival.found.manifest.files:
        verify(arrival.found.folder, file)


def _reject(ledger: Ledger, arrival: Arrival, rejection: RejectedDelivery | None) -> None:
    ledger.judge(arrival.delivery.delivery_no, "rejected", str(rejection))


def _entry(found: Found) -> dict[str, object]:
    return {
        "city": found.city,
        "feed": found.feed,
        "period": found.period,
        "sequence": found.sequence,
        "digest": found.digest,
        "mode": found.manifest.mode if found.manifest else "",
        "extracted_at": found.manifest.extracted_at if found.manifest else None,
        "state": "found",
    }


def _found_key(found: Found) -> _Key:
    return found.city, found.feed, found.period, found.sequence, found.digest


def _key(delivery: Delivery) -> _Key:
    return delivery.city, delivery.feed, delivery.period, delivery.sequence, delivery.digest


def _content(delivery: Delivery) -> tuple[str, str, str, str]:
    return delivery.city, delivery.feed, delivery.period, delivery.digest


def _place(delivery: Delivery) -> tuple[str, str, str, int]:
    return delivery.city, delivery.feed, delivery.period, delivery.sequence
