"""What wants attention now: held and refused deliveries, cities that are late, columns that went empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from shlex import quote

from pipelines.quality_page.figures import Figures
from pipelines.quality_page.names import city_names, column_names, feed_names
from pipelines.quality_page.parts import both, folded, heading, paragraph, table
from pipelines.quality_page.tables import Row

_FIRST = 10
MOST = 40
"""Entries of a list that are shown; of the others it is said how many there are."""
_EMPTIED = 0.20


def attention(figures: Figures) -> str:
    """Return what wants attention, with the commands that decide on what the gate holds."""
    open_refusals = [row for row in figures.rejected if not row["answered"]]
    overdue = [row for row in figures.standing if row["overdue"]]
    emptied = emptied_columns(figures.column_city)
    parts = [heading(2, "待处理", "What wants attention", "attention")]
    if not (figures.held or open_refusals or overdue or emptied or figures.warned or figures.broken):
        parts.append(paragraph("没有待处理事项。", "Nothing.", "lead"))
    if figures.broken:
        parts.append(heading(3, "行数不守恒", "Rows are not conserved"))
        parts += [f"<pre>{escape(line)}</pre>" for line in figures.broken[:MOST]]
    if figures.held:
        count = len(figures.held)
        parts.append(heading(3, f"暂缓待决: {count} 份", f"Held until someone decides: {count}"))
        parts.append(f'<div class="cases">{"".join(_held(row, figures.home) for row in figures.held[:MOST])}</div>')
        parts += _more(count)
    if open_refusals:
        parts.append(_refused(open_refusals))
    if overdue:
        parts.append(_overdue(overdue, figures.due))
    if emptied:
        parts.append(_emptied(emptied))
    if figures.warned:
        parts.append(_warned(figures.warned))
    return "\n".join(parts)


def answered_refusals(figures: Figures) -> list[Row]:
    """Return the refused deliveries in whose place something stands by now."""
    return [row for row in figures.rejected if row["answered"]]


def refused_table(rows: Sequence[Row], caption: tuple[str, str]) -> str:
    """Return refused deliveries with their reasons; all but the first of many are folded."""
    first = _refused_rows(rows[:_FIRST], caption)
    rest = rows[_FIRST:]
    if not rest:
        return first
    return first + folded(both(f"其余 {len(rest)} 份", f"{len(rest)} more"), _refused_rows(rest, caption))


def _refused_rows(rows: Sequence[Row], caption: tuple[str, str]) -> str:
    head = [("交付", "delivery"), ("地市", "city"), ("数据类别", "feed"), ("自", "since"), ("原因", "reason")]
    body = [
        [f"<code>{escape(row['folder'])}</code>", both(*city_names(row["city"])), both(*feed_names(row["feed"])),
         _day(row), escape(row["reason"])]
        for row in rows[:MOST]
    ]  # fmt: skip
    return "\n".join([table(caption, head, body, long=(4,)), *_more(len(rows))])


def emptied_columns(columns: Sequence[Row]) -> list[Row]:
    """Return where a column is much emptier than before, the worst first."""
    found = [row for row in columns if row["earlier"] is not None and row["earlier"] - row["share"] >= _EMPTIED]
    return sorted(found, key=lambda row: (row["share"] - row["earlier"], row["city"], row["feed"], row["column_name"]))


def _held(row: Row, home: str) -> str:
    zh, en = (f"{city} · {feed} · {row['period']}" for city, feed in zip(*_names(row), strict=True))
    commands = "\n".join(
        f'yimatong gate {action} {quote(row["folder"])} --home {quote(home)} --because "…"'
        for action in ("release", "refuse")
    )
    rows = f"{row['delivered']:,}", f"{row['quarantined']:,}"
    return (
        f'<div class="case"><h4>{both(zh, en)}</h4>'
        f"<p>{escape(row['reason'])}</p>"
        + paragraph(
            f"自 {_day(row)} 起暂缓; 交付 {rows[0]} 行, 其中隔离 {rows[1]} 行。放行或退回:",
            f"Held since {_day(row)}; {rows[0]} rows delivered, {rows[1]} of them quarantined. To release or refuse:",
        )
        + f"<pre><code>{escape(commands)}</code></pre></div>"
    )


def _refused(rows: Sequence[Row]) -> str:
    count = len(rows)
    title = heading(3, f"整份拒收, 尚未更正: {count} 份", f"Rejected whole and not corrected yet: {count}")
    return title + refused_table(rows, ("更正请使用新的序号重新交付", "A correction is sent under a new sequence"))


def _overdue(rows: Sequence[Row], due: str) -> str:
    by_city: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_city[row["city"]].append(row)
    title = heading(3, f"应交 {due}, 尚未交: {len(rows)} 项", f"Due for {due} and not delivered: {len(rows)}")
    ordered = sorted(by_city.items(), key=lambda item: -len(item[1]))
    body = [
        [both(*city_names(city)), str(len(of_city)), both("、".join(zh), ", ".join(en))]
        for city, of_city in ordered
        for zh, en in [list(zip(*map(_missing, of_city), strict=True))]
    ]
    head = [("地市", "city"), ("项数", "feeds"), ("数据类别 (最近接受的一期)", "feed (last period accepted)")]
    return title + table(("逾期最多的地市在前", "Cities with most overdue feeds first"), head, body, (1,), (2,))


def _emptied(rows: Sequence[Row]) -> str:
    title = heading(3, f"填写率骤降: {len(rows)} 列", f"Columns much emptier than before: {len(rows)}")
    head = [("地市", "city"), ("数据类别", "feed"), ("列", "column"), ("此前", "before"), ("最近一期", "last period")]
    body = [
        [both(*city_names(row["city"])), both(*feed_names(row["feed"])),
         both(*column_names(row["feed"], row["column_name"])), f"{row['earlier']:.0%}", f"{row['share']:.0%}"]
        for row in rows[:MOST]
    ]  # fmt: skip
    caption = (
        f"最近一期的填写率比此前三期的中位数低 {_EMPTIED:.0%} 以上",
        f"Filled in the last period less often by {_EMPTIED:.0%} of the rows or more than in the three before (median)",
    )
    return "\n".join([title, table(caption, head, body, (3, 4)), *_more(len(rows))])


def _warned(rows: Sequence[Row]) -> str:
    title = heading(3, f"闸门提示: {len(rows)} 项", f"The gate warns: {len(rows)}")
    head = [("交付", "delivery"), ("提示", "warning")]
    body = [[f"<code>{escape(row['folder'])}</code>", escape(row["told"])] for row in rows[:MOST]]
    caption = ("最近一期已接受, 但宜向报送方核实", "Accepted in the newest period, but worth a question to the city")
    return "\n".join([title, table(caption, head, body, (), (1,)), *_more(len(rows))])


def _missing(row: Row) -> tuple[str, str]:
    zh, en = feed_names(row["feed"])
    period = row["period"]
    return f"{zh} ({period or '从未'})", f"{en} ({period or 'never'})"


def _names(row: Row) -> tuple[tuple[str, str], tuple[str, str]]:
    return city_names(row["city"]), feed_names(row["feed"])


def _day(row: Row) -> str:
    return row["since"].isoformat() if row["since"] else "—"


def _more(count: int) -> list[str]:
    if count <= MOST:
        return []
    return [paragraph(f"另有 {count - MOST} 项, 见 yimatong status", f"{count - MOST} more: see yimatong status")]
