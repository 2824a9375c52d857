"""The catalogue: each indicator is one entry, from which its SQL, its documentation and its lineage come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType

from contracts.feeds import FEEDS


class Unit(StrEnum):
    """The unit of a value. A ratio is the plain quotient: 0.9 is 90 %."""

    RATIO = "ratio"
    DAY = "day"


class Good(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class Kind(StrEnum):
    """A flow counts the events of a period; a state is as at the end of a period: that of its last month."""

    FLOW = "flow"
    STATE = "state"


class Place(StrEnum):
    """Where a record counts: the fact's column that says so."""

    INSTITUTION = "org_code"
    RESIDENCE = "residence_division"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way to split a figure: `key` is SQL over a row of the fact, its values are published as `name=value`."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Count:
    """What an indicator counts in one fact, as SQL over its rows (`fact`).

    To rows of persons outside the population register `unregistered` is joined; to others it is empty.
    A row counts in the month of `event`, if `scope` holds. Without `denominator` the indicator is a share of rows:
    `numerator` is a condition. With it, both are numbers, summed.
    """

    fact: str
    event: str
    place: Place
    scope: str
    numerator: str
    denominator: str = ""
    breakdowns: tuple[Breakdown, ...] = ()

    @property
    def is_share(self) -> bool:
        """Say whether it counts rows among rows."""
        return not self.denominator


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. It is counted by `counts`, or, where it isn't additive, by the SQL file `query` beside this.

    Such a query gives month, city_code, county_code, level, numerator, denominator; several rows of a place add up.
    `threshold` is in the unit of the value.
    """

    code: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    numerator_zh: str
    numerator_en: str
    denominator_zh: str
    denominator_en: str
    unit: Unit
    good: Good
    kind: Kind
    feeds: tuple[str, ...]
    counts: tuple[Count, ...] = ()
    query: str = ""
    money: bool = False
    threshold: float | None = None
    threshold_source: str = ""

    @property
    def counts_persons(self) -> bool:
        """Say whether it is made of person records, so that small cells are suppressed."""
        return any(FEEDS[feed].is_person for feed in self.feeds)


_SETTING = Breakdown(
    "setting",
    "CASE fact.encounter_type WHEN '1' THEN 'outpatient' WHEN '2' THEN 'emergency' WHEN '3' THEN 'inpatient' END",
)
_LINKED = "fact.person_key IS NOT NULL AND unregistered.person_key IS NULL"

_ENTRIES = (
    Indicator(
        code="A1",
        zh="公立机构平台接入率",
        en="Platform access of public institutions",
        meaning_zh="当月在营的公立医疗卫生机构中，已接入平台且当月有数据上传的比例；只在名义上接入而当月未上传的不算。"
        "年度值和累计值取其中最后一个有数据的月份。",
        meaning_en="Of the public institutions open in the month, the share that is connected to a platform and "
        "uploaded within the month; connected on paper without an upload does not count. A year or year to date has "
        "the value of its last month with data.",
        numerator_zh="已接入且最近上传时间在当月内的在营公立机构",
        numerator_en="open public institutions that are connected and whose last upload lies within the month",
        denominator_zh="在营公立机构：开业日期为空或不晚于月末，注销日期为空或晚于月末；当月未满时以统计截止日代月末",
        denominator_en="open public institutions: opened_on empty or by month end, closed_on empty or after it; "
        "in the month of the as-of date that date stands for month end",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("institution", "platform_connection"),
        query="a1.sql",
        threshold=0.9,
        threshold_source="2018-12 announcement, T10: cities with their own platform",
    ),
    Indicator(
        code="A10",
        zh="健康码归一率",
        en="Identity: records linked to a registered resident",
        meaning_zh="个人记录中能归到全员人口库内居民的比例，即“一人一码”的归一程度；按来源分列。"
        "人口记录按更新时间和现住地统计，不分机构等级；病历按就诊时间和机构所在地统计。",
        meaning_en="The share of person-level records that belong to a resident of the population register, by feed. "
        "Population records count by the time of their update at the residence, under level all only; encounters by "
        "their start where the institution stands.",
        numerator_zh="已归到在册居民的记录",
        numerator_en="records linked to a registered resident",
        denominator_zh="个人记录",
        denominator_en="person-level records",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("population", "emr"),
        counts=(
            Count("fact_registration", "updated_at", Place.RESIDENCE, "true", _LINKED,
                  breakdowns=(Breakdown("feed", "'population'"),)),
            Count("fact_encounter", "start_at", Place.INSTITUTION, "true", _LINKED,
                  breakdowns=(Breakdown("feed", "'emr'"),)),
        ),
    ),
    Indicator(
        code="A14",
        zh="扫码就诊占比",
        en="Encounters with a health code",
        meaning_zh="就诊人次中扫描健康码就诊的比例。",
        meaning_en="The share of encounters at which the health code was scanned.",
        numerator_zh="带健康码的就诊人次",
        numerator_en="encounters with a health code",
        denominator_zh="就诊人次",
        denominator_en="encounters",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(
            Count("fact_encounter", "start_at", Place.INSTITUTION, "true", "fact.has_health_code",
                  breakdowns=(_SETTING,)),
        ),
    ),
    Indicator(
        code="H8",
        zh="预约诊疗率",
        en="Booked outpatient visits",
        meaning_zh="门诊人次（不含急诊）中经预约的比例；是否预约为空的按未预约计。",
        meaning_en="The share of outpatient visits, without emergency, that were booked; an empty `booked` means no.",
        numerator_zh="预约的门诊人次",
        numerator_en="booked outpatient visits",
        denominator_zh="门诊人次",
        denominator_en="outpatient visits",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(Count("fact_encounter", "start_at", Place.INSTITUTION, "fact.encounter_type = '1'", "fact.booked"),),
    ),
    Indicator(
        code="H12",
        zh="平均住院日",
        en="Mean length of stay",
        meaning_zh="当期出院者平均住院天数，按出院时间统计；住院天数为出院日期减入院日期，不足一天按一天计。",
        meaning_en="Mean days of the stays that ended in the period, by time of discharge; days are calendar days from "
        "admission to discharge, at least one.",
        numerator_zh="出院者占用总床日",
        numerator_en="bed-days of the discharged",
        denominator_zh="出院人次",
        denominator_en="discharges",
        unit=Unit.DAY,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(
            Count("fact_encounter", "end_at", Place.INSTITUTION, "fact.encounter_type = '3'",
                  "greatest(fact.end_at::DATE - fact.start_at::DATE, 1)", "1"),
        ),
    ),
    Indicator(
        code="H14",
        zh="药占比",
        en="Drug fees in total fees",
        meaning_zh="总费用中药费所占比例，按就诊（入院）时间统计，含全部就诊类型；药费为空的按零计，其总费用仍计入分母。",
        meaning_en="The share of drug fees in total fees of the encounters that start in the period, of all types. "
        "An empty drug_fee counts as 0, and its total stays in the denominator.",
        numerator_zh="药费 (元)",
        numerator_en="drug fees, yuan",
        denominator_zh="总费用 (元)",
        denominator_en="total fees, yuan",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(
            Count("fact_encounter", "start_at", Place.INSTITUTION, "true",
                  "coalesce(fact.drug_fee, 0)", "fact.total_fee", breakdowns=(_SETTING,)),
        ),
        money=True,
        threshold=0.3,
        threshold_source="国办发〔2015〕70号 (second-hand)",
    ),
)  # fmt: skip

INDICATORS: MappingProxyType[str, Indicator] = MappingProxyType({entry.code: entry for entry in _ENTRIES})
"""Every indicator by its code."""


def query_text(indicator: Indicator) -> str:
    """Return the SQL of an indicator that has a file of its own."""
    return files("warehouse.indicators").joinpath(indicator.query).read_text(encoding="utf-8")


def definition(indicator: Indicator) -> str:
    """Return the version of the counting rule, such as `A1@5f0c2a91`: it changes when what is counted changes."""
    rule = [str(indicator.kind), str(indicator.unit), *map(repr, indicator.counts)]
    if indicator.query:
        rule.append(query_text(indicator))
    return f"{indicator.code}@{hashlib.sha256(chr(10).join(rule).encode()).hexdigest()[:8]}"
