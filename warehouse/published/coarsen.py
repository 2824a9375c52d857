"""Coarsening persons: attributes are told less and less finely until enough persons share them (k-anonymity).

Source: Sweeney, "Achieving k-anonymity privacy protection using generalization and suppression", 2002.
"""

from __future__ import annotations

import duckdb

K = 10
"""How many persons share a row of dim_person at least; cells of 1 to 9 persons are suppressed in exports too."""

_QUASI_IDENTIFIERS = {
    "sex_code": "VARCHAR",
    "birth_year": "SMALLINT",
    "birth_years": "TINYINT",
    "residence_division": "VARCHAR",
    "residency_type": "VARCHAR",
    "death_year": "SMALLINT",
    "city_code": "VARCHAR",
}
_STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("原样 as it was", {}),
    ("区县至地市 county to city", {"residence_division": "left(residence_division, 4) || '00'"}),
    ("五年段 five years of birth", {"birth_year": "birth_year // 5 * 5", "birth_years": "5"}),
    ("无死亡年份 no year of death", {"death_year": "NULL"}),
    ("十年段, 无居住类型 ten years, no residency type",
     {"birth_year": "birth_year // 10 * 10", "birth_years": "10", "residency_type": "NULL"}),
    ("无地点 no place", {"residence_division": "NULL", "city_code": "NULL"}),
    ("不予公布 withheld", dict.fromkeys(_QUASI_IDENTIFIERS, "NULL")),
)  # fmt: skip
"""What each step tells less finely, on top of the steps before it."""


def coarsen_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `person_cell`: of each combination of attributes in dim_person what is published in its place.

    Columns: registered, of_<attribute> as it is, <attribute> as published, coarsening (the step), rule, persons, and
    sharing, the persons who share what is published. Those whom no step brings to K say nothing but `registered`.
    """
    names = list(_QUASI_IDENTIFIERS)
    columns = ", ".join(f"{name}::{kind} AS {name}" for name, kind in _QUASI_IDENTIFIERS.items())
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE open_cell AS
        WITH person AS (SELECT *, year(death_month) AS death_year, 1 AS birth_years FROM dim_person)
        SELECT registered, {", ".join(f"{name} AS of_{name}" for name in names)}, {columns}, count(*) AS persons
        FROM person GROUP BY ALL
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE person_cell AS
        SELECT *, 0::TINYINT AS coarsening, '' AS rule, 0::BIGINT AS sharing FROM open_cell LIMIT 0
    """)
    for step, (rule, told) in enumerate(_STEPS):
        if told:
            changes = ", ".join(f"{name} = {expression}" for name, expression in told.items())
            connection.execute(f"UPDATE open_cell SET {changes}")
        enough = "true" if step == len(_STEPS) - 1 else f"sharing >= {K}"
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE shared_cell AS
            SELECT *, sum(persons) OVER (PARTITION BY registered, {", ".join(names)}) AS sharing FROM open_cell
            """
        )
        connection.execute(
            f"INSERT INTO person_cell SELECT * EXCLUDE (sharing), {step}, $rule, sharing FROM shared_cell"
            f" WHERE {enough}",
            {"rule": rule},
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE open_cell AS SELECT * EXCLUDE (sharing) FROM shared_cell WHERE NOT {enough}"
        )
    connection.execute("DROP TABLE shared_cell; DROP TABLE open_cell")
