"""The manifest of a delivery: what a city says that it sends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from contracts.schema import CONTRACT_VERSION, Feed
from pipelines.rejection import Reason, RejectedDelivery

NAME = "manifest.json"
ENCODINGS = ("utf-8", "gb18030", "gbk")
DELIMITERS = (",", "\t", "|")
MODES = ("full", "delta")
LAST_SEQUENCE = 999_999
_LONGEST_NAME = 255
_LATEST_EXTRACTION = 50
"""Years after its period in which a delivery may be extracted: figures are drawn up to the latest extraction."""
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class File:
    """One file of a delivery, as the manifest states it; `bytes` and `sm3` are of the file as delivered."""

    name: str
    rows: int
    bytes: int
    sm3: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a city says that it sends; `extracted_at` is naive, in Asia/Shanghai."""

    city: str
    feed: Feed
    period: str
    sequence: int
    mode: str
    encoding: str
    delimiter: str
    extracted_at: datetime
    files: tuple[File, ...]


def parse_manifest(text: bytes) -> Manifest:
    """Return the manifest that the text states; RejectedDelivery says what is wrong with it."""
    try:
        stated = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError too
        raise RejectedDelivery(Reason.MANIFEST, NAME) from None
    if not isinstance(stated, dict):
        raise RejectedDelivery(Reason.MANIFEST, NAME)
    if stated.get("contract") != CONTRACT_VERSION:
        raise RejectedDelivery(Reason.CONTRACT, NAME)
    if stated.get("feed") not in tuple(FEEDS):
        raise RejectedDelivery(Reason.FEED, NAME)
    if stated.get("city") not in (*CITIES, PROVINCE_CODE):
        raise RejectedDelivery(Reason.CITY, NAME)
    files = tuple(_file(entry) for entry in _field(stated, "files", lambda v: isinstance(v, list) and len(v) > 0))
    if len({file.name for file in files}) < len(files):
        raise RejectedDelivery(Reason.FIELD, NAME, detail="files")
    period = _field(stated, "period", lambda v: _matches(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", v))
    extracted_at = _instant(_field(stated, "extracted_at", lambda v: isinstance(v, str)))
    if extracted_at.year - int(period[:4]) > _LATEST_EXTRACTION:
        raise RejectedDelivery(Reason.FIELD, NAME, detail="extracted_at")
    return Manifest(
        city=stated["city"],
        feed=FEEDS[stated["feed"]],
        period=period,
        sequence=_field(stated, "sequence", lambda v: _whole(v) and 1 <= v <= LAST_SEQUENCE),
        mode=_field(stated, "mode", lambda v: v in MODES),
        encoding=_field(stated, "encoding", lambda v: v in ENCODINGS),
        delimiter=_field(stated, "delimiter", lambda v: v in DELIMITERS),
        extracted_at=extracted_at,
        files=files,
    )


def manifest_text(manifest: Manifest) -> bytes:
    """Return the text that states the manifest: what `parse_manifest` reads."""
    stated = {
        "contract": CONTRACT_VERSION,
        **asdict(manifest),
        "feed": manifest.feed.name,
        "extracted_at": manifest.extracted_at.replace(tzinfo=_CHINA).isoformat(),
    }
    return (json.dumps(stated, ensure_ascii=False, indent=1) + "\n").encode()


def content_digest(manifest: Manifest) -> str:
    """Return the SM3 over what the files hold and how they are to be read, whatever their names.

    A manifest that corrects a count, an encoding or the mode of the same files is other content.
    """
    digest = hashes.Hash(hashes.SM3())
    digest.update(f"{manifest.mode} {manifest.encoding} {manifest.delimiter}".encode())
    for file in sorted(manifest.files, key=lambda file: file.sm3):
        digest.update(f"\n{file.sm3} {file.bytes} {file.rows}".encode())
    return digest.finalize().hex()


def text_digest(path: Path) -> str:
    """Return the SM3 of a manifest that could not be read, so that it is known when it is met again."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(path.read_bytes())
    return digest.finalize().hex()


def _file(entry: Any) -> File:
    if not isinstance(entry, dict):
        raise RejectedDelivery(Reason.FIELD, NAME, detail="files")
    return File(
        name=_field(entry, "name", _is_file_name),
        rows=_field(entry, "rows", lambda v: _whole(v) and v >= 0),
        bytes=_field(entry, "bytes", lambda v: _whole(v) and v >= 0),
        sm3=_field(entry, "sm3", lambda v: _matches(r"[0-9a-fA-F]{64}", v)).lower(),
    )


def _field(stated: dict[str, Any], name: str, fits: Callable[[Any], bool]) -> Any:
    if name not in stated or not fits(stated[name]):
        raise RejectedDelivery(Reason.FIELD, NAME, detail=name)
    return stated[name]


def _is_file_name(value: Any) -> bool:
    """Say whether a file of that name could be in the folder of the manifest."""
    return _matches(r"[^/\\\x00-\x1f\ud800-\udfff]+\.csv(\.gz)?", value) and len(value.encode()) <= _LONGEST_NAME


def _matches(pattern: str, value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        return (instant.astimezone(_CHINA) if instant.tzinfo else instant).replace(tzinfo=None)
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no time elsewhere
        raise RejectedDelivery(Reason.FIELD, NAME, detail="extracted_at") from None
