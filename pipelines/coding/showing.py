"""A person's code to show: its QR content, static or valid for a while, and its picture."""

from __future__ import annotations

import re
import uuid
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import segno

from contracts.standards.health_code import Content, sealed_validity
from lake.audit import note_access
from lake.engine import connect
from lake.faults import PlainFault, without_values
from lake.files import put
from lake.home import Home
from lake.keyring import CODE_VALIDITY
from lake.ledger import Ledger
from linkage.codes.find import code_of_number
from pipelines.coding.issuing import KEY_BYTES, codes_file

ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
"""What may be an ID number."""
_ERROR_CORRECTION, _SCALE = "m", 8


def content_for(home: Home, number: str, validity: timedelta | None, now: datetime | None = None) -> Content:
    """Return the content of the code of who has that ID number, dynamic where a validity is given.

    Raises PlainFault where it is no number, or nobody with a code has it.
    """
    if not ID_NUMBER.fullmatch(number):
        raise PlainFault("不是18位证件号码 not an ID number of 18 digits")
    with (
        without_values(),
        home.aside(f"show-{uuid.uuid4().hex}") as scratch,
        closing(Ledger(home.ledger_url)) as ledger,
        connect(scratch) as connection,
    ):
        note_access(home, ledger, "show code", "vault", "opened")
        code = code_of_number(connection, codes_file(home, ledger), number)
    if code is None:
        raise PlainFault("无人以此号码领码 nobody has a code under this number")
    if validity is None:
        return Content(code.card)
    key = home.keyring.key(CODE_VALIDITY)[:KEY_BYTES]
    return Content(code.card, sealed_validity(key, (now or datetime.now()) + validity, code.card))


def draw(content: Content, path: Path) -> None:
    """Draw a QR code, as PNG or SVG by the suffix of the path, for its owner's eyes. ValueError for another suffix."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in ("png", "svg"):
        raise ValueError("a picture of a code is .png or .svg")
    with put(path) as partial:
        partial.touch(mode=0o600)
        segno.make_qr(content.text, error=_ERROR_CORRECTION).save(str(partial), kind=kind, scale=_SCALE)
