"""A page a city: its promises and who is missing; its figures beside the province's are drawn by the script."""

from __future__ import annotations

from html import escape

from contracts.divisions import PROVINCE_CODE
from warehouse.exports.target_rows import TargetRow, targets_of_city
from warehouse.report.compare import period_choice
from warehouse.report.figures import Report
from warehouse.report.numbers import grouped
from warehouse.report.parts import Text, both, label, paragraph
from warehouse.report.promises import HEAD, target_cells, told_cell
from warehouse.report.texts import LEVELS

_MISSING_HERE: Text = ("本市尚缺机构", "missing here")


def cities(report: Report) -> str:
    """Return the choice of a city, and a part for each of them."""
    buttons = "".join(
        f'<button type="button" data-city="{code}" aria-pressed="false">{both(*names)}</button>'
        for code, names in report.cities.items()
    )
    printing = f'<button type="button" class="printcity">{both("只打印本市", "Print this city")}</button>'
    return "\n".join(
        [
            f'<div class="tools"><div class="chips" role="group" {label("选择地市", "Choose a city")}>{buttons}</div>'
            f"{period_choice(report, 'cities')}{printing}</div>",
            *(_city(code, report) for code in report.cities),
        ]
    )


def _city(code: str, report: Report) -> str:
    zh, en = report.name(code)
    levels = report.institutions.get(code, {})
    total = f"{sum(levels.values()):,}"
    told_zh, told_en = [f"在营机构 {total} 家"], [f"{total} institutions open"]
    for level, names in LEVELS.items():
        if level in levels:
            told_zh.append(f"{names[0]} {levels[level]:,}")
            told_en.append(f"{names[1]}: {levels[level]:,}")
    institutions = paragraph(" · ".join(told_zh), " · ".join(told_en))
    return (
        f'<article class="city" id="city-{code}" data-city="{code}" tabindex="-1" aria-labelledby="city-{code}-h">\n'
        f'<h3 id="city-{code}-h">{both(zh, en)}</h3>{institutions}\n'
        f'<div class="columns"><div class="cityfigures"></div>\n<div class="citypromises">{_targets(code, report)}'
        f'<div class="citymissing"></div></div></div>\n</article>'
    )


def _targets(code: str, report: Report) -> str:
    found = targets_of_city(list(report.targets), list(report.missing), code)
    own = [each for each in found if each[0].scope == code]
    shared = [each for each in found if each[0].scope == PROVINCE_CODE and each[1]]
    groups = [
        (own, ("约束本市的承诺", "Promises that bind this city")),
        (
            shared,
            (
                "全省承诺中本市尚缺机构者（状态为全省）",
                "Promises of the province with institutions missing here (its status)",
            ),
        ),
    ]
    bodies = "\n".join(
        f'<tbody><tr class="group"><th scope="rowgroup" colspan="{len(HEAD) - 1}">{both(*title)}</th></tr>'
        + "".join(_target(row, missing, report) for row, missing in rows)
        + "</tbody>"
        for rows, title in groups
        if rows
    )
    if not bodies:
        told = "没有约束本市、或本市尚缺机构的承诺。", "No promise binds this city, or lacks institutions here."
        return paragraph(*told)
    head = "".join(f'<th scope="col">{both(*text)}</th>' for text in _heads())
    caption = f"<caption>{both('承诺', 'Promises')}</caption>"
    return f'<table class="stacked ofcity">{caption}<thead><tr>{head}</tr></thead>\n{bodies}</table>'


def _target(row: TargetRow, missing: int | None, report: Report) -> str:
    status, value, deadline, _, _ = target_cells(row, missing, report.shown.as_of)
    cells = [status, value, deadline, "—" if missing is None else grouped(missing)]
    body = "".join(told_cell(head, cell) for head, cell in zip(_heads()[1:], cells, strict=True))
    code = escape(row.target_id)
    name = f'<a href="#{code}"><span class="code">{code}</span> {both(row.zh, row.en)}</a>'
    return f'<tr><th scope="row">{name}</th>{body}</tr>'


def _heads() -> list[Text]:
    return [*HEAD[:4], _MISSING_HERE]
