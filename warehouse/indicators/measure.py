"""Measuring: from the facts to the published figures, as of a day."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import duckdb

from contracts.divisions import PROVINCE_CODE
from lake.engine import quoted
from warehouse.indicators.catalogue import DERIVED, INDICATORS, SAME_TOTALS, derived_text
from warehouse.indicators.cube import Cube, count_derived, cubes, cut_at_as_of, derived_cubes
from warehouse.indicators.doubt.intervals import find_intervals
from warehouse.indicators.entry import Indicator, Median
from warehouse.indicators.persons import find_few_persons
from warehouse.indicators.roll_up import of_institution, place, placed, roll_up
from warehouse.reference import register_catalogue
from warehouse.targets.assess import assess_targets


def measure(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Leave the figures as of a day in the temporary table `measured`, which has the columns of `indicator_value`.

    Beside it stay `assessed_target` and `missing_institution`, of which target_status and target_missing are made.
    Reads facts, dimensions and cubes and writes temporary tables alone, so a warehouse opened read-only will do.
    Events up to and including `as_of` count.
    """
    start_measuring(connection, as_of)
    rolled = sum_cubes(connection)
    start_calendar(connection)
    rolled += sum_derived(connection)
    sum_periods(connection)
    count_persons(connection)
    find_few_persons(connection, rolled)
    withhold(connection)
    find_intervals(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE measured AS {_text('indicator_value.sql')}")
    assess_targets(connection, as_of)
    _drop(connection, rolled)


def start_measuring(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Make the variable as_of, the catalogue, and the empty table month_cell."""
    connection.execute(f"SET VARIABLE as_of = DATE '{as_of:%Y-%m-%d}'")
    register_catalogue(connection)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE month_cell (
          indicator VARCHAR, month DATE, division_code VARCHAR, level VARCHAR, breakdown VARCHAR,
          numerator DECIMAL(38,2), denominator DECIMAL(38,2), hits BIGINT, rest BIGINT,
          hits_persons UBIGINT, rest_persons UBIGINT, hits_least BIGINT, rest_least BIGINT
        )
    """)


def sum_cubes(connection: duckdb.DuckDBPyConnection) -> list[Cube]:
    """Add what is additive on a fact to month_cell, and return the cubes that it was rolled up from."""
    rolled = [cut for cube in cubes() if _holds_rows(connection, cut := cut_at_as_of(connection, cube))]
    for cube in rolled:
        place(connection, cube)
        roll_up(connection, cube)
    return rolled


def start_calendar(connection: duckdb.DuckDBPyConnection) -> None:
    """Make calendar: the months of the figures."""
    connection.execute(_text("calendar.sql"))


def sum_derived(connection: duckdb.DuckDBPyConnection) -> list[Cube]:
    """Make the derived tables, add what counts in them to month_cell, and return their cubes."""
    rolled = []
    for name in DERIVED:
        connection.execute(derived_text(name))
        cube = derived_cubes().get(name)
        if cube:
            count_derived(connection, cube)
            if _holds_rows(connection, cube):
                place(connection, cube)
                roll_up(connection, cube)
                rolled.append(cube)
    return rolled


def sum_periods(connection: duckdb.DuckDBPyConnection) -> None:
    """Make period_cell of month_cell: months, years to date, years, and the growth on the year before."""
    for step in ("periods.sql", "period_cell.sql"):
        connection.execute(_text(step))


def count_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to period_cell what doesn't add up: persons who count once a figure, and medians."""
    for entry in INDICATORS.values():
        if entry.persons:
            _count_persons(connection, entry)
        if entry.median:
            _add_median(connection, entry.code, entry.median)


def withhold(connection: duckdb.DuckDBPyConnection) -> None:
    """Make hidden_cell: the figures of few persons, and those that would give them away."""
    same = ", ".join(f"({', '.join(map(quoted, pair))})" for pair in SAME_TOTALS)
    connection.execute(_text("hidden_cell.sql").format(province=quoted(PROVINCE_CODE), same_totals=same))


def _holds_rows(connection: duckdb.DuckDBPyConnection, cube: Cube) -> bool:
    return bool(connection.execute(f"SELECT 1 FROM {cube.table} LIMIT 1").fetchall())


def _count_persons(connection: duckdb.DuckDBPyConnection, entry: Indicator) -> None:
    given = {"province": quoted(PROVINCE_CODE), "table": entry.persons, "indicator": entry.code}
    given["of_institution"] = of_institution("counted.org_code", "counted.city_code")
    connection.execute(_text("distinct_persons.sql").format(**given))


def _add_median(connection: duckdb.DuckDBPyConnection, indicator: str, median: Median) -> None:
    given = {"province": quoted(PROVINCE_CODE), "indicator": indicator, "place": str(median.place)}
    given["of_institution"] = of_institution("counted.place", "counted.city_code")
    given |= {name: getattr(median, name) for name in ("fact", "event", "scope", "measure")}
    connection.execute(_text("median.sql").format(**given))


def _drop(connection: duckdb.DuckDBPyConnection, rolled: list[Cube]) -> None:
    tables = ["month_cell", "calendar", "period_month", "period_cell", "hidden_cell", "figure_interval"]
    tables += [f"{cube.table}_as_of" for cube in cubes()] + [cube.table for cube in derived_cubes().values()]
    drops = [f"DROP VIEW {placed(cube)}" for cube in rolled]
    drops += [f"DROP TABLE IF EXISTS {table}" for table in tables]
    drops += [f"DROP {'VIEW' if 'TEMP VIEW' in derived_text(name) else 'TABLE'} {name}" for name in reversed(DERIVED)]
    connection.execute("; ".join(drops))
    connection.unregister("catalogue_indicator")


def _text(name: str) -> str:
    return files("warehouse.indicators").joinpath(name).read_text(encoding="utf-8")
