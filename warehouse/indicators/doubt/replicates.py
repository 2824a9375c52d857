"""Counting in the worlds: the indicators that depend on who is who, as linked and with the errors of each replicate."""

from __future__ import annotations

from importlib.resources import files

import duckdb

from contracts.divisions import PROVINCE_CODE
from lake.engine import quoted
from warehouse.indicators.catalogue import DERIVED, INDICATORS, derived_of, derived_text
from warehouse.indicators.cube import Counted, Cube, cubes, derived_cubes, month_of
from warehouse.indicators.entry import Breakdown, Indicator, Kind
from warehouse.indicators.roll_up import of_institution, of_place

DOUBTFUL = "('model', 'event')"
"""The tiers of records that were attached without a valid number of their own and without a reviewer, as SQL."""
_FACTS = {
    "fact_health_record": ("ehr", "health_record_id", ("org_code", "city_code", "residence_division")),
    "fact_encounter": ("emr", "encounter_id", ("org_code", "city_code")),
    "fact_settlement": ("insurance", "settlement_id", ("org_code", "city_code")),
}
"""The facts of persons: the feed of each, the column of its id, and those of its places."""
_PLACES = {
    "dim_institution": ("org_code", "division_code", "city_code"),
    "dim_division": ("division_code", "parent_code", "city_code", "county_code"),
    "dim_division_code": ("code", "division_code"),
}
"""The dimensions of places, and their columns of keys."""


def indicators_of_identity() -> dict[str, Indicator]:
    """Return the indicators whose value depends on which records are one person's, by code."""
    return {code: entry for code, entry in INDICATORS.items() if entry.kind is not Kind.GROWTH and _asks_who(entry)}


def _asks_who(entry: Indicator) -> bool:
    texts = [derived_text(name) for name in derived_of(entry)] + [count.numerator for count in entry.counts]
    return any("person_key" in text for text in texts)


def count_in_worlds(connection: duckdb.DuckDBPyConnection, base: str) -> None:
    """Make difference: what the errors of each replicate change in figures, by period, division, level and breakdown.

    Reads flipped, period_month and, of the database `base`, facts and dimensions. The derived tables that it needs are
    made anew, of the worlds.
    """
    counted = indicators_of_identity()
    _make_worlds(connection, f'"{base}"')
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE difference (
          indicator VARCHAR, replicate INTEGER, period VARCHAR, division_code VARCHAR, level VARCHAR, breakdown VARCHAR,
          numerator DECIMAL(38,2), denominator DECIMAL(38,2)
        );
        CREATE OR REPLACE TEMP TABLE difference_month AS
        SELECT *, NULL::DATE AS month FROM difference
    """)
    wanted = {name for entry in counted.values() for name in derived_of(entry)}
    for name in DERIVED:
        if name in wanted:
            connection.execute(derived_text(name))
    in_worlds = (*(cube for cube in cubes() if cube.fact in _FACTS), *derived_cubes().values())
    for cube in in_worlds:
        of_identity = tuple(each for each in cube.counted if each.indicator in counted)
        if of_identity:
            _count(connection, Cube(cube.fact, of_identity, cut=True))
    connection.execute(_text("difference_periods.sql"))
    for entry in counted.values():
        if entry.persons:
            given = {"table": entry.persons, "indicator": entry.code, "province": quoted(PROVINCE_CODE)}
            given |= {"replicate": _replicate("counted.person"), "sign": _sign("counted.person")}
            given["of_institution"] = of_institution("counted.org_code", "counted.city_code")
            connection.execute(_text("persons_in_worlds.sql").format(**given))
    tables = ("dim_person", *_FACTS, *_PLACES, "world", "in_world", "difference_month")
    connection.execute("; ".join(f"DROP TABLE temp.{name}" for name in tables))


def _make_worlds(connection: duckdb.DuckDBPyConnection, base: str) -> None:
    """Make the worlds' persons, facts and places, which hide those of `base`."""
    connection.execute(_text("worlds.sql").format(base=base))
    for fact, (feed, number, places) in _FACTS.items():
        given = {"base": base, "fact": fact, "feed": feed, "id": number, "doubtful": DOUBTFUL}
        connection.execute(_text("fact_in_worlds.sql").format(**given, places=_signed("record", places)))
    for table, keys in _PLACES.items():
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE {table} AS
            SELECT place.* REPLACE ({_signed("place", keys)}) FROM {base}.{table} AS place CROSS JOIN world
        """)


def _signed(row: str, keys: tuple[str, ...]) -> str:
    """Return a row's keys with the world's number before them, as SQL."""
    return ", ".join(f"world.sign || {row}.{key} AS {key}" for key in keys)


def _count(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Add what the errors change in a cube's counts to difference_month."""
    columns = connection.sql(f"FROM {cube.fact} LIMIT 0").columns
    # Where it isn't known where a person lives, the person's key tells the world.
    signed = [f"fact.{name}" for name in (cube.place, "person_key") if name in columns]
    world = f"coalesce({', '.join(signed)})"
    keys = {"replicate": _replicate(world), "sign": _sign(world)} | cube.cell
    keys |= {breakdown.name: breakdown.key for breakdown in cube.breakdowns}
    sums = [f"{part} AS {each.column(name)}" for each in cube.counted for name, part in _parts(each).items()]
    level = "institution.level" if cube.place.is_institution else "NULL::VARCHAR"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE world_cube AS
        WITH cube AS (
          SELECT {", ".join(f"{sql} AS {name}" for name, sql in keys.items())}, {", ".join(sums)}
          {cube.source}
          GROUP BY ALL
        ),
        placed AS (
          SELECT cube.*, substr(division.city_code, 4) AS city_code, substr(division.county_code, 4) AS county_code,
            {level} AS level
          FROM cube
          {of_place(cube)}
        )
        SELECT * EXCLUDE (level), unnest(['all', level]) AS level
        FROM (SELECT *, unnest(['{PROVINCE_CODE}', city_code, county_code]) AS division_code FROM placed)
        WHERE division_code IS NOT NULL
    """)
    for each in cube.counted:
        for breakdown in (None, *each.count.breakdowns):
            if breakdown or not each.count.alone:
                _sum_up(connection, each, breakdown)
    connection.execute("DROP TABLE world_cube")


def _parts(counted: Counted) -> dict[str, str]:
    """Return the sums that make the numerator and the denominator of one count."""
    scope = counted.count.scope
    if counted.count.is_share:
        return {
            "numerator": f"count(*) FILTER (WHERE {counted.hit})", "denominator": f"count(*) FILTER (WHERE {scope})",
        }  # fmt: skip
    return {name: f"sum({counted.sums[name]}) FILTER (WHERE {scope})" for name in ("numerator", "denominator")}


def _sum_up(connection: duckdb.DuckDBPyConnection, counted: Counted, breakdown: Breakdown | None) -> None:
    month, value, there = month_of(counted.count.event), "''", ""
    if breakdown:
        value = breakdown.label(breakdown.name)
        there = "" if breakdown.is_fixed else f"AND {breakdown.name} IS NOT NULL"
    connection.execute(f"""
        INSERT INTO difference_month BY NAME
        SELECT '{counted.indicator}' AS indicator, replicate, {month} AS month, division_code, level,
          {value} AS breakdown, sum(sign * {counted.column("numerator")}) AS numerator,
          sum(sign * {counted.column("denominator")}) AS denominator
        FROM world_cube
        WHERE {month} IS NOT NULL AND level IS NOT NULL {there}
        GROUP BY ALL
        HAVING numerator <> 0 OR denominator <> 0
    """)


def _replicate(key: str) -> str:
    """Return the SQL for the replicate that a world's key belongs to."""
    return f"left({key}, 3)::INTEGER // 2"


def _sign(key: str) -> str:
    """Return the SQL for how a world's rows count: those with errors more, those as linked less."""
    return f"CASE left({key}, 3)::INTEGER % 2 WHEN 1 THEN 1 ELSE -1 END"


def _text(name: str) -> str:
    return files("warehouse.indicators.doubt").joinpath(name).read_text(encoding="utf-8")
