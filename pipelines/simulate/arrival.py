"""Arrival: a simulated province's deliveries come to an inbox as they would have come, month after month.

A delivery comes in the month in which it was extracted: a month's deliveries with the next month, second sequences with
them, and what is late when it was sent at last.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from pipelines.sources.inbox import find_deliveries
from pipelines.sources.manifest import NAME
from pipelines.sources.outgoing import bring_in

STAGING = ".arriving-"
"""How the folder of an inbox begins in which deliveries are copied before they come to their places."""


def months_of(province_inbox: Path) -> list[str]:
    """Return the months (YYYY-MM) in which something comes, in their order."""
    return sorted(_by_month(province_inbox))


def arrive(province_inbox: Path, inbox: Path, month: str) -> int:
    """Let come to `inbox` what was extracted in a month (YYYY-MM); return how many deliveries came.

    Each comes whole, by one rename, all of them right after each other. What is there already stays as it is, so that
    a month that was cut off can be asked for again.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=STAGING, dir=inbox) as staging:
        copied: list[tuple[Path, Path]] = []
        for number, folder in enumerate(_by_month(province_inbox).get(month, [])):
            place = inbox / folder.relative_to(province_inbox)
            if not (place / NAME).exists():
                copied.append((Path(shutil.copytree(folder, Path(staging, str(number)))), place))
        for folder, place in copied:
            bring_in(folder, place)
    return len(copied)


def _by_month(province_inbox: Path) -> Mapping[str, list[Path]]:
    """Return the folders of the deliveries by the month of their extraction."""
    folders: dict[str, list[Path]] = defaultdict(list)
    for found in find_deliveries(province_inbox):
        if found.manifest is not None:
            folders[f"{found.manifest.extracted_at:%Y-%m}"].append(found.folder)
    return folders
