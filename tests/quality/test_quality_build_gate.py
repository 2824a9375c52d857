"""What the gate of builds refuses, and what it only tells: figures planted in a small build, and the verdicts."""

from __future__ import annotations

import duckdb
import pytest

from quality.build_gate import judge_cubes, judge_figures
from quality.judge import Verdict

SOUND = """
    CREATE TABLE build_info AS SELECT DATE '2018-02-15' AS as_of;
    CREATE TABLE dim_division AS SELECT * FROM (VALUES
      ('44', NULL, NULL, 'province'), ('4401', '44', '4401', 'city'), ('4402', '44', '4402', 'city'),
      ('440103', '4401', '4401', 'county')
    ) AS division(division_code, parent_code, city_code, level);
    CREATE TABLE dim_indicator AS SELECT * FROM (VALUES
      ('SHARE', 'flow'), ('DAYS', 'flow'), ('STATE', 'state')
    ) AS entry(indicator, kind);
    CREATE TABLE indicator_value AS
    SELECT
      entry.indicator, period.period, place.division_code, 'all' AS level, '' AS breakdown,
      (part * months * CASE indicator WHEN 'DAYS' THEN 6000 ELSE 1000 END)::DECIMAL(38,2) AS numerator,
      (part * months * 2000)::DECIMAL(38,2) AS denominator,
      period = '2018-02' AS preliminary,
      indicator || '@1' AS definition
    FROM dim_indicator AS entry
    CROSS JOIN (VALUES ('2018-01', 1), ('2018-02', 1), ('2018', 2)) AS period(period, months)
    CROSS JOIN (VALUES ('44', 3), ('4401', 1), ('4402', 2), ('440103', 1)) AS place(division_code, part);
    CREATE TABLE former_figure AS
    SELECT indicator, definition, period, division_code, preliminary, numerator, denominator
    FROM indicator_value;
"""
"""Two cities, one with a county; a month that is over and one that isn't; a published build of the same figures."""
DOUBLED = "INSERT INTO indicator_value SELECT * FROM indicator_value WHERE"
OF_JANUARY = "indicator = 'SHARE' AND period = '2018-01'"

REFUSED = {
    # what happened to the figures: the expectation that refuses, and what it tells
    "a city lost": (
        f"DELETE FROM indicator_value WHERE {OF_JANUARY} AND division_code = '4402'",
        "build.given", "SHARE 2018-01 4402",
    ),
    "a month lost": (
        "DELETE FROM indicator_value WHERE indicator = 'STATE' AND period = '2018-02'",
        "build.given", "STATE 2018-02 44, STATE 2018-02 4401, STATE 2018-02 4402",
    ),
    "an indicator lost": (
        "DELETE FROM indicator_value WHERE indicator = 'DAYS'",
        "build.given", "DAYS 2018-01 44, DAYS 2018-01 4401, DAYS 2018-01 4402 … +3",
    ),
    "a total given twice": (f"{DOUBLED} {OF_JANUARY} AND division_code = '4401'", "build.given", "SHARE 2018-01 4401"),
    "a negative cell of a county": (
        f"UPDATE indicator_value SET numerator = -1 WHERE {OF_JANUARY} AND division_code = '440103'",
        "build.not_negative", "SHARE 2018-01 4401",
    ),
    "a negative cell of a division that nobody knows": (
        f"UPDATE indicator_value SET denominator = -1, numerator = -2 WHERE {OF_JANUARY} AND division_code = '440103'; "
        "UPDATE indicator_value SET division_code = '999999' WHERE denominator = -1",
        "build.not_negative", "SHARE 2018-01 44",
    ),
    "a share above 1": (
        f"UPDATE indicator_value SET numerator = 2001 WHERE {OF_JANUARY} AND division_code = '440103'",
        "build.part_of_whole", "SHARE 2018-01 4401",
    ),
    "a share of nothing": (
        f"UPDATE indicator_value SET denominator = 0 WHERE {OF_JANUARY} AND division_code = '440103'",
        "build.part_of_whole", "SHARE 2018-01 4401",
    ),
    "a row counted in two cities": (
        "UPDATE indicator_value SET denominator = denominator + period_rows FROM "
        "(VALUES ('2018-01', 1), ('2018', 1)) AS more(of, period_rows) "
        "WHERE of = period AND indicator = 'DAYS' AND division_code = '4401'",
        "build.cities_in_province", "DAYS 2018, DAYS 2018-01",
    ),
    "a year that lacks a row of a month": (
        "UPDATE indicator_value SET denominator = denominator - 1 "
        "WHERE indicator = 'DAYS' AND period = '2018' AND division_code = '4401'",
        "build.year_of_months", "DAYS 2018 4401",
    ),
}  # fmt: skip
WARNED = {
    "records that lie in no city": (
        "UPDATE indicator_value SET denominator = denominator * 0.9 "
        "WHERE indicator = 'DAYS' AND division_code = '4402'",
        "build.placed_in_a_city", "DAYS 2018 6.7%, DAYS 2018-01 6.7%, DAYS 2018-02 6.7%",
    ),
    "a base that vanished": (
        "UPDATE indicator_value SET numerator = 0, denominator = 0 WHERE indicator = 'SHARE'",
        "build.base_moved",
        "SHARE 2018 44 × 0.00, SHARE 2018 4401 × 0.00, SHARE 2018 4402 × 0.00 … +3",
    ),
    "a base more than doubled": (
        "UPDATE former_figure SET denominator = 2900, numerator = 1450 "
        "WHERE indicator = 'STATE' AND period = '2018-01' AND division_code = '44'",
        "build.base_moved", "STATE 2018-01 44 × 2.07",
    ),
    "a value less than half": (
        "UPDATE indicator_value SET numerator = numerator * 0.4 WHERE indicator = 'STATE' AND division_code = '4402'",
        "build.value_moved", "STATE 2018 4402 × 0.40, STATE 2018-01 4402 × 0.40",
    ),
}  # fmt: skip
PASSES = {
    "nothing happened": "",
    "there is nothing to compare with": "DELETE FROM former_figure",
    "a value that isn't a share is above 1": "UPDATE indicator_value SET numerator = denominator * 9 WHERE indicator = "
    "'DAYS'; DELETE FROM former_figure",
    "another definition has other figures": "UPDATE former_figure SET denominator = 9e9, definition = 'older'",
    "a month that wasn't over grew": "UPDATE former_figure SET denominator = 1000 WHERE period = '2018-02'",
    "few rows became many": "UPDATE former_figure SET denominator = 999",
    "a rare event became frequent": "UPDATE former_figure SET numerator = 1",
    "a state's year isn't the sum of its months": "UPDATE indicator_value SET numerator = numerator / 2, "
    "denominator = denominator / 2 WHERE indicator = 'STATE' AND period = '2018'; DELETE FROM former_figure",
    "indicators that don't add up": "UPDATE indicator_value SET denominator = denominator - 1, numerator = 1 "
    "WHERE indicator = 'STATE' AND division_code = '44'; DELETE FROM former_figure",
}


def verdicts(planted: str) -> list[Verdict]:
    with duckdb.connect() as connection:
        connection.execute(SOUND + planted)
        return judge_figures(connection, 7, shares=["SHARE", "STATE"], additive=["SHARE", "DAYS"])


def beyond(planted: str) -> dict[str, tuple[str, str]]:
    return {v.expectation.id: (v.state, v.told.split(": ", 1)[1]) for v in verdicts(planted) if v.beyond}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    planted, expectation, told = REFUSED[name]
    assert beyond(planted)[expectation] == ("refused", told)


@pytest.mark.parametrize("name", WARNED)
def test_what_is_told_and_published(name: str) -> None:
    planted, expectation, told = WARNED[name]
    found = beyond(planted)
    assert found[expectation] == ("warned", told)
    assert {state for state, _ in found.values()} == {"warned"}


@pytest.mark.parametrize("name", PASSES)
def test_what_passes(name: str) -> None:
    assert beyond(PASSES[name]) == {}


def test_every_cell_is_judged() -> None:
    judged = {v.expectation.id: v.judged for v in verdicts("")}
    places, periods = 3, 3
    assert judged["build.given"] == judged["build.not_negative"] == 3 * periods * places
    assert judged["build.part_of_whole"] == 2 * periods * places


CUBES = {
    "as many": ([("cube_a", 0), ("cube_b", 0)], "passed", ""),
    "rows lost and doubled": ([("cube_a", -3), ("cube_b", 1200), ("cube_c", 0)], "refused", "cube_b +1,200, cube_a -3"),
}


@pytest.mark.parametrize("name", CUBES)
def test_a_cube_counts_the_rows_of_its_fact(name: str) -> None:
    apart, state, told = CUBES[name]
    (verdict,) = judge_cubes(7, apart)
    assert (verdict.subject, verdict.state) == (7, state)
    assert verdict.told.endswith(told)
