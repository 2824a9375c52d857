"""Where the script draws: the choices, the tile map, the ranking, the table of all, the trends; and their legends."""

from __future__ import annotations

from html import escape

from contracts.divisions import PROVINCE_CODE
from warehouse.report.figures import Report
from warehouse.report.parts import Text, both, folded, paragraph
from warehouse.report.texts import families_of, family_of
from warehouse.report.tiles import TILES, breakable

_MAP: Text = ("地图：色深者数值高；点击地市看该市", "Map: darker is higher; a tile leads to its city")


def compare(report: Report) -> str:
    """Return the choice of an indicator and a period, and where its map, its ranking and the table of all are drawn."""
    if not report.shown.last:
        return paragraph("尚无数据。", "No figures yet.")
    cities = [code for code in TILES if code in report.cities]
    matrix_title = both("全部指标与全部地市", "Every indicator in every city")
    return "\n".join(
        [
            f'<div class="tools">{_indicator_choice(report)}{period_choice(report, "compare")}</div>',
            '<div id="facts" aria-live="polite"></div>',
            '<div class="compare">',
            f'<figure class="map"><figcaption>{both(*_MAP)}</figcaption>',
            f'<ul class="tiles" role="list">{"".join(_tile(code, report) for code in (PROVINCE_CODE, *cities))}</ul>',
            '<ul id="shades" class="key" role="list"></ul></figure>',
            '<div id="ranking" class="ranking"></div>',
            "</div>",
            folded(matrix_title, '<div id="matrix"></div>', "matrix"),
        ]
    )


def trends(report: Report) -> str:
    """Return the legend of the trends and where they are drawn, by family."""
    if not report.shown.last:
        return paragraph("尚无数据。", "No figures yet.")
    options = _option("", "不叠加", "none")
    options += "".join(_option(code, *names) for code, names in report.cities.items())
    choice = f'<label>{both("叠加地市", "Add a city")} <select id="overlay">{options}</select></label>'
    keys = (
        ("line", "全省", "province"),
        ("middle", "居中一半的地市", "middle half of the cities"),
        ("range", "各市最低至最高（至少 5 市有数）", "lowest to highest city (of 5 or more)"),
        ("goal", "目标", "threshold"),
        ("early", "初步数", "preliminary"),
        ("overlay", "所选地市", "the city chosen"),
    )
    legend = "".join(f'<li><i class="{kind}"></i>{both(zh, en)}</li>' for kind, zh, en in keys)
    parts = [f'<div class="tools">{choice}<ul class="key" role="list">{legend}</ul></div>']
    for family, title in families_of(report.entries).items():
        panels = f'<div class="panels" data-family="{escape(family)}"></div>'
        parts.append(folded(f"<h3>{both(*title)}</h3>", panels, "family", opened=True))
    return "\n".join(parts)


def period_choice(report: Report, where: str) -> str:
    """Return the choice of a period; those of all sections go together."""
    options = "".join(
        _option(period, *period_words(report, period), chosen=period == report.shown.last)
        for period in reversed(report.shown.periods)
    )
    return f'<label>{both("期间", "Period")} <select class="period" id="period-{where}">{options}</select></label>'


def period_words(report: Report, period: str) -> Text:
    """Return what a period is called; of a year that isn't whole it is said from which month it is known."""
    shown = report.shown
    preliminary = ("（初步）", " (preliminary)") if period in shown.preliminary else ("", "")
    if len(period) > 7:
        zh, en = f"{period[:4]}年1–{int(period[5:7])}月累计", f"{period[:4]}, January to month {int(period[5:7])}"
    elif len(period) == 4:
        zh, en = f"{period}年", period
        if shown.first.startswith(period) and not shown.first.endswith("-01"):
            since = int(shown.first[5:])
            zh, en = f"{zh}（自{since}月）", f"{en} (from month {since})"
    else:
        zh = en = period
    return zh + preliminary[0], en + preliminary[1]


def _indicator_choice(report: Report) -> str:
    groups = []
    for family, (zh, en) in families_of(report.entries).items():
        options = "".join(
            _option(code, f"{code} {entry.zh}", f"{code} {entry.en}")
            for code, entry in report.entries.items()
            if family_of(code) == family
        )
        groups.append(f'<optgroup label="{escape(zh)}" data-group-en="{escape(en)}">{options}</optgroup>')
    return f'<label>{both("指标", "Indicator")} <select id="indicator">{"".join(groups)}</select></label>'


def _option(value: str, zh: str, en: str, chosen: bool = False) -> str:
    english = "" if zh == en else f' data-text-en="{escape(en)}"'
    return f'<option value="{escape(value)}"{english}{" selected" if chosen else ""}>{escape(zh)}</option>'


def _tile(code: str, report: Report) -> str:
    zh, en = report.name(code)
    name = f'<span lang="zh">{escape(zh)}</span><span lang="en">{breakable(en)}</span>'
    inner = f'<span class="name">{name}</span><b></b><small></small>'
    if code == PROVINCE_CODE:
        return f'<li class="t{code} whole" data-place="{code}"><span class="tile">{inner}</span></li>'
    return f'<li class="t{code}" data-place="{code}"><a class="tile" href="#city-{code}">{inner}</a></li>'
