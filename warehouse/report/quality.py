"""Quality and coverage of each indicator's figures, and the stated error of linkage."""

from __future__ import annotations

from contracts.divisions import PROVINCE_CODE
from warehouse.exports.figure_cells import Entry
from warehouse.report.figures import LinkError, Report
from warehouse.report.numbers import grouped, per_million, share_words
from warehouse.report.parts import Text, both, paragraph, table, wide
from warehouse.report.texts import counts_persons, feeds_words

_HEAD: tuple[Text, ...] = (
    ("指标", "indicator"), ("状态", "state"), ("有数地市", "cities with a figure"),
    ("抑制单元格", "cells suppressed"), ("全省分母", "denominator, province"),
    ("误匹配 / 漏匹配（每百万）", "false / missed matches (per million)"),
)  # fmt: skip


def quality(report: Report) -> str:
    """Return the quality of the last month's figures by indicator, and the error of linkage by feed."""
    if not report.shown.last:
        return paragraph("尚无数据。", "No figures yet.")
    month = report.shown.last
    rows = [_row(entry, report) for entry in report.entries.values()]
    caption = both(
        f"{month} 各指标的质量与覆盖；抑制单元格指全部区划、等级、分列中因可能辨出少数人而留空者所占比例",
        f"Quality and coverage in {month}; cells suppressed: the share of all divisions, levels and breakdowns that is "
        "left empty as few persons might show",
    )
    name = ("各指标的质量与覆盖", "Quality and coverage by indicator")
    return "\n".join([wide(table(caption, _HEAD, rows, numbers=(2, 3, 4, 5)), name), *_errors(report)])


def error_words(entry: Entry, report: Report) -> Text:
    """Return the stated error of linkage of an indicator, in short; empty where it isn't about persons."""
    if not counts_persons(entry):
        return "", ""
    worst = _worst(entry, report)
    if worst is None:
        return "关联误差未估计", "linkage error not stated"
    wrong, missed = per_million(worst[0]), per_million(worst[1])
    return f"关联误差 误 {wrong}、漏 {missed}（每百万）", f"linkage error {wrong} false, {missed} missed per million"


def _worst(entry: Entry, report: Report) -> tuple[float, float] | None:
    """Return the highest rates among the feeds of persons that an indicator is made of."""
    errors = [report.errors[feed] for feed in entry.feeds.split() if feed in report.errors]
    return (max(e.wrong for e in errors), max(e.missed for e in errors)) if errors else None


def _row(entry: Entry, report: Report) -> list[str]:
    month = report.shown.last
    figures = [report.figure(entry.code, city, month) for city in report.cities]
    with_value = sum(figure is not None and figure.value is not None for figure in figures)
    cells = report.cells.get((entry.code, month))
    whole = report.figure(entry.code, PROVINCE_CODE, month)
    preliminary = month in report.shown.preliminary
    worst = _worst(entry, report)
    if not counts_persons(entry):
        error = both("不涉个人", "not of persons")
    elif worst is None:
        error = both("未估计", "not stated")
    else:
        error = f"{per_million(worst[0])} / {per_million(worst[1])}"
    return [
        f'<a href="#m-{entry.code}"><span class="code">{entry.code}</span> {both(entry.zh, entry.en)}</a>',
        both(*(("初步", "preliminary") if preliminary else ("最终", "final"))),
        f"{with_value} / {len(figures)}",
        share_words(cells.suppressed, cells.filled) if cells else "—",
        grouped(whole.denominator if whole else None),
        error,
    ]


def _errors(report: Report) -> list[str]:
    title = f"<h3>{both('身份关联的误差', 'Error of linkage')}</h3>"
    if not report.errors:
        return [title, paragraph("记录太少，未估计。", "Not stated: too few records to say.")]
    head: list[Text] = [
        ("数据类别", "feed"), ("在用记录", "live records"),
        ("误匹配 [95% 区间]", "false matches [95% interval]"), ("漏匹配 [95% 区间]", "missed matches [95% interval]"),
    ]  # fmt: skip
    caption = both(
        "每百万条记录；误匹配：归到他人名下；漏匹配：本人在册而未归到任何人",
        "Per million records; false: in another person's cluster; missed: in nobody's, though the person is on the "
        "register",
    )
    rows = [_error_row(error) for error in report.errors.values()]
    return [title, wide(table(caption, head, rows, numbers=(1, 2, 3)), ("身份关联的误差", "Error of linkage"))]


def _error_row(error: LinkError) -> list[str]:
    intervals = [(error.wrong, error.wrong_low, error.wrong_high), (error.missed, error.missed_low, error.missed_high)]
    return [
        both(*(feeds_words([error.feed]) if error.feed else ("全部", "all"))),
        grouped(error.records),
        *(f"{per_million(rate)} [{per_million(low)}, {per_million(high)}]" for rate, low, high in intervals),
    ]
