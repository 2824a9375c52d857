"""The queue for those who may not see whom it is about: ids, kinds, figures and places, no person's value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lake.link_decisions import LinkDecision
from pipelines.reviewing.doubt import KINDS, VERDICTS, Doubt
from pipelines.reviewing.queue import Queue


def listing(queue: Queue, decided: bool) -> list[dict[str, Any]]:
    """Return the open doubts by importance; with `decided` what was decided too."""
    entries = [_entry(doubt) for doubt in queue.open]
    return [*entries, *_decided(queue)] if decided else entries


def listing_text(entries: Sequence[dict[str, Any]]) -> str:
    """Return the list as lines of text."""
    return "\n".join(_line(entry) for entry in entries)


def _entry(doubt: Doubt) -> dict[str, Any]:
    return {
        "id": doubt.id, "kind": doubt.kind, "probability": _rounded(doubt.probability), "records": doubt.records,
        "feeds": [side.feed for side in doubt.sides], "cities": [side.city for side in doubt.sides],
        "records_of": [side.records for side in doubt.sides],
    }  # fmt: skip


def _decided(queue: Queue) -> Iterator[dict[str, Any]]:
    for doubt in queue.doubts:
        if doubt.decided and not doubt.open:
            yield _entry(doubt) | {"id": doubt.decided.doubt} | _verdict(doubt.decided)
    standing = {doubt.decided.doubt for doubt in queue.doubts if doubt.decided}
    latest = {decision.doubt: decision for decision in queue.decisions}
    for name, decision in latest.items():
        if name not in standing:
            yield {"id": name, "kind": decision.kind} | _verdict(decision)


def _verdict(decision: LinkDecision) -> dict[str, Any]:
    return {
        "probability": _rounded(decision.probability), "verdict": decision.verdict, "because": decision.because,
        "by": decision.decided_by, "at": decision.decided_at.isoformat(sep=" ", timespec="seconds"),
    }  # fmt: skip


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)


def _line(entry: dict[str, Any]) -> str:
    parts = [entry["id"], " ".join(dict.fromkeys(KINDS.get(entry["kind"], (entry["kind"],))))]
    if entry["probability"] is not None:
        parts.append(f"{entry['probability']:.1%}")
    if "feeds" in entry:
        parts.append(" ~ ".join(f"{city}/{feed}" for city, feed in zip(entry["cities"], entry["feeds"], strict=True)))
        parts.append(f"{entry['records']:,} 条记录 records")
    if "verdict" in entry:
        parts.append(f"{' '.join(VERDICTS[entry['verdict']])} · {entry['by']} {entry['at']} · {entry['because']}")
    return "  ".join(parts)
