"""The access log: who opened what behind the vault, line by line, each chained to the one before.

`audit/log.jsonl` in the home: a line is JSON with its number, time, user, roles, action, object and outcome, and the
HMAC-SM3 of these and of the line before, under the home's audit key. Number and HMAC of the last line stand in the
ledger too. So a byte changed, a line dropped, added or moved, and a log cut short are each found.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import delete, insert, select

from lake import ledger_tables as t
from lake.faults import PlainFault
from lake.home import Home
from lake.keyring import AUDIT
from lake.ledger import Ledger
from lake.roles import roles_of, user

_FIRST = "0" * 64
_PRIVATE = 0o600
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the log, without its chain."""

    number: int
    at: str
    who: str
    roles: str
    action: str
    what: str
    outcome: str
    key_version: int


@dataclass(frozen=True, slots=True)
class Verified:
    """How many lines of the log are sound, and where the chain breaks: the first wrong line, empty where it holds."""

    lines: int
    broken: str


def log_file(home: Home) -> Path:
    """Return the log of a home."""
    return home.root / "audit" / "log.jsonl"


def note_access(home: Home, ledger: Ledger, action: str, what: str, outcome: str) -> None:
    """Append a line: that this user did something, to what, and how it ended; never a person's value."""
    file = log_file(home)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        file.chmod(_PRIVATE)
        number, before = _last(home, ledger, log)
        version = home.keyring.newest(AUDIT)
        at, who = datetime.now().isoformat(timespec="milliseconds"), user()
        line = Access(number + 1, at, who, ",".join(roles_of(home, who)), action, what, outcome, version)
        mac = _mac(home.keyring.key(AUDIT, version), before, asdict(line))
        log.write(_written(asdict(line), mac))
        log.flush()
        os.fsync(log.fileno())
        with ledger.engine.begin() as db:
            db.execute(delete(t.audit_head))
            db.execute(insert(t.audit_head), {"number": number + 1, "mac": mac})


@contextmanager
def access(home: Home, ledger: Ledger, action: str, what: str = "") -> Iterator[None]:
    """Note an access when the block ends: `done`, or `failed` by the type of its exception."""
    outcome = "done"
    try:
        yield
    except BaseException as fault:
        outcome = f"failed: {type(fault).__name__}"
        raise
    finally:
        note_access(home, ledger, action, what, outcome)


def accesses(home: Home) -> Iterator[dict[str, Any]]:
    """Yield the lines of the log as they stand, unverified."""
    file = log_file(home)
    if file.exists():
        with file.open(encoding="utf-8") as log:
            for line in log:
                yield json.loads(line)


def verify(home: Home, ledger: Ledger) -> Verified:
    """Follow the chain from its first line past the one that the ledger knows, to its end."""
    file = log_file(home)
    number, before = 0, _FIRST
    last, seen = _head(ledger), {(0, _FIRST)}
    if file.exists():
        with file.open("rb") as log:
            for raw in log:
                found = _following(home, number, before, raw)
                if found is None:
                    return Verified(
                        number, f"第 {number + 1} 行不续前行 line {number + 1} does not follow the one before"
                    )
                number, before = found
                seen.add(found)
    if last not in seen:
        return Verified(
            number, f"止于第 {number} 行, 缺第 {last[0]} 行 it ends at line {number}; line {last[0]} is missing"
        )
    return Verified(number, "")


def holds_what_was_noted(home: Home, ledger: Ledger) -> bool:
    """Say whether the log still has, near its end, the line that the ledger knows as the last.

    It needs no key and reads the end alone: `verify` follows the whole chain.
    """
    number, mac = _head(ledger)
    if number == 0:
        return True
    file = log_file(home)
    if not file.exists():
        return False
    with file.open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LONGEST))
        lines = log.read().split(b"\n")[:-1]
    return any(mac.encode() in line and f'"number": {number},'.encode() in line for line in lines)


def _last(home: Home, ledger: Ledger, log: BinaryIO) -> tuple[int, str]:
    """Return number and HMAC of the line to follow: the ledger's, or one written just before the process was killed.

    What a killed process has left of a line is taken away.
    """
    last = _head(ledger)
    end = log.seek(0, os.SEEK_END)
    log.seek(max(0, end - _LONGEST))
    *lines, torn = log.read().split(b"\n")
    if torn:
        os.ftruncate(log.fileno(), end - len(torn))
    return (_following(home, *last, lines[-1] + b"\n") if lines else None) or last


def _following(home: Home, number: int, before: str, raw: bytes) -> tuple[int, str] | None:
    """Return number and HMAC of a line that follows another; None where it doesn't."""
    try:
        line = json.loads(raw)
        mac = str(line.pop("mac"))
        key = home.keyring.key(AUDIT, int(line["key_version"]))
        sound = line["number"] == number + 1 and raw == _written(line, mac)
    except (ValueError, KeyError, TypeError, AttributeError, PlainFault):
        return None
    return (number + 1, mac) if sound and hmac.compare_digest(mac, _mac(key, before, line)) else None


def _head(ledger: Ledger) -> tuple[int, str]:
    with ledger.engine.connect() as db:
        row = db.execute(select(t.audit_head.c.number, t.audit_head.c.mac)).first()
    return (int(row[0]), str(row[1])) if row else (0, _FIRST)


def _written(line: dict[str, Any], mac: str) -> bytes:
    return (json.dumps(line | {"mac": mac}, ensure_ascii=False) + "\n").encode()


def _mac(key: bytes, before: str, line: dict[str, Any]) -> str:
    return hmac.digest(key, (before + json.dumps(line, ensure_ascii=False, sort_keys=True)).encode(), "sm3").hex()
