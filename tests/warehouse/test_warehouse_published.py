"""What is published of a build: columns by their level, persons who share a row with enough others, no birth date."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.macros import sql_macros
from warehouse.model import models
from warehouse.publish import MOST_SENSITIVE, publish, published_models
from warehouse.published.coarsen import K, coarsen_persons
from warehouse.tables import all_models

ATTRIBUTES = "sex_code, birth_year, birth_years, residence_division, residency_type, death_year, city_code"


def shown(world):
    """Publish a world's build and return the connection."""
    world.connection.execute(sql_macros())
    world.connection.execute("ATTACH OR REPLACE ':memory:' AS published")
    publish(world.connection, following=False)
    return world.connection


def test_no_column_above_level_3_is_published_and_none_that_is_withheld():
    withheld = {(model.name, name) for model in models() for name in model.withheld}
    columns = [(model.name, column) for model in published_models() for column in model.columns]
    assert [(table, c.name) for table, c in columns if c.level > MOST_SENSITIVE] == []
    assert not {(table, c.name) for table, c in columns} & withheld
    internal = {model.name for model in all_models()}
    published = {model.name for model in published_models()}
    assert internal - published >= {"fact_registration", "cube_encounter"}
    assert published - internal == {"diagnosis_month", "person_disclosure"}
    assert all(column.zh and column.en for _, column in columns)


def test_every_published_table_and_column_says_what_it_is(world):
    connection = shown(world.build())
    told = connection.execute("""
        SELECT table_name, column_name FROM duckdb_columns()
        WHERE database_name = 'published' AND (comment IS NULL OR comment = '')
    """).fetchall()
    assert told == []


def born(world, births: dict[str, str]) -> None:
    """Put enough persons for each birth year to be told, or a span of years, and settle for each before and after."""
    lines = []
    for born_on, persons in births.items():
        for at in range(persons):
            person = f"r{born_on}-{at}"
            lines.append(f"{person} {person} 2017-12-29 2018-01-02 2018-01-02")
            world.connection.execute(
                "INSERT INTO person (person_key, registered, birth_date) VALUES (?, true, ?)", [person, born_on]
            )
    rows = "\n".join(lines)
    world.put("content_insurance", f"person settlement_id begin_at end_at settled_at\n{rows}")


def told(connection) -> set[tuple[object, ...]]:
    """Return what is said of birth years, and the dates that are told beside them."""
    return set(
        connection.execute("""
            SELECT person.birth_year, person.birth_years, begin_at::DATE, end_at::DATE, fact.month
            FROM published.fact_settlement AS fact JOIN published.dim_person AS person USING (person_key)
        """).fetchall()
    )


def test_dates_of_the_year_of_birth_are_withheld_each_by_its_own_year(world):
    born(world, {"2017-12-29": K, "2016-05-06": K})
    first, last, month = date(2017, 12, 29), date(2018, 1, 2), date(2018, 1, 1)
    assert told(shown(world.build())) == {(2017, 1, None, last, month), (2016, 1, first, last, month)}


def test_where_a_span_of_years_is_told_the_dates_tell_no_more_than_the_span(world):
    born(world, {"2017-12-29": K - 1, "2016-05-06": 1, "1990-01-01": 1})
    month = date(2018, 1, 1)
    # Within 2015 to 2019 nobody's dates say in which year; of whom nothing is told, no date is.
    assert told(shown(world.build())) == {(2015, 5, None, None, month), (None, None, None, None, month)}


@pytest.mark.parametrize(
    ("diagnosis", "persons", "told"),
    [
        ("I10.x00x002", K, [("440100", date(2018, 1, 1), "1", "I10", False, K, K)]),
        ("I10.x00x002", K - 1, []),
        ("F32.900", K, [("440000", date(2018, 1, 1), None, "F32", True, K, K)]),
        ("B20.000", K - 1, []),
    ],
)
def test_diagnoses_come_in_aggregate_and_the_closed_list_by_province_and_year(world, diagnosis, persons, told):
    lines = "\n".join(f"r{at} {diagnosis} 2018-01-{at + 10}" for at in range(persons))
    world.put("content_emr", f"person diagnosis_code start_at\n{lines}")
    connection = shown(world.build())
    assert connection.execute("FROM published.diagnosis_month").fetchall() == told


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), people=st.integers(0, 400))
def test_enough_persons_share_every_published_row_or_it_says_nothing(seed: int, people: int) -> None:
    chance = random.Random(seed)
    connection = duckdb.connect()
    connection.execute("""
        CREATE TABLE dim_person (person_key VARCHAR, registered BOOLEAN, sex_code VARCHAR, birth_year SMALLINT,
          residence_division VARCHAR, residency_type VARCHAR, death_month DATE, city_code VARCHAR)
    """)
    rows = []
    for at in range(people):
        city = chance.choice(["4401", "4403", "4453"])
        dead = datetime(2018, chance.randint(1, 12), 1) if chance.random() < 0.05 else None
        known = chance.random() < 0.9
        rows.append([f"p{at}", known, chance.choice(["1", "2", None]), chance.choice([None, *range(1930, 2019)]),
                     f"{city}0{chance.randint(1, 4)}" if known else None, chance.choice("123") if known else None, dead,
                     f"{city}00" if known else None])  # fmt: skip
    if rows:
        connection.executemany("INSERT INTO dim_person VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    coarsen_persons(connection)
    assert connection.execute("SELECT coalesce(sum(persons), 0) FROM person_cell").fetchall()[0][0] == people
    told = connection.execute(f"SELECT registered, {ATTRIBUTES}, persons FROM person_cell").fetchall()
    shared: Counter[tuple[object, ...]] = Counter()
    for *row, persons in told:
        shared[tuple(row)] += persons
    assert all(persons >= K or all(value is None for value in row[1:]) for row, persons in shared.items())
    ones = connection.execute("SELECT count(*) FROM person_cell WHERE of_sex_code <> sex_code").fetchall()
    assert ones == [(0,)]
