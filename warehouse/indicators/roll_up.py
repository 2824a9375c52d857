"""From cubes to months: each cube's rows placed in divisions, then summed to province, cities, counties and levels."""

from __future__ import annotations

import duckdb

from contracts.divisions import PROVINCE_CODE
from warehouse.indicators.cube import Counted, Cube, month_of

_OF_DIVISION = """
    LEFT JOIN dim_division_code AS history ON history.code = cube.place
    LEFT JOIN dim_division AS division
      ON division.division_code = coalesce(history.division_code, cube.delivering_city)
"""


def of_institution(place: str, delivering_city: str) -> str:
    """Return the joins by which a row has its institution, and the `division` where that stands.

    One that isn't in the register stands in the city that delivered the row. Both arguments are SQL.
    """
    return f"""
        LEFT JOIN dim_institution AS institution ON institution.org_code = {place}
        LEFT JOIN dim_division AS division
          ON division.division_code = coalesce(institution.division_code, {delivering_city})
    """


def of_place(cube: Cube) -> str:
    """Return the joins by which a cube's row (`cube`) has its `division`, and its `institution` if it names one."""
    return of_institution("cube.place", "cube.delivering_city") if cube.place.is_institution else _OF_DIVISION


def placed(cube: Cube) -> str:
    """Return the name of the temporary table of the cube's rows with their places."""
    return f"placed_{cube.table}"


def place(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Make the table of the cube's rows with city_code, county_code and level, and a number, `base`."""
    level = "institution.level" if cube.place.is_institution else "NULL::VARCHAR"
    asked = [f", ({c.count.of_institution}) AS {c.column('asked')}" for c in cube.counted if c.count.of_institution]
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {placed(cube)} AS
        SELECT cube.*, division.city_code, division.county_code, {level} AS level, row_number() OVER () AS base
          {"".join(asked)}
        FROM {cube.table} AS cube
        {of_place(cube)}
    """)


def roll_up(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Add the cube's figures to month_cell: by month, province, city, county, all levels and each, each breakdown."""
    for event in cube.events:
        counted = [c for c in cube.counted if c.count.event == event]
        breakdowns = list(dict.fromkeys(b.name for c in counted for b in c.count.breakdowns))
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE rolled AS
            SELECT {month_of(event)} AS month, {DIVISION} AS division_code, {LEVEL} AS level,
              {_breakdown_text(breakdowns)} AS breakdown, {", ".join(_summed(c) for c in counted)}
            FROM {placed(cube)}
            WHERE {month_of(event)} IS NOT NULL
            GROUP BY {month_of(event)}, {grouping(breakdowns)}
            HAVING {NOT_EMPTY} {"".join(f" AND (grouping({name}) = 1 OR {name} IS NOT NULL)" for name in breakdowns)}
        """)
        connection.execute(f"INSERT INTO month_cell {' UNION ALL '.join(map(_cells, counted))}")
        connection.execute("DROP TABLE rolled")


def _summed(counted: Counted) -> str:
    """Return one count's columns of the roll-up."""
    asked = f" FILTER (WHERE {counted.column('asked')})" if counted.count.of_institution else ""
    return ", ".join(
        f"{'bit_or' if name.endswith('_persons') else 'sum'}({name}){asked} AS {name}" for name in counted.measures
    )


DIVISION = f"""CASE
  WHEN grouping(city_code) = 1 THEN '{PROVINCE_CODE}' WHEN grouping(county_code) = 1 THEN city_code ELSE county_code
END"""
LEVEL = "CASE WHEN grouping(level) = 1 THEN 'all' ELSE level END"
NOT_EMPTY = """(grouping(city_code) = 1 OR city_code IS NOT NULL)
  AND (grouping(county_code) = 1 OR county_code IS NOT NULL)
  AND (grouping(level) = 1 OR level IS NOT NULL)"""


def grouping(breakdowns: list[str]) -> str:
    """Return the grouping sets of a roll-up over city_code, county_code, level and one breakdown at a time."""
    sets = ", ".join(["()", *(f"({name})" for name in breakdowns)])
    return f"ROLLUP (city_code, county_code), CUBE (level), GROUPING SETS ({sets})"


def _breakdown_text(breakdowns: list[str]) -> str:
    cases = " ".join(f"WHEN grouping({name}) = 0 THEN '{name}=' || {name}" for name in breakdowns)
    return f"CASE {cases} ELSE '' END" if cases else "''"


def _cells(counted: Counted) -> str:
    """Return one count's rows of the roll-up, as rows of month_cell."""
    count = counted.count
    of = {
        name: counted.column(name) if counted.column(name) in counted.measures else "NULL"
        for name in ("hits", "rest", "hits_persons", "rest_persons", "hits_least", "rest_least")
    }
    if count.is_share:
        numerator, denominator = of["hits"], f"{of['hits']} + {of['rest']}"
        there = f"{denominator} > 0"
    else:
        numerator, denominator = counted.column("numerator"), counted.column("denominator")
        there = f"{of['hits'] if of['hits'] != 'NULL' else of['rest']} > 0"
    if count.persons:
        of["hits"], of["rest"] = numerator, f"{denominator} - {numerator}"
        there = f"{denominator} > 0"
    allowed = [] if count.alone else ["breakdown = ''"]
    allowed += [f"starts_with(breakdown, '{b.name}=')" for b in count.breakdowns]
    return f"""
        SELECT '{counted.indicator}', month, division_code, level, breakdown, {numerator}, {denominator},
          {of["hits"]}, {of["rest"]}, {of["hits_persons"]}, {of["rest_persons"]}, {of["hits_least"]}, {of["rest_least"]}
        FROM rolled WHERE {there} AND ({" OR ".join(allowed)})
    """
