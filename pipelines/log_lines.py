"""Lines for a collector of logs: one JSON object each, where `YIMATONG_LOG_FORMAT` is json; no values of the data."""

from __future__ import annotations

import json
import os
from datetime import datetime


def wants_json() -> bool:
    """Say whether the command line is to tell its progress and faults as JSON."""
    return os.environ.get("YIMATONG_LOG_FORMAT", "").lower() == "json"


def json_line(level: str, text: str, **figures: str | float) -> str:
    """Return a line: time with its offset, level (info, error), text in both languages, and the figures of a step."""
    at = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return json.dumps({"time": at, "level": level, "text": text, **figures}, ensure_ascii=False)
