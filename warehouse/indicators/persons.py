"""How many persons stand behind a small figure, exactly, where the cube leaves it in doubt."""

from __future__ import annotations

import duckdb

from contracts.divisions import PROVINCE_CODE
from warehouse.indicators.catalogue import INDICATORS
from warehouse.indicators.cube import Counted, Cube, month_of
from warehouse.indicators.entry import Kind
from warehouse.indicators.roll_up import placed

_SAME_CELL = " AND ".join(
    f"doubtful.{name} = cell.{name}" for name in ("indicator", "period", "division_code", "level", "breakdown")
)


def find_few_persons(connection: duckdb.DuckDBPyConnection, cubes: list[Cube]) -> None:
    """Mark the cells of period_cell with ten or more records, of fewer than ten persons, as few.

    The cube bounds the persons of a cell from below, so few cells are in doubt, and small ones: for these alone the
    records are looked up, through the bases of the cube that make them.
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE doubtful AS
        SELECT row_number() OVER () AS cell, *
        FROM (
          SELECT indicator, period, division_code, level, breakdown, 'hits' AS part FROM period_cell WHERE doubtful_hits
          UNION ALL
          SELECT indicator, period, division_code, level, breakdown, 'rest' AS part FROM period_cell WHERE doubtful_rest
        )
    """)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE doubtful_month AS
        SELECT cell, indicator, division_code, level, breakdown,
          CASE WHEN before THEN 'hits' ELSE part END AS part,
          CASE WHEN before THEN (month - INTERVAL 1 YEAR)::DATE ELSE month END AS month
        FROM (
          SELECT doubtful.*, period_month.month, part = 'rest' AND list_contains($growths, indicator) AS before
          FROM doubtful
          JOIN period_month ON period_month.period = doubtful.period
        )
        """,
        {"growths": [entry.code for entry in INDICATORS.values() if entry.kind is Kind.GROWTH]},
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE doubtful_person (cell BIGINT, person_key VARCHAR)")
    in_doubt = {code for (code,) in connection.execute("SELECT DISTINCT indicator FROM doubtful").fetchall()}
    for cube in cubes:
        if any(counted.has_bits and counted.indicator in in_doubt for counted in cube.counted):
            _look_up(connection, cube)
    for part in ("hits", "rest"):
        connection.execute(f"""
            UPDATE period_cell AS cell SET few_{part} = true
            FROM doubtful
            WHERE doubtful.part = '{part}'
              AND doubtful.cell IN (
                SELECT cell FROM doubtful_person GROUP BY cell HAVING count(DISTINCT person_key) < 10
              )
              AND {_SAME_CELL}
        """)
    connection.execute("DROP TABLE doubtful; DROP TABLE doubtful_month; DROP TABLE doubtful_person")


def _look_up(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Add the persons of the doubtful cells that a cube's fact has a part in to doubtful_person."""
    bases = " UNION ALL ".join(
        _bases(counted, part, rows)
        for counted in cube.counted
        if counted.has_bits
        for part, rows in cube.parts(counted).items()
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE doubtful_base AS
        WITH divided AS (
          SELECT *, unnest(['{PROVINCE_CODE}', city_code, county_code]) AS division_code FROM {placed(cube)}
        )
        {bases}
    """)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE doubtful_key AS
        SELECT base.base, {", ".join(f"base.{name}" for name in cube.keys)}
        FROM {placed(cube)} AS base
        SEMI JOIN doubtful_base ON doubtful_base.base = base.base
    """)
    same = " AND ".join(f"key.{name} IS NOT DISTINCT FROM {sql}" for name, sql in cube.keys.items())
    connection.execute(f"""
        INSERT INTO doubtful_person
        WITH record AS (
          SELECT key.base, fact.person_key
          {cube.source}
          JOIN doubtful_key AS key ON {same}
        )
        SELECT DISTINCT base.cell, record.person_key
        FROM doubtful_base AS base
        JOIN record ON record.base = base.base
    """)
    connection.execute("DROP TABLE doubtful_base; DROP TABLE doubtful_key")


def _bases(counted: Counted, part: str, rows: str) -> str:
    """Return the SQL for the bases that make the doubtful cells of one indicator's part, the cube's `rows`."""
    values = "".join(f" OR doubtful.breakdown = {b.label(f'base.{b.name}')}" for b in counted.count.breakdowns)
    return f"""
        SELECT doubtful.cell, base.base
        FROM doubtful_month AS doubtful
        JOIN divided AS base
          ON base.{month_of(counted.count.event)} = doubtful.month
          AND base.division_code = doubtful.division_code
          AND doubtful.level IN ('all', base.level)
          AND (doubtful.breakdown = ''{values})
        WHERE doubtful.indicator = '{counted.indicator}' AND doubtful.part = '{part}' AND {rows}
    """
