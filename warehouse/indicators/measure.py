"""Measuring: from the facts to the published figures, as of a day."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import duckdb

from warehouse.indicators.catalogue import INDICATORS, Indicator, query_text
from warehouse.indicators.cube import cubes, cut_at_as_of
from warehouse.indicators.persons import find_few_persons
from warehouse.indicators.roll_up import DIVISION, LEVEL, NOT_EMPTY, grouping, place, placed, roll_up
from warehouse.reference import register_catalogue


def measure(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Leave the figures as of a day in the temporary table `measured`, which has the columns of `indicator_value`.

    Reads facts, dimensions and cubes and writes temporary tables alone, so a warehouse opened read-only will do.
    Events up to and including `as_of` count.
    """
    connection.execute(f"SET VARIABLE as_of = DATE '{as_of:%Y-%m-%d}'")
    register_catalogue(connection)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE month_cell (
          indicator VARCHAR, month DATE, division_code VARCHAR, level VARCHAR, breakdown VARCHAR,
          numerator DECIMAL(38,2), denominator DECIMAL(38,2),
          hits BIGINT, rest BIGINT, hits_persons UBIGINT, rest_persons UBIGINT
        )
    """)
    additive = [cut_at_as_of(connection, cube) for cube in cubes()]
    for cube in additive:
        place(connection, cube)
        roll_up(connection, cube)
    for entry in INDICATORS.values():
        if entry.query:
            _add_query(connection, entry)
    connection.execute(_text("periods.sql"))
    connection.execute(_text("period_cell.sql"))
    find_few_persons(connection, additive)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE measured AS {_text('indicator_value.sql')}")
    used = [placed(cube) for cube in additive] + [cube.table for cube in additive if cube.cut]
    for table in ("month_cell", "period_month", "period_cell", "few_persons", *used):
        connection.execute(f"DROP TABLE {table}")
    connection.unregister("catalogue_indicator")


def _add_query(connection: duckdb.DuckDBPyConnection, entry: Indicator) -> None:
    """Roll an indicator's own query up into month_cell."""
    connection.execute(f"""
        INSERT INTO month_cell
        SELECT '{entry.code}', month, {DIVISION}, {LEVEL}, '', sum(numerator), sum(denominator), NULL, NULL, NULL, NULL
        FROM ({query_text(entry)})
        GROUP BY month, {grouping([])}
        HAVING {NOT_EMPTY}
    """)


def _text(name: str) -> str:
    return files("warehouse.indicators").joinpath(name).read_text(encoding="utf-8")
