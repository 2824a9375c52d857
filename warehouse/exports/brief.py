"""`brief.pdf`: two pages for a director, of the promises and of the key figures."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
from reportlab.pdfgen.canvas import Canvas

from lake.files import put
from warehouse.exports.brief_drawing import BLUE, GREY, HEIGHT, MARGIN, WIDTH, Style, prepare_fonts, rule, write
from warehouse.exports.brief_figures import draw_figures
from warehouse.exports.brief_promises import draw_promises
from warehouse.exports.figure_cells import read_divisions, read_entries, read_figures
from warehouse.exports.shown import Shown, periods_shown
from warehouse.exports.target_rows import read_targets

_TITLE = "广东省卫生健康改革简报"
_TOP = HEIGHT - 84
_FOOT = (
    "各数为末个已结束月份之终值，仍可修订；口径、修订与抑制规则见 kpi.xlsx 的说明表。"
    "Values are final ones of the last finished month, subject to revision; kpi.xlsx has the notes."
)


def write_brief(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write brief.pdf from the views of `define_exported`, dim_indicator and dim_division.

    Page 1 has the promises, those first that are missed or due; page 2 the key figures and the cities at both ends.
    Same figures, same bytes.
    """
    shown, names = periods_shown(connection), read_divisions(connection)
    entries = read_entries(connection)
    whole = "division.level IN ('province', 'city') AND figure.level = 'all' AND figure.breakdown = ''"
    figures = read_figures(connection, shown, whole)
    targets = [target for target in read_targets(connection) if target.whole]
    prepare_fonts()
    written = BytesIO()
    canvas = Canvas(written, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.setTitle(f"{_TITLE} {shown.as_of}")
    canvas.setSubject("Guangdong health reform brief")
    canvas.setAuthor("一码通 Yimatong")
    canvas.setCreator("一码通 Yimatong")
    _draw_frame(canvas, "承诺 the promises", shown, 1)
    draw_promises(canvas, targets, names, shown.as_of, _TOP)
    canvas.showPage()
    _draw_frame(canvas, "关键指标 key figures", shown, 2)
    draw_figures(canvas, entries, figures, names, shown, _TOP)
    canvas.showPage()
    canvas.save()
    with put(folder / "brief.pdf") as partial:
        partial.write_bytes(written.getvalue())


def _draw_frame(canvas: Any, about: str, shown: Shown, page: int) -> None:
    write(canvas, MARGIN, HEIGHT - 48, _TITLE, Style(17, BLUE))
    write(canvas, MARGIN, HEIGHT - 63, f"Guangdong health reform brief · {about}", Style(9, GREY))
    write(canvas, WIDTH - MARGIN, HEIGHT - 48, f"截至 as of {shown.as_of}", Style(10, bold=True), align=1)
    rule(canvas, HEIGHT - 70, BLUE, 1.2)
    write(canvas, MARGIN, 20, _FOOT, Style(6.3, GREY))
    write(canvas, WIDTH - MARGIN, 20, f"{page} / 2", Style(7, GREY), align=1)
