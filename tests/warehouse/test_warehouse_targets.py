"""The ledger of promises: what each target's status is, on which day, and why."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from contracts.divisions import CITIES
from tests.simulated_truth import simulate_truth
from tests.warehouse.truth_rows import fill
from warehouse.exports.relations import define_exported
from warehouse.exports.targets import write_targets
from warehouse.indicators.catalogue import INDICATORS
from warehouse.indicators.measure import measure
from warehouse.targets.entry import OfIndicator, Target
from warehouse.targets.ledger import TARGETS
from warehouse.targets.status import STATUSES, Progress, status_of


def promise(deadline: str | None, in_force: bool = False, at_most: bool = False, target: float | None = 0.9) -> Target:
    day = date.fromisoformat(deadline) if deadline else None
    measure = OfIndicator("A1")
    return Target("T", "", "", "", "", "", target, day, measure, at_most=at_most, in_force=in_force)


def moved(month: str, value: float, earlier: str, earlier_value: float) -> Progress:
    days = [date.fromisoformat(f"{text}-01") for text in (month, earlier)]
    return Progress(days[0], value, None, earlier_value, days[1], None)


@pytest.mark.parametrize(
    ("target", "progress", "as_of", "status"),
    [
        # Reached is met: before the deadline, on it, and late.
        (promise("2019-12-31"), moved("2019-03", 0.9, "2018-12", 0.5), "2019-04-15", "met"),
        (promise("2019-06-30"), moved("2019-06", 1.0, "2019-03", 0.5), "2019-06-30", "met"),
        (promise("2019-06-30"), moved("2019-08", 0.9, "2019-05", 0.8), "2019-09-01", "met"),
        # On the deadline and after it, not reached is missed; the day before it may yet be.
        (promise("2019-06-30"), moved("2019-06", 0.89, "2019-03", 0.5), "2019-06-30", "missed"),
        (promise("2019-06-30"), moved("2019-09", 0.2, "2019-06", 0.1), "2019-10-09", "missed"),
        (promise("2019-06-30"), moved("2019-05", 0.8, "2019-02", 0.5), "2019-06-29", "on track"),
        # After the deadline, with data that end before it: nobody knows yet.
        (promise("2019-06-30"), moved("2019-04", 0.8, "2019-01", 0.7), "2019-07-02", "due"),
        # The pace of the last three months decides before it: 0.6 in March, nine months to go.
        (promise("2019-12-31"), moved("2019-03", 0.6, "2018-12", 0.50), "2019-04-01", "on track"),
        (promise("2019-12-31"), moved("2019-03", 0.6, "2018-12", 0.51), "2019-04-01", "due"),
        (promise("2019-12-31"), moved("2019-03", 0.6, "2018-12", 0.70), "2019-04-01", "due"),
        (promise("2019-12-31"), moved("2019-03", 0.6, "2019-03", 0.60), "2019-04-01", "due"),
        # Without a deadline it stands, and is due until it is reached; in force, it is kept or missed.
        (promise(None), moved("2019-03", 0.6, "2018-12", 0.3), "2019-04-01", "due"),
        (promise(None, in_force=True), moved("2019-03", 0.6, "2018-12", 0.3), "2019-04-01", "missed"),
        (promise(None, in_force=True), moved("2019-03", 0.9, "2018-12", 0.3), "2019-04-01", "met"),
        (promise(None, in_force=True, at_most=True, target=0), moved("2019-03", 0, "2018-12", 3), "2019-04-01", "met"),
        (promise(None, True, True, 0), moved("2019-03", 1, "2018-12", 3), "2019-04-01", "missed"),
        # A share that is the target but for the last bit of a floating-point number has reached it.
        (promise("2019-12-31", target=0.3), moved("2019-03", 0.1 * 3 - 1e-16, "2018-12", 0), "2019-12-31", "met"),
        # Neither figure nor data: nothing to compute.
        (promise("2019-06-30", target=None), moved("2019-06", 1.0, "2019-03", 0.5), "2019-07-01", "not computable"),
        (promise("2019-06-30"), None, "2019-07-01", "not computable"),
    ],
)  # fmt: skip
def test_a_status_follows_from_value_pace_and_day(target, progress, as_of, status):
    assert status_of(target, progress, date.fromisoformat(as_of)) == status


def test_every_target_of_the_announcement_is_there_and_says_how_it_is_read():
    assert list(TARGETS) == [f"T{number:02d}" for number in range(1, 29)]
    for target in TARGETS.values():
        assert target.quote and target.zh and target.en and target.scope_zh and target.scope_en
        assert bool(target.ambiguity_zh) == bool(target.ambiguity_en)
        assert (target.measure is None) == bool(target.why_zh) == bool(target.why_en)
        assert set(target.cities) <= CITIES.keys()
        if isinstance(target.measure, OfIndicator):
            assert target.measure.indicator in INDICATORS
    assert {*TARGETS["T15"].cities, *TARGETS["T16"].cities} == CITIES.keys()
    assert not {*TARGETS["T15"].cities} & {*TARGETS["T16"].cities}


def rows(world, where: str, columns: str) -> list[tuple]:
    return world.connection.execute(f"SELECT {columns} FROM target_status WHERE {where} ORDER BY scope").fetchall()


def two_hospitals(world):
    """Give Shenzhen two tertiary hospitals, and Foshan one; the code spreads from the first to all in March."""
    world.put("content_institution", """
        org_code city_code division_code name
        S1       440300    440303        深圳一院
        S2       440300    440303        深圳二院
        F1       440600    440604        佛山一院
    """)  # fmt: skip
    for month, used in (("2019-01", "S1"), ("2019-02", "S1 S2"), ("2019-03", "S1 S2 F1")):
        for org in ("S1", "S2", "F1"):
            live = str(org in used.split()).lower()
            world.put(
                "content_platform_connection",
                f"city_code org_code month last_upload_at code_live\n440300 {org} {month} {month}-05 {live}",
            )
            world.put("content_code_usage", f"org_code day\n{org} {month}-06")
    return world


def test_a_value_is_that_of_the_last_month_that_is_over(world):
    two_hospitals(world).build("2019-03-15")
    assert rows(world, "target_id = 'T04'", "month::VARCHAR, round(value, 3), status, missing") == [
        ("2019-02-01", 0.667, "on track", 1)
    ]
    world.build("2019-03-31")
    assert rows(world, "target_id = 'T04'", "month::VARCHAR, value, status, missing, reached_on::VARCHAR") == [
        ("2019-03-01", 1.0, "met", 0, "2019-03-01")
    ]


def test_institutions_that_are_missing_are_named(world):
    two_hospitals(world).build("2019-02-28")
    found = world.connection.execute("SELECT city_code, org_code, name FROM target_missing WHERE target_id = 'T04'")
    assert found.fetchall() == [("440600", "F1", "佛山一院")]


def test_an_institution_that_opens_or_closes_changes_what_is_promised(world):
    two_hospitals(world)
    world.put("content_institution", """
        org_code city_code division_code opened_on  closed_on
        NEW      440300    440303        2019-03-20 -
        OLD      440300    440303        -          2019-02-10
    """).build("2019-03-31")  # fmt: skip
    assert rows(world, "target_id = 'T04'", "value, status, missing") == [(0.75, "on track", 1)]
    world.build("2019-02-28")
    assert rows(world, "target_id = 'T04'", "round(value, 3), missing") == [(0.667, 1)]


def test_where_a_target_binds_several_cities_the_furthest_of_them_tells(world):
    two_hospitals(world)
    world.put("content_platform_function", """
        city_code function_code live  live_on
        440300    F01           true  2019-01-10
        440300    F02           true  2019-02-10
        440600    F01           true  2019-02-10
        440600    F02           false -
    """).build("2019-03-31")  # fmt: skip
    assert rows(world, "target_id = 'T11' AND whole", "value, furthest, status") == [(0.5, "440600", "on track")]
    of_cities = rows(world, "target_id = 'T11' AND NOT whole AND value IS NOT NULL", "scope, value, status")
    assert of_cities == [("440300", 1.0, "met"), ("440600", 0.5, "on track")]


def test_a_mass_release_is_five_slots_of_a_hospital_in_a_minute_of_the_night(world):
    for at, slots in (("2019-01-05_22:00:00", 5), ("2019-01-06_05:59:59", 4), ("2019-01-07_06:00:00", 9)):
        lines = "\n".join(f"{at[:10]}{number} {at} 2019-01-20" for number in range(slots))
        world.put("content_booking", f"slot_no released_at slot_start\n{lines}")
    world.build("2019-01-31")
    assert rows(world, "target_id = 'T19'", "value, status") == [(1.0, "missed")]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_truth(700, 15, 4, tmp_path_factory.mktemp("targets"))


@pytest.mark.e2e
def test_every_target_has_a_status_on_three_days(world, truth, tmp_path):
    fill(world, truth)
    world.build("2019-12-31", first_month="2018-10")
    seen = set()
    for day in ("2019-01-31", "2019-06-30", "2019-12-31"):
        measure(world.connection, date.fromisoformat(day))
        define_exported(world.connection, measured=True)
        write_targets(world.connection, tmp_path / day)
        with (tmp_path / day / "targets.csv").open(encoding="utf-8", newline="") as file:
            told = list(csv.DictReader(file))
        assert [row["target_id"] for row in told] == list(TARGETS)
        assert {row["status"] for row in told} <= STATUSES.keys()
        assert {row["as_of"] for row in told} == {day}
        for row in told:
            target = TARGETS[row["target_id"]]
            assert (row["deadline"] or None) == (target.deadline and target.deadline.isoformat())
            assert bool(target.ambiguity_zh) == ("歧义" in row["note"])
            if row["status"] == "missed" and not target.in_force:
                assert row["deadline"] <= day
            if row["status"] in ("due", "on track"):
                assert not row["deadline"] or row["deadline"] > day
        seen |= {row["status"] for row in told}
    assert seen == STATUSES.keys()
