"""The EHR feed: residents' health records, the first time in full, then what changes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.feeds import FEEDS
from pipelines.simulate import arrow
from pipelines.simulate.addresses import FULL, WITHOUT_PROVINCE, plain, written
from pipelines.simulate.clock import DAY, NEVER, Month, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent, deletions, with_op
from pipelines.simulate.geography import cities, counties
from pipelines.simulate.health import Chronic, readings
from pipelines.simulate.names import Names
from pipelines.simulate.province import Province
from pipelines.simulate.records import DEPARTED, Records, draw_records
from pipelines.simulate.roll import Roll
from pipelines.simulate.streams import Flags, Ints, stream, trait

_FEED = FEEDS["ehr"]
_CORRECTED_MONTHS = 0.08
# Of the records each month: as many as change anyway, so that no month is a matter for the gate.
_CHECKED, _LEAST_CHECKED = 0.055, 12
_NEVER_SERVED, _LONGEST_UNSERVED = 0.12, 1500
_BLOCK = 200_000
_IMPOSSIBLE_PRESSURE = 999


def ehr(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's deliveries of its health records, then what is live at the end."""
    for city in range(len(cities())):
        yield from _city(province, city)


def _city(province: Province, city: int) -> Iterator[Delivery | Live]:
    code, style, noise = cities()[city].code, province.styles[city], province.noise
    full = province.sends_full("ehr", city)
    rng = stream(province.seed, "ehr deliveries", code)
    corrected = {month for month in range(len(province.calendar)) if rng.random() < _CORRECTED_MONTHS and not full}
    if city == 0:
        corrected.add(0)
    records = draw_records(province, city, sorted(corrected), full)
    services = _Services(province, city, records)
    changes = (
        2 * records.closes, 2 * records.contract_month, 2 * records.moves, 2 * records.phones, records.name_mended,
        records.righted, services.step,
    )  # fmt: skip
    roll = Roll(records.joins, records.leaves, changes)
    step = 0
    for month in province.calendar:
        first_extraction = extracted_at(province.seed, code, "ehr", month, 1)
        services.go_on(month, roll.live)
        for sequence in (1, 2) if month.index in corrected else (1,):
            step = 2 * month.index + sequence - 1
            window = correction_window(month)
            if step == 0:
                window = ((month.first - 1000) * DAY, month.following * DAY)
            extraction = extracted_at(province.seed, code, "ehr", month, sequence)
            if sequence == 2:
                window = (first_extraction + 1, extraction)
            at_least = 2 if sequence == 2 else max(_LEAST_CHECKED, round(_CHECKED * len(records.person)))
            known = (_last_known(records, services.day, month) + 1) * DAY
            joined, changed, left = roll.advance(step, window, rng, at_least, known)
            whole = full or step == 0
            parts = []
            for chosen, op in [(np.flatnonzero(roll.live), "I")] if whole else [(joined, "I"), (changed, "U")]:
                parts.append(with_op(_rows(province, city, records, services, chosen, step, roll.updated), op))
            if not whole:
                gone = _rows(province, city, records, services, left, step, roll.updated)
                parts.append(deletions(gone, _FEED, style.bare_deletions))
            rows = as_sent(rng, pa.concat_tables(parts), noise.row_repeated)
            yield Delivery(_FEED, code, month, sequence, "full" if whole else "delta", extraction, rows)
    live = np.flatnonzero(roll.live & ~_amiss(records, step))
    for start in range(0, len(live), _BLOCK):
        part = live[start : start + _BLOCK]
        rows = _rows(province, city, records, services, part, step, roll.updated)
        yield Live(_FEED, code, rows, records.person[part])


def _amiss(records: Records, step: int, chosen: Ints | slice = slice(None)) -> Flags:
    """Say of records whether they are sent, at that step, as no check lets them pass."""
    return records.faulty[chosen] & (records.righted[chosen] > step)


class _Services:
    """When each record was last served: `day` since 1970, `number` the service's, negative where there was none.

    `step` is that of the roll at which a service of the month becomes known.
    """

    def __init__(self, province: Province, city: int, records: Records) -> None:
        self._rng = stream(province.seed, "health services", cities()[city].code)
        self._records, self._people = records, province.people
        count, today = len(records.person), province.calendar[0].first
        ago = (trait(records.key, "served") ** 1.5 * _LONGEST_UNSERVED).astype(np.int64)
        ago = np.where(records.chronic.hypertension | records.chronic.diabetes, ago // 4, ago)
        served = (trait(records.key, "ever served") >= _NEVER_SERVED) & (records.joins < 0)
        self.day = np.where(served, np.maximum(today - 1 - ago, records.created), NEVER)
        self.number = np.where(served, 0, -1)
        self.step = np.full(count, NEVER)
        managed = records.chronic.hypertension_standard | records.chronic.diabetes_standard
        some = records.chronic.hypertension | records.chronic.diabetes
        groups = [records.kind == DEPARTED, managed, some, records.age < 6, records.age >= 65]
        self._rate = np.select(groups, [0.001, 0.22, 0.07, 0.09, 0.08], 0.025)

    def go_on(self, month: Month, live: Flags) -> None:
        """Serve some of the live, open records in the month."""
        records = self._records
        count = len(records.person)
        alive = self._people.death_month[records.person] > month.index
        served = live & alive & (records.closes > month.index) & ~_amiss(records, 2 * month.index)
        served &= self._rng.random(count) < self._rate
        day = month.first + (self._rng.random(count) * 20).astype(np.int64)
        self.day = np.where(served, day, self.day)
        self.number = np.where(served, month.index + 1, self.number)
        self.step[:] = np.where(served, 2 * month.index, NEVER)


def _last_known(records: Records, served: Ints, month: Month) -> Ints:
    """Return the day of the last thing that each record holds."""
    contract = np.where(records.contract_month <= month.index, records.contract, 0)
    return np.maximum(np.maximum(records.created, np.where(served < NEVER, served, 0)), contract)


def _rows(
    province: Province, city: int, records: Records, services: _Services, chosen: Ints, step: int, updated: Ints
) -> pa.Table:
    """Return the records' rows without `op`, as the city has them at that step."""
    people, noise, month = province.people, province.noise, step // 2
    person, key = records.person[chosen], records.key[chosen]
    true, slipped = (names.take(chosen) for names in records.names)
    mended = records.name_mended[chosen] <= step
    names = Names(
        true.surname, np.where(mended, true.first, slipped.first), np.where(mended, true.second, slipped.second)
    )
    moved = records.moves[chosen] <= month
    county, tail = (np.where(moved, new[chosen], old[chosen]) for old, new in (records.county, records.tail))
    form = np.where(trait(key, "address form") < 0.7, FULL, WITHOUT_PROVINCE)
    address = written(county, arrow.take(people.tails, tail), form)
    address = arrow.blank(address, trait(key, "no address") < noise.address_missing / 2)
    born = people.birth[person] - (trait(key, "birth amiss") < noise.birth_wrong)
    amiss = _amiss(records, step, chosen)
    unpressed = amiss & (key % 2 == 0)
    guardian, contracted = records.guardian[chosen], records.contract_month[chosen] <= month
    closed, served = records.closes[chosen] <= month, services.day[chosen]
    health = readings(key, _of(records, chosen), services.number[chosen], records.age[chosen])
    health["systolic_bp"] = arrow.choose(unpressed, pa.repeat(_IMPOSSIBLE_PRESSURE, len(chosen)), health["systolic_bp"])
    columns = health | {
        "ehr_no": arrow.take(records.number, chosen),
        "org_code": arrow.take(province.institutions.codes, records.institution[chosen]),
        "name": names.text(),
        "sex_code": arrow.blank(arrow.numbers(people.sex[person]), trait(key, "no sex") < noise.sex_missing),
        "birth_date": arrow.dates(born, trait(key, "no birth") < noise.birth_missing / 2),
        "id_type": arrow.take(records.id_types, chosen),
        "id_no": arrow.take(records.ids, chosen),
        "phone": _phones(province, records, chosen, month),
        "address": address if province.styles[city].quoted else plain(address),
        "residence_division": arrow.numbers(np.array([int(c.code) for c in counties()])[county]),
        "guardian_id_no": arrow.take(people.ids, np.maximum(guardian, 0), guardian < 0),
        "created_on": arrow.dates(records.created[chosen], amiss & ~unpressed),
        "last_service_on": arrow.dates(np.where(served < NEVER, served, 0), served == NEVER),
        "contract_on": arrow.dates(np.where(contracted, records.contract[chosen], 0), ~contracted),
        "status": arrow.numbers(1 + closed),
        "op": pa.nulls(len(chosen), pa.string()),
        "updated_at": arrow.instants(updated[chosen]),
    }
    return arrow.table(_FEED, columns)


def _of(records: Records, chosen: Ints) -> Chronic:
    return Chronic(*(getattr(records.chronic, one.name)[chosen] for one in fields(Chronic)))


def _phones(province: Province, records: Records, chosen: Ints, month: int) -> pa.Array:
    """Return the telephones: often a relative's, some out of date, a few with a digit lost."""
    people, noise = province.people, province.noise
    person, key = records.person[chosen], records.key[chosen]
    current = (records.phones[chosen] <= month) & (trait(key, "phone kept") >= noise.phone_old)
    phone = np.where(current, people.phone[1][person], people.phone[0][person])
    phone = np.where(trait(key, "whose phone") < noise.record_phone_of_family, people.family_phone[person], phone)
    texts = arrow.take(people.phones, phone, trait(key, "no phone") < noise.phone_missing)
    return arrow.choose(trait(key, "digit lost") < noise.phone_cut, pc.utf8_slice_codeunits(texts, 0, 6), texts)
