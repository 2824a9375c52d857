"""C: sources held against each other, and by how much they disagree."""

from __future__ import annotations

from warehouse.indicators.entry import Count, Good, Indicator, Kind, Place, Unit

RECONCILIATION = (
    Indicator(
        code="C1",
        zh="结算无病历占比",
        en="Settlements without an encounter",
        meaning_zh="医保结算中没有相符病历的比例，即 X1 之余：同一人、同一机构、日期重叠、费用相差不超过 1 % "
        "的病历一次也没有。",
        meaning_en="The share of settlements that no encounter matches, what X1 leaves: none of the same person and "
        "institution, on overlapping dates, with a fee within 1 %.",
        numerator_zh="无相符病历的结算",
        numerator_en="settlements without a matching encounter",
        denominator_zh="医保结算",
        denominator_en="settlements",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("emr", "insurance"),
        counts=(Count("reconciled_settlement", "settled_at", Place.INSTITUTION, "true", "NOT fact.matched"),),
    ),
    Indicator(
        code="C2",
        zh="病历无结算占比",
        en="Encounters of the insured without a settlement",
        meaning_zh="参保者（至少有一笔结算的人）的就诊中没有相符医保结算的比例；自费就诊亦在其中，故为差异的上限。"
        "按就诊时间统计。",
        meaning_en="Of the encounters of insured persons, who have a settlement at all, the share that no settlement "
        "matches; care paid for oneself is among them, so it bounds the disagreement from above. By the encounter's "
        "start.",
        numerator_zh="无相符结算的就诊",
        numerator_en="encounters without a matching settlement",
        denominator_zh="参保者的就诊",
        denominator_en="encounters of insured persons",
        unit=Unit.RATIO,
        good=Good.MONITOR,
        kind=Kind.FLOW,
        feeds=("emr", "insurance"),
        counts=(Count("reconciled_encounter", "start_at", Place.INSTITUTION, "true", "NOT fact.matched"),),
    ),
    Indicator(
        code="C3",
        zh="死亡后就诊占比",
        en="Encounters of the dead",
        meaning_zh="现住本省的在册居民的就诊中，始于其死亡月份之后的比例：死亡登记有误、身份借用或关联有误。"
        "计在现住地。",
        meaning_en="Of the encounters of registered residents, the share that starts after the month of their "
        "death: an "
        "error of the register, a borrowed identity, or an error of linkage. Where the person lived.",
        numerator_zh="死亡月份之后的就诊",
        numerator_en="encounters after the month of death",
        denominator_zh="现住本省的在册居民的就诊",
        denominator_en="encounters of registered residents of the province",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("population", "emr"),
        counts=(
            Count("resident_encounter", "start_at", Place.RESIDENCE, "fact.residence_division IS NOT NULL",
                  "fact.after_death"),
        ),
    ),
    Indicator(
        code="C4",
        zh="名义接入占比",
        en="Connected on paper alone",
        meaning_zh="报称已接入平台的在营公立机构中，当月没有数据上传的比例；A1 不计这些机构。",
        meaning_en="Of the open public institutions that are said to be connected, the share without an upload in the "
        "month; A1 doesn't count them.",
        numerator_zh="当月没有上传的机构",
        numerator_en="institutions without an upload in the month",
        denominator_zh="报称已接入的在营公立机构",
        denominator_en="open public institutions said to be connected",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.STATE,
        feeds=("institution", "platform_connection"),
        counts=(
            Count("institution_month", "month", Place.INSTITUTION, "fact.public AND fact.reported AND fact.connected",
                  "NOT fact.uploading"),
        ),
    ),
)  # fmt: skip
