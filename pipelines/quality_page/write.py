"""The quality page in its place: drawn where what it shows has changed."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path

from lake.faults import PlainFault, without_values
from lake.files import put
from lake.home import Home
from lake.ledger import JUDGED, Ledger
from pipelines.quality_page.figures import figures_of
from pipelines.run import Run

_HEAD = 2_000


def write_quality_page(home: Home, out: Path) -> None:
    """Draw the page of a home as its ledger stands, wherever it is wanted."""
    with (
        without_values(),
        closing(Ledger(home.ledger_url)) as ledger,
        tempfile.TemporaryDirectory(prefix="yimatong-quality-") as scratch,
    ):
        _draw(home, ledger, Path(scratch), _digest(home, ledger), out)


def refresh_quality_page(run: Run) -> None:
    """Draw the home's own page, unless it was drawn as the ledger stands.

    The journey goes on without a page that can't be drawn, and says so.
    """
    try:
        with without_values():
            digest = _digest(run.home, run.ledger)
            if digest not in _head_of(run.home.quality_page):
                _draw(run.home, run.ledger, run.scratch, digest, run.home.quality_page)
    except PlainFault as fault:
        run.progress.say(f"数据质量页未能生成 the quality page could not be drawn · {fault}")


def _draw(home: Home, ledger: Ledger, scratch: Path, digest: str, out: Path) -> None:
    from pipelines.quality_page.page import page  # the drawing library is slow to import

    text = page(figures_of(home, ledger, scratch), digest)
    with put(out) as partial:
        partial.write_text(text, encoding="utf-8")


def _head_of(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_HEAD)


def _digest(home: Home, ledger: Ledger) -> str:
    """Return a digest of what the page's figures follow from, and of the program that draws it."""
    judged = [
        (d.delivery_no, d.state, d.reason, d.accepted, d.quarantined, d.batch) for d in ledger.deliveries(*JUDGED)
    ]
    told = [str(home.root.resolve()), *map(repr, judged), *map(repr, ledger.decisions())]
    return hashlib.sha256("\n".join([_program(), *told]).encode()).hexdigest()


@cache
def _program() -> str:
    package = sorted(files("pipelines.quality_page").iterdir(), key=lambda file: file.name)
    return "".join(file.read_text(encoding="utf-8") for file in package if file.name.endswith((".py", ".sql")))
