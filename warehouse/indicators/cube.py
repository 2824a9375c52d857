"""The cube: one scan of a fact for all that is additive on it, then rolled up to divisions, levels and breakdowns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import duckdb

from contracts.divisions import PROVINCE_CODE
from warehouse.indicators.catalogue import INDICATORS, Breakdown, Count, Place

_PERSON_BIT = "1::UBIGINT << (hash(fact.person_key) % 64)"
"""A person's bit among 64: as many bits as are set in a union, so many persons at least stand behind it."""

_PLACES = {
    Place.INSTITUTION: """
        LEFT JOIN dim_institution AS institution ON institution.org_code = cube.place
        LEFT JOIN dim_division AS division
          ON division.division_code = coalesce(institution.division_code, cube.delivering_city)
    """,
    Place.RESIDENCE: """
        LEFT JOIN dim_division_code AS history ON history.code = cube.place
        LEFT JOIN dim_division AS division
          ON division.division_code = coalesce(history.division_code, cube.delivering_city)
    """,
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One indicator's count in a fact, and the number that its columns in the fact's cube bear."""

    indicator: str
    count: Count
    number: int


@dataclass(frozen=True)
class Cube:
    """All counts on one fact.

    A row of its table, a base, is a place, the months of its events and the breakdowns' values.
    """

    fact: str
    counted: tuple[Counted, ...]

    @property
    def table(self) -> str:
        """Return the name of its temporary table."""
        return f"cube_{self.fact.removeprefix('fact_')}"

    @property
    def place(self) -> Place:
        """Return where its rows count: one way for all counts on a fact."""
        (place,) = {counted.count.place for counted in self.counted}
        return place

    @cached_property
    def events(self) -> list[str]:
        """Return the fact's columns that say when something counts."""
        return sorted({counted.count.event for counted in self.counted})

    @cached_property
    def breakdowns(self) -> list[Breakdown]:
        """Return the breakdowns of all counts, each once."""
        return list(dict.fromkeys(b for counted in self.counted for b in counted.count.breakdowns))

    @property
    def keys(self) -> dict[str, str]:
        """Return the key columns of the table, each with its SQL over a row of the fact."""
        months = {
            month_of(event): f"CASE WHEN fact.{event} < getvariable('as_of') + INTERVAL 1 DAY "
            f"THEN date_trunc('month', fact.{event})::DATE END"
            for event in self.events
        }
        return (
            {"place": f"fact.{self.place}", "delivering_city": "fact.city_code"}
            | months
            | {breakdown.name: breakdown.key for breakdown in self.breakdowns}
        )

    @property
    def source(self) -> str:
        """Return the rows that it counts, as SQL; the few persons outside the register are cheaper to join than all."""
        return (
            f"FROM {self.fact} AS fact"
            " LEFT JOIN (SELECT person_key FROM dim_person WHERE NOT registered) AS unregistered"
            " ON unregistered.person_key = fact.person_key"
        )


def cubes() -> list[Cube]:
    """Return a cube for each fact that the catalogue counts in."""
    counts = [(entry.code, count) for entry in INDICATORS.values() for count in entry.counts]
    counted = [Counted(code, count, number) for number, (code, count) in enumerate(counts)]
    facts = sorted({count.fact for _, count in counts})
    return [Cube(fact, tuple(c for c in counted if c.count.fact == fact)) for fact in facts]


def month_of(event: str) -> str:
    """Return the cube's column for the month of an event."""
    return f"month_of_{event}"


def parts(count: Count) -> dict[str, str]:
    """Return the rows whose persons a figure would show, as SQL conditions: those it counts, and its complement."""
    if count.is_share:
        hits = f"({count.scope}) AND ({count.numerator})"
        return {"hits": hits, "rest": f"({count.scope}) AND ({count.numerator}) IS NOT TRUE"}
    return {"hits": count.scope}


def fill(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Make the cube's table: one scan of the fact, then a place for each row and a number, `base`.

    Needs the variable as_of; later events have no month.
    """
    keys = [f"{sql} AS {name}" for name, sql in cube.keys.items()]
    measures = [f"{sql} AS {name}" for counted in cube.counted for name, sql in _measures(counted).items()]
    level = "institution.level" if cube.place is Place.INSTITUTION else "NULL::VARCHAR"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {cube.table} AS
        SELECT cube.*, division.city_code, division.county_code, {level} AS level, row_number() OVER () AS base
        FROM (SELECT {", ".join(keys + measures)} {cube.source} GROUP BY ALL) AS cube
        {_PLACES[cube.place]}
    """)


def _measures(counted: Counted) -> dict[str, str]:
    count, number = counted.count, counted.number
    measures = {}
    for part, rows in parts(count).items():
        measures[f"{part}_{number}"] = f"count(*) FILTER (WHERE {rows})"
        measures[f"{part}_persons_{number}"] = f"bit_or({_PERSON_BIT}) FILTER (WHERE {rows})"
    if not count.is_share:
        measures[f"numerator_{number}"] = f"sum({count.numerator}) FILTER (WHERE {count.scope})"
        measures[f"denominator_{number}"] = f"sum({count.denominator}) FILTER (WHERE {count.scope})"
    return measures


def roll_up(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Add the cube's figures to month_cell: by month, province, city, county, all levels and each, each breakdown."""
    for event in cube.events:
        counted = [c for c in cube.counted if c.count.event == event]
        breakdowns = list(dict.fromkeys(b.name for c in counted for b in c.count.breakdowns))
        measures = [
            f"{'bit_or' if 'persons' in name else 'sum'}({name}) AS {name}" for c in counted for name in _measures(c)
        ]
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE rolled AS
            SELECT {month_of(event)} AS month, {DIVISION} AS division_code, {LEVEL} AS level,
              {_breakdown_text(breakdowns)} AS breakdown, {", ".join(measures)}
            FROM {cube.table}
            WHERE {month_of(event)} IS NOT NULL
            GROUP BY {month_of(event)}, {grouping(breakdowns)}
            HAVING {NOT_EMPTY} {"".join(f" AND (grouping({name}) = 1 OR {name} IS NOT NULL)" for name in breakdowns)}
        """)
        for one in counted:
            connection.execute(f"INSERT INTO month_cell {_cells(one)}")
        connection.execute("DROP TABLE rolled")


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
    """Return one indicator's rows of the roll-up, as rows of month_cell."""
    number = counted.number
    if counted.count.is_share:
        total = f"hits_{number} + rest_{number}"
        values = f"hits_{number}, {total}, hits_{number}, rest_{number}, hits_persons_{number}, rest_persons_{number}"
    else:
        total = f"hits_{number}"
        values = f"numerator_{number}, denominator_{number}, hits_{number}, 0, hits_persons_{number}, NULL"
    allowed = ["breakdown = ''", *(f"starts_with(breakdown, '{b.name}=')" for b in counted.count.breakdowns)]
    return f"""
        SELECT '{counted.indicator}', month, division_code, level, breakdown, {values}
        FROM rolled WHERE {total} > 0 AND ({" OR ".join(allowed)})
    """
