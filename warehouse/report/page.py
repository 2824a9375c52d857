"""The report as HTML: one file without network, Chinese first, English by a switch that needs no reload."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

import duckdb

from lake.files import put
from warehouse.report.cities import cities
from warehouse.report.compare import compare, trends
from warehouse.report.embedded import embedded
from warehouse.report.figures import Report, read_report
from warehouse.report.methods import methods
from warehouse.report.moves import moves
from warehouse.report.parts import both, label, paragraph, section, shapes
from warehouse.report.promises import promises
from warehouse.report.quality import quality
from warehouse.report.revisions import revisions
from warehouse.report.texts import SECTIONS, TITLE
from warehouse.report.tiles import tile_style

_STYLES = ("base.css", "promises.css", "charts.css", "print.css")
_SCRIPTS = ("core.js", "charts.js", "compare.js", "trends.js", "cities.js", "start.js")
_DRAWN_BY = {
    "promises": promises, "moves": moves, "compare": compare, "trends": trends, "cities": cities, "quality": quality,
    "methods": methods, "revisions": revisions,
}  # fmt: skip


def write_report(connection: duckdb.DuckDBPyConnection, folder: Path) -> Path:
    """Write report.html from the views of `define_exported`; same figures, same bytes. Return its path."""
    text = page(read_report(connection))
    path = folder / "report.html"
    with put(path) as partial:
        partial.write_text(text, encoding="utf-8")
    return path


def page(report: Report) -> str:
    """Return the page."""
    style = "".join(map(_text, _STYLES)) + tile_style()
    script = "(() => {\n" + "".join(map(_text, _SCRIPTS)) + "})();\n"
    allowed = f"script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    body = "\n".join(section(anchor, title, _DRAWN_BY[anchor](report)) for anchor, title in SECTIONS.items())
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light">\n'
        f'<title data-text-en="{TITLE[1]} · {report.shown.as_of}">{TITLE[0]} · {report.shown.as_of}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n{shapes()}\n"
        f'<a class="skip" href="#content">{both("跳到正文", "Skip to content")}</a>\n'
        f"{_bar()}\n{_head(report)}\n"
        f'<main id="content" tabindex="-1">\n{body}\n</main>\n{_foot(report)}\n'
        f'<script type="application/json" id="data">{embedded(report)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _bar() -> str:
    links = "".join(f'<li><a href="#{anchor}">{both(zh, en)}</a></li>' for anchor, (zh, en) in SECTIONS.items())
    switch = '<button type="button" id="language" lang="en" aria-label="Switch to English">English</button>'
    return f"<nav {label('目录', 'Contents')}><ul>{links}</ul>{switch}</nav>"


def _head(report: Report) -> str:
    shown = report.shown
    unfinished = [month for month in shown.months if month in shown.preliminary]
    zh, en = f"数据截至 {shown.as_of}", f"Data as of {shown.as_of}"
    if shown.last:
        zh, en = f"{zh} · 最近完整月份 {shown.last}", f"{en} · last complete month {shown.last}"
    if unfinished:
        zh, en = f"{zh} · {unfinished[-1]} 为初步数", f"{en} · {unfinished[-1]} is preliminary"
    noscript = paragraph(
        "图表需要脚本；承诺、质量与口径不需要。", "Charts need scripts; promises, quality and methods don't."
    )
    return f"<header><h1>{both(*TITLE)}</h1>{paragraph(zh, en, 'asof')}<noscript>{noscript}</noscript></header>"


def _foot(report: Report) -> str:
    return "<footer>" + paragraph(
        f"一码通 · 数据截至 {report.shown.as_of} · 本页只含汇总数和机构名称，不含个人信息；可能辨出少数人的数已抑制。",
        f"Yimatong · data as of {report.shown.as_of} · this page holds sums and names of institutions, and nothing "
        "personal; figures that might show few persons are suppressed.",
    ) + "</footer>"  # fmt: skip


def _text(name: str) -> str:
    return files("warehouse.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
