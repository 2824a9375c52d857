"""The quality page as HTML: one file, without script, network or value; Chinese first, English by a switch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from statistics import median

from contracts.feeds import FEEDS
from pipelines.quality_page import charts
from pipelines.quality_page.attention import MOST, answered_refusals, attention, refused_table
from pipelines.quality_page.figures import PERIODS, Figures
from pipelines.quality_page.findings import findings
from pipelines.quality_page.gate_rules import VOLUME
from pipelines.quality_page.matrices import completeness, quarantined, timeliness
from pipelines.quality_page.names import feed_names
from pipelines.quality_page.parts import both, chart, folded, heading, paragraph, table
from pipelines.quality_page.style import STYLE
from pipelines.quality_page.tables import Row
from pipelines.receipts.page import ROWS, STATES

_ACTIONS = {"release": ("放行", "released"), "refuse": ("退回", "refused")}
_KINDS = {"accepted": "good", "held": "alert", "rejected": "alert"}
_SECTIONS = (
    ("attention", "待处理", "What wants attention"), ("timeliness", "及时性", "Timeliness"),
    ("volumes", "数据量", "Volumes"), ("completeness", "完整性", "Completeness"), ("checks", "检查", "Checks"),
    ("decisions", "决定", "Decisions"),
)  # fmt: skip


def page(figures: Figures, digest: str) -> str:
    """Return the page; `digest` is of what it was drawn from and by, and is kept in its head."""
    body = "\n".join(
        [
            _head(figures), attention(figures), _timeliness(figures), _volumes(figures), completeness(figures),
            findings(figures), _decisions(figures), _foot(),
        ]
    )  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="drawn-from" content="{escape(digest)}">\n'
        f"<title>数据质量 Data quality · {figures.as_of or ''}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<input class="language" type="radio" name="language" id="chinese" aria-label="中文" checked>\n'
        '<input class="language" type="radio" name="language" id="english" aria-label="English">\n'
        f'<main class="page">\n{body}\n</main>\n</body>\n</html>\n'
    )


def _head(figures: Figures) -> str:
    links = "".join(f'<li><a href="#{anchor}">{both(zh, en)}</a></li>' for anchor, zh, en in _SECTIONS)
    return "\n".join(
        [
            '<header>\n<div class="switch"><label for="chinese">中文</label><label for="english">English</label></div>',
            f"<h1>{both('数据质量', 'Data quality')}</h1>",
            paragraph(
                f"广东省各地市交付 · 数据截至 {figures.as_of or '—'} · 应交期 {figures.due or '—'}",
                f"Deliveries of Guangdong's cities · data up to {figures.as_of or '—'} · due {figures.due or '—'}",
            ),
            _sentence(figures), _cards(figures),
            f'<nav aria-label="目录 contents"><ul>{links}</ul></nav>\n</header>',
        ]
    )  # fmt: skip


def _sentence(figures: Figures) -> str:
    states = _by_state(figures, "deliveries")
    total = sum(states.values())
    if not total:
        return paragraph("尚无交付。", "No deliveries yet.", "lead")
    refused = sum(not row["answered"] for row in figures.rejected)
    overdue = [row for row in figures.standing if row["overdue"]]
    cities = len({row["city"] for row in overdue})
    zh = [f"共收到 {total:,} 份交付, 接受 {states['accepted']:,} 份"]
    en = [f"{total:,} deliveries came, {states['accepted']:,} were accepted"]
    if states["held"]:
        zh.append(f"{states['held']:,} 份暂缓待决")
        en.append(f"{states['held']:,} wait for a decision")
    if refused:
        zh.append(f"{refused:,} 份拒收尚未更正")
        en.append(f"{refused:,} rejected and not corrected")
    if overdue:
        zh.append(f"{cities} 个地市有 {len(overdue)} 项逾期未交")
        en.append(f"{len(overdue)} due from {cities} cities are overdue")
    ends = (
        ("行数守恒不成立!", "Rows are not conserved!") if figures.broken else ("行数守恒成立。", "Rows are conserved.")
    )
    return paragraph(f"{', '.join(zh)}。{ends[0]}", f"{', '.join(en)}. {ends[1]}", "lead")


def _cards(figures: Figures) -> str:
    states = _by_state(figures, "deliveries")
    rows = {name: sum(_by_state(figures, name).values()) for name in ROWS}
    deliveries = [
        (f"{states[state]:,}", zh, en, _KINDS.get(state, "") if states[state] else "")
        for state, (zh, en) in STATES.items()
    ]
    counts = []
    for sign, (name, zh) in zip(("", "= ", "+ ", "+ "), ROWS.items(), strict=True):
        share = f" {rows[name] / rows['delivered']:.1%}" if name != "delivered" and rows["delivered"] else ""
        counts.append((f"{sign}{rows[name]:,}", f"{zh}行{share}", f"rows {name}{share}", ""))
    lists = (
        "".join(f'<li class="{kind}"><b>{value}</b>{both(zh, en)}</li>' for value, zh, en, kind in cards)
        for cards in (deliveries, counts)
    )
    return "".join(f'<ul class="cards">{items}</ul>' for items in lists)


def _timeliness(figures: Figures) -> str:
    parts = [heading(2, "及时性与隔离", "Timeliness and quarantine", "timeliness")]
    if not figures.trend:
        return "\n".join([*parts, paragraph("尚无数据。", "No figures yet.")])
    days = charts.days_to_extraction(figures.trend)
    share = charts.quarantined_share(figures.trend)
    return "\n".join(
        [
            *parts, heading(3, "各地市何时交付", "When each city delivered"), timeliness(figures.standing, figures.due),
            chart(
                days, ("各数据类别从期末到提取的天数, 按期", "Days from period end to extraction by feed and period"),
                ("从期末到提取的天数: 线为地市中位数, 带为最早至最晚; 各图纵轴不同",
                 "Days from period end to extraction: line, the median city; band, earliest to latest; scales differ"),
            ),
            heading(3, "隔离率", "Share quarantined"), quarantined(figures.standing),
            chart(
                share, ("各数据类别的隔离率, 按期", "Share of rows quarantined by feed and period"),
                ("隔离行占交付行的比例, 全省按期; 虚线为闸门; 含暂缓的交付",
                 "Share of rows quarantined, province by period; dashed: the gate; held deliveries included"),
            ),
        ]
    )  # fmt: skip


def _volumes(figures: Figures) -> str:
    parts = [heading(2, "数据量", "Volumes", "volumes")]
    if not figures.trend:
        return "\n".join([*parts, paragraph("尚无数据。", "No figures yet.")])
    parts.append(
        chart(
            charts.delivered_rows(figures.trend),
            ("各数据类别的交付行数, 按期", "Rows delivered by feed and period"),
            (
                f"全省交付行数, 最近 {PERIODS} 期; 各图纵轴不同",
                f"Rows delivered in the province, last {PERIODS} periods; each with its own scale",
            ),
        )
    )
    parts.append(heading(3, "按地市", "By city"))
    parts.append(
        paragraph(
            "线为每期首次交付的行数 (限最近所用的全量或增量方式; 超过中位数三倍的画在三倍处); 橙点为暂缓; "
            f"浅色带为闸门放行的范围: {VOLUME.zh}。",
            "Line: rows of each period's first delivery (of the mode, full or delta, used last; beyond three times the "
            f"median drawn there); orange: held; pale band: what the gate passes. {VOLUME.en}.",
        )
    )
    by_feed: dict[str, list[Row]] = defaultdict(list)
    for row in figures.volume:
        by_feed[row["feed"]].append(row)
    trend: dict[str, list[Row]] = defaultdict(list)
    for row in figures.trend:
        trend[row["feed"]].append(row)
    opened = True
    for feed in FEEDS:
        if feed in by_feed:
            parts.append(_feed_volumes(feed, by_feed[feed], trend[feed], opened))
            opened = False
    return "\n".join(parts)


def _feed_volumes(feed: str, volume: Sequence[Row], trend: Sequence[Row], opened: bool) -> str:
    zh, en = feed_names(feed)
    *before, last = trend
    told_zh, told_en = f"{last['period']}: {last['delivered']:,} 行", f"{last['period']}: {last['delivered']:,} rows"
    usual = median(row["delivered"] for row in before[-3:]) if before else 0
    if usual:
        change = f"{last['delivered'] / usual - 1:+.0%}".replace("-0%", "±0%").replace("+0%", "±0%")
        told_zh, told_en = (
            f"{told_zh}, 比此前三期中位数 {change}",
            f"{told_en}, {change} on the median of the three before",
        )
    held = sum(row["state"] == "held" for row in volume)
    if held:
        told_zh, told_en = f"{told_zh}, 暂缓 {held}", f"{told_en}, {held} held"
    says = (f"{zh}: 各地市每期首次交付的行数", f"{en}: rows of each city's first delivery by period")
    inner = chart(charts.city_volumes(volume), says, says)
    return folded(f'{both(zh, en)} <span class="note">{both(told_zh, told_en)}</span>', inner, opened or held > 0)


def _decisions(figures: Figures) -> str:
    parts = [heading(2, "闸门决定与已更正的拒收", "Decisions at the gate, corrected rejections", "decisions")]
    if figures.decided:
        head = [
            ("交付", "delivery"),
            ("决定", "decision"),
            ("决定人", "by"),
            ("时间", "when"),
            ("理由", "because"),
            ("暂缓原因", "held because"),
        ]
        rows = [
            [f"<code>{escape(row['folder'])}</code>", both(*_ACTIONS.get(row["action"], (row["action"],) * 2)),
             escape(row["decided_by"]), row["decided_at"].isoformat(" ", "minutes"), escape(row["because"]),
             escape(row["held_because"])]
            for row in figures.decided[:MOST]
        ]  # fmt: skip
        count = len(figures.decided)
        parts.append(table((f"{count} 项决定, 新的在前", f"{count} decisions, newest first"), head, rows, (), (4, 5)))
    else:
        parts.append(paragraph("尚无决定。", "No decisions yet."))
    corrected = answered_refusals(figures)
    if corrected:
        caption = ("曾整份拒收, 其后同期有交付被接受", "Rejected whole; a later delivery of the same period stands")
        inner = refused_table(corrected, caption)
        parts.append(
            folded(both(f"已更正的拒收: {len(corrected)} 份", f"Corrected rejections: {len(corrected)}"), inner)
        )
    return "\n".join(parts)


def _foot() -> str:
    return "<footer>" + paragraph(
        "本页只含计数、日期与理由, 不含任何个人信息; 由台账生成, 台账不变则本页不变。折叠的部分展开后方可打印。",
        "This page holds counts, dates and reasons, and nothing personal. It is drawn from the ledger: the same ledger "
        "gives the same page. Folded parts are printed when opened.",
    ) + "</footer>"  # fmt: skip


def _by_state(figures: Figures, what: str) -> dict[str, int]:
    return defaultdict(int, {row["state"]: row[what] for row in figures.state_count})
