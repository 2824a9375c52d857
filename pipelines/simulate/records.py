"""The health records of a city: whose they are, who keeps them, and what will become of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulate import arrow
from pipelines.simulate.clock import NEVER
from pipelines.simulate.geography import cities, counties
from pipelines.simulate.health import Chronic, draw_chronic
from pipelines.simulate.names import Names, with_slips
from pipelines.simulate.people import RESIDENT_ID, id_types
from pipelines.simulate.province import Province
from pipelines.simulate.resident_ids import with_wrong_digit
from pipelines.simulate.streams import Flags, Floats, Ints, stream, trait

OWN, DOUBLE, DEPARTED, MISTAKEN = range(4)
_LONGEST_OPEN = 3300  # days
_LATE = 0.03
# Raw coverage is far over 100 % in Guangzhou, of which the reform spoke: doubles, and those who have left.
_COVERED = {"440100": 0.95, "440300": 0.74, "441900": 0.72}
_DOUBLES = {"440100": 0.33, "440300": 0.12}
_DEPARTED = {"440100": 0.24, "440300": 0.1}
_MISTAKES = 0.004
_CLOSED_OF_DOUBLES, _CLOSED_OF_DEPARTED, _CLOSED_OF_DEAD = 0.2, 0.4, 0.75
_MOST_FAULTY = 0.02
_CHILD, _SMALL_CHILD = 14, 7


@dataclass(frozen=True, slots=True)
class Records:
    """A value a record; `kind` is OWN, DOUBLE, DEPARTED or MISTAKEN, `key` a number that tells records apart.

    Steps are those of a roll. Days are since 1970, NEVER where it doesn't happen. `faulty` records are sent without
    what is required until they are righted.
    """

    person: Ints
    kind: Ints
    key: Ints
    number: pa.Array
    institution: Ints
    county: tuple[Ints, Ints]
    tail: tuple[Ints, Ints]
    moves: Ints
    phones: Ints
    created: Ints
    joins: Ints
    leaves: Ints
    closes: Ints
    contract: Ints
    contract_month: Ints
    age: Floats
    chronic: Chronic
    names: tuple[Names, Names]
    name_mended: Ints
    ids: pa.Array
    id_types: pa.Array
    guardian: Ints
    faulty: Flags
    righted: Ints


def draw_records(province: Province, city: int, corrected: list[int], full: bool) -> Records:
    """Return a city's records; `corrected` are the months with a second delivery, `full` where all are snapshots."""
    people, noise, months = province.people, province.noise, len(province.calendar)
    code, today = cities()[city].code, province.calendar[0].first
    rng = stream(province.seed, "health records", code)
    person, kind = _whose(province, rng, city)
    count, salt = len(person), f"{province.seed}"
    key = (person * 4 + kind) * 32 + city
    born = people.born_month[person]
    own, double, mistaken = kind == OWN, kind == DOUBLE, kind == MISTAKEN

    late = (own | mistaken) & (born < 0) & (rng.random(count) < np.where(mistaken, 0.5, _LATE)) & (months > 1)
    join_month = np.where(late, 1 + (rng.random(count) * (months - 1)).astype(np.int64), -1)
    join_month = np.where(born >= 0, people.named_month[person], join_month)
    first = np.array([month.first for month in province.calendar])
    there = join_month < 0
    created = today - 1 - (trait(key, "opened") * _LONGEST_OPEN).astype(np.int64)
    created = np.minimum(np.maximum(created, people.birth[person] + 20), today - 1)
    new = first[np.clip(join_month, 0, months - 1)] + (rng.random(count) * 20).astype(np.int64)
    created = np.where(there, created, np.maximum(new, people.birth[person]))
    leave = np.maximum(1, join_month + 1) + (rng.random(count) * 2).astype(np.int64)
    leaves = np.where(mistaken & (leave < months), 2 * leave, NEVER)
    # What can't be deleted within the months isn't entered: a mistake that stands would be a double.
    joins = np.where(mistaken & (leaves == NEVER), 2 * NEVER, np.where(there, -1, 2 * join_month))

    county, tail, moves = _homes(province, rng, city, person, kind)
    institution = _keepers(province, city, county[0], key)
    age = (today - people.birth[person]) / 365.25
    chronic = draw_chronic(key, city, age, own | double & (trait(key, "managed here") < 0.3))
    contract, contract_month = _contracts(province, key, city, age, chronic, created, own & there)
    slip = rng.random(count) < np.where(double, 2, 1) * noise.record_name_slip
    true = people.names.take(person)
    steps = np.array([2 * m + 1 for m in corrected] or [NEVER])
    if full:
        steps = 2 * np.arange(1, months + 1)
    mended = np.where(slip & (rng.random(count) < 0.5), steps[rng.integers(0, len(steps), count)], NEVER)
    ids, kinds = _papers(province, rng, person, key, double, age)
    faulty = np.zeros(count, bool)
    open_now = np.flatnonzero(there & own)
    most = int(min(rng.binomial(len(open_now), noise.row_faulty), _MOST_FAULTY * len(open_now)))
    faulty[rng.permutation(open_now)[:most]] = True
    return Records(
        person, kind, key, _numbers(county[0]), institution, county, tail, moves,
        np.where(own, people.phone_month[person], NEVER), created, joins, leaves,
        _closings(province, rng, person, kind, salt), contract, contract_month, age, chronic,
        (true, with_slips(rng, true, slip)), mended, ids, kinds, _guardians(province, key, person, age), faulty,
        np.where(faulty, 1 if 0 in corrected else 2, NEVER),
    )  # fmt: skip


def _whose(province: Province, rng: np.random.Generator, city: int) -> tuple[Ints, Ints]:
    """Return whose records the city has, and of which kind each is."""
    people, code = province.people, cities()[city].code
    whim = float(trait(np.array([city]), "health records")[0])
    local = np.flatnonzero(people.city[: people.residents + people.births] == city)
    covered = _COVERED.get(code, 0.8 + 0.13 * whim) * np.where(people.residency[local] == 3, 0.85, 1.0)
    covered = np.where(people.unregistered[local], 0.4, covered)
    own = local[rng.random(len(local)) < covered]
    settled = own[own < people.residents]
    doubles = settled[rng.random(len(settled)) < _DOUBLES.get(code, 0.02 + 0.05 * whim)]
    away = np.flatnonzero(people.city[: people.residents] != city)
    left = round(_DEPARTED.get(code, 0.02 + 0.04 * whim) * np.count_nonzero(local < people.residents))
    departed = np.sort(rng.choice(away, min(left, len(away)), replace=False))
    mistaken = settled[rng.random(len(settled)) < _MISTAKES]
    if city == 0:
        mistaken = settled[:1] if not len(mistaken) else mistaken
    parts = (own, doubles, departed, mistaken)
    kinds = (OWN, DOUBLE, DEPARTED, MISTAKEN)
    return np.concatenate(parts), np.concatenate([np.full(len(p), k) for p, k in zip(parts, kinds, strict=True)])


def _homes(
    province: Province, rng: np.random.Generator, city: int, person: Ints, kind: Ints
) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints], Ints]:
    """Return county and address before and after a move, and its month; the departed's are those that they had here."""
    people, here = province.people, np.array(cities()[city].counties)
    stays = kind != DEPARTED
    former_county = here[rng.integers(0, len(here), len(person))]
    former_tail = rng.integers(0, len(people.tails), len(person))
    moves = np.where(kind == OWN, people.move_month[person], NEVER)

    def home(then: tuple[Ints, Ints], former: Ints) -> tuple[Ints, Ints]:
        return np.where(stays, then[0][person], former), np.where(stays, then[1][person], former)

    return home(people.county, former_county), home(people.tail, former_tail), moves


def _keepers(province: Province, city: int, county: Ints, key: Ints) -> Ints:
    """Return the community or township centre that keeps each record: one of the county, where it has any.

    In a city that had none before the first month one that opens later took the records over.
    """
    every = province.institutions
    centre = np.isin(every.category.to_numpy(zero_copy_only=False), ["C", "D"]) & (every.city == city)
    places = np.flatnonzero(centre & (every.opened_month < 0))
    if not len(places):
        places = np.flatnonzero(centre)
    at = trait(key, "kept by")
    keepers = places[(at * len(places)).astype(np.int64)]
    for one in cities()[city].counties:
        near = places[every.county[places] == one]
        if len(near):
            keepers = np.where(county == one, near[(at * len(near)).astype(np.int64)], keepers)
    return keepers


def _numbers(county: Ints) -> pa.Array:
    """Return numbers of records: area, street, village, sequence."""
    order = np.argsort(county, kind="stable")
    ordered = county[order]
    serial = np.empty(len(county), np.int64)
    serial[order] = np.arange(len(county)) - np.searchsorted(ordered, ordered, side="left")
    area = np.array([int(c.code) for c in counties()])[county]
    place = (1 + serial % 23) * 1000 + 201 + serial // 23 % 31
    return arrow.numbers((area * 10**6 + place) * 10**5 + 1 + serial // (23 * 31))


def _closings(province: Province, rng: np.random.Generator, person: Ints, kind: Ints, salt: str) -> Ints:
    """Return the month at which each record is closed, -1 where it was before: doubles, the departed, the dead."""
    people, months, count = province.people, len(province.calendar), len(person)
    share = np.select([kind == DOUBLE, kind == DEPARTED], [_CLOSED_OF_DOUBLES, _CLOSED_OF_DEPARTED], 0.0)
    closed = np.where(rng.random(count) < share, -1, NEVER)
    found = np.floor(rng.random(count) / 0.004).astype(np.int64)
    closed = np.where((closed == NEVER) & (kind != OWN) & (kind != MISTAKEN) & (found < months), found, closed)
    death = people.death_month[person]
    known = death + (trait(person, f"death told {salt}") < 0.5)
    told = (death < NEVER) & (trait(person, f"closed at death {salt}") < _CLOSED_OF_DEAD)
    return np.where(told & (closed == NEVER), known, closed)


def _contracts(
    province: Province, key: Ints, city: int, age: Floats, chronic: Chronic, created: Ints, may: Flags
) -> tuple[Ints, Ints]:
    """Return the day of each contract with a family doctor, and the month in which it becomes known."""
    calendar, today = province.calendar, province.calendar[0].first
    managed = chronic.hypertension | chronic.diabetes
    share = np.select([managed, age >= 65, age < _SMALL_CHILD, age < _CHILD], [0.76, 0.58, 0.5, 0.34], 0.24)
    share *= 0.85 + 0.3 * float(trait(np.array([city]), "family doctors")[0])
    at = trait(key, "contract")
    already = may & (at < share)
    before = np.maximum(created, today - 1 - (trait(key, "contract on") * 850).astype(np.int64))
    month = 1 + np.floor((at - share) / 0.006).astype(np.int64)
    soon = may & ~already & (month < len(calendar))
    first = np.array([one.first for one in calendar])[np.clip(month, 0, len(calendar) - 1)]
    day = np.where(already, before, np.where(soon, first + (trait(key, "contract on") * 20).astype(np.int64), NEVER))
    return day, np.where(already, -1, np.where(soon, month, NEVER))


def _papers(
    province: Province, rng: np.random.Generator, person: Ints, key: Ints, double: Flags, age: Floats
) -> tuple[pa.Array, pa.Array]:
    """Return the ID numbers as they were typed in once, and their types: a small child has none, or its mother's."""
    people, noise, count = province.people, province.noise, len(person)
    mother = people.mother[person]
    small = (age < _SMALL_CHILD) & (mother >= 0)
    lent = small & (rng.random(count) < noise.guardian_id / 4)
    missing = rng.random(count) < np.where(double, 2.5, 0.8) * noise.id_missing
    missing |= small & ~lent & (rng.random(count) < 0.25)
    holder = np.where(lent, mother, person)
    old_form = people.elder[holder] & (trait(key, "old form") < 0.6 * noise.id_legacy)
    ids = arrow.choose(old_form, arrow.take(people.legacy_ids, holder), arrow.take(people.ids, holder))
    wrong = (rng.random(count) < noise.id_digit) & (people.id_type[holder] == RESIDENT_ID)
    amiss = np.flatnonzero(wrong)
    if len(amiss):
        at = np.zeros(count, np.int64)
        at[amiss] = np.arange(len(amiss))
        numbers = with_wrong_digit(rng, people.id_digits[holder[amiss]])
        ids = arrow.choose(wrong, arrow.take(arrow.fixed_width(numbers), at), ids)
    return arrow.blank(ids, missing), id_types(people.id_type[holder], missing | (rng.random(count) < 0.02))


def _guardians(province: Province, key: Ints, person: Ints, age: Floats) -> Ints:
    """Return each child's guardian, -1 where none is noted: the mother, or the first of the household."""
    mother = province.people.mother[person]
    noted = (age < _CHILD) & (mother >= 0) & (trait(key, "guardian") < 0.85)
    other = trait(key, "which guardian") < 0.25
    return np.where(noted, np.where(other, province.people.start[person], mother), -1)
