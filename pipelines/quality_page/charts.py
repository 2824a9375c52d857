"""The charts of the quality page, drawn as SVG without script, network or outside reference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from pipelines.quality_page.gate_rules import MOST_QUARANTINED
from pipelines.quality_page.names import city_name, feed_name

Row = dict[str, Any]

# Told apart by eyes that confuse red and green, and on grey paper by their lightness.
BLUE, PALE, ORANGE, GREY, INK = "#1f5a96", "#cfe0f0", "#c8500a", "#8b96a5", "#1c2430"
_KINDS = {
    "accepted": ("接受 accepted", BLUE),
    "quarantined": ("隔离 quarantined", ORANGE),
    "duplicates": ("重复 duplicates", GREY),
}
_FONT = "sans-serif"  # the page's own style says which
_DATA = alt.NamedData("rows")  # the rows join when it is drawn: the library copies its charts many times over
_FEW = 3
_COUNT, _PERCENT = "datum.value ? format(datum.value, '~s') : '0'", "format(datum.value, '~%')"
_AXIS: dict[str, Any] = {
    "titleFontSize": 10,
    "labelFontSize": 9,
    "gridColor": "#e8ecf1",
    "domain": False,
    "ticks": False,
}


def delivered_rows(trend: Sequence[Row]) -> str:
    """Draw the rows of each feed by period: accepted, quarantined, duplicates."""
    values = [
        {"feed": feed_name(row["feed"]), "period": row["period"], "kind": text, "rows": row[kind]}
        for row in trend
        for kind, (text, _) in _KINDS.items()
    ]
    texts, colours = zip(*_KINDS.values(), strict=True)
    bars = alt.Chart(_DATA).mark_bar(width={"band": 0.8}).encode(
        x=_periods(values),
        y=alt.Y("rows:Q", axis=_axis(_COUNT), stack="zero"),
        color=alt.Color(
            "kind:N", scale=alt.Scale(domain=list(texts), range=list(colours)),
            legend=alt.Legend(title=None, orient="top"),
        ),
        order=alt.Order("kind:N", sort="ascending"),
    )  # fmt: skip
    return _drawn(bars, values, "feed", 4, 220, 80)


def quarantined_share(trend: Sequence[Row]) -> str:
    """Draw the share of rows quarantined by feed and period, and the share from which the gate holds a delivery."""
    values = [
        {"feed": feed_name(r["feed"]), "period": r["period"], "share": r["quarantined_share"], "gate": MOST_QUARANTINED}
        for r in trend
    ]
    base = alt.Chart(_DATA).encode(x=_periods(values))
    gate = base.mark_line(color=ORANGE, strokeDash=[4, 3], strokeWidth=1).encode(
        y=alt.Y("gate:Q", axis=_axis(_PERCENT))
    )
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(y="share:Q")
    return _drawn(alt.layer(gate, line), values, "feed", 4, 220, 66)


def days_to_extraction(trend: Sequence[Row]) -> str:
    """Draw the days from a period's end to the extraction of its first delivery: earliest, middle and latest city."""
    values = [
        {"feed": feed_name(row["feed"]), "period": row["period"]}
        | {name: row[f"days_{name}"] for name in ("least", "median", "most")}
        for row in trend
    ]
    base = alt.Chart(_DATA).encode(x=_periods(values))
    band = base.mark_area(color=PALE).encode(y=alt.Y("least:Q", axis=_axis(_COUNT)), y2="most:Q")
    line = base.mark_line(color=BLUE, strokeWidth=2, point={"size": 16, "color": BLUE}).encode(y="median:Q")
    return _drawn(alt.layer(band, line), values, "feed", 4, 220, 66)


def city_volumes(volume: Sequence[Row]) -> str:
    """Draw the rows of each city's first delivery of a period, over the band in which the gate lets it pass.

    Those beyond three times the median are drawn there: a first whole delivery would flatten all others.
    """
    values = [
        {"city": city_name(row["city"]), "period": row["period"], "rows": min(row["delivered"], row["most_drawn"])}
        | {name: row[name] for name in ("low", "high") if row[name] is not None}
        | ({"held": 1} if row["state"] == "held" else {})
        for row in volume
    ]
    base = alt.Chart(_DATA).encode(x=_periods(values))
    rows = alt.Y("rows:Q", axis=_axis(_COUNT))
    layers = [base.mark_line(color=BLUE, strokeWidth=1.6).encode(y=rows)]
    if any("low" in row for row in values):
        band = base.transform_filter("isValid(datum.low)").mark_area(color=PALE)
        layers.insert(0, band.encode(y=alt.Y("low:Q", axis=_axis(_COUNT)), y2="high:Q"))
    if len({row["period"] for row in values}) < _FEW:
        layers.append(base.mark_point(color=BLUE, filled=True, size=20).encode(y="rows:Q"))
    if any("held" in row for row in values):
        held = base.transform_filter("isValid(datum.held)").mark_point(color=ORANGE, filled=True, size=45)
        layers.append(held.encode(y="rows:Q"))
    return _drawn(alt.layer(*layers), values, "city", 7, 112, 52)


def check_rates(values: Sequence[Row]) -> str:
    """Draw by period how many of ten thousand delivered rows each check found: check, period, rate, severity."""
    lines = alt.Chart(_DATA).mark_line(strokeWidth=2, point={"size": 16}).encode(
        x=_periods(values),
        y=alt.Y("rate:Q", axis=_axis(_COUNT), scale=alt.Scale(zero=True)),
        color=alt.Color(
            "severity:N", legend=None, scale=alt.Scale(domain=["error", "warning"], range=[ORANGE, BLUE]),
        ),
    )  # fmt: skip
    return _drawn(lines, values, "check", 4, 220, 60)


def _axis(label: str) -> alt.Axis:
    return alt.Axis(labelExpr=label, title=None, tickCount=3, **_AXIS)


def _periods(values: Sequence[Row]) -> alt.X:
    """Place the periods in order, with the first and the last named."""
    known = sorted({row["period"] for row in values})
    axis = alt.Axis(
        values=sorted({known[0], known[-1]}),
        title=None,
        labelAngle=0,
        labelFlush=True,
        labelPadding=5,
        **_AXIS | {"grid": False},
    )
    return alt.X("period:O", scale=alt.Scale(domain=known, paddingOuter=0.2), axis=axis)


def _drawn(
    panel: alt.Chart | alt.LayerChart | alt.FacetChart,
    values: Sequence[Row],
    by: str,
    columns: int,
    width: int,
    height: int,
) -> str:
    """Draw a panel for each value of the field `by`, in the order in which they come; return the SVG."""
    order = list(dict.fromkeys(row[by] for row in values))
    header = alt.Header(
        title=None, labelFontSize=11, labelAnchor="start", labelFontWeight="bold", labelPadding=4, labelColor=INK
    )
    chart = (
        panel.properties(width=width, height=height)
        .facet(
            facet=alt.Facet(f"{by}:N", sort=order, header=header), columns=columns, spacing={"row": 14, "column": 22}
        )
        .resolve_scale(y="independent")
        .resolve_axis(x="independent")
        .configure(font=_FONT, aria=False, background="transparent", padding=2)
        .configure_view(stroke=None)
    )
    drawing = chart.to_dict(validate=False) | {"datasets": {"rows": list(values)}}
    return _lean(vl_convert.vegalite_to_svg(drawing))


_NAMESPACES = re.compile(r' xmlns(:\w+)?="[^"]*"| version="1\.1"')
_EMPTY = re.compile(r'<path class="(?:background|foreground)" [^>]*d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_NAMED = re.compile(r' (?:class|pointer-events|font-family|stroke-miterlimit|aria-\w+|role)="[^"]*"')
_BARE = re.compile(r"<g>(<[^g][^<]*/>)?</g>")


def _lean(svg: str) -> str:
    """Leave out what a drawing in a page doesn't need: names for scripts, frames without lines, namespaces."""
    svg = _NAMED.sub("", _EMPTY.sub("", _NAMESPACES.sub("", svg)))
    svg = _BARE.sub(r"\1", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)
