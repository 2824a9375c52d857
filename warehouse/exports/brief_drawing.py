"""Drawing on the pages of the brief: text of Latin and Chinese, status signs, trends, bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from warehouse.targets.status import DUE, MET, MISSED, NOT_COMPUTABLE, ON_TRACK

WIDTH, HEIGHT = A4
MARGIN = 34
INNER = WIDTH - 2 * MARGIN

INK, GREY, PALE, BLUE = HexColor("#1B1F24"), HexColor("#667080"), HexColor("#E3E7EC"), HexColor("#1F4E79")
COLOURS = {
    MISSED: HexColor("#B3121D"),
    DUE: HexColor("#B97A00"),
    ON_TRACK: HexColor("#1C6FA8"),
    MET: HexColor("#1B7F3B"),
    NOT_COMPUTABLE: HexColor("#7A828C"),
}
"""The colour of a status."""

_LEAST_SPAN = 0.05
_CHINESE = "STSong-Light"
_LATIN = {False: "Helvetica", True: "Helvetica-Bold"}


@dataclass(frozen=True, slots=True)
class Style:
    """How text is drawn: its size and colour; bold where it is Latin, as the Chinese font has one weight."""

    size: float
    colour: Any = INK
    bold: bool = False


def prepare_fonts() -> None:
    """Make the Chinese font known, which every reader has: it isn't embedded."""
    if _CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))


def text_width(text: str, style: Style) -> float:
    """Return the width of a text in points."""
    return float(sum(pdfmetrics.stringWidth(run, font, style.size) for font, run in _runs(text, style)))


def write(canvas: Any, x: float, y: float, text: str, style: Style, room: float = 0, align: float = 0) -> None:
    """Draw a line of text: `align` 0 begins at x, 0.5 centres on it, 1 ends there; cut off where it needs more room."""
    if room:
        text = _fitted(text, style, room)
    if align:
        x -= align * text_width(text, style)
    canvas.setFillColor(style.colour)
    for font, run in _runs(text, style):
        canvas.setFont(font, style.size)
        canvas.drawString(x, y, run)
        x += pdfmetrics.stringWidth(run, font, style.size)


def rule(canvas: Any, y: float, colour: Any = PALE, thickness: float = 0.5) -> None:
    """Draw a line across the page."""
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(thickness)
    canvas.line(MARGIN, y, WIDTH - MARGIN, y)


def draw_sign(canvas: Any, x: float, y: float, status: str) -> None:
    """Draw the sign of a status: each has a shape of its own, so that nothing hangs on its colour."""
    drawing, colour = Drawing(9, 9), COLOURS[status]
    ink = {"strokeColor": colour, "strokeWidth": 1.6}
    match status:
        case "missed":
            drawing.add(Line(1.5, 1.5, 7.5, 7.5, **ink))
            drawing.add(Line(1.5, 7.5, 7.5, 1.5, **ink))
        case "due":
            drawing.add(Circle(4.5, 4.5, 3, fillColor=None, **ink))
        case "on track":
            drawing.add(Polygon([1.5, 1, 8, 4.5, 1.5, 8], fillColor=colour, strokeColor=None))
        case "met":
            drawing.add(Line(1, 4.5, 3.6, 1.8, **ink))
            drawing.add(Line(3.6, 1.8, 8, 7.6, **ink))
        case _:
            drawing.add(Line(1.5, 4.5, 7.5, 4.5, **ink))
    renderPDF.draw(drawing, canvas, x, y)


def draw_trend(
    canvas: Any, x: float, y: float, size: tuple[float, float], values: Sequence[float | None], threshold: float | None
) -> None:
    """Draw a trend, its last value as a dot and the threshold as a dashed line; gaps where there is no value."""
    width, height = size
    known = [value for value in values if value is not None]
    if not known:
        return
    held = [*known, threshold] if threshold is not None else known
    low, high = min(held), max(held)
    # What hardly moves is to look as if it hardly moved.
    low = min(low, high - _LEAST_SPAN * abs(high))
    drawing = Drawing(width, height)

    def at(number: int, value: float) -> tuple[float, float]:
        across = number / max(len(values) - 1, 1) * (width - 6) + 3
        return across, (value - low) / (high - low) * (height - 6) + 3 if high > low else height / 2

    if threshold is not None:
        level = at(0, threshold)[1]
        drawing.add(Line(0, level, width, level, strokeColor=GREY, strokeWidth=0.5, strokeDashArray=[2, 2]))
    points = [at(number, value) if value is not None else None for number, value in enumerate(values)]
    for one, next_one in pairwise(points):
        if one and next_one:
            drawing.add(Line(*one, *next_one, strokeColor=BLUE, strokeWidth=1.1))
    last = next(point for point in reversed(points) if point)
    drawing.add(Circle(*last, 1.8, fillColor=BLUE, strokeColor=None))
    renderPDF.draw(drawing, canvas, x, y)


def draw_bar(canvas: Any, x: float, y: float, width: float, share: float, colour: Any) -> None:
    """Draw how much of a whole there is."""
    drawing = Drawing(width, 4)
    drawing.add(Rect(0, 0, width, 4, fillColor=PALE, strokeColor=None))
    drawing.add(Rect(0, 0, width * min(max(share, 0), 1), 4, fillColor=colour, strokeColor=None))
    renderPDF.draw(drawing, canvas, x, y)


def _runs(text: str, style: Style) -> list[tuple[str, str]]:
    return [
        (_LATIN[style.bold] if latin else _CHINESE, "".join(characters))
        for latin, characters in groupby(text, key=_is_latin)
    ]


def _is_latin(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return character not in "“”‘’"


def _fitted(text: str, style: Style, room: float) -> str:
    if text_width(text, style) <= room:
        return text
    while text and text_width(f"{text}…", style) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"
