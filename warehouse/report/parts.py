"""The parts that the report is put together from: texts in two languages, tables, signs, folded parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from warehouse.targets.status import DUE, MET, MISSED, NOT_COMPUTABLE, ON_TRACK, STATUSES

Text = tuple[str, str]
"""The same in Chinese and in English."""

KINDS = {MET: "met", ON_TRACK: "ontrack", DUE: "due", MISSED: "missed", NOT_COMPUTABLE: "unknown"}
"""The class of each status, in the order in which they are told."""
_SHAPES = {
    "met": '<circle cx="8" cy="8" r="7.5"/><path class="w" d="M4.4 8.4l2.5 2.5 4.8-5.4"/>',
    "ontrack": '<path d="M1 4h7V.8L15.6 8 8 15.2V12H1z"/>',
    "due": '<circle class="o" cx="8" cy="8" r="6.4"/><path class="l" d="M8 4.4V8l2.4 1.8"/>',
    "missed": '<path d="M8 .6l7.4 7.4L8 15.4.6 8z"/><path class="w" d="M5.6 5.6l4.8 4.8m0-4.8l-4.8 4.8"/>',
    "unknown": '<circle class="o" cx="8" cy="8" r="6.4"/><path class="l" d="M4.8 8h6.4"/>',
}


def both(zh: str, en: str) -> str:
    """Return a text in both languages as HTML; the page shows one of them."""
    if zh == en:
        return escape(zh)
    return f'<span lang="zh">{escape(zh)}</span><span lang="en">{escape(en)}</span>'


def label(zh: str, en: str) -> str:
    """Return the attributes by which something is called, in the language that is shown."""
    return f'aria-label="{escape(zh)}" data-label-en="{escape(en)}"'


def paragraph(zh: str, en: str, kind: str = "note") -> str:
    """Return a paragraph in both languages."""
    return f'<p class="{kind}">{both(zh, en)}</p>'


def section(anchor: str, title: Text, inner: str) -> str:
    """Return a section of the page under its heading."""
    heading = f'<h2 id="{anchor}-h">{both(*title)}</h2>'
    return f'<section id="{anchor}" aria-labelledby="{anchor}-h">{heading}\n{inner}\n</section>'


def shapes() -> str:
    """Return the shapes of the statuses, once for the page."""
    inner = "".join(
        f'<symbol id="i-{kind}" viewBox="0 0 16 16"><g class="{kind}">{shape}</g></symbol>'
        for kind, shape in _SHAPES.items()
    )
    return f'<svg class="shapes" aria-hidden="true" focusable="false">{inner}</svg>'


def sign(status: str) -> str:
    """Return the shape of a status."""
    return f'<svg class="i {KINDS[status]}" aria-hidden="true" focusable="false"><use href="#i-{KINDS[status]}"/></svg>'


def status_badge(status: str) -> str:
    """Return a status by shape, text and colour."""
    return f'<span class="badge {KINDS[status]}">{sign(status)}{both(STATUSES[status], status)}</span>'


def table(caption: str, head: Sequence[Text], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    """Return a table; caption and rows are HTML, the first cell of a row its header; `numbers` are such columns."""
    kinds = {at: ' class="n"' for at in numbers}
    header = "".join(f'<th scope="col"{kinds.get(at, "")}>{both(*text)}</th>' for at, text in enumerate(head))
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td{kinds.get(at, '')}>{cell}</td>" for at, cell in enumerate(rest, 1))
        + "</tr>"
        for first, *rest in rows
    )
    return f"<table><caption>{caption}</caption>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def wide(inner: str, name: Text, kind: str = "") -> str:
    """Let what is wider than the page be scrolled, by keyboard too."""
    return f'<div class="{f"wide {kind}".rstrip()}" role="group" tabindex="0" {label(*name)}>{inner}</div>'


def folded(summary: str, inner: str, kind: str = "", opened: bool = False) -> str:
    """Return a part that opens on demand, without script; summary and inner are HTML."""
    attributes = (f' class="{kind}"' if kind else "") + (" open" if opened else "")
    return f"<details{attributes}><summary>{summary}</summary>\n{inner}\n</details>"


def bar(value: float, target: float | None, kind: str) -> str:
    """Return a bar of a share, with a mark at its target; both are between 0 and 1."""
    mark = "" if target is None else f'<path class="mark" d="M{_x(target)} 0v8"/>'
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="track" width="100" height="8"/><rect class="{kind}" width="{_x(value)}" height="8"/>{mark}</svg>'
    )


def _x(share: float) -> str:
    return f"{max(0.0, min(1.0, share)) * 100:.1f}".removesuffix(".0")
