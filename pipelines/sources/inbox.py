"""Deliveries as files: found by their manifest, `INBOX/city/feed/period/sequence/manifest.json`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.rejection import Reason, RejectedDelivery
from pipelines.sources.manifest import NAME, Manifest, content_digest, parse_manifest, text_digest

_LONGEST_PART = 64


@dataclass(frozen=True, slots=True)
class Found:
    """A delivery in the inbox. Where its manifest can't be taken, `manifest` is None and `rejection` says why."""

    folder: Path
    city: str
    feed: str
    period: str
    sequence: int
    digest: str
    manifest: Manifest | None
    rejection: RejectedDelivery | None = None


def find_deliveries(inbox: Path) -> list[Found]:
    """Return the deliveries of an inbox, by city, feed, period and sequence; a folder without manifest is none."""
    found = [read_delivery(path.parent) for path in sorted(inbox.glob(f"*/*/*/*/{NAME}")) if path.is_file()]
    return sorted(found, key=lambda d: (d.city, d.feed, d.period, d.sequence, d.digest))


def read_delivery(folder: Path) -> Found:
    """Return the delivery of a folder `…/city/feed/period/sequence` that has a manifest."""
    city, feed, period, sequence = (_readable(part) for part in folder.parts[-4:])
    number = int(sequence) if re.fullmatch("[0-9]{1,6}", sequence) else 0
    path = folder / NAME
    try:
        manifest = parse_manifest(path.read_bytes())
        if (manifest.city, manifest.feed.name, manifest.period, manifest.sequence) != (city, feed, period, number):
            raise RejectedDelivery(Reason.FOLDER, NAME)
    except RejectedDelivery as rejection:
        return Found(folder, city, feed, period, number, text_digest(path), None, rejection)
    return Found(folder, city, feed, period, number, content_digest(manifest), manifest)


def _readable(part: str) -> str:
    """Return a folder's name as the ledger can keep it: in UTF-8, no longer than a name in the contract might be."""
    return os.fsencode(part).decode("utf-8", "replace")[:_LONGEST_PART]
