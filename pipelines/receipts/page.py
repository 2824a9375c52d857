"""A receipt as a page: self-contained, without script or network, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from pipelines.receipts.report import Finding, Report

STATES = {
    "accepted": ("已接收", "accepted"),
    "rejected": ("整份拒收", "rejected"),
    "held": ("暂缓", "held"),
    "unchanged": ("内容未变", "unchanged"),
}
ROWS = {
    "delivered": "交付",
    "accepted": "接受",
    "quarantined": "隔离",
    "duplicates": "重复",
}
_STYLE = """
body { font: 15px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1c2430;
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.state { display: inline-block; padding: .1rem .8rem; border-radius: 1rem; background: #e4eaf1; font-weight: 600; }
.accepted { background: #d9f0df; } .rejected { background: #f8dcd9; } .held { background: #fbedcb; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #d5dbe3; padding: .3rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f2f5f8; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.note { color: #566274; }
@media print { body { margin: 0; max-width: none; } thead { display: table-header-group; } }
"""


def page(report: Report) -> str:
    """Return the receipt of a delivery as HTML."""
    state_zh, state_en = STATES[report.state]
    parts = [
        f"<h1>交付回执 Receipt · {escape(_title(report))}</h1>",
        f'<p class="note">{escape(report.place)} · SM3 {escape(report.digest)}</p>',
        f'<p><span class="state {report.state}">{state_zh} {state_en}</span></p>',
    ]
    if report.why:
        parts.append(f"<p>{escape(report.why)}</p>")
    parts.append("<h2>行数 Rows</h2>")
    parts.append(_table([f"{zh} {en}" for en, zh in ROWS.items()], [[f"{report.rows[en]:,}" for en in ROWS]], range(4)))
    if report.unknown_columns:
        parts.append("<h2>未知列已略去 Unknown columns left out</h2>")
        columns = [column.rpartition("#") for column in report.unknown_columns]
        parts.append(_table(["文件 file", "第几列 position"], [[name, at] for name, _, at in columns], (1,)))
    if report.errors:
        parts += ["<h2>未通过的检查 Failed checks</h2>", _findings(report.errors, "隔离行数 rows refused", True)]
    if report.warnings:
        parts.append("<h2>警告 Warnings</h2>")
        parts.append('<p class="note">不因此隔离任何行 No row is refused for them</p>')
        parts.append(_findings(report.warnings, "行数 rows", False))
    if report.refused:
        parts.append("<h2>隔离的行 Refused rows</h2>")
        named, total = f"{report.refused_rows_named:,}", f"{report.refused_rows:,}"
        parts.append(f'<p class="note">列出 {named} 行, 共 {total} 行 · {named} of {total} rows are listed</p>')
        rows = [[r.file, str(r.line), r.check, r.column] for r in report.refused]
        parts.append(_table(["文件 file", "行号 line", "检查 check", "列 column"], rows, (1,)))
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.place)} {state_zh} {state_en}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _title(report: Report) -> str:
    city, feed = CITIES.get(report.city), FEEDS.get(report.feed)
    where = f"{city.zh} {city.en}" if city else "省级 Province" if report.city == PROVINCE_CODE else report.city
    what = f"{feed.zh} {feed.name}" if feed else report.feed
    return f"{where} · {what} · {report.period} · {report.sequence:03d}"


def _findings(findings: Sequence[Finding], counted: str, placed: bool) -> str:
    head = ["检查 check", "列 column", "含义 meaning", counted] + ["位置 first places"] * placed
    rows = [
        [f.check, f"{f.column} {f.column_zh}".strip(), f"{f.zh} {f.en}", f"{f.rows:,}"] + [", ".join(f.places)] * placed
        for f in findings
    ]
    return _table(head, rows, (3,))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int]) -> str:
    right = set(numbers)
    kinds = [' class="n"' if at in right else "" for at in range(len(head))]
    header = "".join(f"<th{kind}>{escape(text)}</th>" for kind, text in zip(kinds, head, strict=True))
    body = "\n".join(
        "<tr>" + "".join(f"<td{kind}>{escape(text)}</td>" for kind, text in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
