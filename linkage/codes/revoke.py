"""Revoking one code among all."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lake.engine import located, quoted
from linkage.script import count, view, write_parquet


def revoke(connection: duckdb.DuckDBPyConnection, former: Path, into: Path, card: str) -> bool:
    """Write the codes with one of them revoked; False, and nothing written, where that one isn't active."""
    view(connection, "code_state", f"FROM read_parquet({located(former)})")
    is_it = f"card = {quoted(card)} AND state = 'active'"
    if not count(connection, f"SELECT count(*) FROM code_state WHERE {is_it}"):
        return False
    revoked = f"SELECT * REPLACE (CASE WHEN {is_it} THEN 'revoked' ELSE state END AS state) FROM code_state"
    write_parquet(connection, f"{revoked} ORDER BY card", into)
    return True
