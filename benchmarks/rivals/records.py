"""The records that every rival reads: the person feeds of a synthetic province, one row a live record as delivered."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb

from lake.engine import located, quoted

# feed, source key, institution that gives out the number, own number, address, number of someone near
_FEEDS = (
    ("population", "population_no", "NULL", "population_no", "address", "mother_id_no"),
    ("ehr", "ehr_no", "NULL", "ehr_no", "address", "guardian_id_no"),
    ("emr", "org_code || '|' || encounter_no", "org_code", "patient_no", "address", "NULL"),
    ("insurance", "settlement_id", "NULL", "psn_no", "NULL", "NULL"),
)
_WEIGHTS = "[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]"


def connect() -> duckdb.DuckDBPyConnection:
    """Open an engine as DuckDB comes, but without its progress bar; with `RIVALS_MEMORY`, where that is set."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    if memory := os.environ.get("RIVALS_MEMORY"):
        connection.execute(f"SET memory_limit = {quoted(memory)}")
        connection.execute(f"SET temp_directory = {located(Path(tempfile.gettempdir()) / 'yimatong-rival-spill')}")
    return connection


def write_records(truth: Path, out: Path) -> int:
    """Write the records of a province's truth folder to one parquet file and return how many there are."""
    feeds = " UNION ALL ".join(
        f"""
        SELECT {quoted(feed)} AS feed, city_code, {key} AS source_key, {org}::VARCHAR AS org_code, {own} AS own_no,
          name, sex_code, try_cast(birth_date AS DATE) AS birth_date, id_no, phone, {address}::VARCHAR AS address,
          {near}::VARCHAR AS near_id_no, person_id
        FROM read_parquet({located(truth / f"{feed}.parquet")})"""
        for feed, key, org, own, address, near in _FEEDS
    )
    with connect() as connection:
        rows = connection.execute(f"""
            COPY (
              SELECT row_number() OVER (ORDER BY feed, city_code, source_key) AS record_id, * FROM ({feeds})
              ORDER BY record_id
            ) TO {located(out)} (FORMAT parquet, COMPRESSION zstd)
        """).fetchall()
    return int(rows[0][0])


def cleaned(records: Path) -> str:
    """Return the query of the records, without their truth, as anyone standardises them before linking.

    Names lose spaces and dots, and those with a lost character go; ID numbers are upper case, of 18 digits; telephones
    that were cut go; addresses lose the province.
    """
    return f"""
        SELECT record_id, feed, city_code, org_code, own_no, sex_code, birth_date,
          CASE WHEN name NOT SIMILAR TO '.*[?*□\\x{{E000}}-\\x{{F8FF}}].*'
            THEN nullif(regexp_replace(upper(name), '[\\s　·]', '', 'g'), '') END AS name,
          CASE WHEN length(id_no) = 15 AND id_no SIMILAR TO '[0-9]{{15}}' THEN {_eighteen("id_no")}
            ELSE nullif(upper(trim(id_no)), '') END AS id_no,
          CASE WHEN length(phone) >= 11 THEN phone END AS phone,
          regexp_replace(address, '^广东省', '') AS address,
          upper(trim(near_id_no)) AS near_id_no
        FROM read_parquet({located(records)})"""


def _eighteen(number: str) -> str:
    digits = f"(left({number}, 6) || '19' || right({number}, 9))"
    total = f"list_sum(list_transform(range(1, 18), lambda i: substr({digits}, i, 1)::INTEGER * {_WEIGHTS}[i]))"
    return f"{digits} || substr('10X98765432', 1 + ({total} % 11)::INTEGER, 1)"
