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
    """Make the view of the cube's rows with city_code, county_code and level, and a number, `base`."""
    level = "institution.level" if cube.place.is_institution else "NULL::VARCHAR"
    asked = [f", ({c.count.of_institution}) AS {c.column('asked')}" for c in cube.counted if c.count.of_institution]
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW {placed(cube)} AS
        SELECT cube.*, division.city_code, division.county_code, {level} AS level, cube.rowid AS base
          {"".join(asked)}
        FROM {cube.table} AS cube
        {of_place(cube)}
    """)


def roll_up(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Add the cube's figures to month_cell: by month, province, city, county, all levels and each, each breakdown."""
    for event in cube.events:
        counted = [c for c in cube.counted if c.count.event == event]
        numbers = _Numbers(cube, counted)
        connection.execute(_rolled(cube, event, numbers))
        cells = [cells for c in counted for cells in _cells(c, numbers.of[c])]
        connection.execute(f"INSERT INTO month_cell {' UNION ALL '.join(cells)}")
        connection.execute("DROP TABLE rolled")


class _Numbers:
    """The numbers of some counts in a cube, what several share once: `of` each count, by name, the column."""

    def __init__(self, cube: Cube, counted: list[Counted]) -> None:
        self._columns: dict[tuple[str, str], str] = {}
        self.of = {each: self._of(cube, each) for each in counted}

    @property
    def counted(self) -> str:
        """Return the columns over the cube's rows."""
        return ", ".join(f"{whole.format(sql)} AS {name}" for (whole, sql), name in self._columns.items())

    @property
    def summed(self) -> str:
        """Return the columns over rows that have them."""
        return ", ".join(f"{whole.format(name)} AS {name}" for (whole, _), name in self._columns.items())

    @property
    def names(self) -> str:
        """Return the columns' names."""
        return ", ".join(self._columns.values())

    def _of(self, cube: Cube, counted: Counted) -> dict[str, str]:
        asked = f"{counted.column('asked')} AND " if counted.count.of_institution else ""
        found = {}
        for part, rows in cube.parts(counted).items():
            found[part] = self._column("sum({})::BIGINT", f"CASE WHEN {asked}{rows} THEN records ELSE 0 END")
            if counted.has_bits:
                found[f"{part}_persons"] = self._column("bit_or({})", f"CASE WHEN {asked}{rows} THEN persons END")
            for name, sql in counted.sums.items():
                number = cube.numbers.get(sql, f"{sql} * records")
                found[name] = self._column("sum({})", f"CASE WHEN {asked}{rows} THEN {number} END")
        return found

    def _column(self, whole: str, sql: str) -> str:
        return self._columns.setdefault((whole, sql), f"number_{len(self._columns) + 1}")


def _rolled(cube: Cube, event: str, numbers: _Numbers) -> str:
    """Return the SQL for the table `rolled`: each step sums up the rows of the one before, which are fewer."""
    names = list(dict.fromkeys(b.name for c in numbers.of for b in c.count.breakdowns if not b.is_fixed))
    by_value = [
        f"""
            UNION ALL
            SELECT month, city_code, county_code, level, '{name}' AS named, {name} AS value, {numbers.summed}
            FROM counted
            WHERE {name} IS NOT NULL
            GROUP BY ALL
        """
        for name in names
    ]
    return f"""
        CREATE OR REPLACE TEMP TABLE rolled AS
        WITH counted AS MATERIALIZED (
          SELECT {", ".join([f"{month_of(event)} AS month", "city_code", "county_code", "level", *names])},
            {numbers.counted}
          FROM {placed(cube)}
          WHERE {month_of(event)} IS NOT NULL
          GROUP BY ALL
        ),
        split AS MATERIALIZED (
          SELECT month, city_code, county_code, level, '' AS named, '' AS value, {numbers.summed}
          FROM counted
          GROUP BY ALL
          {"".join(by_value)}
        ),
        levelled AS MATERIALIZED (
          SELECT * FROM split WHERE level IS NOT NULL
          UNION ALL
          SELECT month, city_code, county_code, 'all' AS level, named, value, {numbers.summed} FROM split GROUP BY ALL
        ),
        city AS MATERIALIZED (
          SELECT month, city_code, level, named, value, {numbers.summed} FROM levelled GROUP BY ALL
        ),
        province AS (
          SELECT month, '{PROVINCE_CODE}' AS province_code, level, named, value, {numbers.summed}
          FROM city
          GROUP BY ALL
        )
        SELECT month, county_code AS division_code, level, named, value, {numbers.names}
        FROM levelled
        WHERE county_code IS NOT NULL
        UNION ALL
        SELECT * FROM city WHERE city_code IS NOT NULL
        UNION ALL
        SELECT * FROM province
    """


def _cells(counted: Counted, numbers: dict[str, str]) -> list[str]:
    """Return the SELECTs of one count's rows of the roll-up, as rows of month_cell."""
    count = counted.count
    of = {
        name: numbers.get(name, "NULL")
        for name in ("hits", "rest", "hits_persons", "rest_persons", "hits_least", "rest_least")
    }
    if count.is_share:
        numerator, denominator = of["hits"], f"{of['hits']} + {of['rest']}"
        there = f"{denominator} > 0"
    else:
        numerator, denominator = numbers["numerator"], numbers["denominator"]
        there = f"{of['hits'] if of['hits'] != 'NULL' else of['rest']} > 0"
    if count.persons:
        of["hits"], of["rest"] = numerator, f"{denominator} - {numerator}"
        there = f"{denominator} > 0"
    labels = {} if count.alone else {"''": ""}
    labels |= {b.label("value"): "" if b.is_fixed else b.name for b in count.breakdowns}
    return [
        f"""
            SELECT '{counted.indicator}', month, division_code, level, {label}, {numerator}, {denominator},
              {", ".join(of.values())}
            FROM rolled WHERE {there} AND named = '{named}'
        """
        for label, named in labels.items()
    ]
