"""The people of the province, and what happens to them over the months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulate import arrow
from pipelines.simulate.addresses import landlines, mobiles, tails
from pipelines.simulate.clock import NEVER, Month
from pipelines.simulate.geography import abolished, cities, counties, elsewhere
from pipelines.simulate.households import ALONE, CHILD, HUSBAND, WIFE, Households, draw_households
from pipelines.simulate.names import DAUGHTER, SON, Names, draw_far_names, draw_names, draw_surnames
from pipelines.simulate.resident_ids import legacy, other_papers, resident_ids
from pipelines.simulate.streams import Flags, Floats, Ints, apportion, pick, stream, trait

RESIDENT_ID, PASSPORT, HONG_KONG, TAIWAN = 1, 3, 6, 7
_BIRTHS_A_YEAR, _TWIN_BIRTHS = 0.011, 0.015
_MOVES, _NEW_PHONES = 0.004, 0.004  # a month
_UNREGISTERED, _VISITORS = 0.006, 0.02
# Where many have come from elsewhere: the delta of the Pearl River.
_DELTA = {
    "440100": 0.36, "440300": 0.62, "440400": 0.38, "440600": 0.42, "441300": 0.25, "441900": 0.66, "442000": 0.45,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """Everyone who may be treated: the residents, then those born in the months, then visitors.

    A value a person, unless said otherwise. Months are indices, `NEVER` where it doesn't happen; days are since 1970.
    Telephones are indices into `phones`; addresses indices into `tails`, with a county each.
    """

    residents: int
    births: int
    city: Ints
    household: Ints
    start: Ints
    size: Ints
    role: Ints
    mother: Ints
    sex: Ints
    birth: Ints
    names: Names
    id_type: Ints
    id_digits: np.ndarray
    ids: pa.Array
    legacy_ids: pa.Array
    elder: Flags
    born_month: Ints
    named_month: Ints
    death: Ints
    death_month: Ints
    phones: pa.Array
    phone: tuple[Ints, Ints]
    family_phone: Ints
    phone_month: Ints
    tails: pa.Array
    tail: tuple[Ints, Ints]
    county: tuple[Ints, Ints]
    move_month: Ints
    domicile: Ints
    residency: Ints
    unregistered: Flags

    @property
    def count(self) -> int:
        """Return how many persons there are."""
        return len(self.city)

    def infant_suffix(self, person: Ints) -> Ints:
        """Return which suffix stands behind the mother's name for an infant without one."""
        return np.where(self.sex[person] == 1, SON, DAUGHTER)

    def person_ids(self, person: Ints) -> pa.Array:
        """Return the persons' ids in the truth."""
        return arrow.join("P", arrow.numbers(100_000_000 + person))


def id_types(kind: Ints, missing: Flags) -> pa.Array:
    """Return the codes of kinds of ID (CV02.01.101), null where missing."""
    return arrow.take(arrow.texts([f"{code:02}" for code in range(TAIWAN + 1)]), kind, missing)


def draw_people(seed: int, residents: int, calendar: tuple[Month, ...]) -> People:
    """Return so many residents, the births of the months and the visitors."""
    sizes = np.array([float(city.residents) for city in cities()])
    shares = apportion(residents, sizes, min(3, residents // len(sizes)))
    home = draw_households(stream(seed, "households"), shares, calendar[0].first)
    everyone = _with_births_and_visitors(seed, home, calendar)
    home, born_month = everyone.home, everyone.born_month
    count, births = len(home.city), everyone.births
    visitor = np.arange(count) >= residents + births

    rng = stream(seed, "places")
    county = _counties(rng, home.city, home.household)
    moved = _counties(rng, home.city, home.household)
    domicile, residency = _domiciles(rng, home, county)
    domicile[visitor] = np.array(elsewhere())[rng.integers(0, len(elsewhere()), int(visitor.sum()))]
    id_type, far = _papers(stream(seed, "papers"), home, everyone.parent)
    area = _areas(stream(seed, "areas"), home.birth, domicile)
    numbers = resident_ids(area, home.birth, home.sex)
    every = np.arange(count)
    ids = arrow.choose(id_type == RESIDENT_ID, arrow.fixed_width(numbers), other_papers(id_type, every))

    households = int(home.household.max()) + 1
    # The first person of a household is an adult.
    family, own = home.start, _own_phone(stream(seed, "phones"), home, calendar[0].first)
    landline = count + home.household
    kin = np.where(home.mother >= 0, home.mother, family)
    phone = np.where(own < 0.9, every, landline)
    phone = np.where(own > 1, kin, phone)
    household_city = np.zeros(households, np.int64)
    household_city[home.household] = home.city
    numbers_called = [mobiles(every), landlines(np.arange(households), household_city), mobiles(count + every)]

    months = len(calendar)
    events = stream(seed, "events")
    death, death_month = _deaths(events, home.birth, residents, calendar)
    move = _first_month(trait(home.household, f"move {seed}"), _MOVES, months)
    new_phone = np.where(own < 0.9, _first_month(events.random(count), _NEW_PHONES, months), NEVER)
    named = np.where(born_month >= 0, born_month + 1 + (events.random(count) < 0.4), NEVER)
    return People(
        residents, births, home.city, home.household, home.start, home.size, home.role, home.mother, home.sex,
        home.birth, _names(stream(seed, "names"), home, everyone.parent, far),
        id_type, numbers, ids, legacy(numbers),
        (home.birth < -13 * 365) & (trait(every, "elder") < 0.12) & (id_type == RESIDENT_ID),
        born_month, named, death, death_month,
        pa.concat_arrays(numbers_called), (phone, count + households + every),
        np.where(every == family, landline, family), new_phone,
        tails(seed, "homes", 2 * households), (home.household, households + home.household), (county, moved), move,
        domicile, residency, visitor | (trait(every, f"unregistered {seed}") < _UNREGISTERED) & (born_month < 0),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Everyone:
    home: Households
    births: int
    born_month: Ints
    parent: Ints


def _with_births_and_visitors(seed: int, home: Households, calendar: tuple[Month, ...]) -> _Everyone:
    """Append the births of each month, in their mothers' households, and single visitors."""
    rng = stream(seed, "births")
    residents = len(home.city)
    age = (calendar[0].first - home.birth) / 365.25
    eligible = rng.permutation(np.flatnonzero((home.role == WIFE) & (age >= 19) & (age < 45)))
    each = max(1, round(residents * _BIRTHS_A_YEAR / 12))
    mothers, months = eligible[: each * len(calendar)], np.arange(each * len(calendar)) // each
    months = months[: len(mothers)]
    twins = rng.random(len(mothers)) < _TWIN_BIRTHS
    twins[:1] = True
    order = np.repeat(np.arange(len(mothers)), 1 + twins)
    first = np.array([month.first for month in calendar])[months]
    length = np.array([month.following - month.first for month in calendar])[months]
    born = (first + (rng.random(len(mothers)) * (length - 1)).astype(np.int64))[order]
    mother, month = mothers[order], months[order]

    visitors = max(3, round(residents * _VISITORS))
    city = pick(np.array([float(c.residents) for c in cities()]), rng.random(visitors))
    alone = residents + len(mother) + np.arange(visitors)
    newest = int(home.household.max()) + 1
    none, zeros = np.full(visitors, -1), np.zeros(visitors, np.int64)
    sexes = 1 + (rng.random(len(mother)) < 0.47)
    joined = Households(
        np.concatenate([home.city, home.city[mother], city]),
        np.concatenate([home.household, home.household[mother], newest + np.arange(visitors)]),
        np.concatenate([home.start, home.start[mother], alone]),
        np.concatenate([home.size, home.size[mother], zeros + 1]),
        np.concatenate([home.role, np.full(len(mother), CHILD), zeros + ALONE]),
        np.concatenate([home.mother, mother, none]),
        np.concatenate([home.sex, sexes, 1 + (rng.random(visitors) < 0.45)]),
        np.concatenate([home.birth, born, calendar[0].first - rng.integers(18 * 365, 70 * 365, visitors)]),
        np.concatenate([home.twin, twins[order], zeros > 0]),
    )
    born_month = np.concatenate([np.full(residents, -1), month, none])
    father = np.where((home.role[home.start] == HUSBAND), home.start, -1)
    father = np.concatenate([father, father[mother], none])
    parent = np.where(joined.role == CHILD, np.where(father >= 0, father, joined.mother), -1)
    return _Everyone(joined, len(mother), born_month, parent)


def _counties(rng: np.random.Generator, city: Ints, household: Ints) -> Ints:
    """Return a county of the city for each household, given to each of its members."""
    sizes = np.array([len(c.counties) for c in cities()])
    firsts = np.array([c.counties[0] for c in cities()])
    # Counties differ in size: the square root makes the last of a city the largest.
    at = np.sqrt(rng.random(int(household.max()) + 1))[household]
    county: Ints = firsts[city] + (at * sizes[city]).astype(np.int64)
    return county


def _domiciles(rng: np.random.Generator, home: Households, county: Ints) -> tuple[Ints, Ints]:
    """Return the county where each is registered and the residency type; households mostly agree."""
    codes = np.array([int(c.code) for c in counties()])
    newcomers = np.array([_DELTA.get(city.code, 0.07) for city in cities()])
    households = int(home.household.max()) + 1
    came = rng.random(households)[home.household] < newcomers[home.city]
    outside = rng.random(households)[home.household] < 0.65
    far = np.array(elsewhere())[rng.integers(0, len(elsewhere()), households)][home.household]
    near = codes[rng.integers(0, len(codes), households)][home.household]
    domicile = np.where(came, np.where(outside, far, near), codes[county])
    residency = np.where(came, 2 + (rng.random(len(came)) < 0.6), 1)
    return domicile, residency


def _areas(rng: np.random.Generator, birth: Ints, domicile: Ints) -> Ints:
    """Return the area of each ID number: the domicile, or a code that has been abolished since."""
    old = np.array(abolished())
    keeps = (birth < 20 * 365) & (domicile // 10_000 == 44) & (rng.random(len(birth)) < 0.1)
    return np.where(keeps, old[rng.integers(0, len(old), len(birth))], domicile)


def _papers(rng: np.random.Generator, home: Households, parent: Ints) -> tuple[Ints, Flags]:
    """Return each one's ID type, and who bears a far name; children have their parents' kind."""
    at = rng.random(len(home.city))
    kind = np.select([at < 0.0015, at < 0.003, at < 0.0035], [PASSPORT, HONG_KONG, TAIWAN], RESIDENT_ID)
    kind = np.where(parent >= 0, RESIDENT_ID, kind)
    far = (kind == PASSPORT) | (at > 0.999) & (parent < 0)
    return kind, far


def _own_phone(rng: np.random.Generator, home: Households, today: int) -> Floats:
    """Return below 0.9 who has a mobile of their own, below 1 who uses the landline, 2 who uses a relative's."""
    age = (today - home.birth) / 365.25
    at = rng.random(len(age))
    relies = (age < 13) | (age > 72) & (trait(np.arange(len(age)), "relies") < 0.5)
    return np.where(relies & (home.size > 1), 2.0, at)


def _names(rng: np.random.Generator, home: Households, parent: Ints, far: Flags) -> Names:
    count = len(parent)
    surname = draw_surnames(rng, count)
    far_names = draw_far_names(rng, count)
    surname = np.where(far, far_names.surname, surname)
    surname = np.where(parent >= 0, surname[parent], surname)
    mothers = (parent >= 0) & (home.mother >= 0) & (trait(home.household, "mother's name") < 0.04)
    surname = np.where(mothers, surname[home.mother], surname)
    names = draw_names(rng, surname, home.sex, 1970 + home.birth // 365)
    return Names(surname, np.where(far, far_names.first, names.first), np.where(far, 0, names.second))


def _deaths(rng: np.random.Generator, birth: Ints, residents: int, calendar: tuple[Month, ...]) -> tuple[Ints, Ints]:
    """Return the day and the month of death, by age; newborns and visitors live."""
    first, last = calendar[0].first, calendar[-1].following
    age = (first - birth) / 365.25
    yearly = np.minimum(0.5, 0.0003 + 0.00004 * np.exp(0.092 * age))
    at = rng.random(len(birth))
    dies = (at < 1 - (1 - yearly) ** ((last - first) / 365)) & (np.arange(len(birth)) < residents)
    dies[int(np.argmin(birth[:residents]))] = True
    day = first + (rng.random(len(birth)) * (last - first)).astype(np.int64)
    month = np.searchsorted(np.array([m.first for m in calendar]), day, side="right") - 1
    return np.where(dies, day, NEVER), np.where(dies, month, NEVER)


def _first_month(at: Floats, rate: float, months: int) -> Ints:
    """Return the month, from the second on, in which something befalls at that monthly rate."""
    month = 1 + np.floor(at / rate).astype(np.int64)
    return np.where(month < months, month, NEVER)
