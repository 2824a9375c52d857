"""The feeds on the running of institutions: their register, and their state on the platforms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.feeds import FEEDS
from pipelines.simulate import arrow, reform
from pipelines.simulate.clock import DAY, Month, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent, deletions, with_op
from pipelines.simulate.geography import cities
from pipelines.simulate.institutions import another_code
from pipelines.simulate.province import Province
from pipelines.simulate.revisions import replaced
from pipelines.simulate.roll import Roll
from pipelines.simulate.streams import Ints, stream, trait

_INSTITUTION, _CONNECTION = FEEDS["institution"], FEEDS["platform_connection"]
_VERIFIED = 0.05
_UPLOADS, _LATE_NEWS = 0.93, 0.03
_CORRECTED_MONTHS, _LOOKED_INTO = 0.08, 3
_MISTAKES = 0.35  # of the cities have registered an institution that isn't one


def institution(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's deliveries of its institutions, the first in full, then what is live at the end."""
    every = province.institutions
    for city, place in enumerate(cities()):
        chosen = every.of_city(city)
        rng = stream(province.seed, "institution deliveries", place.code)
        full_always = province.sends_full("institution", city)
        joins = np.where(every.opened_month[chosen] < 0, -1, 2 * every.opened_month[chosen])
        roll = Roll(joins, np.full(len(chosen), -1), (2 * every.closed_month[chosen],))
        mistake = _mistake(province, city) if not full_always else {}
        for month in province.calendar:
            extraction = extracted_at(province.seed, place.code, "institution", month, 1)
            window = correction_window(month)
            if month.index == 0:
                window = ((month.first - 700) * DAY, month.first * DAY)
            closing = every.closed_month[chosen] == month.index
            known = np.where(closing, every.closed[chosen], every.opened[chosen]) * DAY
            at_least = max(3, round(_VERIFIED * len(chosen)))
            joined, changed, _ = roll.advance(2 * month.index, window, rng, at_least, known)
            full = full_always or month.index == 0
            if full:
                everyone = np.flatnonzero(roll.live)
                rows = with_op(every.rows(chosen[everyone], month.index, roll.updated[everyone]), "I")
            else:
                opened = every.rows(chosen[joined], month.index, roll.updated[joined])
                touched = every.rows(chosen[changed], month.index, roll.updated[changed])
                rows = pa.concat_tables([with_op(opened, "I"), with_op(touched, "U")])
            rows = as_sent(rng, rows, province.noise.row_repeated)
            if month.index in mistake:
                rows = pa.concat_tables([rows, mistake[month.index]])
            yield Delivery(_INSTITUTION, place.code, month, 1, "full" if full else "delta", extraction, rows)
            if city == 0 and month.index == 0:
                again = extracted_at(province.seed, place.code, "institution", month, 2)
                taken_back = replaced(mistake[0], "updated_at", arrow.instants(np.array([again - 3600])))
                taken_back = deletions(taken_back, _INSTITUTION, province.styles[city].bare_deletions)
                yield Delivery(_INSTITUTION, place.code, month, 2, "delta", again, taken_back)
        live = np.flatnonzero(roll.live)
        last = province.calendar[-1].index
        yield Live(_INSTITUTION, place.code, every.rows(chosen[live], last, roll.updated[live]))


def _mistake(province: Province, city: int) -> dict[int, pa.Table]:
    """Return, by month, the row of an institution registered by mistake, and its deletion; empty where none was.

    The first city takes its own back with a second delivery.
    """
    every, code, calendar = province.institutions, cities()[city].code, province.calendar
    rng = stream(province.seed, "registered by mistake", code)
    if city and (rng.random() >= _MISTAKES or len(calendar) < 2):
        return {}
    month = calendar[rng.integers(0, len(calendar) - 1) if city else 0]
    like = rng.permutation(np.flatnonzero((every.city == city) & (every.rank < 2) & (every.opened_month < 0)))[:1]
    stamp = np.zeros(len(every.city), np.int64)
    stamp[like] = rng.integers((month.first + 8) * DAY, month.following * DAY)
    row = with_op(every.rows(like, -1, stamp[like]), "I")
    row = replaced(row, "org_code", another_code(rng, every, like))
    if not city:
        return {0: row}
    then = calendar[month.index + 1]
    stamps = arrow.instants(rng.integers(*correction_window(then), 1))
    gone = deletions(replaced(row, "updated_at", stamps), _INSTITUTION, province.styles[city].bare_deletions)
    return {month.index: row, then.index: gone}


def platform_connection(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's monthly states of its institutions; some uploads become known a month late."""
    for city, place in enumerate(cities()):
        rng = stream(province.seed, "connections", place.code)
        before: tuple[Month, pa.Table] | None = None
        for month in province.calendar:
            extraction = extracted_at(province.seed, place.code, "platform_connection", month, 1)
            rows = _states(province, city, month, extraction, rng)
            sent = [rows]
            if before is not None:
                kept, late = _late_news(rng, *before, month)
                sent.append(late)
                yield Live(_CONNECTION, place.code, pa.concat_tables([kept, late]))
            before = (month, rows)
            delivered = as_sent(rng, pa.concat_tables(sent), province.noise.row_repeated)
            yield Delivery(_CONNECTION, place.code, month, 1, "delta", extraction, delivered)
            second = stream(province.seed, "connection corrections", place.code, month.index)
            if second.random() < _CORRECTED_MONTHS:
                again = extracted_at(province.seed, place.code, "platform_connection", month, 2)
                rows, news = _looked_into(second, rows, (extraction + 1, again))
                before = (month, rows)
                yield Delivery(_CONNECTION, place.code, month, 2, "delta", again, news)
        if before is not None:
            yield Live(_CONNECTION, place.code, before[1])


def _states(province: Province, city: int, month: Month, extraction: int, rng: np.random.Generator) -> pa.Table:
    every = province.institutions
    chosen = every.of_city(city)
    chosen = chosen[every.open_in(month.index)[chosen]]
    count = len(chosen)
    on = reform.connected(every, chosen, city, month)
    uploads = rng.random(count) < _UPLOADS
    length = (month.following - month.first) * DAY
    this_month = month.following * DAY - 1 - np.floor(rng.random(count) ** 2 * (length - 1))
    earlier = month.first * DAY - rng.integers(1, 50 * DAY, count)
    last_upload = np.where(uploads, this_month, earlier).astype(np.int64)
    # Some were connected on paper and have never sent anything.
    never = ~on | ~uploads & (trait(chosen, "never") < 0.4)
    platform = np.where(on, 1 if reform.own_platform(city) else 2, 0)
    columns = {
        "org_code": arrow.take(every.codes, chosen),
        "month": pa.repeat(month.period, count),
        "platform": arrow.numbers(platform),
        "connected": pa.array(on),
        "last_upload_at": arrow.instants(np.where(never, 0, last_upload), never),
        "code_live": pa.array(reform.code_live(every, chosen, city, month)),
        "results_shared": pa.array(on & (trait(chosen, "results") < 0.5), mask=trait(chosen, "silent") < 0.05),
        "updated_at": arrow.instants(rng.integers(month.following * DAY, extraction + 1, count)),
    }
    return arrow.table(_CONNECTION, columns)


def _looked_into(rng: np.random.Generator, rows: pa.Table, window: tuple[int, int]) -> tuple[pa.Table, pa.Table]:
    """Return the rows in their order, and those of which it was looked into whether residents see their results."""
    at = np.zeros(len(rows), bool)
    at[rng.permutation(len(rows))[:_LOOKED_INTO]] = True
    connected = rows["connected"].combine_chunks()
    shared = pc.and_kleene(connected, pc.invert(pc.fill_null(rows["results_shared"].combine_chunks(), False)))
    stamps = arrow.instants(rng.integers(*window, len(rows)))
    for name, values in (("results_shared", shared), ("updated_at", stamps)):
        rows = replaced(rows, name, arrow.choose(at, values, rows[name].combine_chunks()))
    return rows, rows.filter(pa.array(at))


def _late_news(rng: np.random.Generator, then: Month, rows: pa.Table, now: Month) -> tuple[pa.Table, pa.Table]:
    """Return last month's rows that stand, and those whose upload of that month has only now been counted."""
    on = rows["connected"].combine_chunks().to_numpy(zero_copy_only=False)
    late: Ints = np.flatnonzero(on & (rng.random(len(rows)) < _LATE_NEWS))
    stands = np.ones(len(rows), bool)
    stands[late] = False
    news = rows.take(pa.array(late))
    day = rng.integers((then.following - 3) * DAY, then.following * DAY, len(late))
    uploaded = pc.max_element_wise(news["last_upload_at"].combine_chunks(), arrow.instants(day))
    stamps = arrow.instants(rng.integers(*correction_window(now), len(late)))
    for name, values in (("last_upload_at", uploaded), ("updated_at", stamps)):
        news = replaced(news, name, values)
    return rows.filter(pa.array(stands)), news
