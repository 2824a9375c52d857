"""The registry: which id stands behind each presentation, in versions that build on each other.

A version is a folder with link.parquet (presentation_id, registry_id, tier, probability; registry_id NULL where the
presentation is no longer live) and issued.parquet (registry_id, seed, nonce: every id that the version gave out).
The first version in a list holds the whole; each later one what changed, and the newest wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from lake.engine import quoted
from linkage.pseudonym import define_hmac, pads
from linkage.script import count, drop_tables, parquet_rows, run, view, write_parquet

_NO_LINK = "SELECT NULL::UUID AS presentation_id, NULL::UUID AS registry_id, '' AS tier, 0.0::DOUBLE AS probability"
_NO_ISSUE = "SELECT NULL::UUID AS registry_id, NULL::UUID AS seed, 0::INTEGER AS nonce"
COMPACT_FROM = 0.25
"""How large the changes may grow beside the whole before they are folded into one."""


def _link_file(version: Path) -> Path:
    return version / "link.parquet"


def _issued_file(version: Path) -> Path:
    return version / "issued.parquet"


def open_registry(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path]) -> None:
    """Make the views link_state (the live presentations, each once) and link_issued (all ids ever given)."""
    if not versions:
        view(connection, "link_state", f"{_NO_LINK} LIMIT 0")
        view(connection, "link_issued", f"{_NO_ISSUE} LIMIT 0")
        return
    base, *changes = versions
    view(connection, "link_issued", parquet_rows([_issued_file(v) for v in versions]))
    if not changes:
        view(connection, "link_state", parquet_rows([_link_file(base)]))
        return
    numbered = " UNION ALL ".join(
        f"SELECT *, {order} AS version FROM read_parquet({quoted(_link_file(change))})"
        for order, change in enumerate(changes)
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE link_newest AS SELECT presentation_id,"
        " unnest(arg_max(struct_pack(registry_id, tier, probability), version))"
        f" FROM ({numbered}) GROUP BY presentation_id"
    )
    view(
        connection,
        "link_state",
        f"FROM read_parquet({quoted(_link_file(base))})"
        " WHERE presentation_id NOT IN (SELECT presentation_id FROM link_newest)"
        " UNION ALL SELECT presentation_id, registry_id, tier, probability FROM link_newest"
        " WHERE registry_id IS NOT NULL",
    )


def name_persons(connection: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """Give every cluster its registry id: the one that most of its presentations had, or a new one.

    Reads link_linked, link_cluster, link_leaving, link_state, link_issued and presentations. Leaves link_minted,
    link_label_of and link_delta. A new id is a keyed pseudo-random function of the cluster's smallest presentation
    and of how often that one began a person before, so it is never given twice.
    """
    define_hmac(connection)
    run(connection, "vote")
    while count(connection, "SELECT count(*) FROM link_vote"):
        run(connection, "name_step")
    run(connection, "mint", **pads(secret))
    drop_tables(connection, "link_vote", "link_match", "link_named")


def write_version(connection: duckdb.DuckDBPyConnection, into: Path) -> None:
    """Write link_delta and link_minted as a version."""
    write_parquet(connection, "FROM link_delta", _link_file(into))
    write_parquet(connection, "SELECT registry_id, seed, nonce FROM link_minted", _issued_file(into))


def compaction_due(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path]) -> bool:
    """Say whether the changes have grown past a quarter of the whole that they change."""
    base, *changes = (
        count(connection, f"SELECT count(*) FROM read_parquet({quoted(_link_file(version))})") for version in versions
    )
    return sum(changes) > COMPACT_FROM * base


def compact(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], into: Path) -> None:
    """Write a version that alone says what `versions` say together."""
    open_registry(connection, versions)
    write_parquet(connection, "FROM link_state", _link_file(into))
    write_parquet(connection, "FROM link_issued", _issued_file(into))
