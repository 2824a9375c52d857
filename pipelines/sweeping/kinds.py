"""The kinds of files in a home, where each lies, and how much room it takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from lake.audit import log_file
from lake.home import Home

BY_DELIVERY: dict[str, Callable[[Home, str, str], Path]] = {"landing": Home.landing, "malformed": Home.malformed}
"""Files of one delivery: by home, feed and the delivery's name."""

BY_BATCH: dict[str, Callable[[Home, str, str], Path]] = {
    "identity": Home.identity,
    "keys": Home.keys,
    "refused_keys": Home.refused_keys,
    "quarantine": Home.quarantine,
    "content": Home.content,
    "presented": Home.presented,
    "presentations": Home.presentations,
}
"""Files of one cleaned batch: by home, feed and batch."""


def folders(home: Home) -> dict[str, Path]:
    """Return the folder of each kind of file."""
    found = {kind: path(home, "feed", "name").parents[1] for kind, path in (BY_DELIVERY | BY_BATCH).items()}
    return found | {
        "live": home.live("feed", "city", 1).parents[2],
        "links": home.links(1).parent,
        "codes": home.codes(1).parent,
        "receipts": home.receipts("city", "feed", "period").parents[2],
        "builds": home.build(1).parent,
        "published": home.published(1).parent,
        "scratch": home.scratch("run").parent,
        "audit": log_file(home).parent,
    }


def disk_use(home: Home) -> dict[str, int]:
    """Return the bytes of each kind of file in the home, `other` for the rest, ledger included, and the `total`.

    The published warehouse is a link to the last build: its bytes are the builds'.
    """
    places = {folder: kind for kind, folder in folders(home).items()}
    use = dict.fromkeys([*places.values(), "other"], 0)
    seen: set[tuple[int, int]] = set()
    for path, state in sorted(_files(home.root), key=lambda found: found[0] == home.warehouse):
        file = state.st_dev, state.st_ino
        if file not in seen:
            seen.add(file)
            kind = next((places[folder] for folder in path.parents if folder in places), "other")
            use[kind] += state.st_size
    return use | {"total": sum(use.values())}


def size(path: Path) -> tuple[int, int]:
    """Return how many files lie at a path, a file or a folder, and their bytes."""
    if path.is_symlink() or not path.is_dir():
        return 1, path.lstat().st_size
    states = [state for _, state in _files(path)]
    return len(states), sum(state.st_size for state in states)


def newest(path: Path) -> float:
    """Return when a path, or anything in it, was last written: seconds since the epoch."""
    return max([path.lstat().st_mtime, *(state.st_mtime for _, state in _files(path))])


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the files in a folder, folders below it included; what vanishes meanwhile is left out."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                yield path, path.lstat()
            except FileNotFoundError:
                continue
