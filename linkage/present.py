"""From identity rows to presentations: the distinct ways in which persons were written down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from linkage.characters import define_characters
from linkage.script import count, drop_tables, parquet_rows, run, view, write_parquet


@dataclass(frozen=True, slots=True)
class Presented:
    """How many identity rows a batch held, and how many distinct presentations they make."""

    rows: int
    presentations: int


def present(
    connection: duckdb.DuckDBPyConnection, identity_rows: str, presented: Path, presentations: Path
) -> Presented:
    """Write the presentations of one batch of identity rows.

    `identity_rows` names a relation with feed, city_code, row_id, own_no, org_code (the institution that gave
    own_no; NULL where the city gave it), name, sex_code, birth_date, id_no, id_valid, phone, address, near_id_no,
    health_code, updated_at, and of an encounter its institution, encounter_no, started_on and fee. `presented` gets
    row_id, presentation_id, feed, updated_at, encounter_key and stay_key, one row an identity row;
    `presentations` the distinct presentations, folded, with the keys that linkage joins on. A presentation's id is
    the MD5 of its folded values, so it is the same in every batch, run and order.
    """
    view(connection, "link_source", f"SELECT * FROM {identity_rows}")
    run(connection, "normalise")
    run(connection, "present_fold")
    define_characters(connection)
    run(connection, "spell")
    run(connection, "present_distinct")
    write_parquet(connection, "FROM link_presented", presented)
    write_parquet(connection, "FROM link_presentation", presentations)
    summary = Presented(
        rows=count(connection, "SELECT count(*) FROM link_folded"),
        presentations=count(connection, f"SELECT count(*) FROM ({parquet_rows([presentations])})"),
    )
    drop_tables(connection, "link_folded")
    return summary
