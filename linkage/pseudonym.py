"""Keyed pseudonyms: the person key that stands in the warehouse for a registry id.

Sources: HMAC, RFC 2104 and GB/T 15852.2; SM3, GB/T 32905.
"""

from __future__ import annotations

import hashlib

import duckdb
import pyarrow as pa
from duckdb.sqltypes import VARCHAR

from linkage.script import define_function

_BLOCK = 64
LENGTH = 32
"""Hexadecimal digits of a pseudonym: the first 128 bits of the HMAC."""


def define_person_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give the connection `link_person_key(registry_id)`, the pseudonym of the id's 32 digits."""
    define_pseudonym(connection, "link_person_key", key)


def define_pseudonym(connection: duckdb.DuckDBPyConnection, name: str, key: bytes) -> None:
    """Give the connection a function `name(text)`: HMAC-SM3 of the text under the key, cut to 128 bits, in hex."""
    inner, outer = (hashlib.new("sm3", bytes(octet ^ pad for octet in _block(key))) for pad in (0x36, 0x5C))

    def pseudonym(text: bytes) -> str:
        inside, outside = inner.copy(), outer.copy()
        inside.update(text)
        outside.update(inside.digest())
        return outside.hexdigest()[:LENGTH]

    def pseudonyms(texts: pa.ChunkedArray) -> pa.Array:
        # SM3 is in no engine: a call of OpenSSL a person, from the key's two states, is as near to a set as it gets.
        return pa.array([pseudonym(text) for text in texts.cast(pa.binary()).to_pylist()], pa.string())

    define_function(connection, name, pseudonyms, [VARCHAR])


def _block(key: bytes) -> bytes:
    return (hashlib.new("sm3", key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
