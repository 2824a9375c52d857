"""Five plain SQL joins, no model: records are attached to the register, one join after another; the rest is grouped."""

from __future__ import annotations

from pathlib import Path

import duckdb

from benchmarks.rivals.laps import Laps
from benchmarks.rivals.records import cleaned, connect
from lake.engine import located

_SAME_NAME_OR_BIRTH = "(record.name = known.name OR record.birth_date = known.birth_date)"
_SAME_OWN_NUMBER = """
    record.feed = known.feed AND record.city_code = known.city_code AND record.own_no = known.own_no
    AND record.org_code IS NOT DISTINCT FROM known.org_code"""

# Each join: what is joined with, and the ways to agree; each way is an equijoin, so that none grows with the square.
_JOINS = (
    ("register", [f"record.id_no = known.id_no AND {_SAME_NAME_OR_BIRTH}"]),
    ("register", ["record.name = known.name AND record.birth_date = known.birth_date"]),
    ("register", [
        "record.name = known.name AND record.phone = known.phone",
        "record.name = known.name AND record.address = known.address",
    ]),
    ("register", [
        "record.birth_date = known.birth_date AND record.phone = known.phone AND record.surname = known.surname",
        "record.birth_date = known.birth_date AND record.address = known.address AND record.surname = known.surname",
    ]),
    ("attached", [f"{_SAME_OWN_NUMBER} AND {_SAME_NAME_OR_BIRTH}"]),
)  # fmt: skip

# Rows of the register that are one person's, registered in two cities.
_REGISTER = """
    CREATE TEMP TABLE register AS
    WITH numbered AS (
      SELECT *, min(record_id) OVER (PARTITION BY coalesce(id_no || name, record_id::VARCHAR)) AS by_number
      FROM record WHERE feed = 'population'
    )
    SELECT * EXCLUDE (by_number),
      min(by_number) OVER (PARTITION BY coalesce(name || birth_date || phone, by_number::VARCHAR)) AS cluster
    FROM numbered"""

# Those who are not on the register: the same number and name, or the same name and birth date, or the same own number.
_REST = """
    WITH by_number AS (
      SELECT *, min(record_id) OVER (PARTITION BY coalesce(id_no || name, record_id::VARCHAR)) AS one FROM rest
    ),
    by_birth AS (
      SELECT *, min(one) OVER (PARTITION BY coalesce(name || birth_date, one::VARCHAR)) AS two FROM by_number
    )
    SELECT record_id, min(two) OVER (
      PARTITION BY feed, city_code, org_code, coalesce(own_no, record_id::VARCHAR), name
    ) AS cluster
    FROM by_birth"""


def find_clusters(records: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Write the clusters that the joins find."""
    laps = Laps()
    with connect() as connection:
        connection.execute(f"CREATE TEMP TABLE record AS SELECT *, left(name, 1) AS surname FROM ({cleaned(records)})")
        connection.execute(_REGISTER)
        connection.execute("CREATE TEMP TABLE rest AS FROM record WHERE feed <> 'population'")
        connection.execute("CREATE TEMP TABLE attached AS FROM register")
        laps.end("prepare")
        for table, ways in _JOINS:
            _attach(connection, table, ways)
        laps.end("join")
        connection.execute(
            f"COPY (SELECT record_id, cluster FROM attached UNION ALL ({_REST})) "
            f"TO {located(folder / 'joins.parquet')} (FORMAT parquet)"
        )
        laps.end("group")
    return {"joins": laps.seconds}


def _attach(connection: duckdb.DuckDBPyConnection, table: str, ways: list[str]) -> None:
    """Attach those of `rest` that agree with exactly one person of `table`."""
    agreeing = " UNION ALL ".join(
        f"SELECT record.record_id, known.cluster FROM rest AS record JOIN {table} AS known ON {way}" for way in ways
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE found AS
        SELECT record_id, min(cluster) AS cluster FROM ({agreeing})
        GROUP BY record_id HAVING min(cluster) = max(cluster)
    """)
    connection.execute("INSERT INTO attached SELECT rest.*, cluster FROM rest JOIN found USING (record_id)")
    connection.execute("DELETE FROM rest WHERE record_id IN (SELECT record_id FROM found)")
