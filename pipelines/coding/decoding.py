"""Decoding: an authorised terminal is told whose a health code is; all else is refused with its reason, and noted."""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import duckdb
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.standards.health_code import Content, holder, opened_validity, read_content, user_key
from lake.audit import note_access
from lake.engine import connect
from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.keyring import CODE_MARK, CODE_VALIDITY, HEALTH_CODE
from lake.ledger import Ledger
from lake.terminals import Decoding, Terminal, is_revoked, note_decoding, terminals, use_up
from linkage.codes.find import Code, code_of, standing
from pipelines.coding.issuing import KEY_BYTES, codes_file, root_key

LATEST = timedelta(minutes=5)
"""How far a request's time may lie from this machine's clock."""
ALLOWED = "allowed"
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What may be a terminal's name."""
_SCENE = re.compile(r"[0-9]{1,2}")


class Reason(StrEnum):
    """Why a code was not decoded."""

    UNKNOWN_TERMINAL = "unknown terminal"
    REVOKED_TERMINAL = "revoked terminal"
    EXPIRED_TERMINAL = "expired terminal"
    BAD_SIGNATURE = "bad signature"
    OTHER_SCENE = "scene not allowed"
    STALE_REQUEST = "stale request"
    STATIC = "static code not allowed"
    TAMPERED = "tampered code"
    EXPIRED = "expired code"
    REPLAYED = "replayed code"
    REVOKED = "revoked code"
    WITHDRAWN = "withdrawn code"


_CHINESE = {
    Reason.UNKNOWN_TERMINAL: "终端未登记",
    Reason.REVOKED_TERMINAL: "终端已吊销",
    Reason.EXPIRED_TERMINAL: "终端授权已到期",
    Reason.BAD_SIGNATURE: "签名不符",
    Reason.OTHER_SCENE: "场景未授权",
    Reason.STALE_REQUEST: "请求时间已过",
    Reason.STATIC: "此终端只核验动态码",
    Reason.TAMPERED: "不是本平台签发的码",
    Reason.EXPIRED: "码已过期",
    Reason.REPLAYED: "动态码已用过",
    Reason.REVOKED: "码已吊销",
    Reason.WITHDRAWN: "码已撤回",
}


class RefusedDecoding(PlainFault):
    """A request that was refused, with its reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{_CHINESE[reason]} {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Request:
    """What a terminal asks: the content that it scanned, in which scene, when, and its signature of these, in hex."""

    terminal: str
    scene: str
    at: datetime
    content: str
    signature: str

    @property
    def signed(self) -> bytes:
        """Return what the terminal signs."""
        return _signed(self.terminal, self.scene, self.at, self.content)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a code is: ID type and number; `card` is the code that stands for the person now."""

    id_type: str
    number: str
    kind: str
    card: str


def sign(key: Ed25519PrivateKey, terminal: str, scene: str, at: datetime, content: str) -> Request:
    """Return a terminal's request, signed."""
    return Request(terminal, scene, at, content, key.sign(_signed(terminal, scene, at, content)).hex())


def _signed(terminal: str, scene: str, at: datetime, content: str) -> bytes:
    return "\n".join(["yimatong decode", terminal, scene, at.isoformat(timespec="seconds"), content]).encode()


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decodes codes for terminals; made by `open_decoder`."""

    home: Home
    ledger: Ledger
    connection: duckdb.DuckDBPyConnection

    def decode(self, request: Request, now: datetime | None = None) -> Holder:
        """Return whose the code is. Raises RefusedDecoding. Either way the ledger has the event when this returns."""
        now = now or datetime.now()
        terminal = next(iter(terminals(self.ledger, request.terminal)), None)
        content = _content(request.content)
        outcome = "failed"
        try:
            self._judge_terminal(request, terminal, now)
            if terminal and not terminal.static and content and not content.validity:
                raise RefusedDecoding(Reason.STATIC)
            found = self._open(content, now)
            outcome = ALLOWED
            return found
        except RefusedDecoding as refused:
            outcome = refused.reason
            raise
        finally:
            name = request.terminal if NAME.fullmatch(request.terminal) else ""
            scene = request.scene if _SCENE.fullmatch(request.scene) else ""
            kind = "" if content is None else "dynamic" if content.validity else "static"
            mark = card_mark(self.home, content.card) if content else ""
            org_code = terminal.org_code if terminal else ""
            note_decoding(self.ledger, Decoding(now, name, org_code, scene, kind, outcome, mark))
            note_access(self.home, self.ledger, "decode", name, str(outcome))

    def _judge_terminal(self, request: Request, terminal: Terminal | None, now: datetime) -> None:
        if terminal is None:
            raise RefusedDecoding(Reason.UNKNOWN_TERMINAL)
        try:
            signature = bytes.fromhex(request.signature)
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(terminal.public_key)).verify(signature, request.signed)
        except (ValueError, InvalidSignature):
            raise RefusedDecoding(Reason.BAD_SIGNATURE) from None
        if terminal.revoked_at is not None:
            raise RefusedDecoding(Reason.REVOKED_TERMINAL)
        if terminal.expires_on < now.date():
            raise RefusedDecoding(Reason.EXPIRED_TERMINAL)
        if request.scene not in terminal.scenes:
            raise RefusedDecoding(Reason.OTHER_SCENE)
        if abs(now - request.at) > LATEST:
            raise RefusedDecoding(Reason.STALE_REQUEST)

    def _open(self, content: Content | None, now: datetime) -> Holder:
        codes = codes_file(self.home, self.ledger)  # asked each time: an issue or a revocation counts at once
        code = code_of(self.connection, codes, content.card) if content else None
        if content is None or code is None:
            raise RefusedDecoding(Reason.TAMPERED)
        until = self._validity(content) if content.validity else None
        if code.state == "revoked" or is_revoked(self.ledger, card_mark(self.home, content.card)):
            raise RefusedDecoding(Reason.REVOKED)
        if self.home.keyring.versions(HEALTH_CODE)[code.key_version - 1].retired or (until is not None and until < now):
            raise RefusedDecoding(Reason.EXPIRED)
        now_standing = standing(self.connection, codes, code)
        if now_standing.state == "revoked":
            raise RefusedDecoding(Reason.REVOKED)
        if now_standing.state != "active":
            raise RefusedDecoding(Reason.WITHDRAWN)
        found = self._holder(now_standing)
        if until is not None and not use_up(
            self.ledger, card_mark(self.home, content.card + content.validity), until, now
        ):
            raise RefusedDecoding(Reason.REPLAYED)
        return Holder(*found, now_standing.kind, now_standing.card)

    def _validity(self, content: Content) -> datetime:
        keyring = self.home.keyring
        for version in reversed(keyring.versions(CODE_VALIDITY)):
            if not version.retired:
                try:
                    key = keyring.key(CODE_VALIDITY, version.version)[:KEY_BYTES]
                    return opened_validity(key, content.validity, content.card)
                except ValueError:
                    continue
        raise RefusedDecoding(Reason.TAMPERED)

    def _holder(self, code: Code) -> tuple[str, str]:
        try:
            return holder(user_key(root_key(self.home, code.key_version), bytes.fromhex(code.factor)), code.card)
        except ValueError:
            raise RefusedDecoding(Reason.TAMPERED) from None


def card_mark(home: Home, text: str) -> str:
    """Return the keyed digest by which the ledger knows a card, or a use of it; its key never rotates."""
    return hmac.digest(home.keyring.key(CODE_MARK), text.encode(), "sm3").hex()[:32]


@contextmanager
def open_decoder(home: Home) -> Iterator[Decoder]:
    """Give what decodes a home's codes. Raises PlainFault where none were issued."""
    with (
        without_values(RefusedDecoding),
        home.aside(f"decode-{uuid.uuid4().hex}") as scratch,
        closing(Ledger(home.ledger_url)) as ledger,
        connect(scratch) as connection,
    ):
        codes_file(home, ledger)
        yield Decoder(home, ledger, connection)


def _content(text: str) -> Content | None:
    try:
        return read_content(text)
    except ValueError:
        return None
