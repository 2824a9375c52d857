"""Terminals enrolled: each with a pair of keys, of which the platform keeps the public half alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lake.faults import PlainFault
from lake.files import put
from lake.ledger import Ledger
from lake.terminals import Terminal, add_terminal, terminals
from pipelines.coding.decoding import NAME


def enrol(
    ledger: Ledger,
    name: str,
    org_code: str,
    scenes: Sequence[str],
    until: date,
    by: str,
    key_file: Path,
    static: bool = False,
) -> bool:
    """Enter a terminal and write its private key for its owner alone; False where the name is taken or is none."""
    if not NAME.fullmatch(name):
        return False
    pair = Ed25519PrivateKey.generate()
    public = pair.public_key().public_bytes_raw().hex()
    entered = add_terminal(ledger, Terminal(name, org_code, public, tuple(scenes), static, until, by, datetime.now()))
    if entered:
        with put(key_file) as partial:
            partial.touch(mode=0o600)
            partial.write_bytes(pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return entered


def read_private_key(file: Path) -> Ed25519PrivateKey:
    """Return a terminal's private key. PlainFault where the file holds none."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise PlainFault(f"不是终端私钥 no private key of a terminal: {file}")
    return key


def terminal_rows(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the terminals for `terminal list --json`."""
    return [
        {
            "terminal": each.terminal, "org_code": each.org_code, "scenes": list(each.scenes), "static": each.static,
            "until": each.expires_on.isoformat(), "added_by": each.added_by, "revoked": each.revoked_at is not None,
        }
        for each in terminals(ledger)
    ]  # fmt: skip


def terminals_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return the terminals as lines for people."""
    lines = [
        f"{row['terminal']:24} {row['org_code']:22}  场景 scenes {','.join(row['scenes'])}  至 until {row['until']}"
        + ("  含静态码 static codes too" if row["static"] else "")
        + ("  已吊销 revoked" if row["revoked"] else "")
        for row in rows
    ]
    return "\n".join(lines) or "没有终端 no terminals"
