"""The targets: T01 to T28, as the announcement of 19 December 2018 has them."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from contracts.divisions import CITIES
from warehouse.targets.entry import OfIndicator, OfInstitutions, OfQuery, Target

_JANUARY, _JUNE, _DECEMBER = date(2019, 1, 31), date(2019, 6, 30), date(2019, 12, 31)
_FIRST_FOUR = ("440100", "440400", "440600", "442000")
_FIVE = ("440100", "440300", "440400", "440600", "442000")
_SEVEN = ("440100", "440300", "440400", "440600", "441300", "442000", "440700")
_PROVINCE = ("全省", "the province")
_NO_DATE_ZH, _NO_DATE_EN = "原文所在句未写期限，取前句的12月底", "the sentence has no date: that of the sentence before"

_ENTRIES = (
    Target(
        "T01", "健康码试点", "Pilot of the health code", "深圳", "Shenzhen",
        "2019年1月底前,在深圳市试点建设居民电子健康码",
        1, _JANUARY, OfQuery("institutions_using_code", counts=True), cities=("440300",),
        ambiguity_zh="试点何为建成未写明，按至少一家机构启用并有扫码计",
        ambiguity_en="when a pilot is done is not said: read as one institution with the code live and scanned",
    ),
    Target(
        "T02", "省级电子健康码管理平台", "Provincial platform that manages the code", *_PROVINCE,
        "2019年6月底前,完成省级电子健康码管理平台建设",
        None, _JUNE, None,
        why_zh="交付数据不反映省级平台建设", why_en="no feed tells of the building of the provincial platform",
    ),
    Target(
        "T03", "健康码全面应用", "Full use of the code",
        "广州、珠海、佛山、中山", "Guangzhou, Zhuhai, Foshan, Zhongshan",
        "在广州、珠海、佛山、中山等四个地市全面应用",
        1, _JUNE, OfInstitutions("fact.reported", "fact.code_in_use"), cities=_FIRST_FOUR,
        ambiguity_zh="“全面应用”按全部在营机构计", ambiguity_en="full use is read as all open institutions",
    ),
    Target(
        "T04", "三级公立医院使用健康码", "Code in tertiary public hospitals", *_PROVINCE,
        "2019年12月底前,全省三级公立医院、50%以上的二级公立医院全面使用广东电子健康码",
        1, _DECEMBER, OfIndicator("A3"),
    ),
    Target(
        "T05", "二级公立医院使用健康码", "Code in secondary public hospitals", *_PROVINCE,
        "2019年12月底前,全省三级公立医院、50%以上的二级公立医院全面使用广东电子健康码",
        0.5, _DECEMBER, OfIndicator("A4"),
    ),
    Target(
        "T06", "健康档案与病历初步互联", "Health and medical records connected, initially", *_PROVINCE,
        "2019年6月底前,初步实现电子健康档案与电子病历互联对接",
        1, _JUNE, OfQuery("cities_with_records_connected"),
        ambiguity_zh="“初步”未写数，按各地市均有就诊者的档案与病历相连计",
        ambiguity_en="initial has no figure: read as every city having persons whose records are connected",
    ),
    Target(
        "T07", "居民在线查询本人档案", "Residents look up their own records", *_PROVINCE,
        "居民可在线查询和规范使用本人的电子健康档案、就诊信息",
        1, _JUNE, OfQuery("cities_with_results_shared"),
        ambiguity_zh="未写范围，按各地市均有机构结果可查计",
        ambiguity_en="how widely is not said: read as every city having institutions whose results can be looked up",
    ),
    Target(
        "T08", "省级预约挂号平台", "Provincial booking platform", *_PROVINCE,
        "2019年12月底前,建成省级预约挂号平台",
        1, _DECEMBER, OfQuery("cities_booking_on_provincial_platform"),
        ambiguity_zh="何为建成未写明，按各地市均有经省级平台预约的号源计",
        ambiguity_en="when it is built is not said: read as every city having slots booked through it",
    ),
    Target(
        "T09", "基本完成医疗数据采集", "Collection of medical data, basically complete", *_PROVINCE,
        "基本完成医疗数据采集",
        None, _DECEMBER, None,
        why_zh="“基本完成”未写数", why_en="basically complete has no figure",
    ),
    Target(
        "T10", "公立机构平台接入", "Public institutions connected",
        "已建成平台的地市", "cities with their own platform",
        "已建成平台的地市,公立医疗卫生机构平台接入率达到90%以上",
        0.9, _DECEMBER, OfQuery("access_where_own_platform"), cities=tuple(CITIES),
        ambiguity_zh=f"{_NO_DATE_ZH}；有机构接入市级平台的即为已建成平台的地市",
        ambiguity_en=f"{_NO_DATE_EN}; a city has a platform of its own where an institution is connected to it",
    ),
    Target(
        "T11", "平台功能 80 %", "80 % of platform functions", "广州、深圳、珠海、佛山、中山",
        "Guangzhou, Shenzhen, Zhuhai, Foshan, Zhongshan",
        "广州、深圳、珠海、佛山、中山等5市的平台实现80%的应有功能",
        0.8, _DECEMBER, OfIndicator("A2"), cities=_FIVE, ambiguity_zh=_NO_DATE_ZH, ambiguity_en=_NO_DATE_EN,
    ),
    Target(
        "T12", "平台功能 60 %", "60 % of platform functions", "惠州、江门", "Huizhou, Jiangmen",
        "惠州、江门2市的平台实现60%的应有功能",
        0.6, _DECEMBER, OfIndicator("A2"), cities=("441300", "440700"),
        ambiguity_zh=_NO_DATE_ZH, ambiguity_en=_NO_DATE_EN,
    ),
    Target(
        "T13", "省统筹虚拟平台", "Provincial virtual platform", "未建成市级平台的地市", "cities without a platform",
        "未建成市级平台的地市,先由省统筹建设虚拟平台,暂时承担市级平台功能,待市级平台建成后将功能和有关职责返还",
        1, None, OfQuery("cities_on_virtual_platform"),
        ambiguity_zh="按该市有机构接入省级虚拟平台计", ambiguity_en="served is read as having institutions on it",
    ),
    Target(
        "T14", "三级公立医院一键诊疗", "Ten services, tertiary", *_PROVINCE,
        "2019年6月底前,三级公立医院全部实现上述功能",
        1, _JUNE, OfIndicator("A5", level="3"),
    ),
    Target(
        "T15", "二级公立医院一键诊疗 80 %", "Ten services, 80 % of secondary",
        "广州、深圳、珠海、佛山、惠州、中山、江门",
        "Guangzhou, Shenzhen, Zhuhai, Foshan, Huizhou, Zhongshan, Jiangmen",
        "2019年12月底前,广州、深圳、珠海、佛山、惠州、中山、江门等7个地市80%以上的二级公立医院实要现上述功能",
        0.8, _DECEMBER, OfIndicator("A5", level="2"), cities=_SEVEN,
    ),
    Target(
        "T16", "二级公立医院一键诊疗 60 %", "Ten services, 60 % of secondary", "其余 14 个地市", "the other 14 cities",
        "其余地市要达到60%以上",
        0.6, _DECEMBER, OfIndicator("A5", level="2"), cities=tuple(code for code in CITIES if code not in _SEVEN),
    ),
    Target(
        "T17", "预约精确到半小时", "Booking within half an hour", "三级公立医院", "tertiary public hospitals",
        "2019年6月底前,三级公立医院全部实现上述功能,预约诊疗精确到半小时以内",
        1, _JUNE, OfIndicator("A6", level="3"),
    ),
    Target(
        "T18", "预约精确到一小时", "Booking within an hour", "二级公立医院", "secondary public hospitals",
        "预约诊疗精确到一小时以内",
        1, _DECEMBER, OfIndicator("A6", level="2"),
    ),
    Target(
        "T19", "夜间不集中放号", "No mass release at night", "医院", "hospitals",
        "医院不能在晚上10时至凌晨6时集中放号源",
        0, None, OfQuery("mass_releases_at_night", counts=True), at_most=True, in_force=True,
        ambiguity_zh="“集中”按同一医院同一分钟投放 5 个及以上计，计当月次数",
        ambiguity_en="mass is read as 5 slots or more of a hospital in one minute; the number of times in the month",
    ),
    Target(
        "T20", "移动护理、体征监测、影像识别", "Mobile nursing, vital signs, image recognition",
        "三级公立医院", "tertiary public hospitals",
        "三级公立医院要开展移动护理、生命体征在线监测、智能医学影像识别等服务",
        1, None,
        OfInstitutions("fact.public AND fact.hospital AND fact.level = '3'", "fact.of_the_three = 3"),
        ambiguity_zh="未写数和期限，按全部医院三项均上线计",
        ambiguity_en="neither figure nor date: read as all three, in all of them",
    ),
    Target(
        "T21", "急救信息互通", "Emergency centres share with pre-hospital care",
        "二级以上公立医院", "public hospitals of level 2 and above",
        "二级以上公立医院的应急救治中心与院前急救机构实现信息互通共享",
        1, None,
        OfInstitutions("fact.public AND fact.hospital AND fact.level IN ('3', '2')", "fact.shares_emergencies"),
        ambiguity_zh="未写期限", ambiguity_en="no date",
    ),
    Target(
        "T22", "远程医疗覆盖", "Reach of telemedicine", *_PROVINCE,
        "项目分5年投入3.22亿元,覆盖20个省级医院、56个县级人民医院、1000多个镇村卫生机构",
        1, date(2023, 12, 31), OfQuery("telemedicine_reach"),
        ambiguity_zh="“5年”自 2018 年 12 月起算；取省级、县级、镇村三项完成比例中最低者",
        ambiguity_en="five years are read from December 2018; the value is the lowest of the shares of its three parts",
    ),
    Target(
        "T23", "紧急会诊 1 小时安排", "Urgent consultations arranged within an hour", "省远程医疗平台", "the platform",
        "对紧急患者可在1小时内完成远程会诊业务安排",
        1, None, OfIndicator("A8"), in_force=True,
    ),
    Target(
        "T24", "远程诊断 30 分钟出具", "Remote diagnoses within 30 minutes", "省远程医疗平台", "the platform",
        "其他影像、心电及病理等远程诊断业务可在30分钟内完成并出具诊断结果",
        1, None, OfIndicator("A9"), in_force=True,
    ),
    Target(
        "T25", "社区影像按轻重返回", "Community images returned by urgency", "广州", "Guangzhou",
        "根据轻重以及紧急的程度,在15分钟、半小时或者一小时内,立即返回这个检查结果以及诊断",
        1, None, OfQuery("community_images_in_time"), cities=("440100",), in_force=True,
    ),
    Target(
        "T26", "二级以上医院便民服务", "Convenience services", "二级以上医院", "hospitals of level 2 and above",
        "如今,全省69%的二级以上医院都开展了便民服务",
        0.69, date(2018, 12, 31),
        OfInstitutions("fact.hospital AND fact.level IN ('3', '2')", "fact.of_the_ten > 0"),
        ambiguity_zh="为 2018 年的现状；何为便民服务未写明，按十项服务至少一项计",
        ambiguity_en="the baseline of 2018; which services count is not said: read as one of the ten at least",
    ),
    Target(
        "T27", "机构应接尽接", "Every institution connected", *_PROVINCE,
        "各级各类医疗卫生机构应接尽接,实现全省医疗卫生机构一网联通",
        1, None, OfInstitutions("fact.reported", "fact.uploading"),
    ),
    Target(
        "T28", "健康码延伸至所有机构", "The code in every institution", *_PROVINCE,
        "并逐步延伸至所有医疗卫生机构",
        1, None, OfInstitutions("fact.reported", "fact.code_in_use"),
        ambiguity_zh="“逐步”，在 2019 年 12 月之后，未写期限",
        ambiguity_en="gradually, after December 2019: no date is set",
    ),
)  # fmt: skip

TARGETS: MappingProxyType[str, Target] = MappingProxyType({entry.code: entry for entry in _ENTRIES})
"""Every target by its code."""
