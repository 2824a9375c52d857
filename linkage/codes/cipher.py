"""Card IDs in sets: a function of the engine that seals ID types and numbers under a root key."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from duckdb.sqltypes import INTEGER, VARCHAR

from contracts.standards.health_code import card_bytes, factors, main_index, user_keys
from linkage.script import define_function


def define_card(connection: duckdb.DuckDBPyConnection, root_key: bytes) -> None:
    """Give the connection `code_card(id_type, number, name, serial)`: factor and card ID, 16 and 64 hex characters.

    A batch's main indexes are one buffer and its user keys come of one call of the cipher. The card IDs can't: each
    is sealed under its own user key, so that a key schedule, and thus a call of OpenSSL, a person is what there is.
    """

    def cards(
        id_types: pa.ChunkedArray, numbers: pa.ChunkedArray, names: pa.ChunkedArray, serials: pa.ChunkedArray
    ) -> pa.Array:
        rows = list(zip(*(each.to_pylist() for each in (id_types, numbers, names, serials)), strict=True))
        factor = factors(b"".join(main_index(*row) for row in rows))
        keys = user_keys(root_key, factor)
        sealed = [
            factor[8 * at : 8 * at + 8] + card_bytes(keys[16 * at : 16 * at + 16], (id_type + number).encode("ascii"))
            for at, (id_type, number, _, _) in enumerate(rows)
        ]
        return pa.array([octets.hex().upper() for octets in sealed], pa.string())

    define_function(connection, "code_card", cards, [VARCHAR, VARCHAR, VARCHAR, INTEGER])
