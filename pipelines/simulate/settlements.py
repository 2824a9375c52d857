"""What is settled of the care of a city's insured persons: when, of how much, and who pays."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipelines.simulate import reform
from pipelines.simulate.care import Encounters
from pipelines.simulate.clock import DAY, Month
from pipelines.simulate.encounters import INPATIENT, OUTPATIENT
from pipelines.simulate.geography import cities
from pipelines.simulate.insured import EMPLOYEE, OUTSIDE, Insured
from pipelines.simulate.province import Province
from pipelines.simulate.streams import Flags, Floats, Ints, stream, trait

_SETTLED = np.array([0.0, 0.86, 0.9, 0.97])  # by type of encounter
_UNKNOWN_TO_EMR, _LEAST = 0.025, 8  # of a month's settlements; settlements a month
_SHRINKS, _GROWS = 0.65, 1.6
_MED_TYPES = np.array([0, 11, 13, 21])
_CHRONIC_CARE, _KNOWN_AS_CHRONIC = 14, 0.6
_AT_HOME_DIRECT = 0.985
_NEVER_SENT = 9_000_000
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Settlements:
    """A value a settlement; amounts are in fen, instants seconds since 1970.

    `number` is the encounter's; fund, account and cash are the total.
    """

    person: Ints
    institution: Ints
    number: Ints
    kind: Ints
    begin: Ints
    end: Ints
    settled: Ints
    total: Ints
    drugs: Ints
    scope: Ints
    fund: Ints
    account: Ints
    cash: Ints
    chronic: Flags
    away: Flags
    direct: Flags

    def take(self, at: Ints | Flags) -> Settlements:
        """Return the settlements at those indices."""
        return Settlements(*(getattr(self, one.name)[at] for one in fields(self)))

    def med_types(self) -> Ints:
        """Return the medical category of each, which follows from the type of the encounter."""
        known = self.chronic & (self.kind == OUTPATIENT) & (trait(self.person, "chronic benefit") < _KNOWN_AS_CHRONIC)
        return np.where(known, _CHRONIC_CARE, _MED_TYPES[self.kind])


def settled_encounters(province: Province, insured: Insured, city: int, care: Encounters) -> list[Settlements]:
    """Return the city's settlements by the month in which they were settled.

    `care` are the encounters that the city settles: those of its insured, and those at its institutions of persons
    insured outside the province. Care that the EMR feed never hears of is added, more of it where little is settled,
    so that no month is a matter for the gate.
    """
    people = province.people
    rng = stream(province.seed, "settlements", cities()[city].code)
    last = province.calendar[-1].index
    outside = insured.city[care.person] == OUTSIDE
    # Of those insured in other provinces only stays are settled here.
    settles = (rng.random(len(care.person)) < _SETTLED[care.kind]) & (~outside | (care.kind == INPATIENT))
    settles &= (care.kind != INPATIENT) | (care.end > 0)
    settles &= (people.born_month[care.person] < 0) | (
        people.named_month[care.person] <= _month_of(province, care.start)
    )
    care = care.take(settles)
    found = _paid(province, insured, rng, care, at_once=False)
    month = _month_of(province, found.settled)
    usual: list[int] = []
    by_month = []
    for one in province.calendar[: last + 1]:
        here = found.take(np.flatnonzero(month == one.index))
        middle = float(np.median(usual)) if usual else 0.0
        least = max(_LEAST, int(np.ceil(_SHRINKS * middle)))
        more = max(round(_UNKNOWN_TO_EMR * len(here.person)), least - len(here.person))
        unheard_of = _unheard_of(province, insured, city, rng, one, more)
        both = _joined(here, _paid(province, insured, rng, unheard_of, at_once=True))
        most = int(_GROWS * middle) if usual else len(both.person)
        if len(both.person) > most:
            both = both.take(np.sort(rng.permutation(len(both.person))[:most]))
        usual.append(len(both.person))
        by_month.append(both)
    return by_month


def _joined(one: Settlements, other: Settlements) -> Settlements:
    return Settlements(*(np.concatenate([getattr(one, f.name), getattr(other, f.name)]) for f in fields(one)))


def _month_of(province: Province, seconds: Ints) -> Ints:
    """Return the index of the month of each instant; beyond the last where it lies after it."""
    firsts = np.array([month.first for month in province.calendar] + [province.calendar[-1].following])
    found: Ints = np.searchsorted(firsts, seconds // DAY, side="right") - 1
    return found


def _unheard_of(
    province: Province, insured: Insured, city: int, rng: np.random.Generator, month: Month, count: int
) -> Encounters:
    """Return so many visits of the month, at the city's smaller institutions, that the EMR feed doesn't have."""
    people, every = province.people, province.institutions
    pool = np.flatnonzero(insured.covered & (insured.city == city) & (people.city == city))
    pool = pool[(people.born_month[pool] < 0) & (people.death_month[pool] > month.index)]
    places = every.of_city(city)
    places = places[every.open_in(month.index)[places] & (every.rank[places] < 3)]
    places = places[every.category.to_numpy(zero_copy_only=False)[places] != "G"]
    count = count if len(pool) else 0
    day = month.first + rng.integers(0, month.following - month.first, count)
    total = (np.exp(rng.normal(4.6, 0.6, count)) * 100).astype(np.int64)
    return Encounters(
        pool[rng.integers(0, max(1, len(pool)), count)], places[rng.integers(0, len(places), count)],
        int(month.period.replace("-", "")) * 10**7 + _NEVER_SENT + city * 40_000 + np.arange(count),
        np.full(count, OUTPATIENT), day * DAY + rng.integers(8 * _HOUR, 17 * _HOUR, count), np.zeros(count, np.int64),
        total, total * rng.integers(30, 80, count) // 100, np.zeros(count, bool),
    )  # fmt: skip


def _paid(
    province: Province, insured: Insured, rng: np.random.Generator, care: Encounters, at_once: bool
) -> Settlements:
    """Return the settlements of encounters: directly, or weeks later where someone handed the bills in at home."""
    count, person = len(care.person), care.person.astype(np.int64)
    stay = care.kind == INPATIENT
    away = province.institutions.city[care.institution] != insured.city[person]
    month = np.minimum(_month_of(province, care.start), province.calendar[-1].index)
    share = np.array([reform.direct_share(one) for one in province.calendar])[np.maximum(month, 0)]
    share = np.where(away, np.where(stay, share, 0.4 * share), _AT_HOME_DIRECT)
    direct = (rng.random(count) < share) | (insured.city[person] == OUTSIDE) | at_once
    end = np.where(stay, care.end, care.start + rng.integers(10 * _MINUTE, 2 * _HOUR, count))
    last = (province.calendar[-1].following * DAY) - 1
    later = (end // DAY + rng.integers(10, 61, count)) * DAY + rng.integers(9 * _HOUR, 17 * _HOUR, count)
    settled = np.where(direct, end + rng.integers(5 * _MINUTE, 3 * _HOUR, count), later)
    # A visit late on the last day is settled on it, so that its month has it.
    settled = np.where(direct & (end <= last), np.minimum(settled, np.maximum(last, end)), settled)
    total = _totals(rng, care.total.astype(np.int64))
    drugs = np.minimum(care.drugs, total)
    scope, fund, account = _shares(rng, insured.scheme[person] == EMPLOYEE, stay, care.chronic, away, total)
    return Settlements(
        person, care.institution.astype(np.int64), care.number, care.kind.astype(np.int64), care.start, end, settled,
        total, drugs, scope, fund, account, total - fund - account, care.chronic, away, direct,
    )  # fmt: skip


def _totals(rng: np.random.Generator, fees: Ints) -> Ints:
    """Return what is settled of the fees: mostly all, sometimes a little less, sometimes only part of the bill."""
    at = rng.random(len(fees))
    part = np.select([at < 0.96, at < 0.98], [1.0, 0.995], 0.6 + 0.3 * rng.random(len(fees)))
    found: Ints = np.maximum(1, np.floor(fees * part).astype(np.int64))
    return found


def _shares(
    rng: np.random.Generator, employee: Flags, stay: Flags, chronic: Flags, away: Flags, total: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return what of the totals is within the policy's scope, what the fund pays and what the account pays."""
    count = len(total)
    within: Floats = np.where(stay, 0.84, 0.87) + 0.06 * rng.standard_normal(count)
    within = np.where(rng.random(count) < 0.1, 1.0, np.clip(within, 0.35, 1))
    scope = np.floor(total * within).astype(np.int64)
    rate = np.select(
        [stay & employee, stay, chronic & employee, chronic, employee], [0.86, 0.74, 0.75, 0.6, 0.42], 0.38
    )
    rate = np.clip(rate - 0.1 * away + 0.05 * rng.standard_normal(count), 0, 0.97)
    deductible = np.where(stay, 40_000, 1_000)
    fund = np.floor(np.maximum(0, scope - deductible) * rate).astype(np.int64)
    fund = np.where(~stay & (rng.random(count) < 0.2), 0, fund)  # what a year's ceiling leaves to them
    rest = total - fund
    share = np.where(rng.random(count) < 0.8, 0.2 + 0.8 * rng.random(count), 0.0)
    account = np.floor(rest * share * np.where(stay, 0.3, 1.0)).astype(np.int64) * employee
    return scope, fund, account
