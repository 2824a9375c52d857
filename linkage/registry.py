"""The registry: which id stands behind each presentation, in versions that build on each other.

A version is a folder, named by its number, with link.parquet (presentation_id, registry_id, tier, probability, free:
without a valid number of its own; registry_id NULL where the presentation is no longer live), issued.parquet
(registry_id, seed, nonce: every id that the version gave out), event.parquet, doubt.parquet, kept.parquet and
made_by.json. The first version in a list holds the whole; each later one what changed, and the newest wins.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from lake.engine import located
from lake.files import put
from lake.vault import read_text, write_text
from linkage.doubts import FILE as DOUBTS
from linkage.doubts import open_doubts
from linkage.script import count, drop_tables, parquet_rows, run, view, write_parquet

_NO_LINK = """
    SELECT NULL::UUID AS presentation_id, NULL::UUID AS registry_id, '' AS tier, 0.0::DOUBLE AS probability,
      false AS free"""
_NO_ISSUE = "SELECT NULL::UUID AS registry_id, NULL::UUID AS seed, 0::INTEGER AS nonce"
_EVENTS, _KEPT, _MADE_BY = "event.parquet", "kept.parquet", "made_by.json"
COMPACT_FROM = 0.25
"""How large the changes may grow beside the whole before they are folded into one."""


@dataclass(frozen=True, slots=True)
class Making:
    """What made a version beside the presentations: the model, the size of the register, the last decision."""

    model: str
    known: int
    decided: int


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
        f"SELECT *, {order} AS version FROM read_parquet({located(_link_file(change))})"
        for order, change in enumerate(changes)
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE link_newest AS SELECT presentation_id,"
        " unnest(arg_max(struct_pack(registry_id, tier, probability, free), version))"
        f" FROM ({numbered}) GROUP BY presentation_id"
    )
    view(
        connection,
        "link_state",
        f"FROM read_parquet({located(_link_file(base))})"
        " WHERE presentation_id NOT IN (SELECT presentation_id FROM link_newest)"
        " UNION ALL SELECT presentation_id, registry_id, tier, probability, free FROM link_newest"
        " WHERE registry_id IS NOT NULL",
    )


def name_persons(connection: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """Give every cluster its registry id: the one that most of its presentations had, or a new one.

    Reads link_linked, link_cluster, link_leaving, link_state, link_issued and presentations. Leaves link_minted,
    link_label_of, link_delta and link_retired (registry_id: ids that nobody has any longer). A new id is a keyed
    pseudo-random function of the cluster's smallest presentation and of how often that one began a person before, so it
    is never given twice.
    """
    run(connection, "vote")
    while count(connection, "SELECT count(*) FROM link_vote"):
        run(connection, "name_step")
    run(connection, "mint", secret=secret)
    run(connection, "retired")
    drop_tables(connection, "link_vote", "link_match", "link_named")


def note_events(connection: duckdb.DuckDBPyConnection, model: str) -> None:
    """Make link_event: what became of the ids that there were, as `events` describes it."""
    run(connection, "events", model=model)


def write_version(connection: duckdb.DuckDBPyConnection, into: Path, making: Making) -> None:
    """Write link_delta, link_minted, link_event, link_doubt, link_keeping and what they were made by as a version."""
    write_parquet(connection, "FROM link_delta", _link_file(into))
    write_parquet(connection, "SELECT registry_id, seed, nonce FROM link_minted", _issued_file(into))
    write_parquet(connection, "FROM link_event", into / _EVENTS)
    write_parquet(connection, "FROM link_doubt", into / DOUBTS)
    write_parquet(connection, "FROM link_keeping", into / _KEPT)
    _write_made_by(into, making)


def _write_made_by(into: Path, making: Making) -> None:
    with put(into / _MADE_BY) as partial:
        write_text(partial, json.dumps(asdict(making)))


def made_by(versions: Sequence[Path]) -> Making | None:
    """Return what the newest version was made by; None where there is none, or where it didn't say yet."""
    if not versions or not (versions[-1] / _MADE_BY).exists():
        return None
    return Making(**json.loads(read_text(versions[-1] / _MADE_BY)))


def open_kept(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], model: str) -> None:
    """Make the view link_decision: the relation decision, and what holds as a former model decided it.

    What was kept is kept as long as the model is the same.
    """
    kept = _kept_files(versions, model)
    more = f" UNION ALL BY NAME {parquet_rows(kept)}" if kept else ""
    view(connection, "link_decision", f"SELECT number, verdict, l_own, l, r_own, r FROM decision{more}")


def _kept_files(versions: Sequence[Path], model: str) -> list[Path]:
    return [version / _KEPT for version in versions if (made := made_by([version])) and made.model == model]


def events(versions: Sequence[Path]) -> str:
    """Return a query for all events: version, kind, from_id, to_id, presentations, tier, probability, model.

    `merged`: nobody has from_id any longer, and most of its presentations have to_id now, which stands for it (a
    redirect). `split`: presentations went from from_id, which others still have, to to_id, which is new; `moved`: to
    one that there was. `retired`: nobody has from_id, and none of its presentations is left.
    """
    return " UNION ALL ".join(
        f"SELECT {int(version.name)} AS version, * FROM read_parquet({located(version / _EVENTS)})"
        for version in versions
    )


def define_heirs(connection: duckdb.DuckDBPyConnection, newer: Sequence[Path]) -> None:
    """Make `link_heir` (from_id, to_id): who stands now for each person that these versions merged into another."""
    merged = f"SELECT from_id, to_id FROM ({events(newer)}) WHERE kind = 'merged'" if newer else ""
    view(connection, "link_merged_id", merged or "SELECT NULL::UUID AS from_id, NULL::UUID AS to_id LIMIT 0")
    run(connection, "heirs")


def compaction_due(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path]) -> bool:
    """Say whether the changes have grown past a quarter of the whole that they change."""
    base, *changes = (
        count(connection, f"SELECT count(*) FROM read_parquet({located(_link_file(version))})") for version in versions
    )
    return sum(changes) > COMPACT_FROM * base


def compact(connection: duckdb.DuckDBPyConnection, versions: Sequence[Path], into: Path) -> None:
    """Write a version that alone says what `versions` say together."""
    making = made_by(versions)
    open_registry(connection, versions)
    write_parquet(connection, "FROM link_state", _link_file(into))
    write_parquet(connection, "FROM link_issued", _issued_file(into))
    open_doubts(connection, versions)
    write_parquet(connection, "SELECT * EXCLUDE (version) FROM link_open_doubt", into / DOUBTS)
    kept = _kept_files(versions, making.model) if making else []
    write_parquet(connection, parquet_rows(kept or [versions[-1] / _KEPT]), into / _KEPT)
    write_parquet(connection, f"FROM read_parquet({located(versions[-1] / _EVENTS)}) LIMIT 0", into / _EVENTS)
    if making:
        _write_made_by(into, making)
