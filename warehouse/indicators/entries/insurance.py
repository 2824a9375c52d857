"""I and X: what insurance pays, and what only several sources together tell."""

from __future__ import annotations

from warehouse.indicators.entries.breakdowns import SCHEME
from warehouse.indicators.entry import Count, Good, Indicator, Kind, Place, Unit


def _paid(numerator: str, denominator: str, scope: str = "true") -> Count:
    return Count("fact_settlement", "settled_at", Place.INSTITUTION, scope, numerator, denominator, (SCHEME,))


INSURANCE = (
    Indicator(
        code="I1",
        zh="实际报销比",
        en="Share of costs that the fund pays",
        meaning_zh="医疗费总额中基金支付的比例，含全部结算；按险种分列。",
        meaning_en="The share of total costs that the fund pays, of all settlements, by scheme.",
        numerator_zh="基金支付总额 (元)",
        numerator_en="fund payments, yuan",
        denominator_zh="医疗费总额 (元)",
        denominator_en="total costs, yuan",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("insurance",),
        counts=(_paid("fact.fund_pay_sumamt", "fact.medfee_sumamt"),),
        money=True,
    ),
    Indicator(
        code="I2",
        zh="政策范围内报销比",
        en="Share of in-scope costs that the fund pays",
        meaning_zh="符合政策范围金额中基金支付的比例；该金额为空的结算，分子分母均不计。按险种分列。",
        meaning_en="The share of in-scope costs that the fund pays, by scheme; settlements without that amount "
        "count in "
        "neither part.",
        numerator_zh="基金支付总额 (元)",
        numerator_en="fund payments, yuan",
        denominator_zh="符合政策范围金额 (元)",
        denominator_en="in-scope costs, yuan",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("insurance",),
        counts=(_paid("fact.fund_pay_sumamt", "fact.inscp_scp_amt", "fact.inscp_scp_amt IS NOT NULL"),),
        money=True,
        threshold=0.8,
        threshold_source="职工医保住院政策范围内 80 %，居民医保 70 % (second-hand)",
    ),
    Indicator(
        code="I3",
        zh="个人现金支付占比",
        en="Share of costs paid in cash",
        meaning_zh="医疗费总额中个人现金支出的比例，含全部结算；按险种分列。",
        meaning_en="The share of total costs that persons pay in cash, of all settlements, by scheme.",
        numerator_zh="个人现金支出 (元)",
        numerator_en="cash payments, yuan",
        denominator_zh="医疗费总额 (元)",
        denominator_en="total costs, yuan",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("insurance",),
        counts=(_paid("fact.psn_cash_pay", "fact.medfee_sumamt"),),
        money=True,
    ),
    Indicator(
        code="I4",
        zh="异地住院直接结算率",
        en="Direct settlement of stays away from home",
        meaning_zh="异地就医的住院结算中，在就医机构直接结算的比例。",
        meaning_en="Of the settlements of stays outside the place of insurance, the share settled directly at the "
        "institution.",
        numerator_zh="直接结算的异地住院",
        numerator_en="cross-region stays settled directly",
        denominator_zh="异地住院结算",
        denominator_en="settlements of cross-region stays",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("insurance",),
        counts=(
            Count("fact_settlement", "settled_at", Place.INSTITUTION, "fact.med_type = '21' AND fact.cross_region",
                  "fact.direct_settled"),
        ),
        threshold=0.7,
        threshold_source="《“十四五”全民医疗保障规划》 (second-hand)",
    ),
    Indicator(
        code="X1",
        zh="医保病历对账率",
        en="Settlements with a matching encounter",
        meaning_zh="医保结算中能与病历对上的比例：同一人、同一机构、日期重叠、费用相差不超过 1 %。",
        meaning_en="The share of settlements that an encounter matches: same person, same institution, overlapping "
        "dates, fee within 1 %.",
        numerator_zh="有相符病历的结算",
        numerator_en="settlements with a matching encounter",
        denominator_zh="医保结算",
        denominator_en="settlements",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("emr", "insurance"),
        counts=(Count("reconciled_settlement", "settled_at", Place.INSTITUTION, "true", "fact.matched"),),
    ),
    Indicator(
        code="X2",
        zh="重复检查提示率",
        en="Repeated examinations (a proxy)",
        meaning_zh="做过检查检验（检查检验费大于零）的人中，7 天内在其他机构因同一三位诊断类目再次检查的比例；"
        "为提示性指标，每人在每个数中只计一次。",
        meaning_en="Of the persons examined (exam_fee above 0), the share examined again within 7 days at another "
        "institution under the same three-character diagnosis; a proxy. A person counts once in each figure.",
        numerator_zh="7 天内在其他机构再次检查的人",
        numerator_en="persons examined again elsewhere within 7 days",
        denominator_zh="做过检查检验的人",
        denominator_en="persons examined",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("emr",),
        persons="person_examined",
    ),
)  # fmt: skip
