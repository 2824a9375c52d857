"""What a hospital writes down of who comes: mostly right, sometimes someone else's, sometimes amiss."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulate import arrow
from pipelines.simulate.addresses import COUNTY_ONLY, FULL, WITHOUT_PROVINCE, plain, written
from pipelines.simulate.clock import DAY
from pipelines.simulate.names import with_slips, with_traditional, with_unreadable
from pipelines.simulate.people import RESIDENT_ID, id_types
from pipelines.simulate.province import Province
from pipelines.simulate.resident_ids import with_wrong_digit
from pipelines.simulate.streams import Flags, Ints, mix, trait

_HEX = np.frombuffer(b"0123456789ABCDEF", np.uint8)


def demographics(
    province: Province,
    rng: np.random.Generator,
    person: Ints,
    institution: Ints,
    start: Ints,
    month: int,
    scanned: Flags,
    quoted: bool,
) -> dict[str, pa.Array]:
    """Return the identity columns of encounters: `person` is who was treated, whatever the columns say.

    `start` is in seconds since 1970, `scanned` says where a health code was shown.
    """  # fmt: skip
    people, noise, count = province.people, province.noise, len(person)
    mother = people.mother[person]
    age = (start // DAY - people.birth[person]) / 365.25

    def happens(share: float) -> Flags:
        return rng.random(count) < share

    unnamed = (people.born_month[person] >= 0) & (people.named_month[person] > month) & (mother >= 0)
    guarded = unnamed | (mother >= 0) & (age < 7) & happens(noise.guardian_id)
    # A borrowed card is a relative's; few who borrow it go by the relative's name as well.
    first, size = people.start[person], people.size[person]
    near = first + (person - first + 1 + _steps(rng, size)) % size
    borrowed = ~guarded & (people.born_month[person] < 0) & (size > 1) & happens(noise.card_borrowed)
    posing = borrowed & happens(noise.posing)
    bearer = np.where(posing, near, person)
    holder = np.where(guarded, mother, np.where(borrowed, near, person))

    name = people.names.take(np.where(unnamed, mother, bearer))
    name = with_slips(rng, name, happens(noise.name_slip))
    name = with_unreadable(name, happens(noise.name_unreadable) & ~unnamed)
    name = with_traditional(name, happens(noise.name_traditional))
    space = np.where(happens(noise.name_spaced), rng.integers(1, 4, count), 0)
    name_text = name.text(space, np.where(unnamed, people.infant_suffix(person), 0))

    no_id = happens(noise.id_missing)
    ids = _written_ids(province, rng, holder, person * 100_003 + institution)
    no_type = no_id | happens(noise.id_type_missing)
    sex = np.where(happens(noise.sex_wrong), 3 - people.sex[bearer], people.sex[bearer])
    birth = people.birth[bearer] - np.where(happens(noise.birth_wrong), rng.integers(1, 40, count), 0)
    code_holder = np.where(guarded, person, holder)
    no_code = ~scanned | unnamed | (people.id_type[code_holder] != RESIDENT_ID)
    return {
        "patient_no": _patient_numbers(person, institution, rng),
        "health_code": health_codes(code_holder, no_code),
        "name": name_text,
        "sex_code": arrow.blank(arrow.numbers(sex), happens(noise.sex_missing)),
        "birth_date": arrow.dates(birth, happens(noise.birth_missing)),
        "id_type": id_types(people.id_type[holder], no_type),
        "id_no": arrow.blank(ids, no_id),
        "phone": _phones(province, rng, np.where(guarded, np.maximum(mother, 0), bearer), month),
        "address": _addresses(province, rng, person, month, quoted),
    }


def health_codes(person: Ints, missing: Flags) -> pa.Array:
    """Return the persons' health codes, 64 hexadecimal characters, null where missing."""
    shown = np.flatnonzero(~missing)
    words = np.stack([mix(person[shown], f"health code {i}") for i in range(4)], axis=1)
    octets = np.ascontiguousarray(words.astype(">u8")).view(np.uint8).reshape(len(shown), 32)
    text = np.empty((len(shown), 64), np.uint8)
    text[:, 0::2], text[:, 1::2] = _HEX[octets >> 4], _HEX[octets & 15]
    at = np.zeros(len(person), np.int64)
    at[shown] = np.arange(len(shown))
    return arrow.take(arrow.fixed_width(text), at, missing)


def _steps(rng: np.random.Generator, size: Ints) -> Ints:
    """Return how far along a household the relative is, so that it isn't oneself."""
    return (rng.random(len(size)) * np.maximum(1, size - 1)).astype(np.int64)


def _patient_numbers(person: Ints, institution: Ints, rng: np.random.Generator) -> pa.Array:
    """Return each person's number at the institution, stable; a few have a second one."""
    own = (person * 179_424_673 + institution * 982_451_653 + 5) % 10**9
    double = (trait(person * 100_003 + institution, "second number") < 0.02) & (rng.random(len(person)) < 0.4)
    return arrow.numbers(own + np.where(double, 9, 1) * 10**9)


def _written_ids(province: Province, rng: np.random.Generator, holder: Ints, visit_place: Ints) -> pa.Array:
    people, noise, count = province.people, province.noise, len(holder)
    ids = arrow.take(people.ids, holder)
    old_form = people.elder[holder] & (trait(visit_place, "old form") < noise.id_legacy)
    ids = arrow.choose(old_form, arrow.take(people.legacy_ids, holder), ids)
    ids = arrow.choose(rng.random(count) < noise.id_lower_case, pc.utf8_lower(ids), ids)
    wrong = (rng.random(count) < noise.id_digit) & (people.id_type[holder] == RESIDENT_ID)
    amiss = np.flatnonzero(wrong)
    numbers = with_wrong_digit(rng, people.id_digits[holder[amiss]])
    at = np.zeros(count, np.int64)
    at[amiss] = np.arange(len(amiss))
    if not len(amiss):
        return ids
    return arrow.choose(wrong, arrow.take(arrow.fixed_width(numbers), at), ids)


def _phones(province: Province, rng: np.random.Generator, owner: Ints, month: int) -> pa.Array:
    people, noise, count = province.people, province.noise, len(owner)
    current = (people.phone_month[owner] <= month) & (rng.random(count) >= noise.phone_old)
    reference = np.where(current, people.phone[1][owner], people.phone[0][owner])
    reference = np.where(rng.random(count) < noise.phone_of_family, people.family_phone[owner], reference)
    return arrow.take(people.phones, reference, rng.random(count) < noise.phone_missing)


def _addresses(province: Province, rng: np.random.Generator, person: Ints, month: int, quoted: bool) -> pa.Array:
    people, noise, count = province.people, province.noise, len(person)
    current = (people.move_month[person] <= month) & (rng.random(count) >= noise.address_old)
    county = np.where(current, people.county[1][person], people.county[0][person])
    tail = np.where(current, people.tail[1][person], people.tail[0][person])
    form = np.array([FULL, WITHOUT_PROVINCE, COUNTY_ONLY])[rng.choice(3, count, p=[0.6, 0.3, 0.1])]
    address = written(county, arrow.take(people.tails, tail), form)
    address = arrow.blank(address, rng.random(count) < noise.address_missing)
    return address if quoted else plain(address)
