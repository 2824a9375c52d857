"""Feeds without deletions: each month's new rows, and what has become known of those of the month before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from contracts.schema import Feed
from pipelines.simulate import arrow
from pipelines.simulate.clock import Month, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent
from pipelines.simulate.province import Province
from pipelines.simulate.streams import Flags, Ints, stream

# Kept beside the contract's columns until the month is over: later values, and the instant of the last of them.
_THEN, _KNOWN = "_then_", "_known"
_CORRECTED_MONTHS = 0.08
_SURELY_CORRECTED = ("440000", "440300")

Made = Callable[[Month, int], pa.Table]
"""Return a month's rows as known at the extraction; none where the sender has nothing to deliver yet."""
Amended = Callable[[pa.Table], pa.Table]
"""Return rows with what a correction changes."""


def upserts(province: Province, feed: Feed, sender: str, made: Made, amended: Amended) -> Iterator[Delivery | Live]:
    """Yield a sender's deliveries, some months with a correction of their own, and the rows that stand."""
    rng = stream(province.seed, f"{feed.name} deliveries", sender)
    share = province.noise.row_corrected
    rows: pa.Table | None = None
    for month in province.calendar:
        extraction = extracted_at(province.seed, sender, feed.name, month, 1)
        fresh = made(month, extraction)
        if rows is None and not len(fresh):
            continue
        first = rows is None
        parts = [_as_contract(fresh, feed)]
        if rows is not None:
            over = correction_window(month)
            stands, news = _revised(rng, rows, rng.random(len(rows)) < share, True, over, amended)
            yield Live(feed, sender, _as_contract(stands, feed))
            parts.append(_as_contract(news, feed))
        rows = fresh
        sent = as_sent(rng, pa.concat_tables(parts), province.noise.row_repeated)
        yield Delivery(feed, sender, month, 1, "delta", extraction, sent)
        if rng.random() < _CORRECTED_MONTHS or (first and sender in _SURELY_CORRECTED):
            again = extracted_at(province.seed, sender, feed.name, month, 2)
            at = rng.random(len(rows))
            rows, news = _revised(rng, rows, at <= max(share, float(at.min())), False, (extraction + 1, again), amended)
            if len(news):
                yield Delivery(feed, sender, month, 2, "delta", again, as_sent(rng, _as_contract(news, feed), 0))
    if rows is not None:
        yield Live(feed, sender, _as_contract(rows, feed))


def hold_back(rows: pa.Table, until: int, events: dict[str, str]) -> pa.Table:
    """Return the rows without the events after `until`, which is when they become known.

    `events` has for each column the instant with which it is known; all of them become known with the next month.
    """
    late = np.zeros(len(rows), bool)
    last = np.zeros(len(rows), np.int64)
    after = {}
    for instant in dict.fromkeys(events.values()):
        seconds = arrow.seconds(rows[instant].combine_chunks())
        after[instant] = seconds > until
        late |= after[instant]
        last = np.maximum(last, seconds)
    held = rows
    for name, instant in events.items():
        values = rows[name].combine_chunks()
        held = replaced(held, name, arrow.blank(values, after[instant])).append_column(_THEN + name, values)
    return held.append_column(_KNOWN, pa.array(last, mask=~late))


def replaced(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Return the rows with other values in a column."""
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), values)


def _as_contract(rows: pa.Table, feed: Feed) -> pa.Table:
    return rows.select([column.name for column in feed.columns])


def _revised(
    rng: np.random.Generator, rows: pa.Table, wrong: Flags, over: bool, window: tuple[int, int], amended: Amended
) -> tuple[pa.Table, pa.Table]:
    """Return the rows as they stand after a round of corrections, and those that are sent of it.

    Where the month is over, what was held back becomes known; a row that waits for it isn't corrected.
    """
    holds = _KNOWN in rows.column_names
    waits = rows[_KNOWN].is_valid().to_numpy() if holds else np.zeros(len(rows), bool)
    wrong = wrong & ~waits
    settled = waits & over
    right = _stamped(rng, amended(rows.filter(pa.array(wrong))), window)
    known = rows.filter(pa.array(settled))
    if holds:
        not_before = known[_KNOWN].to_numpy().astype(np.int64)
        for name in known.column_names:
            if name.startswith(_THEN):
                known = replaced(known, name.removeprefix(_THEN), known[name].combine_chunks())
        known = replaced(_stamped(rng, known, window, not_before), _KNOWN, pa.nulls(len(known), pa.int64()))
    news = pa.concat_tables([right, known])
    return pa.concat_tables([rows.filter(pa.array(~wrong & ~settled)), news]), news


def _stamped(rng: np.random.Generator, rows: pa.Table, window: tuple[int, int], not_before: Ints | int = 0) -> pa.Table:
    stamps = np.maximum(rng.integers(*window, len(rows)), not_before)
    return replaced(rows, "updated_at", arrow.instants(stamps))
