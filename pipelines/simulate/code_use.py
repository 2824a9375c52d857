"""The feeds on the health code in use: where it is scanned, and how it comes to be activated."""

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
from pipelines.simulate.revisions import Amended, replaced, upserts
from pipelines.simulate.streams import Floats, Ints, stream, trait

_USAGE, _ACTIVATION = FEEDS["code_usage"], FEEDS["code_activation"]
_VISITS_A_RESIDENT, _LEAST_VISITS = 0.31, 60.0  # a month; a hospital has patients however few residents are drawn
_VISIT = 1
# Scans a visit with the code: booking, visit, examination, laboratory, drugs, payment, look-up.
_SCENES = np.array([0.25, 0.95, 0.3, 0.35, 0.5, 0.4, 0.15])
_LEAST_ROWS, _SHRINKS, _GROWS = 20, 0.6, 1.7
_WEEKEND = 0.45
# 粤省事, other WeChat, terminal, counter, other; the fifth isn't used everywhere.
_CHANNELS = ("1", "2", "3", "4", "9")
_CHANNEL_SHARES = np.array([0.45, 0.2, 0.12, 0.2, 0.03])


def code_usage(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's counts of scans, from the month in which enough of them occur, corrected by recounts."""
    for city, place in enumerate(cities()):
        sent: list[int] = []

        def made(month: Month, extraction: int, city: int = city, sent: list[int] = sent) -> pa.Table:
            rows = _scans(province, city, month, extraction, sent)
            sent += [len(rows)] if len(rows) else []
            return rows

        yield from upserts(province, _USAGE, place.code, made, _one_more("scans"))


def code_activation(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's counts of activations, from three months before it moves, corrected by recounts."""
    for city, place in enumerate(cities()):

        def made(month: Month, extraction: int, city: int = city) -> pa.Table:
            return _activations(province, city, month, extraction)

        yield from upserts(province, _ACTIVATION, place.code, made, _one_more("activated"))


def _one_more(column: str) -> Amended:
    """Return the correction that counts one more."""
    return lambda rows: replaced(rows, column, pc.add(rows[column].combine_chunks(), 1))


def _home(province: Province, city: int) -> int:
    return int(np.count_nonzero(province.people.city[: province.people.residents] == city))


def _weekly(month: Month) -> Floats:
    """Return how busy each day of the month is."""
    # The first day of 1970 was a Thursday.
    weekday = (np.arange(month.first, month.following) + 3) % 7
    return np.where(weekday >= 5, _WEEKEND, 1.2)


def _scans(province: Province, city: int, month: Month, extraction: int, sent: list[int]) -> pa.Table:
    """Return the month's scans by institution, day and scene; `sent` has how many rows earlier months had."""
    every = province.institutions
    rng = stream(province.seed, "scans", cities()[city].code, month.index)
    chosen = every.of_city(city)
    live = every.open_in(month.index)[chosen] & reform.code_live(every, chosen, city, month)
    expected = _expected(province, city, month, chosen)[live]
    chosen, busy = chosen[live], _weekly(month)
    share = reform.scan_share(city, month)
    uses = trait(chosen[:, None] * len(_SCENES) + np.arange(len(_SCENES)), "scene") < 0.2 + share
    uses[:, _VISIT] = True
    mean = (expected[:, None] * uses * _SCENES)[:, :, None] * busy / busy.sum()
    scans = rng.poisson(mean)
    fail = 0.01 + 0.06 * trait(chosen, "fails") * (1 - share)
    failures = rng.binomial(scans, fail[:, None, None])
    at = _readings(rng, scans, mean, sent)
    institution, scene, day = np.unravel_index(at, scans.shape)
    columns = {
        "org_code": arrow.take(every.codes, chosen[institution]),
        "day": arrow.dates(month.first + day),
        "scene": arrow.numbers(1 + scene),
        "scans": pa.array(_read(scans, scans, at)),
        "failures": pa.array(_read(failures, scans, at)),
        "updated_at": arrow.instants(rng.integers(month.following * DAY, extraction, len(at))),
    }
    return arrow.table(_USAGE, columns)


def _expected(province: Province, city: int, month: Month, chosen: Ints) -> Floats:
    """Return how many visits with the code each institution can expect in the month."""
    every = province.institutions
    rank = every.rank[chosen]
    treats = ~np.isin(every.category.take(pa.array(chosen)).to_numpy(zero_copy_only=False), ["G"])
    weight = np.select([rank == 3, rank == 2, rank == 1], [9.0, 4.0, 2.0], 0.6) * (0.4 + trait(chosen, "size")) * treats
    visits = _VISITS_A_RESIDENT * _home(province, city) * weight / weight.sum()
    least = _LEAST_VISITS * treats * np.select([rank >= 2, rank == 1], [1.0, 0.3], 0.1)
    expected: Floats = np.maximum(visits, least) * reform.scan_share(city, month)
    return expected


def _readings(rng: np.random.Generator, scans: Ints, mean: Floats, sent: list[int]) -> Ints:
    """Return at which of the flattened counts there is a reading, in their order.

    Every institution, then every scene has one; counts of nothing come last. Readings grow by degrees and don't
    break down, so that no month is a matter for the gate.
    """
    natural = int(np.count_nonzero(scans))
    if not sent and natural < _LEAST_ROWS:
        return np.zeros(0, np.int64)
    usual = float(np.median(sent)) if sent else natural
    count = int(np.clip(natural, np.ceil(_SHRINKS * usual), np.floor(_GROWS * usual)))
    last = rng.random(scans.size)
    for groups, first in ((scans.shape[0] * scans.shape[1], -1), (scans.shape[0], -2)):
        by_group = scans.reshape(groups, -1)
        last[by_group.argmax(axis=1) + np.arange(groups) * by_group.shape[1]] = first
    last += np.where(scans.ravel() == 0, 4, 0)
    order = np.argsort(last, kind="stable")
    # Where a scene isn't in use, nothing is read.
    order = order[mean.ravel()[order] > 0]
    return np.sort(order[:count])


def _read(counts: Ints, scans: Ints, at: Ints) -> Ints:
    """Return what each reading says: its count, and those since the one before of its institution and scene.

    What nothing of its scene is read after goes to a reading before, otherwise to one of the institution.
    """
    if not len(at):
        return np.zeros(0, np.int64)
    days = scans.shape[2]
    of_institution = days * scans.shape[1]
    cell = np.flatnonzero(scans)
    after = np.minimum(np.searchsorted(at, cell), len(at) - 1)
    before = np.maximum(np.searchsorted(at, cell) - 1, 0)
    choices = [
        at[after] // days == cell // days,
        at[before] // days == cell // days,
        at[after] // of_institution == cell // of_institution,
    ]
    reading = np.select(choices, [after, before, after], before)
    kept = at[reading] // of_institution == cell // of_institution
    sums = np.bincount(reading[kept], counts.ravel()[cell[kept]], len(at))
    return sums.astype(np.int64)


def _activations(province: Province, city: int, month: Month, extraction: int) -> pa.Table:
    place = cities()[city]
    rng = stream(province.seed, "activations", place.code, month.index)
    under_way = month.since_reform >= reform.pace(city) - 3
    everywhere = bool(trait(np.array([city]), "other channel")[0] < 0.4)
    channels = (5 if everywhere else 4) * under_way
    days = month.following - month.first
    busy = _weekly(month)
    joining = _home(province, city) * reform.activations(city, month)
    mean = joining * (busy / busy.sum())[:, None] * _CHANNEL_SHARES[None, :channels]
    count = days * channels
    columns = {
        "city_code": pa.repeat(place.code, count),
        "day": arrow.dates(np.repeat(np.arange(month.first, month.following), channels)),
        "channel": arrow.take(arrow.texts(list(_CHANNELS)), np.tile(np.arange(channels), days)),
        "activated": pa.array(rng.poisson(mean).ravel()),
        "updated_at": arrow.instants(rng.integers(month.following * DAY, extraction, count)),
    }
    return arrow.table(_ACTIVATION, columns)
