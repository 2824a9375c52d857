"""The parts that the quality page is put together from: texts in two languages, tables, heat maps, figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a heat map: its content as HTML, its shade, and what it says in full where that is more."""

    html: str
    shade: str = ""
    full: str = ""


def both(zh: str, en: str) -> str:
    """Return a text in both languages as HTML; the page shows one of them."""
    return f'<span lang="zh">{escape(zh)}</span><span lang="en">{escape(en)}</span>'


def paragraph(zh: str, en: str, kind: str = "note") -> str:
    """Return a paragraph in both languages."""
    return f'<p class="{kind}">{both(zh, en)}</p>'


def heading(level: int, zh: str, en: str, anchor: str = "") -> str:
    """Return a heading in both languages."""
    at = f' id="{anchor}"' if anchor else ""
    return f"<h{level}{at}>{both(zh, en)}</h{level}>"


def table(
    caption: tuple[str, str], head: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]],
    numbers: Iterable[int] = (), long: Iterable[int] = (),
) -> str:  # fmt: skip
    """Return a table; `rows` are HTML, their first cell a header; `numbers` and `long` say which columns are such."""
    kinds = {at: ' class="n"' for at in numbers} | {at: ' class="long"' for at in long}
    header = "".join(f'<th scope="col"{kinds.get(at, "")}>{both(*text)}</th>' for at, text in enumerate(head))
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(f"<td{kinds.get(at, '')}>{cell}</td>" for at, cell in enumerate(rest, 1))
        + "</tr>"
        for first, *rest in rows
    )
    return _wide(
        f"<table><caption>{both(*caption)}</caption>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{body}\n</tbody></table>",
        caption,
    )


def heat_map(
    caption: tuple[str, str], corner: tuple[str, str], columns: Sequence[str],
    rows: Iterable[tuple[str, Sequence[Cell], bool]], kind: str = "",
) -> str:  # fmt: skip
    """Return a heat map as a table. `columns` are HTML; a row is its name as HTML, its cells, whether it is a total."""
    header = f'<th scope="col">{both(*corner)}</th>' + "".join(f'<th scope="col">{name}</th>' for name in columns)
    body = "\n".join(
        f'<tr{" class=total" if total else ""}><th scope="row">{name}</th>' + "".join(map(_cell, cells)) + "</tr>"
        for name, cells, total in rows
    )
    inner = f"<caption>{both(*caption)}</caption>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return _wide(f"<table>{inner}</table>", caption, f"wide heat {kind}".rstrip())


def _cell(cell: Cell) -> str:
    shade = f" class={cell.shade}" if cell.shade else ""
    full = f' title="{escape(cell.full)}"' if cell.full else ""
    return f"<td{shade}{full}>{cell.html}</td>"


def key(entries: Iterable[tuple[str, str, str, str]]) -> str:
    """Return the key of a heat map: for each entry its shade, its sign, and what it means."""
    items = (f'<li><i class="{shade}">{escape(sign)}</i>{both(zh, en)}</li>' for shade, sign, zh, en in entries)
    return f'<ul class="key">{"".join(items)}</ul>'


def chart(svg: str, says: tuple[str, str], caption: tuple[str, str]) -> str:
    """Return a chart; `says` is its text for those who don't see it."""
    drawn = _wide(f'<div role="img" aria-label="{escape(" · ".join(says))}">{svg}</div>', says)
    return f"<figure>{drawn}<figcaption>{both(*caption)}</figcaption></figure>"


def folded(summary: str, inner: str, opened: bool = False) -> str:
    """Return a part that opens on demand, without script."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>\n{inner}\n</details>"


def badge(kind: str, zh: str, en: str) -> str:
    """Return a small mark."""
    return f'<span class="badge {kind}">{both(zh, en)}</span>'


def _wide(inner: str, name: tuple[str, str], kind: str = "wide") -> str:
    """Let what is wider than the page be scrolled, by keyboard too."""
    return f'<div class="{kind}" role="group" tabindex="0" aria-label="{escape(" · ".join(name))}">{inner}</div>'
