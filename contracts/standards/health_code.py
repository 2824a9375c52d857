"""The resident's electronic health code: from the main index to the card ID and its QR content.

Source: 居民电子健康码 specification as reproduced in the vectors of the tests; the recipe of the main index itself was
not confirmed from a primary text, so it is taken as given. The card ID is reversible by whoever holds the key: it is a
direct identifier.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

_BLOCK = 16


def factor(main_index: bytes) -> bytes:
    """Return the 8-byte factor of a 32-byte main index: the XOR of its four groups."""
    if len(main_index) != 32:
        raise ValueError("a main index has 32 bytes")
    groups = (int.from_bytes(main_index[at : at + 8], "big") for at in range(0, 32, 8))
    result = 0
    for group in groups:
        result ^= group
    return result.to_bytes(8, "big")


def user_key(root_key: bytes, key_factor: bytes) -> bytes:
    """Return the 16-byte key of a resident: SM4-ECB under the root key of the factor and its complement."""
    return _encrypt(root_key, key_factor + bytes(octet ^ 0xFF for octet in key_factor))


def card_id(key: bytes, id_type: str, number: str) -> str:
    """Return the card ID, 64 hex characters: SM4-ECB under the user key of type and number, padded with zeros."""
    text = (id_type + number).encode("ascii")
    if len(text) > 2 * _BLOCK:
        raise ValueError("ID type and number have at most 32 characters")
    return _encrypt(key, text.ljust(2 * _BLOCK, b"\0")).hex().upper()


def holder(key: bytes, card: str) -> tuple[str, str]:
    """Return ID type and number of a card ID; the inverse of `card_id`."""
    decryptor = Cipher(SM4(key), modes.ECB()).decryptor()
    text = (decryptor.update(bytes.fromhex(card)) + decryptor.finalize()).rstrip(b"\0").decode("ascii")
    return text[:2], text[2:]


def static_content(card: str, code_type: str) -> str:
    """Return the content of a static QR code."""
    return f"{card}:{code_type}"


def _encrypt(key: bytes, text: bytes) -> bytes:
    encryptor = Cipher(SM4(key), modes.ECB()).encryptor()
    return encryptor.update(text) + encryptor.finalize()
