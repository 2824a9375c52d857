"""H: hospitals: what they do, what it costs, how long it takes."""

from __future__ import annotations

from warehouse.indicators.entries.breakdowns import SETTING
from warehouse.indicators.entry import Breakdown, Count, Good, Indicator, Kind, Median, Place, Unit

_DISCHARGE = "fact.encounter_type = '3'"
_DRUGS = "coalesce(fact.drug_fee, 0)"
_WAITED = "greatest(date_diff('second', fact.slot_start, fact.seen_at), 0)"
_GENERAL_OFFICE = "国办发〔2015〕70号 (second-hand)"


def _by_start(scope: str, numerator: str, denominator: str = "", breakdowns: tuple[Breakdown, ...] = ()) -> Count:
    return Count("fact_encounter", "start_at", Place.INSTITUTION, scope, numerator, denominator, breakdowns)


def _by_end(numerator: str, denominator: str = "") -> Count:
    return Count("fact_encounter", "end_at", Place.INSTITUTION, _DISCHARGE, numerator, denominator)


HOSPITAL = (
    Indicator(
        code="H1",
        zh="门诊出院比",
        en="Outpatient visits per discharge",
        meaning_zh="门诊人次（不含急诊，按就诊时间）与出院人次（按出院时间）之比。",
        meaning_en="Outpatient visits, without emergency, by their time, divided by discharges, by theirs.",
        numerator_zh="门诊人次",
        numerator_en="outpatient visits",
        denominator_zh="出院人次",
        denominator_en="discharges",
        unit=Unit.RATIO,
        good=Good.MONITOR,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(_by_start("fact.encounter_type = '1'", "1", "0"), _by_end("0", "1")),
    ),
    Indicator(
        code="H3",
        zh="出院手术占比",
        en="Discharges with surgery",
        meaning_zh="当期出院人次中做过手术的比例。",
        meaning_en="Of the discharges of the period, the share with surgery.",
        numerator_zh="手术级别不为空的出院人次",
        numerator_en="discharges with a surgery level",
        denominator_zh="出院人次",
        denominator_en="discharges",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(_by_end("fact.surgery_level IS NOT NULL"),),
    ),
    Indicator(
        code="H5",
        zh="四级手术占比",
        en="Level-4 surgery",
        meaning_zh="手术中四级手术的比例，按就诊（入院）时间统计，含全部就诊类型。",
        meaning_en="Of surgeries, the share of level 4; of encounters of all types that start in the period.",
        numerator_zh="四级手术",
        numerator_en="surgeries of level 4",
        denominator_zh="手术",
        denominator_en="surgeries",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(_by_start("fact.surgery_level IS NOT NULL", "fact.surgery_level = '4'"),),
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
        counts=(_by_start("fact.encounter_type = '1'", "fact.booked"),),
    ),
    Indicator(
        code="H9",
        zh="预约后平均等待",
        en="Wait after the booked time",
        meaning_zh="预约就诊者自时段开始至就诊的平均分钟数；早到早看的按零计；statistic=median "
        "为中位数（按足分钟），无分子。按就诊时段统计。",
        meaning_en="Mean minutes from the start of the slot to being seen, none where the patient was seen before; "
        "statistic=median is the median of whole minutes, without a numerator. By the start of the slot.",
        numerator_zh="等待秒数之和",
        numerator_en="seconds waited, summed",
        denominator_zh="已就诊的号源",
        denominator_en="slots whose patient was seen",
        unit=Unit.MINUTE,
        good=Good.DOWN,
        kind=Kind.FLOW,
        per=1 / 60,
        feeds=("booking",),
        counts=(
            Count("fact_booking", "slot_start", Place.INSTITUTION, "fact.seen_at IS NOT NULL",
                  _WAITED, "1"),
        ),
        median=Median("fact_booking", "slot_start", Place.INSTITUTION, "fact.seen_at IS NOT NULL",
                      f"({_WAITED} // 60)::INTEGER"),
    ),
    Indicator(
        code="H10",
        zh="次均费用增幅",
        en="Growth of the mean fee",
        meaning_zh="次均费用比上年同期增长的比例，按就诊（入院）时间统计，按就诊类型分列；"
        "仅在数据覆盖上年同期各月时计算。",
        meaning_en="Growth of the mean fee of an encounter on the same months of the year before, by setting; of "
        "encounters that start in the period, and only where the data reach back over all of these months.",
        numerator_zh="本期次均费用减上年同期次均费用（元）",
        numerator_en="mean fee less that of the year before, yuan",
        denominator_zh="上年同期次均费用（元）",
        denominator_en="mean fee of the same months of the year before, yuan",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.GROWTH,
        feeds=("emr",),
        counts=(_by_start("true", "fact.total_fee", "1", (SETTING,)),),
        money=True,
    ),
    Indicator(
        code="H11",
        zh="次均药费增幅",
        en="Growth of the mean drug fee",
        meaning_zh="次均药费比上年同期增长的比例，药费为空的按零计；按就诊（入院）时间统计，按就诊类型分列；"
        "仅在数据覆盖上年同期各月时计算。",
        meaning_en="Growth of the mean drug fee of an encounter on the same months of the year before, by setting; an "
        "empty drug_fee counts as 0. Only where the data reach back over all of these months.",
        numerator_zh="本期次均药费减上年同期次均药费（元）",
        numerator_en="mean drug fee less that of the year before, yuan",
        denominator_zh="上年同期次均药费（元）",
        denominator_en="mean drug fee of the same months of the year before, yuan",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.GROWTH,
        feeds=("emr",),
        counts=(_by_start("true", _DRUGS, "1", (SETTING,)),),
        money=True,
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
        counts=(_by_end("greatest(fact.end_at::DATE - fact.start_at::DATE, 1)", "1"),),
    ),
    Indicator(
        code="H13",
        zh="31天内再入院率",
        en="Readmission within 31 days",
        meaning_zh="当期出院者中，出院后 31 个日历日内又非计划住院（任何机构）的比例，按关联到的人识别，"
        "计在出院机构。未预约的住院视为非计划，"
        "转院离院后的住院不计。截止日前 31 天内的出院尚未观察完毕。",
        meaning_en="Of the discharges of the period, the share followed within 31 calendar days by an unplanned "
        "stay at "
        "any institution, by linked person; where the discharge was. A stay that was not booked is unplanned; one "
        "after a transfer does not count. Discharges of the last 31 days before the as-of date are not yet observed "
        "in full.",
        numerator_zh="31 天内非计划再入院的出院人次",
        numerator_en="discharges followed by an unplanned stay within 31 days",
        denominator_zh="关联到人的出院人次",
        denominator_en="discharges of linked persons",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(Count("discharge", "end_at", Place.INSTITUTION, "true", "fact.readmitted"),),
    ),
    Indicator(
        code="H14",
        zh="药占比",
        en="Drug fees in total fees",
        meaning_zh="总费用中药费所占比例，按就诊（入院）时间统计，含全部就诊类型；药费为空的按零计，"
        "其总费用仍计入分母。",
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
        counts=(_by_start("true", _DRUGS, "fact.total_fee", (SETTING,)),),
        money=True,
        threshold=0.3,
        threshold_source=_GENERAL_OFFICE,
    ),
    Indicator(
        code="H15",
        zh="百元收入卫材消耗",
        en="Consumables per 100 yuan of income",
        meaning_zh="每百元医疗收入（不含药品）消耗的卫生材料，按就诊（入院）时间统计，含全部就诊类型；卫材费、"
        "药费为空的按零计。",
        meaning_en="Consumables per 100 yuan of fees without drugs, of the encounters that start in the period, of all "
        "types. Empty fees of consumables and drugs count as 0.",
        numerator_zh="卫材费 (元)",
        numerator_en="consumables, yuan",
        denominator_zh="总费用减药费 (元)",
        denominator_en="total fees less drug fees, yuan",
        unit=Unit.YUAN_PER_100,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(_by_start("true", "coalesce(fact.consumables_fee, 0)", f"fact.total_fee - {_DRUGS}", (SETTING,)),),
        money=True,
        per=100,
        threshold=20,
        threshold_source=_GENERAL_OFFICE,
    ),
)  # fmt: skip
