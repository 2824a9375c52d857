"""City by feed: when the last delivery came, how much of it was refused, how full its columns are."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence

from contracts.feeds import FEEDS
from pipelines.quality_page.figures import Figures
from pipelines.quality_page.gate_rules import MOST_QUARANTINED
from pipelines.quality_page.names import city_name, city_names, column_name, column_names, feed_name, feed_names
from pipelines.quality_page.parts import Cell, both, folded, heading, heat_map, key, paragraph
from pipelines.quality_page.tables import Row

_DAYS = (3, 7, 14, 31)
_SHARES = (0.0, 0.005, 0.01, 0.02)
_FULL = (0.2, 0.5, 0.8, 0.95)
_DROP = 0.10


def timeliness(standing: Sequence[Row], due: str) -> str:
    """Return for each city and feed the days from the last period's end to its extraction, or what is amiss."""
    bins = [f"≤ {days}" for days in _DAYS] + [f"> {_DAYS[-1]}"]
    entries = [(f"s{at}", "", f"{text} 天", f"{text} days") for at, text in enumerate(bins)]
    entries += [
        ("w1", "−1", "缺最近一期", "last period lacking"),
        ("w2", "−2", "缺两期及以上", "two periods or more lacking"),
        ("w2", "‖", "有交付暂缓", "a delivery is held"),
        ("w3", "×", "拒收未更正, 或从未交付", "rejected and not corrected, or never delivered"),
        ("none", "·", "不要求", "not asked for"),
    ]
    caption = (
        f"从期末到提取的天数, 最近接受的一期; 应交 {due}",
        f"Days from the end of the last accepted period to its extraction; due is {due}",
    )
    return key(entries) + _by_city(caption, standing, _timely)


def quarantined(standing: Sequence[Row]) -> str:
    """Return for each city and feed the share of the last accepted period's rows that were refused."""
    bins = ["0"] + [f"≤ {share:.1%}" for share in _SHARES[1:]] + [f"≤ {MOST_QUARANTINED:.0%}"]
    entries = [(f"s{at}", "", text, text) for at, text in enumerate(bins)]
    entries.append(("w3", "", f"> {MOST_QUARANTINED:.0%}: 闸门暂缓", f"> {MOST_QUARANTINED:.0%}: held by the gate"))
    return key(entries) + _by_city(
        ("隔离行占交付行的百分比, 最近接受的一期", "Percent of delivered rows quarantined, last accepted period"),
        standing,
        _refused,
    )


def completeness(figures: Figures) -> str:
    """Return for each feed how often its optional columns are filled, by city."""
    parts = [
        heading(2, "完整性", "Completeness", "completeness"),
        paragraph(
            f"选填列的填写率 (%), 各地市最近接受的一期; ▼ 比此前三期的中位数低 {_DROP:.0%} 以上。缺必填列的行已隔离。",
            f"How often optional columns are filled (%), in each city's last accepted period; ▼ {_DROP:.0%} of rows "
            "or more below the median of the three before. Rows that lack a required value are quarantined.",
        ),
        key([(f"s{at}", "", text, text) for at, text in enumerate(["≤ 20 %", "≤ 50 %", "≤ 80 %", "≤ 95 %", "> 95 %"])]
            + [("w2", "▼", "明显下降", "much lower")]),
    ]  # fmt: skip
    by_feed: dict[str, list[Row]] = defaultdict(list)
    for row in figures.column_city:
        by_feed[row["feed"]].append(row)
    province = {(row["feed"], row["column_name"]): row for row in figures.column_province}
    opened = True
    for feed in FEEDS:
        if feed in by_feed:
            parts.append(_feed_completeness(feed, by_feed[feed], province, opened))
            opened = False
    if not by_feed:
        parts.append(paragraph("尚无数据。", "No figures yet."))
    return "\n".join(parts)


def _feed_completeness(feed: str, rows: Sequence[Row], province: dict[tuple[str, str], Row], opened: bool) -> str:
    known = {row["column_name"] for row in rows}
    columns = [column.name for column in FEEDS[feed].columns if column.name in known]
    by_city: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by_city[row["city"]][row["column_name"]] = row
    whole = [province[feed, column] for column in columns]
    lines = [
        (both("全省", "Province"), [_filled(feed, row, "全省 province") for row in whole], False),
        (
            both("此前", "before"),
            [_filled(feed, row | {"share": row["earlier"], "earlier": None}, "") for row in whole],
            True,
        ),
    ]
    lines += [
        (both(*city_names(city)), [_filled(feed, of_city.get(column), city_name(city)) for column in columns], False)
        for city, of_city in sorted(by_city.items())
    ]
    fallen = sum(_fell(row) for row in rows)
    zh, en = feed_names(feed)
    lower = (f", {fallen} 处明显下降", f", {fallen} much lower") if fallen else ("", "")
    told = both(f"{len(columns)} 列{lower[0]}", f"{len(columns)} columns{lower[1]}")
    header = [both(*column_names(feed, column)) for column in columns]
    caption = (f"{zh}: 选填列的填写率 (%)", f"{en}: optional columns filled (%)")
    inner = heat_map(caption, ("地市", "city"), header, lines)
    return folded(f'{both(zh, en)} <span class="note">{told}</span>', inner, opened or fallen > 0)


def _filled(feed: str, row: Row | None, who: str) -> Cell:
    if row is None or row["share"] is None:
        return Cell("·", "none")
    text, full = f"{row['share'] * 100:.0f}", ""
    if _fell(row):
        full = f"{who} · {column_name(feed, row['column_name'])}: {row['earlier']:.0%} → {row['share']:.0%}"
        return Cell(f"{text}▼", "w2", full)
    return Cell(text, f"s{bisect_left(_FULL, row['share'])}")


def _fell(row: Row) -> bool:
    return bool(row["earlier"] is not None and row["earlier"] - row["share"] >= _DROP)


def _by_city(caption: tuple[str, str], standing: Sequence[Row], cell: Callable[[Row], Cell]) -> str:
    asked = {row["feed"] for row in standing if row["is_expected"] or row["period"] or row["held"] or row["rejected"]}
    cities = [row["city"] for row in standing if row["feed"] in asked and _concerns(row)]
    feeds = [feed for feed in FEEDS if feed in asked]
    by_place = {(row["city"], row["feed"]): row for row in standing}
    rows = [
        (both(*city_names(city)), [cell(by_place[city, feed]) for feed in feeds], False) for city in sorted(set(cities))
    ]
    return heat_map(caption, ("地市", "city"), [both(*feed_names(feed)) for feed in feeds], rows, "feeds")


def _concerns(row: Row) -> bool:
    return bool(row["is_expected"] or row["period"] or row["held"] or row["rejected"])


def _timely(row: Row) -> Cell:
    place = f"{city_name(row['city'])} · {feed_name(row['feed'])}"
    if row["rejected"]:
        return Cell("×", "w3", f"{place}: 拒收未更正 rejected, not corrected")
    if row["held"]:
        return Cell("‖", "w2", f"{place}: 暂缓 held")
    if row["period"] is None:
        return Cell("×", "w3", f"{place}: 从未交付 never delivered") if row["is_expected"] else Cell("·", "none")
    if row["behind"]:
        return Cell(f"−{row['behind']}", "w1" if row["behind"] == 1 else "w2", f"{place}: 最近 last {row['period']}")
    return Cell(str(row["days"]), f"s{bisect_left(_DAYS, row['days'])}", f"{place}: {row['period']}")


def _refused(row: Row) -> Cell:
    share = row["quarantined_share"]
    if share is None:
        return Cell("·", "none")
    place = f"{city_name(row['city'])} · {feed_name(row['feed'])}: {row['period']}"
    shade = "w3" if share > MOST_QUARANTINED else f"s{bisect_left(_SHARES, share)}"
    return Cell(f"{share * 100:.1f}" if share else "0", shade, place)
