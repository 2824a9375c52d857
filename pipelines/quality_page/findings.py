"""What the checks found: each with its meaning, how often, where most, and how that went over the periods."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from html import escape

from contracts.divisions import CITIES, PROVINCE_CODE
from pipelines.quality_page import charts
from pipelines.quality_page.figures import PERIODS, Figures
from pipelines.quality_page.names import city_name, city_names, column_names, feed_names
from pipelines.quality_page.parts import Cell, badge, both, chart, folded, heading, heat_map, key, paragraph, table
from pipelines.quality_page.tables import Row

_LISTED, _DRAWN, _BY_CITY = 25, 12, 20
_RATES = (1.0, 10.0, 50.0, 200.0)
_SEVERITY = {"error": ("错误", "error"), "warning": ("警告", "warning")}


def findings(figures: Figures) -> str:
    """Return what the checks found: errors, warnings, their course, and by city."""
    parts = [
        heading(2, "检查", "Checks", "checks"),
        paragraph(
            f"最近 {PERIODS} 期内已接受与暂缓的交付。错误使该行隔离, 警告只计数; 一行可有多项。比率按每万行交付计。",
            f"Accepted and held deliveries of the last {PERIODS} periods. An error quarantines its row, a warning is "
            "counted; a row may have several. Rates are rows found in 10,000 delivered.",
        ),
    ]  # fmt: skip
    if not figures.check_found:
        return "\n".join([*parts, paragraph("各项检查均无发现。", "No check found anything.")])
    for severity, (zh, en) in _SEVERITY.items():
        of_severity = [row for row in figures.check_found if row["severity"] == severity]
        if of_severity:
            parts.append(heading(3, f"{zh}: {len(of_severity)} 项", f"{en.capitalize()}s: {len(of_severity)} checks"))
            parts.append(_table(of_severity[:_LISTED], (zh, en)))
        if of_severity[_LISTED:]:
            rest = of_severity[_LISTED:]
            parts.append(folded(both(f"其余 {len(rest)} 项", f"{len(rest)} more"), _table(rest, (zh, en))))
    return "\n".join([*parts, _course(figures), _by_city(figures)])


def _table(rows: Sequence[Row], severity: tuple[str, str]) -> str:
    head = [
        ("检查", "check"), ("列与含义", "column and meaning"), ("行数", "rows"), ("每万行", "in 10,000"),
        ("最近一期", "last period"), ("地市数", "cities"), ("最多的地市 (每万行)", "most in (in 10,000)"),
    ]  # fmt: skip
    body = [
        [
            _name(row),
            _meaning(row), f"{row['rows']:,}", _rate(row["rate"]), _last(row), str(row["cities"]),
            f"{both(*city_names(row['worst_city']))} {_rate(row['worst_rate'])}",
        ]
        for row in rows
    ]  # fmt: skip
    caption = (
        f"{severity[0]}, 行数多者在前; ▲▼ 最近一期明显高于或低于各期中位数",
        f"{severity[1].capitalize()}s, most rows first; ▲▼ the last period is clearly above or below the median",
    )
    return table(caption, head, body, (2, 3, 4, 5), (1,))


def _course(figures: Figures) -> str:
    drawn = sorted(figures.check_found, key=lambda row: (-(row["rate"] or 0), row["check_id"], row["feed"]))[:_DRAWN]
    by_check: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in figures.check_period:
        by_check[row["check_id"], row["feed"]].append(row)
    svg = charts.check_rates([
        {"check": row["check_id"] if _names_feed(row) else f"{row['check_id']} {row['feed']}",
         "period": at["period"], "rate": at["rate"] or 0, "severity": row["severity"]}
        for row in drawn
        for at in by_check[row["check_id"], row["feed"]]
    ])  # fmt: skip
    says = (f"最常见的 {len(drawn)} 项检查各期的比率", f"Rates of the {len(drawn)} commonest checks by period")
    caption = (
        "每万行交付中的行数, 按期; 橙色为错误, 蓝色为警告; 各图纵轴不同",
        "Rows found in 10,000 delivered, by period; orange: errors, blue: warnings; each with its own scale",
    )
    return heading(3, "走势", "Course") + chart(svg, says, caption)


def _by_city(figures: Figures) -> str:
    rows = figures.check_found[:]
    rows.sort(key=lambda row: (-row["rows"], row["check_id"], row["feed"]))
    rows = rows[:_BY_CITY]
    rates = {(row["check_id"], row["feed"], row["city"]): row for row in figures.check_city}
    found_in = {row["city"] for row in figures.check_city}
    cities = [city for city in (PROVINCE_CODE, *CITIES) if city in found_in]
    lines = []
    for row in rows:
        cells = [_city_cell(rates.get((row["check_id"], row["feed"], city)), city) for city in cities]
        lines.append((_name(row), cells, False))
    bins = [f"≤ {rate:.0f}" for rate in _RATES] + [f"> {_RATES[-1]:.0f}"]
    caption = ("每万行交付中的行数, 按检查与地市", "Rows found in 10,000 delivered, by check and city")
    heat = heat_map(caption, ("检查", "check"), [both(*city_names(city)) for city in cities], lines, "checks")
    keyed = key((f"s{at}", "", text, text) for at, text in enumerate(bins))
    return heading(3, "按地市", "By city") + keyed + heat


def _city_cell(row: Row | None, city: str) -> Cell:
    if row is None:
        return Cell("·", "none")
    return Cell(_rate(row["rate"]), f"s{bisect_left(_RATES, row['rate'])}", f"{city_name(city)}: {row['rows']:,}")


def _meaning(row: Row) -> str:
    column_zh, column_en = column_names(row["feed"], row["column_name"])
    mark = badge(row["severity"], *_SEVERITY[row["severity"]])
    if not row["column_name"]:
        return f"{both(row['zh'], row['en'])} {mark}"
    return both(f"{column_zh}: {row['zh']}", f"{column_en}: {row['en']}") + f" {mark}"


def _name(row: Row) -> str:
    """Return a check's id, with the feed where that doesn't name it."""
    feed = "" if _names_feed(row) else f" {both(*feed_names(row['feed']))}"
    return f"<code>{escape(row['check_id'])}</code>{feed}"


def _names_feed(row: Row) -> bool:
    return str(row["check_id"]).startswith(f"{row['feed']}.")


def _rate(rate: float | None) -> str:
    if rate is None:
        return "—"
    return f"{rate:.1f}" if rate < 10 else f"{rate:,.0f}"


def _last(row: Row) -> str:
    last, usual = row["rate_last"], row["rate_median"]
    if last is None or usual is None:
        return "—"
    sign = " ▲" if last > 1.5 * usual + 1 else " ▼" if last + 1 < usual / 1.5 else ""
    return _rate(last) + sign
