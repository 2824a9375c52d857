"""A: access to the platforms, use of the health code, the services of hospitals."""

from __future__ import annotations

from warehouse.indicators.entries.breakdowns import SCENE, SETTING, feed
from warehouse.indicators.entry import Count, Good, Indicator, Kind, Place, Unit

_LINKED = "fact.person_key IS NOT NULL AND unregistered.person_key IS NULL"
_HOSPITAL = "institution.public AND institution.category IN ('A', 'B', 'F')"
_ANNOUNCED = "2018-12 announcement"


def _of_institutions(scope: str, hit: str) -> Count:
    return Count("institution_month", "month", Place.INSTITUTION, f"fact.public AND {scope}", hit)


def _arranged(scope: str, told: str, minutes: int) -> Count:
    return Count("fact_telemedicine", "requested_at", Place.REQUESTER, scope,
                 f"fact.{told} - fact.requested_at <= INTERVAL {minutes} MINUTE")  # fmt: skip


ACCESS = (
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
        counts=(_of_institutions("fact.reported", "fact.uploading"),),
        threshold=0.9,
        threshold_source=f"{_ANNOUNCED}, T10: cities with their own platform",
    ),
    Indicator(
        code="A2",
        zh="平台功能实现率",
        en="Functions of the city platforms",
        meaning_zh="《省统筹区域人口健康信息平台应用功能指引》所列功能中，地市平台于月末已实现的比例；"
        "分母为该市报送的功能清单。",
        meaning_en="Of the functions that the guideline asks of a platform, the share that is live at the end of the "
        "month; the denominator is the list that the city sends.",
        numerator_zh="已实现且上线日期为空或不晚于月末的功能",
        numerator_en="functions that are live, live_on empty or by month end",
        denominator_zh="该市报送的功能",
        denominator_en="functions that the city listed",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("platform_function",),
        counts=(Count("function_month", "month", Place.CITY, "true", "fact.live"),),
        threshold=0.8,
        threshold_source=f"{_ANNOUNCED}, T11; 0.6 in Huizhou and Jiangmen, T12",
    ),
    Indicator(
        code="A3",
        zh="三级公立医院健康码使用率",
        en="Health code in tertiary public hospitals",
        meaning_zh="在营三级公立机构中，当月已启用健康码且当月有扫码的比例；只启用而无人扫码的不算。",
        meaning_en="Of the open tertiary public institutions, the share where the health code is live and was scanned "
        "in the month; live without a scan does not count.",
        numerator_zh="健康码已启用且当月扫码次数大于零的机构",
        numerator_en="institutions with the code live and more than no scans in the month",
        denominator_zh="在营三级公立机构",
        denominator_en="open public institutions of level 3",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("institution", "platform_connection", "code_usage"),
        counts=(_of_institutions("fact.reported AND fact.level = '3'", "fact.code_in_use"),),
        threshold=1.0,
        threshold_source=f"{_ANNOUNCED}, T04",
    ),
    Indicator(
        code="A4",
        zh="二级公立医院健康码使用率",
        en="Health code in secondary public hospitals",
        meaning_zh="在营二级公立机构中，当月已启用健康码且当月有扫码的比例；只启用而无人扫码的不算。",
        meaning_en="Of the open secondary public institutions, the share where the health code is live and was scanned "
        "in the month; live without a scan does not count.",
        numerator_zh="健康码已启用且当月扫码次数大于零的机构",
        numerator_en="institutions with the code live and more than no scans in the month",
        denominator_zh="在营二级公立机构",
        denominator_en="open public institutions of level 2",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("institution", "platform_connection", "code_usage"),
        counts=(_of_institutions("fact.reported AND fact.level = '2'", "fact.code_in_use"),),
        threshold=0.5,
        threshold_source=f"{_ANNOUNCED}, T05",
    ),
    Indicator(
        code="A5",
        zh="一键诊疗实现率",
        en="All ten smart services",
        meaning_zh="在营二、三级公立医院（综合、专科、妇幼）中，十项一键诊疗服务于月末全部上线的比例。",
        meaning_en="Of the open public hospitals of levels 3 and 2 (general, specialist, maternal and child), the "
        "share "
        "that offers all ten services at the end of the month.",
        numerator_zh="S01 至 S10 均已上线的医院",
        numerator_en="hospitals with S01 to S10 all live",
        denominator_zh="在营二、三级公立医院",
        denominator_en="open public hospitals of levels 3 and 2",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("institution", "smart_service"),
        counts=(_of_institutions("fact.hospital AND fact.level IN ('3', '2')", "fact.of_the_ten = 10"),),
        threshold=1.0,
        threshold_source=f"{_ANNOUNCED}, T14: tertiary; 0.8 and 0.6 of secondary, T15 and T16",
    ),
    Indicator(
        code="A6",
        zh="预约精度达标率",
        en="Booking precision",
        meaning_zh="公立医院号源中，时段长度达标的比例：三级医院不超过 30 分钟，二级医院不超过 60 分钟；"
        "其他机构不计。按就诊时段统计。",
        meaning_en="Of the slots of public hospitals, the share as precise as is asked: at most 30 minutes at level 3, "
        "60 at level 2; no other institution counts. By the start of the slot.",
        numerator_zh="时段长度达标的号源",
        numerator_en="slots of at most 30 minutes (level 3), 60 minutes (level 2)",
        denominator_zh="二、三级公立医院的号源",
        denominator_en="slots of public hospitals of levels 3 and 2",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("institution", "booking"),
        counts=(
            Count("fact_booking", "slot_start", Place.INSTITUTION, "true",
                  "fact.slot_end - fact.slot_start <= INTERVAL 30 MINUTE",
                  of_institution=f"{_HOSPITAL} AND institution.level = '3'"),
            Count("fact_booking", "slot_start", Place.INSTITUTION, "true",
                  "fact.slot_end - fact.slot_start <= INTERVAL 60 MINUTE",
                  of_institution=f"{_HOSPITAL} AND institution.level = '2'"),
        ),
    ),
    Indicator(
        code="A7",
        zh="夜间放号占比",
        en="Slots released at night",
        meaning_zh="号源中于 22:00 至次日 06:00 投放的比例；按放号时间统计。",
        meaning_en="Of the slots, the share released from 22:00 to before 06:00; by the time of release.",
        numerator_zh="22:00:00 起、06:00:00 前投放的号源",
        numerator_en="slots released from 22:00:00 to before 06:00:00",
        denominator_zh="投放的号源",
        denominator_en="slots released",
        unit=Unit.RATIO,
        good=Good.DOWN,
        kind=Kind.FLOW,
        feeds=("booking",),
        counts=(
            Count("fact_booking", "released_at", Place.INSTITUTION, "true",
                  "fact.released_at::TIME >= TIME '22:00:00' OR fact.released_at::TIME < TIME '06:00:00'"),
        ),
        threshold=0.0,
        threshold_source=f"{_ANNOUNCED}, T19",
    ),
    Indicator(
        code="A8",
        zh="急会诊1小时安排率",
        en="Urgent consultations arranged within an hour",
        meaning_zh="紧急远程会诊中，申请后一小时内安排的比例；未安排的计入分母。计在申请机构所在地。",
        meaning_en="Of the urgent remote consultations, the share arranged within an hour of the request; those not "
        "arranged stay in the denominator. Where the requesting institution stands.",
        numerator_zh="申请后 60 分钟内安排的紧急会诊",
        numerator_en="urgent consultations arranged within 60 minutes",
        denominator_zh="紧急远程会诊",
        denominator_en="urgent remote consultations",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("telemedicine",),
        counts=(_arranged("fact.case_type = '1' AND fact.urgency = '1'", "arranged_at", 60),),
        threshold=1.0,
        threshold_source=f"{_ANNOUNCED}, T23",
    ),
    Indicator(
        code="A9",
        zh="远程诊断30分钟出具率",
        en="Remote diagnoses within 30 minutes",
        meaning_zh="远程影像、心电、病理诊断中，申请后三十分钟内出具结果的比例；未完成的计入分母。计在申请机构所在地。",
        meaning_en="Of the remote imaging, ECG and pathology cases, the share completed within 30 minutes of the "
        "request; those not completed stay in the denominator. Where the requesting institution stands.",
        numerator_zh="申请后 30 分钟内完成的远程诊断",
        numerator_en="cases completed within 30 minutes",
        denominator_zh="远程影像、心电、病理诊断",
        denominator_en="remote imaging, ECG and pathology cases",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("telemedicine",),
        counts=(_arranged("fact.case_type IN ('3', '4', '5')", "completed_at", 30),),
        threshold=1.0,
        threshold_source=f"{_ANNOUNCED}, T24",
    ),
    Indicator(
        code="A10",
        zh="健康码归一率",
        en="Identity: records linked to a registered resident",
        meaning_zh="个人记录中能归到全员人口库内居民的比例，即“一人一码”的归一程度；按来源分列。"
        "人口记录按更新时间和现住地统计，"
        "不分机构等级；健康档案按更新时间、病历按就诊时间、医保按结算时间，计在机构所在地。",
        meaning_en="The share of person-level records that belong to a resident of the population register, by feed. "
        "Population records count by the time of their update at the residence, under level all only; health records "
        "by their update, encounters by their start, settlements by their time, where the institution stands.",
        numerator_zh="已归到在册居民的记录",
        numerator_en="records linked to a registered resident",
        denominator_zh="个人记录",
        denominator_en="person-level records",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("population", "ehr", "emr", "insurance"),
        counts=(
            Count("fact_registration", "updated_at", Place.RESIDENCE, "true", _LINKED,
                  breakdowns=(feed("population"),)),
            Count("fact_health_record", "updated_at", Place.INSTITUTION, "true", _LINKED, breakdowns=(feed("ehr"),)),
            Count("fact_encounter", "start_at", Place.INSTITUTION, "true", _LINKED, breakdowns=(feed("emr"),)),
            Count("fact_settlement", "settled_at", Place.INSTITUTION, "true", _LINKED,
                  breakdowns=(feed("insurance"),)),
        ),
    ),
    Indicator(
        code="A11",
        zh="档案病历互联率",
        en="Persons treated who have a health record",
        meaning_zh="期间内有就诊的人中，已有活动健康档案的比例；每人在每个数中只计一次，月、年不可相加。",
        meaning_en="Of the persons with an encounter in the period, the share who have an active health record; a "
        "person counts once in each figure, so months and places do not add up.",
        numerator_zh="就诊当月末已有活动健康档案的人",
        numerator_en="persons with an active health record opened by the end of the month of an encounter",
        denominator_zh="有就诊的人",
        denominator_en="persons with an encounter",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("ehr", "emr"),
        persons="person_treated",
    ),
    Indicator(
        code="A12",
        zh="健康码扫码成功率",
        en="Health-code scans that succeed",
        meaning_zh="健康码扫码中成功的比例；按应用场景分列。",
        meaning_en="The share of scans of the health code that succeed, by scene of use.",
        numerator_zh="扫码次数减失败次数",
        numerator_en="scans less failures",
        denominator_zh="扫码次数",
        denominator_en="scans",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.FLOW,
        feeds=("code_usage",),
        counts=(
            Count("fact_code_usage", "day", Place.INSTITUTION, "true", "fact.scans - fact.failures", "fact.scans",
                  breakdowns=(SCENE,)),
        ),
    ),
    Indicator(
        code="A13",
        zh="健康码激活率",
        en="Residents whose health code is activated",
        meaning_zh="截至月末累计激活的健康码与居民之比；只有全省和地市的数，因激活按地市报送。",
        meaning_en="Health codes activated so far, by the end of the month, per resident; for the province and its "
        "cities alone, as activations come by city.",
        numerator_zh="截至月末累计激活人数",
        numerator_en="codes activated by month end, since the beginning",
        denominator_zh="月末居民：在册、现住本省、未死亡",
        denominator_en="residents at month end: registered, living in the province, not dead",
        unit=Unit.RATIO,
        good=Good.UP,
        kind=Kind.STATE,
        feeds=("population", "code_activation"),
        counts=(
            Count("activation_state", "month", Place.CITY, "true", "fact.activated", "fact.residents",
                  persons=("fact.activated", "fact.residents - fact.activated"), within=False),
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
                  breakdowns=(SETTING,)),
        ),
    ),
)  # fmt: skip
