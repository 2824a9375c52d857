"""R: the reform: primary care, referral, family doctors, health records, chronic diseases."""

from __future__ import annotations

from warehouse.indicators.entry import Breakdown, Count, Good, Indicator, Kind, Place, Unit

_VISIT = "fact.encounter_type IN ('1', '2')"
_STAY = "fact.encounter_type = '3'"
_RESIDENT = "fact.residence_division IS NOT NULL"
_GENERAL_OFFICE = "国办发〔2015〕70号 (second-hand)"
_STANDARD = "国家基本公共卫生服务规范 (second-hand)"


def _of_residents(scope: str, hit: str) -> Count:
    return Count("resident_encounter", "start_at", Place.RESIDENCE, scope, hit)


def _resident_share(part: str, whole: str = "fact.residents") -> Count:
    return Count("resident_state", "month", Place.RESIDENCE, "true", f"fact.{part}", whole,
                 persons=(f"fact.{part}", f"{whole} - fact.{part}"))  # fmt: skip


def _record_share(part: str, whole: str) -> Count:
    return Count("record_state", "month", Place.INSTITUTION, "true", f"fact.{part}", f"fact.{whole}",
                 persons=(f"fact.persons_{part}", f"fact.persons_{whole} - fact.persons_{part}"))  # fmt: skip


REFORM = (
    Indicator(
        code="R1",
        zh="基层诊疗占比",
        en="Visits at primary institutions",
        meaning_zh="门诊、急诊人次中在基层机构（社区卫生服务中心、乡镇卫生院、村卫生室）的比例；计在居民现住地，"
        "现住地不明或在省外的只计入全省。",
        meaning_en="Of outpatient and emergency visits, the share at primary institutions (community and township "
        "centres, village clinics). Where the person lives; visits of persons whose residence is not known, or lies "
        "outside the province, count in the province alone.",
        numerator_zh="在基层机构的诊疗人次",
        numerator_en="visits at institutions of categories C, D, E",
        denominator_zh="诊疗人次（门诊、急诊）",
        denominator_en="visits, outpatient and emergency",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("population", "emr", "institution"),
        counts=(_of_residents(_VISIT, "fact.primary_care"),),
        threshold=0.65,
        threshold_source=_GENERAL_OFFICE,
    ),
    Indicator(
        code="R2",
        zh="县域内就诊率",
        en="Residents' visits within their county",
        meaning_zh="居民门诊、急诊人次中在本人现住县区内机构就诊的比例；东莞、中山不设县区，以市计。",
        meaning_en="Of residents' outpatient and emergency visits, the share at institutions of the county where they "
        "live; Dongguan and Zhongshan have no counties and count as one each.",
        numerator_zh="在现住县区内的诊疗人次",
        numerator_en="visits within the county of residence",
        denominator_zh="现住本省的在册居民的诊疗人次",
        denominator_en="visits of registered residents of the province",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("population", "emr", "institution"),
        counts=(_of_residents(f"{_VISIT} AND {_RESIDENT}", "fact.within_county"),),
        threshold=0.9,
        threshold_source=_GENERAL_OFFICE,
    ),
    Indicator(
        code="R3",
        zh="县域内住院率",
        en="Residents' stays within their county",
        meaning_zh="居民住院人次中在本人现住县区内机构住院的比例，按入院时间统计；东莞、中山不设县区，以市计。",
        meaning_en="Of residents' inpatient stays, by admission, the share at institutions of the county where they "
        "live; Dongguan and Zhongshan have no counties and count as one each.",
        numerator_zh="在现住县区内的住院人次",
        numerator_en="stays within the county of residence",
        denominator_zh="现住本省的在册居民的住院人次",
        denominator_en="stays of registered residents of the province",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("population", "emr", "institution"),
        counts=(_of_residents(f"{_STAY} AND {_RESIDENT}", "fact.within_county"),),
    ),
    Indicator(
        code="R4",
        zh="下转人次增幅",
        en="Growth of down-referrals",
        meaning_zh="下转人次比上年同期增长的比例；仅在数据覆盖上年同期各月时计算。",
        meaning_en="Growth of down-referrals on the same months of the year before; only where the data reach back "
        "over all of these.",
        numerator_zh="本期下转人次减上年同期下转人次",
        numerator_en="down-referrals of the period less those of the year before",
        denominator_zh="上年同期下转人次",
        denominator_en="down-referrals of the same months of the year before",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.GROWTH,
        feeds=("emr",),
        counts=(Count("fact_encounter", "start_at", Place.INSTITUTION, "fact.referral = '2'", "true"),),
        grows_in_number=True,
        threshold=0.1,
        threshold_source=_GENERAL_OFFICE,
    ),
    Indicator(
        code="R5",
        zh="下转上转比",
        en="Down-referrals per up-referral",
        meaning_zh="下转人次与上转人次之比。",
        meaning_en="Down-referrals divided by up-referrals.",
        numerator_zh="下转人次",
        numerator_en="down-referrals",
        denominator_zh="上转人次",
        denominator_en="up-referrals",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("emr",),
        counts=(
            Count("fact_encounter", "start_at", Place.INSTITUTION, "fact.referral = '2'", "1", "0"),
            Count("fact_encounter", "start_at", Place.INSTITUTION, "fact.referral = '1'", "0", "1"),
        ),
    ),
    Indicator(
        code="R6",
        zh="家庭医生签约率",
        en="Residents with a family doctor",
        meaning_zh="月末居民中，活动健康档案载有家庭医生签约的比例；计在现住地。",
        meaning_en="Of the residents at month end, the share whose active health record has a contract with a family "
        "doctor; where they live.",
        numerator_zh="已签约的居民",
        numerator_en="residents contracted by month end",
        denominator_zh="月末居民：在册、现住本省、未死亡",
        denominator_en="residents at month end: registered, living in the province, not dead",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("population", "ehr"),
        counts=(_resident_share("contracted"),),
        threshold=0.3,
        threshold_source=_GENERAL_OFFICE,
    ),
    Indicator(
        code="R7",
        zh="建档率",
        en="Health-record coverage",
        meaning_zh="月末居民中有活动健康档案的比例，重复、死亡、迁出均已剔除；basis=raw "
        "为未剔除的原始比值（活动档案份数与居民之比），可大于一。",
        meaning_en="Of the residents at month end, the share with an active health record: doubles, the dead and the "
        "departed are taken out. basis=raw is the quotient as it comes, active records per resident, which may be "
        "above one.",
        numerator_zh="有活动健康档案的居民；basis=raw：活动健康档案份数",
        numerator_en="residents with an active health record; basis=raw: active health records",
        denominator_zh="月末居民：在册、现住本省、未死亡",
        denominator_en="residents at month end: registered, living in the province, not dead",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("population", "ehr"),
        counts=(
            _resident_share("recorded"),
            Count("resident_state", "month", Place.RESIDENCE, "true", "fact.records", "fact.residents",
                  breakdowns=(Breakdown("basis", "'raw'"),),
                  persons=("fact.recorded", "fact.residents - fact.recorded"),
                  alone=True, within=False),
        ),
    ),
    Indicator(
        code="R8",
        zh="档案动态使用率",
        en="Health records in use",
        meaning_zh="月末活动健康档案中，一年内有服务记录的比例。档案只载最近一次服务，故以往月份以最近服务推断。",
        meaning_en="Of the active health records at month end, the share with a service within a year. A record holds "
        "its last service alone, from which earlier months are judged as well.",
        numerator_zh="最近服务日期加一年晚于月末的活动档案",
        numerator_en="active records whose last service lies less than a year before month end",
        denominator_zh="月末前建立的活动档案",
        denominator_en="active records opened by month end",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("ehr",),
        counts=(_record_share("used", "active"),),
    ),
    Indicator(
        code="R9",
        zh="高血压规范管理率",
        en="Hypertension managed to standard",
        meaning_zh="纳入高血压健康管理的活动档案中，规范管理的比例；以档案最近所载为准。",
        meaning_en="Of the active records under management for hypertension, the share managed to standard, as the "
        "records have it last.",
        numerator_zh="规范管理的档案",
        numerator_en="records managed to standard",
        denominator_zh="纳入高血压健康管理的活动档案",
        denominator_en="active records under management for hypertension",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("ehr",),
        counts=(_record_share("hypertension_standard", "hypertension"),),
        threshold=0.6,
        threshold_source=_STANDARD,
    ),
    Indicator(
        code="R10",
        zh="血压控制率",
        en="Blood pressure controlled",
        meaning_zh="纳入高血压健康管理的活动档案中，最近血压低于 140/90 mmHg（65 岁起低于 150/90）的比例；"
        "未测的计入分母。",
        meaning_en="Of the active records under management for hypertension, the share whose last reading is below "
        "140/90 mmHg (150/90 from the age of 65); those without a reading stay in the denominator.",
        numerator_zh="最近血压达标的档案",
        numerator_en="records whose last reading is controlled",
        denominator_zh="纳入高血压健康管理的活动档案",
        denominator_en="active records under management for hypertension",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("population", "ehr"),
        counts=(_record_share("controlled", "hypertension"),),
        threshold=0.4,
        threshold_source=_STANDARD,
    ),
    Indicator(
        code="R11",
        zh="糖尿病规范管理率",
        en="Diabetes managed to standard",
        meaning_zh="纳入糖尿病健康管理的活动档案中，规范管理的比例；以档案最近所载为准。",
        meaning_en="Of the active records under management for diabetes, the share managed to standard, as the records "
        "have it last.",
        numerator_zh="规范管理的档案",
        numerator_en="records managed to standard",
        denominator_zh="纳入糖尿病健康管理的活动档案",
        denominator_en="active records under management for diabetes",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("ehr",),
        counts=(_record_share("diabetes_standard", "diabetes"),),
        threshold=0.6,
        threshold_source=_STANDARD,
    ),
    Indicator(
        code="R12",
        zh="血糖控制率",
        en="Blood glucose controlled",
        meaning_zh="纳入糖尿病健康管理的活动档案中，最近空腹血糖低于 7.0 mmol/L 的比例；未测的计入分母。",
        meaning_en="Of the active records under management for diabetes, the share whose last fasting glucose is below "
        "7.0 mmol/L; those without a reading stay in the denominator.",
        numerator_zh="最近空腹血糖达标的档案",
        numerator_en="records whose last fasting glucose is controlled",
        denominator_zh="纳入糖尿病健康管理的活动档案",
        denominator_en="active records under management for diabetes",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("ehr",),
        counts=(_record_share("glucose", "diabetes"),),
        threshold=0.35,
        threshold_source=_STANDARD,
    ),
)  # fmt: skip
