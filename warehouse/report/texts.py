"""What the report calls things, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contracts.feeds import FEEDS
from warehouse.exports.figure_cells import Entry
from warehouse.indicators.catalogue import INDICATORS
from warehouse.indicators.entry import Kind
from warehouse.report.parts import Text

TITLE: Text = ("广东省卫生健康改革指标报告", "Guangdong health reform: indicators and promises")
SECTIONS: Mapping[str, Text] = {
    "promises": ("承诺一览", "Promises"),
    "moves": ("本月变化", "What changed"),
    "compare": ("地市比较", "Cities compared"),
    "trends": ("指标走势", "Trends"),
    "cities": ("各市", "City by city"),
    "quality": ("数据质量", "Data quality"),
    "methods": ("口径", "Methods"),
    "revisions": ("修订规则", "Revisions"),
}
FAMILIES: Mapping[str, Text] = {
    "A": ("平台与健康码", "Platforms and the health code"),
    "R": ("分级诊疗与基层", "Tiered and primary care"),
    "H": ("医院", "Hospitals"),
    "I": ("医保", "Insurance"),
    "X": ("多源互证", "Across sources"),
    "C": ("多源差异", "Sources in disagreement"),
}
"""The groups of indicators, by the letter of their codes."""
DIRECTIONS: Mapping[str, Text] = {
    "up": ("越高越好", "higher is better"),
    "down": ("越低越好", "lower is better"),
    "monitor": ("仅监测，无好坏之分", "watched: neither way is better"),
}
KINDS: Mapping[Kind, Text] = {
    Kind.FLOW: ("期间内发生", "what happens in the period"),
    Kind.STATE: ("期末状态", "as at the end of the period"),
    Kind.GROWTH: ("比上年同期", "on the same months of the year before"),
}
LEVELS: Mapping[str, Text] = {
    "3": ("三级", "level 3"),
    "2": ("二级", "level 2"),
    "1": ("一级", "level 1"),
    "0": ("未定级", "not graded"),
}
_SOURCES: Mapping[str, Text] = {
    "2018-12 announcement": ("2018年12月公告", "announcement of December 2018"),
    "(second-hand)": ("（转引）", "(second-hand)"),
    "cities with their own platform": ("已建成平台的地市", "cities with their own platform"),
    "0.6 in Huizhou and Jiangmen": ("惠州、江门为 60%", "60% in Huizhou and Jiangmen"),
    "0.8 and 0.6 of secondary": ("二级医院为 80%、60%", "80% and 60% of secondary"),
    "T15 and T16": ("T15、T16", "T15 and T16"),
    ": tertiary": ("：三级医院", ": tertiary"),
    "职工医保住院政策范围内 80 %，居民医保 70 %": (
        "职工医保住院政策范围内 80%，居民医保 70%",
        "80% for employees' inpatient care within the policy's scope, 70% for residents",
    ),
    "国办发〔2015〕70号": ("国办发〔2015〕70号", "State Council General Office, 2015 no. 70"),
    "国家基本公共卫生服务规范": ("国家基本公共卫生服务规范", "national standard of basic public health services"),
    "《“十四五”全民医疗保障规划》": (
        "《“十四五”全民医疗保障规划》",
        "medical security plan of the 14th Five-Year Plan",
    ),
}
"""Phrases of the catalogue's sources, which are written once."""


def source_words(source: str) -> Text:
    """Return where a threshold comes from; what isn't known is told as it is written."""
    zh = en = source
    for phrase, (chinese, english) in _SOURCES.items():
        zh, en = zh.replace(phrase, chinese), en.replace(phrase, english)
    return zh.replace(" （", "（").replace(": ", "：").replace("; ", "；").replace(", ", "，"), en


def feeds_words(feeds: Iterable[str]) -> Text:
    """Return what feeds are called."""
    names = list(feeds)
    chinese = "、".join(FEEDS[feed].zh if feed in FEEDS else feed for feed in names)
    return chinese, ", ".join(name.replace("_", " ") for name in names)


def kind_of(entry: Entry) -> Kind:
    """Return whether an indicator is of a period, of its end, or on the year before."""
    return INDICATORS[entry.code].kind if entry.code in INDICATORS else Kind.FLOW


def counts_persons(entry: Entry) -> bool:
    """Say whether an indicator is made of person records, linked to persons with some error."""
    return any(FEEDS[feed].is_person for feed in entry.feeds.split() if feed in FEEDS)


def family_of(code: str) -> str:
    """Return the group of an indicator."""
    return code[:1]


def families_of(codes: Iterable[str]) -> dict[str, Text]:
    """Return the groups of some indicators, in order, with their names."""
    found = {family_of(code) for code in codes}
    other = {family: ("其他", "Others") for family in sorted(found - FAMILIES.keys())}
    return {family: name for family, name in (dict(FAMILIES) | other).items() if family in found}
