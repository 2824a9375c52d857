"""Methodology in short: what each indicator means and counts, and what can't be computed."""

from __future__ import annotations

from html import escape

from contracts.divisions import CITIES
from warehouse.exports.amounts import Amount
from warehouse.exports.figure_cells import Entry
from warehouse.exports.thresholds import threshold_in
from warehouse.indicators.catalogue import NOT_COMPUTABLE
from warehouse.report.figures import Report
from warehouse.report.numbers import UNITS, value_words
from warehouse.report.parts import both, folded, paragraph
from warehouse.report.texts import DIRECTIONS, KINDS, families_of, family_of, feeds_words, kind_of, source_words


def methods(report: Report) -> str:
    """Return the entry of every indicator, by family, and the reasons why some can't be computed."""
    parts = [
        paragraph(
            "指标值为分子除以分母，分母为零时为空。期间为月、年，及当年1月至某月的累计。截止日当天及以前的事件计入。"
            "涉及个人的指标，凡可能辨出 1 至 9 人者不发布（抑制）。取决于“谁是谁”的指标附 95 % 区间："
            "存疑的身份关联可能使其变动的范围，不含其他误差。",
            "A value is numerator ÷ denominator, empty where the denominator is zero. Periods are months, years, and "
            "the year up to a month. Events up to and including the as-of date count. Of indicators about persons, "
            "what might show 1 to 9 persons is not published (suppressed). What depends on who is who has a "
            "95 % interval: what doubtful links may have done to it, and no other error.",
        )
    ]
    for family, title in families_of(report.entries).items():
        entries = [entry for entry in report.entries.values() if family_of(entry.code) == family]
        parts.append(f'<h3>{both(*title)}</h3><div class="methods">{"".join(map(_entry, entries))}</div>')
    reasons = "".join(
        f'<div><dt><span class="code">{escape(entry.code)}</span> {both(entry.zh, entry.en)}</dt>'
        f"<dd>{both(entry.why_zh, entry.why_en)}</dd></div>"
        for entry in NOT_COMPUTABLE
    )
    parts.append(f'<h3>{both("不可计算的指标", "Not computable")}</h3><dl class="reasons">{reasons}</dl>')
    return "\n".join(parts)


def threshold_words(entry: Entry) -> str:
    """Return an indicator's threshold with its unit and source as HTML; a dash where there is none."""
    if entry.threshold is None:
        return both("无", "none")
    unit = "" if entry.amount is Amount.PERCENT else f" {both(*UNITS[entry.amount])}"
    side = "≤ " if entry.good == "down" else "≥ "
    return f"{side}{value_words(entry.amount, entry.threshold)}{unit} · {both(*source_words(entry.threshold_source))}"


def thresholds_of_cities(entry: Entry) -> dict[str, float]:
    """Return the thresholds that are other than the indicator's own in cities which a target binds by name."""
    found = {city: threshold_in(entry, city) for city in CITIES}
    return {city: value for city, value in found.items() if value is not None and value != entry.threshold}


def _entry(entry: Entry) -> str:
    unit = ("百分比", "per cent") if entry.amount is Amount.PERCENT else UNITS[entry.amount]
    told = (
        (("分子", "numerator"), both(entry.numerator_zh, entry.numerator_en)),
        (("分母", "denominator"), both(entry.denominator_zh, entry.denominator_en)),
        (("单位", "unit"), both(*unit)),
        (("导向", "direction"), both(*DIRECTIONS.get(entry.good, (entry.good, entry.good)))),
        (("目标", "threshold"), threshold_words(entry)),
        (("类型", "kind"), both(*KINDS[kind_of(entry)])),
        (("来源", "source"), both(*feeds_words(entry.feeds.split()))),
        (("口径版本", "definition"), f"<code>{escape(entry.definition)}</code>"),
    )
    items = "".join(f"<div><dt>{both(*name)}</dt><dd>{html}</dd></div>" for name, html in told)
    summary = f'<span class="code">{escape(entry.code)}</span> {both(entry.zh, entry.en)}'
    inner = f"<p>{both(entry.meaning_zh, entry.meaning_en)}</p><dl>{items}</dl>"
    return folded(summary, inner, "method").replace("<details ", f'<details id="m-{escape(entry.code)}" ', 1)
