"""The files for reviewers: the table to fill in, and the page to look at. Both hold names and numbers."""

from __future__ import annotations

from pathlib import Path

from lake.files import put
from lake.home import Home
from pipelines.reviewing.page import page
from pipelines.reviewing.queue import open_queue
from pipelines.reviewing.sides import shown
from pipelines.reviewing.table import table_text


def export_doubts(home: Home, table: Path, drawn: Path | None, limit: int | None) -> int:
    """Write the open doubts (the first so many) as a table and, where it is wanted, as a page; return their number."""
    with open_queue(home) as queue:
        doubts = shown(queue, queue.open[:limit])
        _write(table, table_text(queue, doubts))
        if drawn is not None:
            _write(drawn, page(queue, doubts, len(queue.open)))
    return len(doubts)


def _write(path: Path, text: str) -> None:
    """Write a file that nobody but its owner reads, from its first octet on."""
    with put(path) as partial:
        partial.touch(mode=0o600)
        partial.chmod(0o600)
        with partial.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
