"""The population feed: each city's register of residents, with the people it has twice, late or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from contracts.feeds import FEEDS
from pipelines.simulate import arrow
from pipelines.simulate.addresses import FULL, plain, written
from pipelines.simulate.clock import DAY, NEVER, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent, deletions, with_op
from pipelines.simulate.geography import cities, counties
from pipelines.simulate.names import Names, with_slips
from pipelines.simulate.people import id_types
from pipelines.simulate.province import Province
from pipelines.simulate.roll import Roll
from pipelines.simulate.streams import Flags, Ints, stream, trait

_FEED = FEEDS["population"]
_TWICE, _LATE = 0.01, 0.02
_LEAVE = 0.002  # a month, thrice as often for those who came from elsewhere
_VERIFIED = 0.05  # of the register each month
_CORRECTED_MONTHS = 0.08


@dataclass(frozen=True, slots=True)
class _Register:
    """The entries of one city's register: a person each; `second` where another city has the person too."""

    person: Ints
    number: pa.Array
    second: Flags
    county: tuple[Ints, ...]
    tail: tuple[Ints, ...]
    moves: Ints
    phones: Ints
    slipped: Names
    slip_mended: Ints
    trait: Ints


def population(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's deliveries of its register, then what is live at the end; note who is registered."""
    people = province.people
    resident = np.arange(people.residents + people.births)
    resident = resident[~people.unregistered[resident]]
    chosen = stream(province.seed, "registered twice")
    twice = np.flatnonzero(chosen.random(people.residents) < _TWICE)
    there = (people.city[twice] + chosen.integers(1, len(cities()), len(twice))) % len(cities())
    for city in range(len(cities())):
        home, guests = resident[people.city[resident] == city], twice[there == city]
        yield from _city(province, city, np.concatenate([home, guests]), len(home))


def _city(province: Province, city: int, person: Ints, at_home: int) -> Iterator[Delivery | Live]:
    people, code, style = province.people, cities()[city].code, province.styles[city]
    full = province.sends_full("population", city)
    months = len(province.calendar)
    rng = stream(province.seed, "register", code)
    second = np.arange(len(person)) >= at_home
    corrected = {month for month in range(months) if rng.random() < _CORRECTED_MONTHS and not full}
    if city == 0:
        corrected.add(0)
    register = _register(province, city, person, second, sorted(corrected), full)

    late = (rng.random(len(person)) < _LATE) & (months > 1)
    born = people.born_month[person]
    joins = np.where(born >= 0, born, np.where(late, 1 + (rng.random(len(person)) * (months - 1)).astype(np.int64), -1))
    leave_rate = np.where(people.residency[person] == 1, _LEAVE, 3 * _LEAVE)
    leaves = 1 + np.floor(rng.random(len(person)) / leave_rate).astype(np.int64)
    if city == 0:
        leaves[:1] = 1  # so that every province has someone who leaves
    leaves = np.where((joins < 0) & (leaves < months), leaves, NEVER)
    changes = (
        2 * people.named_month[person], 2 * people.death_month[person],
        2 * register.moves, 2 * register.phones, register.slip_mended,
    )  # fmt: skip
    roll = Roll(np.where(joins < 0, -1, 2 * joins), 2 * leaves, changes)

    step = 0
    for month in province.calendar:
        first_extraction = extracted_at(province.seed, code, "population", month, 1)
        for sequence in (1, 2) if month.index in corrected else (1,):
            step = 2 * month.index + sequence - 1
            window = correction_window(month)
            if step == 0:
                window = ((month.first - 1000) * DAY, month.following * DAY)
            extraction = extracted_at(province.seed, code, "population", month, sequence)
            if sequence == 2:
                window = (first_extraction + 1, extraction)
            at_least = 2 if sequence == 2 else max(6, round(_VERIFIED * at_home))
            known = people.birth[person] + 1
            died = people.death_month[person] == month.index
            known = np.where(died, people.death[person] + 1, known)
            joined, changed, left = roll.advance(step, window, rng, at_least, known * DAY)
            if full:
                everyone = np.flatnonzero(roll.live)
                rows = with_op(_rows(province, city, register, everyone, step, roll.updated), "I")
            else:
                gone = _rows(province, city, register, left, step, roll.updated)
                rows = pa.concat_tables([
                    with_op(_rows(province, city, register, joined, step, roll.updated), "I"),
                    with_op(_rows(province, city, register, changed, step, roll.updated), "U"),
                    deletions(gone, _FEED, style.bare_deletions),
                ])  # fmt: skip
            rows = as_sent(rng, rows, province.noise.row_repeated)
            mode = "full" if full else "delta"
            yield Delivery(_FEED, code, month, sequence, mode, extraction, rows)
    live = np.flatnonzero(roll.live)
    province.registered[person[live]] = True
    for start in range(0, len(live), 200_000):
        part = live[start : start + 200_000]
        yield Live(_FEED, code, _rows(province, city, register, part, step, roll.updated), person[part])


def _register(
    province: Province, city: int, person: Ints, second: Flags, corrected: list[int], full: bool
) -> _Register:
    people, code = province.people, cities()[city].code
    rng = stream(province.seed, "entries", code)
    count = len(person)
    here = np.array(cities()[city].counties)
    guest_county, guest_tail = here[rng.integers(0, len(here), count)], rng.integers(0, len(people.tails), count)
    slip = rng.random(count) < province.noise.register_name_slip
    slipped = with_slips(rng, people.names.take(person), slip)
    steps = np.array([2 * m + 1 for m in corrected] or [NEVER])
    if full:
        steps = 2 * np.arange(1, len(province.calendar) + 1)
    mended = np.where(slip & (rng.random(count) < 0.5), steps[rng.integers(0, len(steps), count)], NEVER)
    serial = (np.arange(count) * 61_803_397 + 7) % 10**8
    return _Register(
        person, arrow.numbers(int(code) * 10**10 + serial), second,
        tuple(np.where(second, guest_county, county[person]) for county in people.county),
        tuple(np.where(second, guest_tail, tail[person]) for tail in people.tail),
        np.where(second, NEVER, people.move_month[person]), np.where(second, NEVER, people.phone_month[person]),
        slipped, mended, person * 2 + second,
    )  # fmt: skip


def _rows(province: Province, city: int, register: _Register, chosen: Ints, step: int, updated: Ints) -> pa.Table:
    """Return the entries' rows without `op`, as the register has them at that step."""
    people, noise, month = province.people, province.noise, step // 2
    person, lasting = register.person[chosen], register.trait[chosen]
    mother = people.mother[person]
    unnamed = (people.named_month[person] > month) & (people.born_month[person] >= 0)
    named_by = np.where(unnamed, mother, person)
    mended = register.slip_mended[chosen] <= step
    own, slipped = people.names.take(named_by), register.slipped.take(chosen)
    as_is = mended | unnamed
    names = Names(own.surname, np.where(as_is, own.first, slipped.first), np.where(as_is, own.second, slipped.second))
    no_id = unnamed | (trait(lasting, "no number") < noise.register_id_missing)
    old_form = people.elder[person] & (trait(lasting, "old form") < 0.3)
    ids = arrow.choose(old_form, arrow.take(people.legacy_ids, person), arrow.take(people.ids, person))
    phone = np.where(register.phones[chosen] <= month, people.phone[1][person], people.phone[0][person])
    moved = register.moves[chosen] <= month
    county = np.where(moved, register.county[1][chosen], register.county[0][chosen])
    tail = np.where(moved, register.tail[1][chosen], register.tail[0][chosen])
    address = written(county, arrow.take(people.tails, tail), np.full(len(chosen), FULL))
    infant = (people.born_month[person] >= 0) | (mother >= 0) & (trait(lasting, "mother") < 0.2)
    dead = people.death_month[person] <= month
    codes = np.array([int(c.code) for c in counties()])
    household = people.household[person] * 2 + register.second[chosen]
    columns = {
        "population_no": arrow.take(register.number, chosen),
        "name": names.text(suffix=np.where(unnamed, people.infant_suffix(person), 0)),
        "sex_code": arrow.numbers(people.sex[person]),
        "birth_date": arrow.dates(people.birth[person]),
        "id_type": id_types(people.id_type[person], no_id),
        "id_no": arrow.blank(ids, no_id),
        "phone": arrow.take(people.phones, phone, trait(lasting, "no phone") < noise.phone_missing / 2),
        "domicile_division": arrow.numbers(people.domicile[person]),
        "residence_division": arrow.numbers(codes[county]),
        "address": address if province.styles[city].quoted else plain(address),
        "household_no": arrow.numbers(int(cities()[city].code) * 10**10 + household),
        "mother_id_no": arrow.take(people.ids, np.maximum(mother, 0), ~infant),
        "residency_type": arrow.numbers(np.where(register.second[chosen], 3, people.residency[person])),
        "death_date": arrow.dates(np.where(dead, people.death[person], 0), ~dead),
        "op": pa.nulls(len(chosen), pa.string()),
        "updated_at": arrow.instants(updated[chosen]),
    }  # fmt: skip
    return arrow.table(_FEED, columns)
