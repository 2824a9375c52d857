"""The booking feed: the slots that hospitals release, who booked them and whether they came."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.feeds import FEEDS
from pipelines.simulate import arrow, reform
from pipelines.simulate.clock import DAY, Month
from pipelines.simulate.deliveries import Delivery, Live
from pipelines.simulate.geography import cities
from pipelines.simulate.province import Province
from pipelines.simulate.revisions import hold_back, replaced, upserts
from pipelines.simulate.streams import Flags, Ints, apportion, pick, stream, trait

_FEED = FEEDS["booking"]
_SLOTS_A_RESIDENT, _SLOTS_A_HOSPITAL = 0.05, 4  # a month; the latter at least
_HOUR, _MINUTE = 3600, 60
_COUNTER = "5"
_RELEASE_HOURS = np.array([7, 8, 12, 15, 20])
_NIGHT_HOURS = np.array([0, 0, 23, 5, 2])
# Minutes a slot, by level and whether it is as precise as is asked.
_TERTIARY_FINE, _SECONDARY_FINE = np.array([10, 15, 20, 30]), np.array([20, 30, 30, 60])
_TERTIARY_COARSE, _SECONDARY_COARSE = np.array([60, 60, 120, 240]), np.array([120, 120, 240, 240])
_COMES = 0.9


def booking(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's slots by the month of release; who booked and came later is told with the next month."""
    for city, place in enumerate(cities()):

        def made(month: Month, extraction: int, city: int = city) -> pa.Table:
            return _slots(province, city, month, extraction)

        yield from upserts(province, _FEED, place.code, made, _at_the_counter)


def _at_the_counter(rows: pa.Table) -> pa.Table:
    """Return the rows corrected: what was booked, was booked at the counter."""
    channel = rows["channel"].combine_chunks()
    return replaced(rows, "channel", pc.if_else(channel.is_valid(), _COUNTER, channel))


def _hospitals(province: Province, city: int, month: Month) -> Ints:
    every = province.institutions
    chosen = every.of_city(city)
    category = every.category.take(pa.array(chosen)).to_numpy(zero_copy_only=False)
    hospital = np.isin(category, ["A", "B", "F"]) & (every.rank[chosen] >= 2)
    return chosen[hospital & every.open_in(month.index)[chosen]]


def _slots(province: Province, city: int, month: Month, extraction: int) -> pa.Table:
    """Return the month's slots as known at the extraction, with what becomes of them."""
    people, every = province.people, province.institutions
    rng = stream(province.seed, "slots", cities()[city].code, month.index)
    chosen = _hospitals(province, city, month)
    home = np.count_nonzero(people.city[: people.residents] == city)
    total = max(round(_SLOTS_A_RESIDENT * home), _SLOTS_A_HOSPITAL * len(chosen))
    size = every.beds[chosen] * (0.5 + trait(chosen, "size"))
    number = apportion(total, size, _SLOTS_A_HOSPITAL // 2)
    hospital = np.repeat(chosen, number)
    nth = np.arange(total) - np.repeat(np.cumsum(number) - number, number)
    tertiary = every.rank[hospital] == 3
    released = _releases(hospital, nth, tertiary, month)
    start, length = _times(rng, hospital, tertiary, reform.fine_slots(every, hospital, month), released)

    booked = rng.random(total) < 0.3 + 0.65 * reform.booked_share(every, hospital, month)
    comes = booked & (rng.random(total) < _COMES)
    booked_at = released + 1 + (rng.random(total) ** 2 * (start - released - 1)).astype(np.int64)
    seen_at = start + (rng.random(total) * (length + 20 * _MINUTE)).astype(np.int64)
    until = extraction - _HOUR
    told = np.where(booked & (booked_at <= until), booked_at, released)
    told = np.where(comes & (seen_at <= until), seen_at, told)
    stamps = told + (rng.random(total) * _HOUR).astype(np.int64)
    columns = {
        "slot_no": arrow.numbers(int(month.period.replace("-", "")) * 10**7 + np.arange(total)),
        "org_code": arrow.take(every.codes, hospital),
        "released_at": arrow.instants(released),
        "slot_start": arrow.instants(start),
        "slot_end": arrow.instants(start + length),
        "booked_at": arrow.instants(booked_at, ~booked),
        "seen_at": arrow.instants(seen_at, ~comes),
        "channel": arrow.blank(_channels(rng, total, month), ~booked),
        "updated_at": arrow.instants(np.minimum(stamps, extraction - _MINUTE)),
    }
    events = {"booked_at": "booked_at", "channel": "booked_at", "seen_at": "seen_at"}
    return hold_back(arrow.table(_FEED, columns), until, events)


def _releases(hospital: Ints, nth: Ints, tertiary: Flags, month: Month) -> Ints:
    """Return when slots are released: many of a hospital in one minute, each time at its hour."""
    together = np.where(tertiary, 12, 6)
    batch = hospital * 100_000 + nth // together
    day = month.first + (trait(batch, f"released {month.period}") * (month.following - month.first)).astype(np.int64)
    hour = (trait(hospital, "hour of release") * len(_RELEASE_HOURS)).astype(np.int64)
    clock = np.where(reform.releases_at_night(hospital, month), _NIGHT_HOURS[hour], _RELEASE_HOURS[hour])
    released: Ints = day * DAY + clock * _HOUR + nth % together
    return released


def _times(rng: np.random.Generator, hospital: Ints, tertiary: Flags, fine: Flags, released: Ints) -> tuple[Ints, Ints]:
    """Return when slots start, within the week after their release, and how many seconds they last."""
    count = len(hospital)
    sort = (trait(hospital, "slot length") * 4).astype(np.int64)
    minutes = np.select(
        [tertiary & fine, tertiary, fine],
        [_TERTIARY_FINE[sort], _TERTIARY_COARSE[sort], _SECONDARY_FINE[sort]],
        _SECONDARY_COARSE[sort],
    )
    day = released // DAY + rng.integers(1, 8, count)
    # The morning has four hours from eight, the afternoon four from two.
    session = np.where(rng.random(count) < 0.6, 8, 14) * _HOUR
    nth = (rng.random(count) * (240 // minutes)).astype(np.int64)
    length = minutes * _MINUTE
    return day * DAY + session + nth * length, length


def _channels(rng: np.random.Generator, count: int, month: Month) -> pa.Array:
    platform = reform.platform_books(month)
    rest = np.array([0.15, 0.5, 0.12, 0.23]) * (1 - platform)
    return arrow.numbers(1 + pick(np.array([platform, *rest]), rng.random(count)))
