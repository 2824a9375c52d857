"""The insurance feed: each city's settlements, with those that were reversed, amended or sent amiss at first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from contracts.feeds import FEEDS
from pipelines.simulate import arrow
from pipelines.simulate.clock import DAY, Month, correction_window, extracted_at
from pipelines.simulate.deliveries import Delivery, Live, as_sent, deletions, with_op
from pipelines.simulate.demographics import demographics
from pipelines.simulate.geography import cities
from pipelines.simulate.insured import EMPLOYEE, OUTSIDE, Insured, draw_insured
from pipelines.simulate.province import Province
from pipelines.simulate.revisions import replaced
from pipelines.simulate.settlements import Settlements, settled_encounters
from pipelines.simulate.streams import Flags, Ints, stream

_FEED = FEEDS["insurance"]
_CORRECTED_MONTHS = 0.08
_REVERSED_FROM = 8_000_000  # serial numbers of the settlements that take the place of reversed ones
_NOT_SENT, _DRUGS_UNSTATED = 0.04, 0.03
_YUAN = 100
_MOST_FAULTY = 0.02
_PERSON = "_person"
_IDENTITY = ("name", "sex_code", "birth_date", "id_type", "id_no", "phone")


def insurance(province: Province) -> Iterator[Delivery | Live]:
    """Yield every city's deliveries of the settlements of its insured persons, and the rows that stand."""
    insured = draw_insured(province)
    care = province.care.encounters()
    care = care.take(insured.covered[care.person])
    here = insured.city[care.person]
    here = np.where(here == OUTSIDE, province.institutions.city[care.institution], here)
    for city in range(len(cities())):
        of_city = settled_encounters(province, insured, city, care.take(np.flatnonzero(here == city)))
        yield from _city(province, insured, city, of_city)


@dataclass(slots=True)
class _Book:
    """A city's settlements of a month: those that stand, and those that are to be sent again as they should be."""

    rows: pa.Table
    owed: pa.Table


def _city(province: Province, insured: Insured, city: int, by_month: list[Settlements]) -> Iterator[Delivery | Live]:
    code, noise = cities()[city].code, province.noise
    rng = stream(province.seed, "insurance deliveries", code)
    book: _Book | None = None
    for month, settlements in zip(province.calendar, by_month, strict=True):
        sent: list[pa.Table] = []
        if book is not None:
            stands, sent = _corrected(province, city, rng, book, correction_window(month), month, 0)
            yield _live(code, stands)
        extraction = extracted_at(province.seed, code, "insurance", month, 1)
        rows = _rows(province, insured, city, month, settlements, extraction)
        at = rng.permutation(len(rows))[: int(min(rng.binomial(len(rows), noise.row_faulty), _MOST_FAULTY * len(rows)))]
        faulty = np.zeros(len(rows), bool)
        faulty[at] = True
        book = _Book(rows.filter(pa.array(~faulty)), rows.filter(pa.array(faulty)))
        fresh = [with_op(_as_contract(book.rows), "I"), with_op(_as_contract(_amiss(book.owed)), "I")]
        parts = pa.concat_tables([*fresh, *sent])
        yield Delivery(_FEED, code, month, 1, "delta", extraction, as_sent(rng, parts, noise.row_repeated))
        if rng.random() < _CORRECTED_MONTHS or (city == 0 and month.index == 0):
            again = extracted_at(province.seed, code, "insurance", month, 2)
            stands, sent = _corrected(province, city, rng, book, (extraction + 1, again), month, _REVERSED_FROM // 16)
            book = _Book(stands, book.owed.slice(0, 0))
            parts = as_sent(rng, pa.concat_tables(sent), 0)
            if len(parts):
                yield Delivery(_FEED, code, month, 2, "delta", again, parts)
    if book is not None:
        yield _live(code, book.rows)


def _as_contract(rows: pa.Table) -> pa.Table:
    return rows.drop_columns([_PERSON])


def _live(code: str, rows: pa.Table) -> Live:
    return Live(_FEED, code, _as_contract(rows), rows[_PERSON].to_numpy())


def _amiss(rows: pa.Table) -> pa.Table:
    """Return rows as no check lets them pass: without the cash paid, or with cash that doesn't add up."""
    odd = rows[_PERSON].to_numpy() % 2 == 1
    cash = arrow.fen(rows["psn_cash_pay"].combine_chunks())
    return replaced(rows, "psn_cash_pay", arrow.blank(arrow.money(cash + 10 * _YUAN), odd))


def _corrected(
    province: Province, city: int, rng: np.random.Generator, book: _Book, window: tuple[int, int], month: Month,
    serial: int,
) -> tuple[pa.Table, list[pa.Table]]:  # fmt: skip
    """Return the rows as they stand after a round of corrections, and what is sent of it.

    A reversed settlement is deleted and settled anew, under another number; a few are taken back for good. Others are
    amended, and what came amiss is sent as it should have been.
    """
    noise, rows, count = province.noise, book.rows, len(book.rows)
    at = rng.random(count)
    gone = at < noise.row_deleted + noise.settlement_reversed
    anew = gone & (at >= noise.row_deleted)
    amended = ~gone & (at < noise.row_deleted + noise.settlement_reversed + noise.row_corrected)
    stamps = rng.integers(window[0], window[1] - 120, count)
    right = replaced(book.owed, "updated_at", arrow.instants(rng.integers(*window, len(book.owed))))

    deleted = replaced(rows, "updated_at", arrow.instants(stamps)).filter(pa.array(gone))
    deleted = deletions(_as_contract(deleted), _FEED, province.styles[city].bare_deletions)
    news = _fund_pays_more(replaced(rows, "updated_at", arrow.instants(stamps)).filter(pa.array(amended)), 1)
    again = _fund_pays_more(rows.filter(pa.array(anew)), 2)
    again = replaced(again, "settlement_id", _numbers(city, month, _REVERSED_FROM + serial + np.arange(len(again))))
    again = replaced(again, "settled_at", arrow.instants(stamps[anew] + 60))
    again = replaced(again, "updated_at", arrow.instants(stamps[anew] + 120))
    stands = pa.concat_tables([rows.filter(pa.array(~gone & ~amended)), news, again, right])
    new = [with_op(_as_contract(table), op) for table, op in ((news, "U"), (again, "I"), (right, "I"))]
    return stands, [deleted, *new]


def _fund_pays_more(rows: pa.Table, yuan: int) -> pa.Table:
    """Return the rows with that much moved from cash to the fund, where the policy's scope has room for it."""
    fund, cash, scope = (
        arrow.fen(rows[name].combine_chunks()) for name in ("fund_pay_sumamt", "psn_cash_pay", "inscp_scp_amt")
    )
    more = yuan * _YUAN
    moved = np.where((cash >= more) & (fund + more <= scope), more, 0)
    rows = replaced(rows, "fund_pay_sumamt", arrow.money(fund + moved))
    return replaced(rows, "psn_cash_pay", arrow.money(cash - moved))


def _numbers(city: int, month: Month, serial: Ints) -> pa.Array:
    return arrow.numbers(int(cities()[city].code) * 10**13 + int(month.period.replace("-", "")) * 10**7 + serial)


def _rows(
    province: Province, insured: Insured, city: int, month: Month, settlements: Settlements, extraction: int
) -> pa.Table:
    """Return the month's settlements as sent, with who is insured; the insurance knows its own better than a clinic."""
    every, person, count = province.institutions, settlements.person, len(settlements.person)
    rng = stream(province.seed, "settlement rows", cities()[city].code, month.index)
    noise = province.noise
    known = replace(
        province,
        noise=replace(
            noise, card_borrowed=0, guardian_id=noise.guardian_id / 10, id_missing=noise.id_missing / 4,
            name_slip=noise.name_slip / 2, address_missing=0,
        ),
    )  # fmt: skip
    identity = demographics(
        known, rng, person, settlements.institution, settlements.settled, month.index, np.zeros(count, bool), True
    )
    unstated = rng.random(count) < _DRUGS_UNSTATED
    employee = insured.scheme[person] == EMPLOYEE
    told = settlements.settled + (rng.random(count) ** 2 * 1.5 * DAY).astype(np.int64)
    columns = {name: identity[name] for name in _IDENTITY} | {
        "settlement_id": _numbers(city, month, np.arange(count)),
        "psn_no": insured.numbers(person),
        "insutype": arrow.numbers(insured.scheme[person]),
        "insured_division": arrow.numbers(insured.division[person]),
        "org_code": arrow.take(every.codes, settlements.institution),
        "med_type": arrow.numbers(settlements.med_types()),
        "begin_at": arrow.instants(settlements.begin),
        "end_at": arrow.instants(settlements.end),
        "settled_at": arrow.instants(settlements.settled),
        "encounter_no": arrow.blank(arrow.numbers(settlements.number), _unsent(rng, settlements)),
        "medfee_sumamt": arrow.money(settlements.total),
        "inscp_scp_amt": arrow.money(settlements.scope),
        "fund_pay_sumamt": arrow.money(settlements.fund),
        "acct_pay": arrow.blank(arrow.money(settlements.account), ~employee),
        "psn_cash_pay": arrow.money(settlements.cash),
        "drug_fee": arrow.blank(arrow.money(settlements.drugs.astype(np.int64)), unstated),
        "cross_region": pa.array(settlements.away),
        "direct_settled": pa.array(settlements.direct),
        "op": pa.nulls(count, pa.string()),
        "updated_at": arrow.instants(np.minimum(told, extraction - 60)),
    }
    return arrow.table(_FEED, columns).append_column(_PERSON, pa.array(person))


def _unsent(rng: np.random.Generator, settlements: Settlements) -> Flags:
    """Say which settlements come without the encounter's number: bills handed in at home mostly."""
    share = np.where(settlements.direct, _NOT_SENT, 0.6)
    return rng.random(len(share)) < share
