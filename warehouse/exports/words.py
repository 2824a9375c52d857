"""The words of the exports, in Chinese and short English."""

from __future__ import annotations

from contracts.code_sets import CODE_SETS
from contracts.feeds import FEEDS
from warehouse.targets.status import DUE, MET, MISSED, NOT_COMPUTABLE, ON_TRACK, STATUSES

SUPPRESSED = "抑制"
"""What stands where a figure is suppressed."""
NONE = "–"
"""What stands where there is no figure."""
GOOD = {"up": "越高越好\nhigher", "down": "越低越好\nlower", "monitor": "监测\nwatched"}
"""Which way is better."""
SIGNS = {MET: "✓", ON_TRACK: "→", DUE: "○", MISSED: "✗", NOT_COMPUTABLE: NONE}
"""A sign a status, so that it can be told without its colour."""
URGENCY = (MISSED, DUE, ON_TRACK, MET, NOT_COMPUTABLE)
"""The statuses, those first that ask for something to be done."""

_SETTINGS = {"outpatient": "门诊", "emergency": "急诊", "inpatient": "住院"}
_BREAKDOWNS = {
    "setting": "就诊类型",
    "scheme": "险种",
    "scene": "场景",
    "feed": "来源",
    "basis": "口径",
    "statistic": "统计量",
}
_OTHER_VALUES = {"raw": "未剔除", "median": "中位数"}


def level_words(level: str) -> str:
    """Return a level of institutions in both languages."""
    for code in CODE_SETS["level"].codes:
        if code.code == level:
            return f"{code.zh} {code.en}"
    return "合计 all" if level == "all" else level


def breakdown_words(breakdown: str) -> str:
    """Return a breakdown in both languages; empty for the figure as a whole."""
    name, equals, value = breakdown.partition("=")
    if not equals:
        return ""
    zh, en = _value_words(name, value)
    return f"{_BREAKDOWNS.get(name, name)}：{zh}\n{name}: {en}"


def _value_words(name: str, value: str) -> tuple[str, str]:
    if name == "feed" and value in FEEDS:
        return FEEDS[value].zh, value
    code_set = CODE_SETS.get({"scheme": "insutype"}.get(name, name))
    for code in code_set.codes if code_set else ():
        if code.code == value:
            return code.zh, code.en
    return (_SETTINGS | _OTHER_VALUES).get(value, value), value


def feeds_words(feeds: str) -> str:
    """Return feeds, apart by spaces, by their Chinese and own names."""
    return "、".join(f"{FEEDS[feed].zh} {feed}" if feed in FEEDS else feed for feed in feeds.split())


def status_words(status: str) -> str:
    """Return a status with its sign, in both languages."""
    return f"{SIGNS[status]} {STATUSES[status]}\n{status}"
