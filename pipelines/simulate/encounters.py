"""The EMR feed: who is treated where and when, for what and at what cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.feeds import FEEDS
from pipelines.simulate import arrow, diagnoses, reform
from pipelines.simulate.clock import DAY, Month, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent, deletions, with_op
from pipelines.simulate.demographics import demographics
from pipelines.simulate.geography import cities
from pipelines.simulate.province import Province
from pipelines.simulate.streams import Flags, Floats, Ints, pick, stream, trait

_FEED = FEEDS["emr"]
_A_RESIDENT_A_MONTH = 0.35
_FROM_ELSEWHERE = 0.05
_TYPES = np.array([0.88, 0.05, 0.07])
OUTPATIENT, EMERGENCY, INPATIENT = 1, 2, 3
_BY_ORDER, _DEATH = 1, 5
_CORRECTED_MONTHS = 0.08
# Kept beside the contract's columns until the month is over: who was treated, and when a stay will have ended.
_PERSON, _ENDS = "_person", "_ends"
_FEES = ("total_fee", "drug_fee", "consumables_fee", "exam_fee")


def emr(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's deliveries of the encounters at its institutions, and the rows that stand."""
    for city in range(len(cities())):
        yield from _city(province, city)


def _city(province: Province, city: int) -> Iterator[Delivery | Live]:
    code, noise = cities()[city].code, province.noise
    rng = stream(province.seed, "emr deliveries", code)
    rows: pa.Table | None = None
    for month in province.calendar:
        sent: list[pa.Table] = []
        if rows is not None:
            stands, sent = _corrected(province, city, rng, rows, correction_window(month), month)
            yield _live(province, code, stands)
        rows = _encounters(province, city, month)
        extraction = extracted_at(province.seed, code, "emr", month, 1)
        parts = pa.concat_tables([with_op(_as_contract(rows), "I"), *sent])
        yield Delivery(_FEED, code, month, 1, "delta", extraction, as_sent(rng, parts, noise.row_repeated))
        if rng.random() < _CORRECTED_MONTHS or (city == 0 and month.index == 0):
            again = extracted_at(province.seed, code, "emr", month, 2)
            rows, sent = _corrected(province, city, rng, rows, (extraction + 1, again), None)
            parts = as_sent(rng, pa.concat_tables(sent), 0)
            if len(parts):
                yield Delivery(_FEED, code, month, 2, "delta", again, parts)
    if rows is not None:
        yield _live(province, code, rows)


def _as_contract(rows: pa.Table) -> pa.Table:
    return rows.drop_columns([_PERSON, _ENDS])


def _live(province: Province, code: str, rows: pa.Table) -> Live:
    person = rows[_PERSON].to_numpy()
    province.care.add(province.institutions, rows, person)
    return Live(_FEED, code, _as_contract(rows), person)


def _corrected(
    province: Province,
    city: int,
    rng: np.random.Generator,
    rows: pa.Table,
    window: tuple[int, int],
    month: Month | None,
) -> tuple[pa.Table, list[pa.Table]]:
    """Return the rows as they stand after a round of corrections, and what is sent of it.

    A deletion takes a row away; a correction has another fee; with the next month's delivery the stays end.
    """
    noise, count = province.noise, len(rows)
    at = rng.random(count)
    gone = at < noise.row_deleted
    staying = rows[_ENDS].is_valid().to_numpy() & (month is not None)
    amended = ~gone & (staying | (at < noise.row_deleted + noise.row_corrected))
    stamps = arrow.instants(rng.integers(*window, count))
    rows = _set(rows, "updated_at", pc.if_else(pa.array(gone | amended), stamps, rows["updated_at"].combine_chunks()))
    news = rows.filter(pa.array(amended))
    ends = news[_ENDS].combine_chunks()
    ended = ends.is_valid() if month is not None else pa.array(np.zeros(len(news), bool))
    news = _set(news, "end_at", pc.if_else(ended, ends, news["end_at"].combine_chunks()))
    dead = _dies(province, news[_PERSON].to_numpy(), arrow.seconds(ends))
    way = arrow.numbers(np.where(dead, _DEATH, _BY_ORDER))
    news = _set(news, "discharge_way", pc.if_else(ended, way, news["discharge_way"].combine_chunks()))
    # What a stay costs is known when it ends; other corrections are of the fees as well.
    over = ended.to_numpy(zero_copy_only=False)
    for name in _FEES:
        amount = arrow.fen(news[name].combine_chunks()) * np.where(over, 2, 1)
        news = _set(news, name, arrow.money(amount + np.where(over | (name != "total_fee"), 0, 100)))
    if month is not None:
        news = _set(news, _ENDS, pa.nulls(len(news), arrow.DATETIME))
    stands = pa.concat_tables([rows.filter(pa.array(~gone & ~amended)), news])
    deleted = deletions(_as_contract(rows.filter(pa.array(gone))), _FEED, province.styles[city].bare_deletions)
    return stands, [with_op(_as_contract(news), "U"), deleted]


def _dies(province: Province, person: Ints, end: Ints) -> Flags:
    """Say of stays whether they end with the person's death."""
    return end // DAY >= province.people.death[person]


def _set(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), values)


def _encounters(province: Province, city: int, month: Month) -> pa.Table:
    """Return the month's encounters at the city's institutions, with who was treated."""
    people, every = province.people, province.institutions
    rng = stream(province.seed, "encounters", cities()[city].code, month.index)
    person, at_birth = _patients(province, rng, city, month)
    count = len(person)
    kind = 1 + pick(_TYPES, rng.random(count))
    kind = np.where(at_birth, INPATIENT, kind)
    institution = _places(province, rng, city, month, person, kind)

    day = month.first + (rng.random(count) * (month.following - month.first)).astype(np.int64)
    day = np.where(at_birth, people.birth[person], np.maximum(day, people.birth[person]))
    day = np.minimum(day, people.death[person])
    office = 8 * 3600 + (rng.beta(1.6, 2.0, count) * 9.5 * 3600).astype(np.int64)
    start = day * DAY + np.where(kind == OUTPATIENT, office, rng.integers(0, DAY - 1, count))
    stays = kind == INPATIENT
    length = (np.exp(rng.normal(1.85, 0.6, count)) * DAY).astype(np.int64)
    # Nobody stays beyond the next month, so that a month is settled once the next is delivered.
    end = np.minimum(start + np.maximum(length, 4 * 3600), (month.following + 27) * DAY)
    end = np.minimum(end, np.maximum(people.death[person] * DAY + 82_800, start + 600))
    ended = stays & (end < month.following * DAY)
    ongoing = stays & ~ended

    extraction = extracted_at(province.seed, cities()[city].code, "emr", month, 1)
    known = np.where(ended, end, start) + (rng.random(count) ** 2 * 1.5 * DAY).astype(np.int64)
    identity = demographics(
        province, rng, person, institution, start, month.index, _scanned(province, rng, city, month, institution),
        province.styles[city].quoted,
    )  # fmt: skip
    content = _content(province, rng, month, person, institution, kind, at_birth, start)
    way = 1 + pick(np.array([0.9, 0.03, 0.03, 0.02]), rng.random(count))
    way = np.where(_dies(province, person, end), _DEATH, way)
    columns = identity | content | {
        "encounter_no": arrow.numbers(int(month.period.replace("-", "")) * 10**7 + np.arange(count)),
        "org_code": arrow.take(every.codes, institution),
        "encounter_type": arrow.numbers(kind),
        "start_at": arrow.instants(start),
        "end_at": arrow.instants(np.where(ended, end, 0), ~ended),
        "discharge_way": arrow.blank(arrow.numbers(way), ~ended),
        **_fees(rng, kind, every.rank[institution], ongoing),
        "op": pa.nulls(count, pa.string()),
        "updated_at": arrow.instants(np.minimum(known, extraction - 60)),
    }  # fmt: skip
    rows = arrow.table(_FEED, columns)
    rows = rows.append_column(_PERSON, pa.array(person))
    return rows.append_column(_ENDS, arrow.instants(np.where(ongoing, end, 0), ~ongoing))


def _patients(province: Province, rng: np.random.Generator, city: int, month: Month) -> tuple[Ints, Flags]:
    """Return who is treated in the month, and where it is for being born."""
    people = province.people
    here = np.flatnonzero(people.city == city)
    at_home = int(np.count_nonzero(here < people.residents))
    season = 1 + 0.1 * np.cos((month.since_reform + 9) * np.pi / 6)
    # As many as the season has, not a draw: a month far off the others would be a matter for the gate.
    count = max(8, round(_A_RESIDENT_A_MONTH * at_home * season))
    usual = here[pick(_need(province, here, month), rng.random(count))]
    # Few come from elsewhere in the province.
    candidates = rng.integers(0, people.residents, count)
    alive = people.death_month[candidates] > month.index
    person = np.where((rng.random(count) < _FROM_ELSEWHERE) & alive, candidates, usual)
    born = here[people.born_month[here] == month.index]
    return np.concatenate([person, born]), np.arange(count + len(born)) >= count


def _need(province: Province, person: Ints, month: Month) -> Floats:
    """Return how likely each is to be treated in that month: the old and the young more."""
    people = province.people
    age = (month.first - people.birth[person]) / 365.25
    need = np.select([age < 1, age < 6, age < 18, age < 45, age < 65], [3.0, 2.0, 0.8, 0.7, 1.1], 2.2)
    need *= 0.25 + 1.5 * trait(person, "health")
    need = np.where(person >= people.residents + people.births, 0.6, need)
    there = (people.born_month[person] <= month.index) & (people.death_month[person] >= month.index)
    return need * there


def _places(province: Province, rng: np.random.Generator, city: int, month: Month, person: Ints, kind: Ints) -> Ints:
    """Return the institution of each encounter; half go where they always go."""
    every = province.institutions
    chosen = every.of_city(city)
    draw = np.where(rng.random(len(person)) < 0.5, trait(person, f"goes to {city}"), rng.random(len(person)))
    category = every.category.take(pa.array(chosen)).to_numpy(zero_copy_only=False)
    clinical = (category != "G") & every.open_in(month.index)[chosen]
    size = (0.4 + trait(chosen, "size")) * clinical
    rank = every.rank[chosen]
    weights = {
        OUTPATIENT: np.select([rank == 3, rank == 2, rank == 1], [9.0, 4.0, 2.0], 0.6),
        EMERGENCY: np.select([rank == 3, rank == 2], [8.0, 5.0], 0.0),
        INPATIENT: np.select([rank == 3, rank == 2, category == "D"], [10.0, 5.0, 0.5], 0.0),
    }
    places = np.zeros(len(person), np.int64)
    for one, weight in weights.items():
        places = np.where(kind == one, chosen[pick(weight * size, draw)], places)
    return places


def _scanned(province: Province, rng: np.random.Generator, city: int, month: Month, institution: Ints) -> Flags:
    takes = np.zeros(len(province.institutions.city), bool)
    chosen = province.institutions.of_city(city)
    takes[chosen] = reform.code_live(province.institutions, chosen, city, month)
    return takes[institution] & (rng.random(len(institution)) < reform.scan_share(city, month))


def _content(
    province: Province, rng: np.random.Generator, month: Month, person: Ints, institution: Ints, kind: Ints,
    at_birth: Flags, start: Ints,
) -> dict[str, pa.Array]:  # fmt: skip
    every, count = province.institutions, len(person)
    age = (start // DAY - province.people.birth[person]) / 365.25
    diagnosis = diagnoses.draw_diagnoses(rng.random(count), age, at_birth.astype(np.int64))
    unstated = rng.random(count) < 0.01
    surgery = pick(np.array([0.65, 0.1, 0.12, 0.09, 0.04]), rng.random(count))
    operated = (kind == INPATIENT) & (surgery > 0) & ~at_birth
    booked = rng.random(count) < reform.booked_share(every, institution, month)
    referral = pick(np.array([0.97, 0.02, 0.01]), rng.random(count))
    return {
        "department_code": diagnoses.departments(diagnosis),
        "diagnosis_code": arrow.blank(diagnoses.codes(diagnosis, trait(institution, "edition") < 0.5), unstated),
        "diagnosis_name": arrow.blank(diagnoses.names(diagnosis), unstated),
        "surgery_level": arrow.blank(arrow.numbers(surgery), ~operated),
        "booked": pa.array(booked, mask=(kind != OUTPATIENT) | (rng.random(count) < 0.03)),
        "referral": arrow.blank(arrow.numbers(referral), rng.random(count) < 0.1),
    }


def _fees(rng: np.random.Generator, kind: Ints, rank: Ints, ongoing: Flags) -> dict[str, pa.Array]:
    """Return total, drugs, consumables and examinations; of stays that have not ended the half."""
    count = len(kind)
    typical = np.array([0.0, 5.0, 5.6, 8.6])[kind] + 0.25 * rank
    total = np.exp(typical + rng.normal(0, 0.7, count)) * 100
    shares = rng.dirichlet([3.2, 0.9, 2.4, 3.5], count).T
    columns, half = {}, np.where(ongoing, 0.5, 1.0)
    for name, share in zip(_FEES, (np.ones(count), *shares[:3]), strict=True):
        columns[name] = arrow.money(np.floor(total * share * half).astype(np.int64))
    return columns
