"""The telemedicine feed: the cases on the provincial platform, which the province itself delivers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from contracts.divisions import PROVINCE_CODE
from contracts.feeds import FEEDS
from pipelines.simulate import arrow, reform
from pipelines.simulate.clock import DAY, Month
from pipelines.simulate.deliveries import Delivery, Live
from pipelines.simulate.province import Province
from pipelines.simulate.revisions import hold_back, replaced, upserts
from pipelines.simulate.streams import Flags, Ints, pick, stream, trait

_FEED = FEEDS["telemedicine"]
_CASES_A_RESIDENT, _LEAST_CASES = 0.008, 60  # a month
_CASES_GROW = 0.05
_MINUTE, _HOUR = 60, 3600
# Consultation, outpatient, imaging, ECG, pathology, surgery teaching.
_CASES = np.array([0.24, 0.1, 0.4, 0.17, 0.06, 0.03])
_IMAGING, _PATHOLOGY, _TEACHING = 3, 5, 6
_URGENCIES = np.array([0.12, 0.23, 0.65])
_URGENT_ARRANGED, _PRIORITY_ARRANGED, _ROUTINE_ARRANGED = 24, 150, 840  # the usual minutes
_READ, _TALKED, _TAUGHT = 14, 45, 180
_LONGEST = 10 * DAY
_WITHDRAWN = 0.03


def telemedicine(province: Province) -> Iterator[Delivery | Live]:
    """Yield the province's cases by the month of request; those still open are told with the next month."""

    def made(month: Month, extraction: int) -> pa.Table:
        return _cases(province, month, extraction)

    yield from upserts(province, _FEED, PROVINCE_CODE, made, _a_minute_later)


def _a_minute_later(rows: pa.Table) -> pa.Table:
    """Return the rows corrected: what is completed, was so a minute later."""
    completed = arrow.seconds(rows["completed_at"].combine_chunks())
    missing = rows["completed_at"].combine_chunks().is_null().to_numpy(zero_copy_only=False)
    return replaced(rows, "completed_at", arrow.instants(completed + _MINUTE, missing))


def _cases(province: Province, month: Month, extraction: int) -> pa.Table:
    """Return the month's cases as known at the extraction, with what becomes of them."""
    every = province.institutions
    rng = stream(province.seed, "remote cases", month.index)
    usual = max(_LEAST_CASES, round(_CASES_A_RESIDENT * province.people.residents))
    count = round(usual * (1 + _CASES_GROW * month.index))
    requester, responder = _parties(province, rng, count, month)
    kind = 1 + pick(_CASES, rng.random(count))
    urgency = 1 + pick(_URGENCIES, rng.random(count))

    day = month.first + rng.integers(0, month.following - month.first, count)
    urgent = urgency == 1
    office = 8 * _HOUR + (rng.beta(1.6, 2.0, count) * 9.5 * _HOUR).astype(np.int64)
    requested = day * DAY + np.where(urgent, rng.integers(0, DAY - 1, count), office)
    read = (kind >= _IMAGING) & (kind <= _PATHOLOGY)
    wait = np.select([read, urgent, urgency == 2], [4, _URGENT_ARRANGED, _PRIORITY_ARRANGED], _ROUTINE_ARRANGED)
    arranged = requested + _delay(rng, wait, 0.55)
    work = np.select([read, kind == _TEACHING], [_READ, _TAUGHT], _TALKED)
    completed = arranged + _delay(rng, work, 0.45)
    withdrawn = rng.random(count) < _WITHDRAWN
    until = extraction - _HOUR
    told = np.where(arranged <= until, arranged, requested)
    told = np.where(withdrawn, requested, np.where(completed <= until, completed, told))
    stamps = told + (rng.random(count) * _HOUR).astype(np.int64)
    columns = {
        "case_no": arrow.join("T", arrow.numbers(int(month.period.replace("-", "")) * 10**6 + np.arange(count))),
        "case_type": arrow.numbers(kind),
        "urgency": arrow.numbers(urgency),
        "requester_org": arrow.take(every.codes, requester),
        "responder_org": arrow.take(every.codes, responder, withdrawn),
        "requested_at": arrow.instants(requested),
        "arranged_at": arrow.instants(arranged, withdrawn),
        "completed_at": arrow.instants(completed, withdrawn),
        "updated_at": arrow.instants(np.minimum(stamps, extraction - _MINUTE)),
    }
    events = {"arranged_at": "arranged_at", "responder_org": "arranged_at", "completed_at": "completed_at"}
    return hold_back(arrow.table(_FEED, columns), until, events)


def _parties(province: Province, rng: np.random.Generator, count: int, month: Month) -> tuple[Ints, Ints]:
    """Return who asks and who answers each case: tertiary hospitals answer, the provincial ones most."""
    every = province.institutions
    category = every.category.to_numpy(zero_copy_only=False)
    there: Flags = every.open_in(month.index) & (category != "G")
    asks = reform.asks_remotely(every, month) & there
    if not asks.any():
        asks = there & (every.rank < 3)
    size = 0.4 + trait(np.arange(len(asks)), "remote cases")
    weight = np.where(every.rank == 2, 4.0, np.where(every.rank == 1, 2.0, 0.5)) * size * asks
    answers = (every.rank == 3) * np.where(every.provincial, 8.0, 1.0) * size
    return pick(weight, rng.random(count)), pick(answers, rng.random(count))


def _delay(rng: np.random.Generator, minutes: Ints, spread: float) -> Ints:
    """Return so many seconds around the usual minutes, at most ten days."""
    seconds = minutes * _MINUTE * np.exp(rng.normal(0, spread, len(minutes)))
    return np.minimum(seconds.astype(np.int64) + 1, _LONGEST)
