"""Keyed pseudonyms in SQL: what a key's HMAC-SHA256 needs, and the version of the keys in use."""

from __future__ import annotations

import hashlib

import duckdb

from linkage.script import run

KEY_VERSION = "1"
"""The version of the pseudonym key under which person_key is made."""

_BLOCK = 64


def pads(key: bytes) -> dict[str, bytes]:
    """Return the inner and outer pad of an HMAC key (RFC 2104), as the parameters `ipad` and `opad`."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return {"ipad": bytes(b ^ 0x36 for b in block), "opad": bytes(b ^ 0x5C for b in block)}


def define_hmac(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the macros link_hmac and link_person_key."""
    run(connection, "hmac")
