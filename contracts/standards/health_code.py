"""The resident's electronic health code: from the main index to the card ID and the content of its QR code.

Source: 居民电子健康码 specification as reproduced in the vectors of the tests. The recipe of the main index, the digit
that tells a static from a dynamic code and the padding of the validity were not confirmed from a primary text: each
stands here alone. The card ID is reversible by whoever holds the key: it is a direct identifier.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

STATIC, DYNAMIC = "0", "1"
"""What the second part of a QR content says: a code to print, or one that is valid for a while."""
_BLOCK = 16
_INDEX = 32
_ECB = modes.ECB()
_CONTENT = re.compile(r"([0-9A-F]{64}):([01])(?::([0-9A-F]{32}))?")
_MOMENT = "%Y%m%d%H%M%S"
_MOMENT_BYTES = 7


def main_index(id_type: str, number: str, name: str, serial: int = 0) -> bytes:
    """Return the 32-byte main index: SM3 of ID type, number and name.

    `serial` counts the codes of a person that were revoked: the next one has another index.
    """
    return hashlib.new("sm3", f"{id_type}{number}{name}{serial or ''}".encode()).digest()


def factor(index: bytes) -> bytes:
    """Return the 8-byte factor of a 32-byte main index: the XOR of its four groups."""
    if len(index) != _INDEX:
        raise ValueError("a main index has 32 bytes")
    return factors(index)


def factors(indexes: bytes) -> bytes:
    """Return the factors, 8 bytes each, of main indexes of 32 bytes each."""
    groups = np.frombuffer(indexes, dtype=np.uint64).reshape(-1, 4)
    return bytes(np.bitwise_xor.reduce(groups, axis=1).tobytes())


def user_key(root_key: bytes, key_factor: bytes) -> bytes:
    """Return the 16-byte key of a resident: SM4-ECB under the root key of the factor and its complement."""
    return user_keys(root_key, key_factor)


def user_keys(root_key: bytes, key_factors: bytes) -> bytes:
    """Return the keys, 16 bytes each, of factors of 8 bytes each, by one call of the cipher."""
    one = np.frombuffer(key_factors, dtype=np.uint64)
    encryptor = Cipher(SM4(root_key), _ECB).encryptor()
    return encryptor.update(np.stack([one, ~one], axis=1).tobytes()) + encryptor.finalize()


def card_bytes(key: bytes, holder_text: bytes) -> bytes:
    """Return the 32 bytes of a card ID: SM4-ECB under the user key of type and number, padded with zeros.

    Each resident has a key of their own, so that no two of them can share a call of the cipher.
    """
    return Cipher(SM4(key), _ECB).encryptor().update(holder_text.ljust(2 * _BLOCK, b"\0"))


def card_id(key: bytes, id_type: str, number: str) -> str:
    """Return the card ID, 64 hex characters. ValueError where type and number are longer than two blocks."""
    text = (id_type + number).encode("ascii")
    if len(text) > 2 * _BLOCK:
        raise ValueError("ID type and number have at most 32 characters")
    return card_bytes(key, text).hex().upper()


def holder(key: bytes, card: str) -> tuple[str, str]:
    """Return ID type and number of a card ID; the inverse of `card_id`.

    ValueError where the key is not that of the card: what it gives is no text padded with zeros.
    """
    decryptor = Cipher(SM4(key), _ECB).decryptor()
    padded = decryptor.update(bytes.fromhex(card)) + decryptor.finalize()
    octets = padded.rstrip(b"\0")
    if len(octets) < 3 or not (octets.isascii() and octets.isalnum()):
        raise ValueError("this key does not open this card")
    text = octets.decode("ascii")
    return text[:2], text[2:]


@dataclass(frozen=True, slots=True)
class Content:
    """What a QR code says: the card ID, and of a dynamic code the sealed end of its validity, 32 hex characters."""

    card: str
    validity: str = ""

    @property
    def text(self) -> str:
        """Return it as it stands in the QR code."""
        return f"{self.card}:{DYNAMIC}:{self.validity}" if self.validity else f"{self.card}:{STATIC}"


def read_content(text: str) -> Content:
    """Return what a QR code says; ValueError, without the text, where it is no health code."""
    found = _CONTENT.fullmatch(text)
    if found is None or (found[2] == DYNAMIC) != bool(found[3]):
        raise ValueError("not the content of a health code")
    return Content(found[1], found[3] or "")


def sealed_validity(key: bytes, until: datetime, card: str) -> str:
    """Return the end of a card's validity, to the second, as a dynamic code holds it.

    SM4 of its 14 digits in BCD; the rest of the block is of the card's digest, so that the validity of one code can't
    be put to another card.
    """
    encryptor = Cipher(SM4(key), _ECB).encryptor()
    return encryptor.update(bytes.fromhex(until.strftime(_MOMENT)) + _of_card(card)).hex().upper()


def opened_validity(key: bytes, sealed: str, card: str) -> datetime:
    """Return the end of a card's validity; ValueError where it was not sealed for it under this key."""
    block = Cipher(SM4(key), _ECB).decryptor().update(bytes.fromhex(sealed))
    if block[_MOMENT_BYTES:] != _of_card(card):
        raise ValueError("not a validity of this card")
    try:
        return datetime.strptime(block[:_MOMENT_BYTES].hex(), _MOMENT)
    except ValueError:
        raise ValueError("not a validity") from None


def _of_card(card: str) -> bytes:
    return hashlib.new("sm3", card.encode("ascii")).digest()[: _BLOCK - _MOMENT_BYTES]
