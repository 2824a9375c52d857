"""A look at an inbox: which manifests the ledger has not taken in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lake.ledger import Ledger

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
"""A month as partitions have it."""
Stamp = tuple[str, int, int]
"""What a manifest is known by: its path, time of change and size."""
_Key = tuple[str, str, str, int, str]


class Look:
    """Looks at an inbox, each of which reads the manifests that have changed since the last."""

    def __init__(self, inbox: Path, home: Path, ledger: Ledger | None = None) -> None:
        """Look at an inbox beside the ledger of a home; opened for each look unless it is given."""
        self._inbox = inbox
        self._ledger = ledger
        self._home = home
        self._read: dict[Stamp, _Key] = {}
        self._taken: set[Stamp] = set()

    def waiting(self) -> dict[Stamp, tuple[str, str]]:
        """Return feed and month (empty where that is none) of each manifest that the ledger has not taken in."""
        there = dict(self._there())
        self._taken &= there.keys()
        self._read = dict(self._keys({stamp: there[stamp] for stamp in there.keys() - self._taken}))
        if self._read:
            known = self._known()
            self._taken |= {stamp for stamp, key in self._read.items() if key in known}
        left = {stamp: key for stamp, key in self._read.items() if stamp not in self._taken}
        return {stamp: (feed, month if MONTH.fullmatch(month) else "") for stamp, (_, feed, month, *_) in left.items()}

    def _keys(self, folders: Mapping[Stamp, Path]) -> Iterator[tuple[Stamp, _Key]]:
        for stamp, folder in folders.items():
            with suppress(OSError):  # gone, or of someone else: it counts when it can be read
                yield stamp, self._read.get(stamp) or _key(folder)

    def _there(self) -> Iterator[tuple[Stamp, Path]]:
        from pipelines.sources.manifest import NAME

        for path in self._inbox.glob(f"*/*/*/*/{NAME}"):
            with suppress(OSError):
                state = path.stat()
                yield (str(path), state.st_mtime_ns, state.st_size), path.parent

    def _known(self) -> set[_Key]:
        from lake.home import Home
        from lake.ledger import Ledger

        if self._ledger is not None:
            return _taken_in(self._ledger)
        if not os.environ.get("YIMATONG_LEDGER_URL") and not (self._home / "ledger.sqlite").exists():
            return set()
        with closing(Ledger(Home(self._home).ledger_url)) as ledger:
            return _taken_in(ledger)


def _taken_in(ledger: Ledger) -> set[_Key]:
    return {(d.city, d.feed, d.period, d.sequence, d.digest) for d in ledger.deliveries() if d.state != "found"}


def _key(folder: Path) -> _Key:
    from pipelines.sources.inbox import read_delivery

    found = read_delivery(folder)
    return found.city, found.feed, found.period, found.sequence, found.digest
