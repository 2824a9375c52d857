"""The files for reviewers: the table to fill in, and the page to look at. Both hold names and numbers."""

from __future__ import annotations

from pathlib import Path

import click

from lake.files import put
from lake.home import Home
from pipelines.reviewing.page import page
from pipelines.reviewing.queue import open_queue
from pipelines.reviewing.sides import shown
from pipelines.reviewing.table import table_text

STANDARD_OUTPUT = Path("-")
"""In place of a file: whoever gave the command is handed it, though the home's owner is another."""


def export_doubts(home: Home, table: Path | None, drawn: Path | None, limit: int | None) -> int:
    """Write the open doubts (the first so many) as a table, a page, or both; return their number."""
    with open_queue(home) as queue:
        doubts = shown(queue, queue.open[:limit])
        if table is not None:
            _write(table, table_text(queue, doubts))
        if drawn is not None:
            _write(drawn, page(queue, doubts, len(queue.open)))
    return len(doubts)


def _write(path: Path, text: str) -> None:
    """Write a file that nobody but its owner reads, from its first octet on."""
    if path == STANDARD_OUTPUT:
        click.echo(text.encode(), nl=False)
        return
    with put(path) as partial:
        partial.touch(mode=0o600)
        partial.chmod(0o600)
        with partial.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
