"""Intervals for doubtful identity: replicates change what wrong links would; the truth lies in as often as stated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipelines.simulate import simulate
from tests.warehouse.conftest import World
from tests.warehouse.truth_rows import fill
from warehouse.exports.relations import define_exported
from warehouse.indicators import measure
from warehouse.indicators.cube import cube_model, cubes
from warehouse.indicators.doubt.replicates import count_in_worlds, indicators_of_identity
from warehouse.tables import create

AS_OF = date(2018, 12, 31)
FACTS = {"ehr": "fact_health_record", "emr": "fact_encounter", "insurance": "fact_settlement"}
RATE = 0.04
"""How many of the doubtful records are missed matches, where some are."""

Key = tuple[str, str, str, str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A province in which one person in three has doubtful records, all of them attached to whom they are of."""
    folder = tmp_path_factory.mktemp("truth")
    simulate(600, 3, 77, folder)
    world = World()
    fill(world, folder / "truth")
    world.connection.execute("UPDATE person_of_row SET tier = 'model' WHERE hash(person_key) % 3 = 0")
    return world.build(str(AS_OF), first_month="2018-10")


@pytest.fixture
def warehouse(built: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """The province's tables; what a test changes in them is taken back."""
    connection = built.connection
    connection.execute("BEGIN")
    yield connection
    connection.execute("ROLLBACK")


def state(connection: duckdb.DuckDBPyConnection, missed: float, false: float = 0.0) -> None:
    """State the error of linkage: shares of the doubtful records of each feed."""
    connection.execute("DELETE FROM link_error")
    for feed, fact in FACTS.items():
        connection.execute(f"""
            INSERT INTO link_error BY NAME
            SELECT '{feed}' AS feed, '' AS city_code, '' AS age, count(*) AS records,
              {missed} * avg((tier = 'model')::INTEGER) AS missed_rate, 0.8 * missed_rate AS missed_low,
              1.2 * missed_rate AS missed_high, {false} * avg((tier = 'model')::INTEGER) AS false_rate,
              0.8 * false_rate AS false_low, 1.2 * false_rate AS false_high
            FROM {fact} SEMI JOIN (SELECT person_key FROM dim_person WHERE registered) USING (person_key)
        """)


def figures(connection: duckdb.DuckDBPyConnection) -> dict[Key, tuple[Any, ...]]:
    """Return what is measured of the indicators that ask who is who: numerator, denominator, value, low, high."""
    for cube in cubes():  # facts were changed
        create(connection, cube_model(cube))
    measure.measure(connection, AS_OF)
    found = connection.execute(
        """
        SELECT indicator, period, division_code, level, breakdown, numerator, denominator, value, low, high
        FROM measured WHERE list_contains(?, indicator)
        """,
        [list(indicators_of_identity())],
    ).fetchall()
    return {(row[0], row[1], row[2], row[3], row[4]): row[5:] for row in found}


def intervals(connection: duckdb.DuckDBPyConnection) -> dict[Key, tuple[Any, ...]]:
    """Return the figures that have an interval."""
    return {key: found for key, found in figures(connection).items() if found[3] is not None}


def test_only_figures_that_depend_on_who_is_who_have_an_interval(warehouse: duckdb.DuckDBPyConnection) -> None:
    state(warehouse, RATE)
    measure.measure(warehouse, AS_OF)
    with_interval = warehouse.execute("SELECT DISTINCT indicator FROM measured WHERE low IS NOT NULL").fetchall()
    found = {code for (code,) in with_interval}
    assert found <= set(indicators_of_identity())
    assert found >= {"A10", "A11", "R1", "R2", "R3", "R6", "R7", "X1", "X2", "C1", "C2"}
    assert not found & {"A1", "A14", "H1", "H12", "I1"}


def test_no_figure_has_one_where_linkage_states_no_error(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.execute("SELECT count(*) FROM link_error").fetchall() == [(0,)]
    assert all(low is None and high is None for *_, low, high in figures(warehouse).values())


@pytest.mark.e2e
def test_the_value_lies_inside_and_a_higher_rate_makes_it_wider(warehouse: duckdb.DuckDBPyConnection) -> None:
    widths = []
    for missed in (0.0, 0.01, 0.05):
        state(warehouse, missed)
        found = intervals(warehouse).values()
        assert all(low - 1e-9 <= value <= high + 1e-9 for _, _, value, low, high in found)
        widths.append(sum(high - low for *_, low, high in found))
    assert widths[0] == 0
    assert 0 < widths[1] < widths[2]


@pytest.mark.e2e
def test_the_same_records_give_the_same_intervals_under_other_keys(warehouse: duckdb.DuckDBPyConnection) -> None:
    state(warehouse, RATE, 0.01)
    before = intervals(warehouse)
    for table in ("dim_person", *FACTS.values()):
        warehouse.execute(f"UPDATE {table} SET person_key = md5(person_key)")
    assert intervals(warehouse) == before


def test_what_is_suppressed_has_no_interval_in_exports(warehouse: duckdb.DuckDBPyConnection) -> None:
    state(warehouse, RATE)
    measure.measure(warehouse, AS_OF)
    define_exported(warehouse, measured=True)
    suppressed, shown = warehouse.execute("""
        SELECT count(low) FILTER (WHERE suppressed), count(low) FILTER (WHERE NOT suppressed) FROM exported_figure
    """).fetchall()[0]
    assert (suppressed, shown > 100) == (0, True)


MISSED = "SELECT '{feed}' AS feed, person_key, '+{feed}' || person_key AS to_key"
FALSE = "SELECT '{feed}' AS feed, person_key, coalesce(lead(person_key) OVER (ORDER BY person_key), '-') AS to_key"


@pytest.mark.parametrize("kind", [MISSED, pytest.param(FALSE, marks=pytest.mark.e2e)], ids=["missed", "false"])
def test_what_a_replicate_changes_is_what_these_links_would(warehouse: duckdb.DuckDBPyConnection, kind: str) -> None:
    before = {key: found[:2] for key, found in figures(warehouse).items()}
    chosen = " UNION ALL ".join(
        f"{kind.format(feed=feed)} FROM (SELECT DISTINCT person_key FROM {fact} "
        f"SEMI JOIN registered USING (person_key) WHERE tier = 'model' AND hash(person_key, '{feed}') % 3 = 0)"
        for feed, fact in FACTS.items()
    )
    warehouse.execute("CREATE TEMP TABLE registered AS SELECT person_key FROM dim_person WHERE registered")
    warehouse.execute(f"CREATE TEMP TABLE flipped AS SELECT 0 AS replicate, * FROM ({chosen}) WHERE to_key <> '-'")
    assert warehouse.execute("SELECT count(*) > 50 FROM flipped").fetchall() == [(True,)]
    measure.start_measuring(warehouse, AS_OF)
    measure.sum_cubes(warehouse)
    measure.start_calendar(warehouse)
    measure.sum_derived(warehouse)
    measure.sum_periods(warehouse)
    count_in_worlds(warehouse, "memory")
    told = {
        tuple(key): (numerator, denominator)
        for *key, numerator, denominator in warehouse.execute("""
            SELECT indicator, period, division_code, level, breakdown, numerator, denominator FROM difference
            WHERE numerator <> 0 OR denominator <> 0
        """).fetchall()
    }
    for feed, fact in FACTS.items():
        warehouse.execute(f"""
            UPDATE {fact} AS record SET person_key = flipped.to_key FROM flipped
            WHERE flipped.feed = '{feed}' AND flipped.person_key = record.person_key AND record.tier = 'model'
        """)
    warehouse.execute("""
        INSERT INTO dim_person BY NAME
        SELECT to_key AS person_key, false AS registered FROM flipped WHERE starts_with(to_key, '+')
    """)
    after = {key: found[:2] for key, found in figures(warehouse).items()}
    nothing = (Decimal(0), Decimal(0))
    changed = {
        key: (new[0] - old[0], new[1] - old[1])
        for key in before.keys() | after.keys()
        if (new := after.get(key, nothing)) != (old := before.get(key, nothing))
    }
    assert len(changed) > 100
    assert told == changed


@pytest.mark.e2e
def test_the_truth_lies_inside_as_often_as_stated(warehouse: duckdb.DuckDBPyConnection) -> None:
    truth = {key: found[:3] for key, found in figures(warehouse).items()}
    state(warehouse, RATE)
    for feed, fact in FACTS.items():
        warehouse.execute(f"""
            UPDATE {fact} SET person_key = '+{feed}' || person_key, tier = 'new'
            WHERE tier = 'model' AND hash(person_key, '{feed}', 5) % 1000 < {1000 * RATE}
              AND person_key IN (SELECT person_key FROM dim_person WHERE registered)
        """)
    warehouse.execute("""
        INSERT INTO dim_person BY NAME
        SELECT DISTINCT person_key, false AS registered
        FROM (SELECT person_key FROM fact_health_record UNION ALL SELECT person_key FROM fact_encounter
              UNION ALL SELECT person_key FROM fact_settlement)
        WHERE starts_with(person_key, '+')
    """)
    found = [(truth[key], f) for key, f in intervals(warehouse).items() if truth[key][1] >= 30]
    wrong = [1 for true, f in found if true[:2] != f[:2]]
    inside = [low - 1e-9 <= true[2] <= high + 1e-9 for true, (*_, low, high) in found]
    assert len(wrong) > 0.1 * len(found) > 50
    assert sum(inside) >= 0.95 * len(inside)
