"""A look at an inbox and its ledger: which manifests were not taken in, which held deliveries were let go since."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.selection import MONTH

if TYPE_CHECKING:
    from lake.ledger import Ledger

Stamp = tuple[str, int, int]
"""What a manifest is known by: its path, time of change and size; what was released has its decision's time, and -1."""
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
        """Return feed and month (empty where that is none) of all that an intake is to be started for.

        That is each manifest that the ledger has not taken in, and each held delivery that was released and not settled
        since. What an intake has in its hands, between cleaning and settling, is not among them.
        """
        with self._opened() as ledger:
            return self._manifests(ledger) | (dict(self._released(ledger)) if ledger else {})

    def manifests(self) -> dict[Stamp, tuple[str, str]]:
        """Return feed and month (empty where that is none) of each manifest that the ledger has not taken in."""
        with self._opened() as ledger:
            return self._manifests(ledger)

    def _manifests(self, ledger: Ledger | None) -> dict[Stamp, tuple[str, str]]:
        there = dict(self._there())
        self._taken &= there.keys()
        self._read = dict(self._keys({stamp: there[stamp] for stamp in there.keys() - self._taken}))
        if self._read and ledger is not None:
            known = _taken_in(ledger)
            self._taken |= {stamp for stamp, key in self._read.items() if key in known}
        left = {stamp: key for stamp, key in self._read.items() if stamp not in self._taken}
        return {stamp: (feed, _month(period)) for stamp, (_, feed, period, *_) in left.items()}

    def _released(self, ledger: Ledger) -> Iterator[tuple[Stamp, tuple[str, str]]]:
        from pipelines.sources.manifest import NAME

        for delivery, decided_at in ledger.released():
            path = self._inbox / delivery.folder / NAME
            yield (str(path), int(decided_at.timestamp() * 1e9), -1), (delivery.feed, _month(delivery.period))

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

    @contextmanager
    def _opened(self) -> Iterator[Ledger | None]:
        """Give the ledger, to read alone; None where there is none yet."""
        from lake.home import Home
        from lake.ledger import Ledger

        if self._ledger is not None:
            yield self._ledger
        elif not os.environ.get("YIMATONG_LEDGER_URL") and not (self._home / "ledger.sqlite").exists():
            yield None
        else:
            with closing(Ledger(Home(self._home).ledger_url, reading=True)) as ledger:
                yield ledger if ledger.is_made() else None


def _month(period: str) -> str:
    return period if re.fullmatch(MONTH, period) else ""


def _taken_in(ledger: Ledger) -> set[_Key]:
    return {(d.city, d.feed, d.period, d.sequence, d.digest) for d in ledger.deliveries() if d.state != "found"}


def _key(folder: Path) -> _Key:
    from pipelines.sources.inbox import read_delivery

    found = read_delivery(folder)
    return found.city, found.feed, found.period, found.sequence, found.digest
