"""The promises at a glance: each target with its status, value, deadline and pace, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import groupby

from contracts.divisions import CITIES
from warehouse.exports.amounts import Amount
from warehouse.exports.target_rows import Missing, TargetRow
from warehouse.report.figures import Report
from warehouse.report.numbers import change_words, grouped, value_words
from warehouse.report.parts import KINDS, Text, bar, both, folded, paragraph, sign, status_badge
from warehouse.report.texts import LEVELS
from warehouse.targets.entry import OfIndicator
from warehouse.targets.ledger import TARGETS
from warehouse.targets.status import MET, NOT_COMPUTABLE, STATUSES

MOST_NAMED = 40
"""Institutions of a target and city that are named; of the others it is said how many there are."""
HEAD: tuple[Text, ...] = (
    ("目标", "promise"), ("状态", "status"), ("实现值 / 目标值", "value / target"), ("期限", "deadline"),
    ("每月进度", "pace a month"), ("尚缺机构", "institutions missing"),
)  # fmt: skip


def promises(report: Report) -> str:
    """Return the statuses, which filter the targets, and the targets, each with its details."""
    whole = [row for row in report.targets if row.whole]
    head = "".join(f'<th scope="col"{_number_class(at)}>{both(*text)}</th>' for at, text in enumerate(HEAD))
    caption = both(
        "原文为 2018 年 12 月 19 日公告；数为截止日前最近一个已结束月份的值，约束多个地市者取差距最大的地市",
        "Words of the announcement of 19 December 2018; values are of the last month that is over, where several "
        "cities are bound that of the city furthest from the target",
    )
    rows = "\n".join(_promise(row, report) for row in whole)
    return "\n".join(
        [
            _sentence(whole, report.shown.as_of),
            f'<ul class="statuses" role="list">{"".join(_status(status, whole) for status in KINDS)}</ul>',
            f'<table class="promises stacked"><caption>{caption}</caption>',
            f"<thead><tr>{head}</tr></thead>\n{rows}</table>",
        ]
    )


def target_cells(row: TargetRow, missing: int | None, as_of: date) -> list[str]:
    """Return what is told of a target in a row, as HTML: status, value, deadline, pace, institutions missing."""
    return [
        status_badge(row.status),
        _value(row),
        _deadline(row, as_of),
        _pace(row),
        "—" if missing is None else grouped(missing),
    ]


def told_cell(head: Text, cell: str, number: bool = False) -> str:
    """Return a cell that says what it is where the table is too narrow for heads."""
    kinds = " ".join(name for name, holds in (("n", number), ("none", cell == "—")) if holds)
    return f'<td class="{kinds}" data-told="{escape(head[0])}" data-told-en="{escape(head[1])}"><div>{cell}</div></td>'


def named(rows: Sequence[Missing]) -> str:
    """Return institutions by name, under their levels."""
    items = [
        f'<li class="level">{both(*LEVELS.get(level, (level, level)))}</li>'
        + "".join(f"<li>{escape(row.name or row.org_code)}</li>" for row in of_level)
        for level, of_level in groupby(rows[:MOST_NAMED], key=lambda row: row.level)
    ]
    more = len(rows) - MOST_NAMED
    if more > 0:
        told = both(f"另有 {more:,} 家，见该市工作簿", f"{more:,} more in its workbook")
        items.append(f'<li class="more">{told}</li>')
    return f'<ul class="names" role="list" lang="zh-Hans">{"".join(items)}</ul>'


def _sentence(whole: Sequence[TargetRow], as_of: date) -> str:
    counts = {status: sum(row.status == status for row in whole) for status in KINDS}
    zh = "，".join(f"{STATUSES[status]} {count} 项" for status, count in counts.items() if count)
    en = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    ahead = [row for row in whole if row.deadline and row.deadline > as_of and row.status not in (MET, NOT_COMPUTABLE)]
    next_zh = next_en = ""
    if ahead:
        day = min(row.deadline for row in ahead if row.deadline)
        codes = [row.target_id for row in ahead if row.deadline == day]
        left = (day - as_of).days
        next_zh = f"最近的期限是 {day}，还有 {left} 天，尚待 {'、'.join(codes)}。"
        next_en = f" The next deadline is {day}, in {left} days, for {', '.join(codes)}."
    return paragraph(
        f"截至 {as_of}，{len(whole)} 项承诺中{zh}。{next_zh}",
        f"As of {as_of}, of {len(whole)} promises: {en}.{next_en}",
        "lead",
    )


def _status(status: str, whole: Sequence[TargetRow]) -> str:
    rows = [row for row in whole if row.status == status]
    links = " ".join(f'<a href="#{row.target_id}">{row.target_id}</a>' for row in rows)
    return (
        f'<li class="{KINDS[status]}"><button type="button" aria-pressed="false" data-status="{KINDS[status]}">'
        f"{sign(status)}<b>{len(rows)}</b>{both(STATUSES[status], status)}</button><p>{links}</p></li>"
    )


def _promise(row: TargetRow, report: Report) -> str:
    cells = target_cells(row, row.missing, report.shown.as_of)
    body = "".join(told_cell(HEAD[at], cell, at == len(HEAD) - 1) for at, cell in enumerate(cells, start=1))
    badge = ""
    if row.target_id in TARGETS and TARGETS[row.target_id].ambiguity_zh:
        badge = f'<span class="ambiguous">{both("有歧义", "ambiguous")}</span>'
    return (
        f'<tbody id="{escape(row.target_id)}" data-status="{KINDS[row.status]}" tabindex="-1">\n'
        f'<tr><th scope="row"><span class="code">{escape(row.target_id)}</span> {both(row.zh, row.en)}'
        f'<span class="scope">{both(row.scope_zh, row.scope_en)}{badge}</span></th>{body}</tr>\n'
        f'<tr class="details"><td colspan="{len(HEAD)}">{_details(row, report)}</td></tr>\n</tbody>'
    )


def _details(row: TargetRow, report: Report) -> str:
    target = TARGETS.get(row.target_id)
    told = [("原文", "announced", f'<q lang="zh-Hans">{escape(row.quote)}</q>')]
    if target and target.ambiguity_zh:
        told.append(("歧义与读法", "ambiguity", both(target.ambiguity_zh, target.ambiguity_en)))
    if row.status == NOT_COMPUTABLE:
        told.append(("不可计算的原因", "why not", both(row.note_zh, row.note_en)))
    if target and isinstance(target.measure, OfIndicator):
        told.append(("指标", "indicator", _indicator(target.measure.indicator, report)))
    if row.month:
        told.append(("数据月份", "month of the value", f"{row.month:%Y-%m}"))
    parts = [f"<dl>{''.join(f'<div><dt>{both(zh, en)}</dt><dd>{html}</dd></div>' for zh, en, html in told)}</dl>"]
    cities = [part for part in report.targets if part.target_id == row.target_id and not part.whole]
    if cities:
        parts.append(f"<h3>{both('各市', 'By city')}</h3>")
        parts.append(f'<ul class="bycity" role="list">{"".join(map(_city, cities))}</ul>')
    missing = [each for each in report.missing if each.target_id == row.target_id]
    if missing and row.status != MET:
        parts.append(_missing(row, missing, report))
    summary = f'<span class="code">{escape(row.target_id)}</span> <q lang="zh-Hans">{escape(row.quote)}</q>'
    return folded(summary, "\n".join(parts), "promise")


def _missing(row: TargetRow, missing: Sequence[Missing], report: Report) -> str:
    by_city: dict[str, list[Missing]] = {}
    for each in missing:
        by_city.setdefault(each.city_code, []).append(each)
    lists = "".join(
        f'<div data-city="{escape(code)}"><dt>{both(*report.name(code))} <b>{len(rows):,}</b></dt>'
        f"<dd>{named(rows)}</dd></div>"
        for code, rows in by_city.items()
    )
    title = both(f"尚缺机构 {len(missing):,} 家", f"{len(missing):,} institutions missing")
    return f'<h3>{title}</h3><dl class="missing" data-target="{escape(row.target_id)}">{lists}</dl>'


def _city(row: TargetRow) -> str:
    return (
        f'<li><a href="#city-{escape(row.scope)}">{both(row.scope_zh, row.scope_en)}</a> '
        f"{value_words(row.amount, row.value)} {status_badge(row.status)}</li>"
    )


def _indicator(code: str, report: Report) -> str:
    entry = report.entries.get(code)
    return f'<a href="#m-{escape(code)}">{escape(code)} {both(entry.zh, entry.en) if entry else ""}</a>'


def _value(row: TargetRow) -> str:
    if row.target is None:
        return "—"
    target = value_words(row.amount, row.target)
    told = f"<b>{value_words(row.amount, row.value)}</b> / {'≤ ' if row.at_most else ''}{target}"
    if row.amount is Amount.PERCENT and row.value is not None:
        told += bar(row.value, row.target, KINDS[row.status])
    if row.amount is Amount.COUNT:
        unit = ("次", "times") if row.at_most else ("家", "institutions")
        told += f' <span class="unit">{both(*unit)}</span>'
    if row.furthest:
        told += f'<span class="furthest">{both(*_furthest(row.furthest))}</span>'
    return told


def _furthest(code: str) -> Text:
    city = CITIES.get(code)
    return (f"差距最大 {city.zh}", f"furthest: {city.en}") if city else (code, code)


def _deadline(row: TargetRow, as_of: date) -> str:
    target = TARGETS.get(row.target_id)
    if row.deadline is None:
        in_force = target is not None and target.in_force
        return both(*(("现行要求", "in force") if in_force else ("未定期限", "no date")))
    days = (row.deadline - as_of).days
    told: Text = (f"还有 {days} 天", f"{days} days left") if days > 0 else ("已到期", "past")
    return f'<time>{row.deadline}</time><span class="left">{both(*told)}</span>'


def _pace(row: TargetRow) -> str:
    told = ""
    if row.pace_needed is not None:
        zh, en = change_words(row.amount, row.pace_needed, 1)
        told = both(f"所需 {zh}", f"needs {en}")
    if row.pace is not None:
        zh, en = change_words(row.amount, row.pace, 1)
        told += f'<span class="pace">{both(f"近三月 {zh}", f"last three: {en}")}</span>'
    return told or "—"


def _number_class(at: int) -> str:
    return ' class="n"' if at == len(HEAD) - 1 else ""
