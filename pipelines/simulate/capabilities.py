"""The feeds on what is offered: the smart services of hospitals, the functions of the cities' platforms."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from contracts.code_sets import CODE_SETS
from contracts.feeds import FEEDS
from contracts.schema import Feed
from pipelines.simulate import arrow, reform
from pipelines.simulate.clock import DAY, NEVER, Month, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent
from pipelines.simulate.geography import cities
from pipelines.simulate.province import Province
from pipelines.simulate.roll import Roll
from pipelines.simulate.streams import Flags, Floats, Ints, stream, trait

_SERVICE, _FUNCTION = FEEDS["smart_service"], FEEDS["platform_function"]
_SERVICES = tuple(code.code for code in CODE_SETS["smart_service"].codes)
_OF_TERTIARY = np.array([code.startswith("T") for code in _SERVICES])
_EMERGENCY = np.array([code.startswith("E") for code in _SERVICES])
_FUNCTIONS = tuple(f"F{number:02}" for number in range(1, 61))
_VERIFIED, _LEAST_VERIFIED = 0.08, 8
_MONTH_DAYS = 30
_CORRECTED_MONTHS, _CORRECTED = 0.08, 3


def smart_service(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's states of its hospitals' services, the first in full, then what changes or is verified."""
    every = province.institutions
    for city in range(len(cities())):
        chosen = every.of_city(city)
        chosen = chosen[every.rank[chosen] >= 2]
        tertiary, public = every.rank[chosen] == 3, every.public[chosen]
        asked = np.where(_EMERGENCY, public[:, None], tertiary[:, None] | ~_OF_TERTIARY)
        at, service = np.nonzero(asked)
        hospital = chosen[at]
        begins, done = reform.services_come(
            city, tertiary[at] & public[at], public[at], _OF_TERTIARY[service], _EMERGENCY[service]
        )
        thing = hospital * len(_SERVICES) + service
        names = {
            "org_code": arrow.take(every.codes, hospital),
            "service_code": arrow.take(arrow.texts(list(_SERVICES)), service),
        }
        yield from _states(province, _SERVICE, city, names, thing, begins, done)


def platform_function(province: Province) -> Iterator[Delivery | Live]:
    """Yield the states of every city's platform, or of the virtual one that serves it, like those of the services."""
    for city, place in enumerate(cities()):
        number = np.arange(len(_FUNCTIONS))
        begins, done = reform.functions_come(city)
        names = {
            "city_code": pa.repeat(place.code, len(number)),
            "function_code": arrow.texts(list(_FUNCTIONS)),
            "function_name": pa.nulls(len(number), pa.string()),
        }
        thing = city * 100 + number
        yield from _states(
            province, _FUNCTION, city, names, thing, np.full(len(number), begins), np.full(len(number), done)
        )


def _states(
    province: Province, feed: Feed, city: int, names: dict[str, pa.Array], thing: Ints, begins: Floats, done: Floats
) -> Iterator[Delivery | Live]:
    """Yield deliveries of things that go live, each at some time between two months since the reform."""
    code = cities()[city].code
    rng = stream(province.seed, f"{feed.name} deliveries", code)
    since = np.floor(begins + trait(thing, feed.name) * (done - begins)).astype(np.int64)
    live_month, live_on = _dates(province.calendar, since, trait(thing, "live on"))
    full_always = province.sends_full(feed.name, city)
    count = len(thing)
    roll = Roll(np.full(count, -1), np.full(count, -1), (2 * live_month,))
    at_least = max(_LEAST_VERIFIED, round(_VERIFIED * count))
    table = _table(feed, names, live_month, live_on)
    for month in province.calendar:
        window = correction_window(month)
        if month.index == 0:
            window = ((month.first - 700) * DAY, month.first * DAY)
        known = np.where(live_month <= month.index, live_on, 0) * DAY
        joined, changed, _ = roll.advance(2 * month.index, window, rng, at_least, known)
        full = full_always or month.index == 0
        sent = np.flatnonzero(roll.live) if full else np.concatenate([joined, changed])
        rows = as_sent(rng, table(sent, month.index, roll.updated), province.noise.row_repeated)
        extraction = extracted_at(province.seed, code, feed.name, month, 1)
        yield Delivery(feed, code, month, 1, "full" if full else "delta", extraction, rows)
        second = stream(province.seed, f"{feed.name} corrections", code, month.index)
        known_live = np.flatnonzero(live_month <= month.index)
        if not full_always and len(known_live) and second.random() < _CORRECTED_MONTHS:
            # A day too late was noted of some that are live.
            wrong = second.choice(known_live, min(_CORRECTED, len(known_live)), replace=False)
            live_on[wrong] -= 1
            again = extracted_at(province.seed, code, feed.name, month, 2)
            roll.updated[wrong] = second.integers(extraction + 1, again, len(wrong))
            yield Delivery(feed, code, month, 2, "delta", again, table(wrong, month.index, roll.updated))
    yield Live(feed, code, table(np.flatnonzero(roll.live), province.calendar[-1].index, roll.updated))


def _dates(calendar: tuple[Month, ...], since: Ints, at: Floats) -> tuple[Ints, Ints]:
    """Return the months at which things go live, as indices, and the days; both reach before the calendar."""
    month = since - calendar[0].since_reform
    first = np.array([one.first for one in calendar])
    begins = first[np.clip(month, 0, len(calendar) - 1)] + _MONTH_DAYS * np.minimum(month, 0)
    day = begins + (at * 27).astype(np.int64)
    return np.where(month < len(calendar), month, NEVER), day


def _table(
    feed: Feed, names: dict[str, pa.Array], live_month: Ints, live_on: Ints
) -> Callable[[Ints, int, Ints], pa.Table]:
    """Return what makes the rows of some things as known in a month."""

    def rows(chosen: Ints, month: int, updated: Ints) -> pa.Table:
        live: Flags = live_month[chosen] <= month
        columns = {name: arrow.take(values, chosen) for name, values in names.items()}
        columns |= {
            "live": pa.array(live),
            "live_on": arrow.dates(np.where(live, live_on[chosen], 0), ~live),
            "updated_at": arrow.instants(updated[chosen]),
        }
        return arrow.table(feed, columns)

    return rows
