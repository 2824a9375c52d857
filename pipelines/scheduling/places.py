"""Where a scheduled installation keeps its things, by environment variables that all its processes share."""

from __future__ import annotations

import os
from pathlib import Path

from lake.home import Home


def home() -> Home:
    """Return the home: `YIMATONG_HOME`."""
    return Home(Path(os.environ.get("YIMATONG_HOME", "/var/lib/yimatong/home")))


def inbox() -> Path:
    """Return the inbox: `YIMATONG_INBOX`."""
    return Path(os.environ.get("YIMATONG_INBOX", "/var/lib/yimatong/inbox"))


def exports() -> Path:
    """Return the folder that holds a folder for each approved export: `YIMATONG_EXPORTS`."""
    return Path(os.environ.get("YIMATONG_EXPORTS", "/var/lib/yimatong/exports"))


def sources() -> Path | None:
    """Return the file that lists the cities' databases: `YIMATONG_SOURCES`; None where none is pulled."""
    return _file("YIMATONG_SOURCES")


def retention() -> Path | None:
    """Return the file of the rules of retention: `YIMATONG_RETENTION`; None for the default rules."""
    return _file("YIMATONG_RETENTION")


def _file(variable: str) -> Path | None:
    named = os.environ.get(variable)
    return Path(named) if named else None
