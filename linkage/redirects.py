"""Redirects: which person key of the warehouse stands now for one that an earlier warehouse had."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from linkage.pseudonym import define_pseudonym
from linkage.registry import define_heirs, open_registry
from linkage.script import run


def define_redirects(
    connection: duckdb.DuckDBPyConnection,
    versions: Sequence[Path],
    newer: Sequence[Path],
    before: tuple[int, bytes],
    now: tuple[int, bytes],
) -> None:
    """Make `redirect` (former_key, key_version: of the former key, person_key).

    `versions` say the registry, `newer` are its versions since the last build; `before` and `now` are version and key
    under which the last build was made, and this one. Reads redirect_before, the last build's own.
    """
    open_registry(connection, versions)
    define_heirs(connection, newer)
    define_pseudonym(connection, "link_key_before", before[1])
    define_pseudonym(connection, "link_key_now", now[1])
    run(connection, "redirects", before=before[0], now=now[0])
