"""Which cells there are: the ones that are always there, and the ones that must not be shown."""

from __future__ import annotations

import pytest

from contracts.divisions import CITIES
from warehouse.indicators.catalogue import INDICATORS


def test_every_indicator_has_province_and_cities_in_every_period_even_when_nothing_came(world):
    world.put("content_emr", "start_at\n2018-01-05\n2018-03-05").build("2018-03-31")
    found = world.connection.execute("""
        SELECT indicator, period, count(DISTINCT division_code) FILTER (WHERE level = 'all' AND breakdown = '')
        FROM indicator_value GROUP BY ALL
    """).fetchall()
    periods = {"2018", *(f"2018-0{month}{kind}" for month in (1, 2, 3) for kind in ("", " ytd"))}
    places = len(CITIES) + 1
    assert sorted(found) == sorted((code, period, places) for code in INDICATORS for period in periods)


def test_a_cell_without_a_denominator_has_no_value(world):
    world.build("2018-03-31")
    assert world.connection.execute("""
        SELECT DISTINCT period, numerator::INT, denominator::INT, value, suppressed
        FROM indicator_value WHERE period = '2018-03'
    """).fetchall() == [("2018-03", 0, 0, None, False)]


def test_a_cell_is_there_once(world):
    world.put("content_institution", "org_code\nH").put("content_emr", "start_at\n2018-01-05").build("2018-03-31")
    assert not world.connection.execute("""
        SELECT count(*) FROM indicator_value
        GROUP BY indicator, period, division_code, level, breakdown HAVING count(*) > 1
    """).fetchall()


def encounters(persons: int, each: int, booked: bool, first: int = 0) -> str:
    """Return outpatient visits: so many of each of so many persons."""
    visits = [f"r{first + person} {str(booked).lower()}" for person in range(persons) for _ in range(each)]
    return "\n".join(["person booked", *visits])


@pytest.mark.parametrize(
    ("booked", "walked_in", "suppressed"),
    [
        # persons, visits of each
        ((10, 1), (10, 1), False),
        ((10, 1), (0, 0), False),
        ((0, 0), (10, 1), False),
        ((9, 1), (10, 1), True),
        ((10, 1), (9, 1), True),
        ((9, 1), (0, 0), True),
        ((9, 2), (10, 1), True),
        ((10, 1), (1, 50), True),
        ((10, 5), (10, 7), False),
        ((11, 1), (12, 1), False),
    ],
)
def test_one_to_nine_persons_or_records_in_a_share_or_its_complement_are_suppressed(
    world, booked, walked_in, suppressed
):
    world.put("content_emr", encounters(*booked, True)).put("content_emr", encounters(*walked_in, False, 100)).build()
    found = world.connection.execute("""
        SELECT suppressed FROM indicator_value
        WHERE indicator = 'H8' AND period = '2018-01' AND division_code IN ('440000', '440100') AND level = 'all'
    """).fetchall()
    assert found == [(suppressed,), (suppressed,)]


@pytest.mark.parametrize(
    ("persons", "each", "suppressed"), [(10, 1, False), (9, 1, True), (9, 4, True), (64, 2, False)]
)
def test_sums_are_suppressed_by_the_persons_behind_them(world, persons, each, suppressed):
    world.put("content_emr", encounters(persons, each, True)).build()
    found = world.connection.execute("""
        SELECT DISTINCT suppressed FROM indicator_value WHERE indicator = 'H14' AND denominator > 0
    """).fetchall()
    assert found == [(suppressed,)]


def test_persons_who_come_again_count_once_over_months_places_and_feeds(world):
    for month in ("2018-01", "2018-02"):
        rows = "\n".join(f"r{n} {month}-05 true" for n in range(6))
        world.put("content_emr", f"person start_at has_health_code\n{rows}")
    world.put("content_population", "person\n" + "\n".join(f"r{n}" for n in range(6))).build()
    shown = "FROM indicator_value WHERE indicator IN ('A10', 'A14') AND denominator > 0 AND NOT suppressed"
    assert world.connection.execute(shown).fetchall() == []


def test_operations_are_never_suppressed(world):
    world.put("content_institution", "org_code\nH\nK")
    world.put("content_platform_connection", "org_code month last_upload_at\nH 2018-01 2018-01-05").build("2018-01-31")
    found = world.connection.execute("""
        SELECT DISTINCT suppressed, numerator::INT, denominator::INT
        FROM indicator_value WHERE indicator = 'A1' AND denominator > 0
    """)
    assert found.fetchall() == [(False, 1, 2)]
