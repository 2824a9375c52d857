"""The tables: what they say of themselves, what they hold, and that an increment makes what a whole build makes."""

from __future__ import annotations

import random
from datetime import date, datetime

import duckdb
import pytest

from contracts.feeds import FEEDS
from warehouse.build import Build, build_full, publish_figures
from warehouse.docs import DOCS, pages
from warehouse.exports.kpi import write_kpi
from warehouse.exports.relations import define_exported
from warehouse.indicators.measure import measure
from warehouse.inputs import input_schemas
from warehouse.model import read_model
from warehouse.tables import all_models


def test_every_table_and_every_column_carries_a_comment_in_both_languages(world):
    world.build()
    said = world.connection.execute("""
        SELECT table_name, comment FROM duckdb_tables() WHERE NOT temporary
        UNION ALL
        SELECT table_name || '.' || column_name, columns.comment
        FROM duckdb_columns() AS columns SEMI JOIN duckdb_tables() AS tables
          ON tables.table_oid = columns.table_oid AND NOT tables.temporary
        WHERE columns.database_name <> 'temp'
    """).fetchall()
    assert {name for name, _ in said} > {"dim_person", "fact_encounter.total_fee", "build_info.run_id"}
    assert [name for name, comment in said if " | " not in (comment or "")] == []


def test_a_feed_column_takes_its_comment_from_the_contract(world):
    world.build()
    comment = "FROM duckdb_columns() SELECT comment WHERE table_name = 'fact_encounter' AND column_name LIKE 'surgery%'"
    assert world.connection.execute(comment).fetchall() == [("手术级别 | 1 to 4; empty where none",)]


def test_a_model_without_comments_is_refused():
    with pytest.raises(ValueError, match="no comment"):
        read_model("x", "-- zh: 表\n-- en: table\nSELECT a.y FROM a")
    with pytest.raises(ValueError, match="lacks zh or en"):
        read_model("x", "SELECT 1 AS y -- [1] 一 | one")


def test_no_column_of_the_warehouse_identifies_a_person():
    tables = all_models()
    assert {column.level for table in tables for column in table.columns} == {1, 2, 3, 5}
    direct = {column.name for feed in FEEDS.values() for column in feed.columns if column.level == 4}
    named = {(table.name, column.name) for table in tables for column in table.columns if column.name in direct}
    assert named == {("dim_institution", "name"), ("target_missing", "name")}
    assert "birth_date" not in {column.name for table in tables for column in table.columns}


def test_divisions_are_those_of_2018(world):
    world.build()
    counted = "SELECT level, count(*), count(city_code), count(county_code) FROM dim_division GROUP BY ALL ORDER BY ALL"
    found = world.connection.execute(counted).fetchall()
    assert found[0] == ("city", 21, 21, 0)
    assert found[2] == ("province", 1, 0, 0)
    assert world.connection.execute(
        "SELECT count(*) FROM dim_division WHERE level = 'county' AND city_code IN ('441900', '442000')"
    ).fetchall() == [(0,)]


def test_an_institution_that_two_cities_deliver_is_one(world):
    world.put(
        "content_institution",
        """
        org_code city_code name updated_at
        H        440100    old  2018-01-01
        H        440300    new  2018-02-01
    """,
    ).build()
    assert world.connection.execute("SELECT org_code, name FROM dim_institution").fetchall() == [("H", "new")]


def test_clock_and_run_stand_in_build_info_alone(world):
    world.put("content_emr", "person\nr1").build()
    assert world.connection.execute("SELECT run_id, built_at, as_of, code_version FROM build_info").fetchall() == [
        ("run-1", datetime(2019, 1, 2, 3, 4), date(2018, 12, 31), "0.1.0")
    ]
    first = contents(world.connection)
    build_full(world.connection, Build("run-2", datetime(2020, 1, 1), date(2018, 12, 31), "0.1.0", "digest"))
    publish_figures(world.connection, date(2018, 12, 31))
    second = contents(world.connection)
    assert {name for name in first if first[name] != second[name]} == {"build_info"}


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """Return every table's rows, in order."""
    return {model.name: connection.execute(f"FROM {model.name} ORDER BY ALL").fetchall() for model in all_models()}


CHANGING = ("emr", "insurance", "ehr", "code_usage", "platform_connection")
"""The feeds whose rows also go."""


@pytest.mark.parametrize("seed", range(2))
def test_increments_end_where_a_whole_build_would(world, seed):
    draw = random.Random(seed)
    world.put("content_institution", "org_code level\nH 3\nK 1")
    for name in ("removed_row", "added_row", "rekeyed_row"):
        world.connection.execute(f"CREATE TEMP TABLE {name} (row_id BIGINT)")
    world.connection.execute("CREATE TEMP TABLE changed_person (person_key VARCHAR)")
    arrive(world, draw, 60)
    world.build()
    for _ in range(2):
        change(world, draw)
        world.build(increment=True)
        after = contents(world.connection)
        world.build()
        assert after == contents(world.connection)


def arrive(world, draw: random.Random, rows: int) -> list[int]:
    """Let rows of six feeds come; return their ids."""
    first = world.serial + 1
    for ordinal in range(rows):
        person, day = f"{draw.choice('ru')}{draw.randrange(6)}", f"2018-0{draw.randrange(1, 4)}-1{draw.randrange(9)}"
        org = draw.choice("HKX")
        feed = ("emr", "population", *CHANGING)[ordinal % 7]
        if feed == "emr":
            world.put("content_emr", f"person org_code start_at encounter_type end_at\n{person} {org} {day} 3 {day}")
        elif feed == "population":
            world.put("content_population", f"person updated_at\n{person} {day}")
        elif feed == "insurance":
            world.put("content_insurance", f"person org_code settled_at\n{person} {org} {day}")
        elif feed == "ehr":
            world.put("content_ehr", f"person created_on systolic_bp\n{person} {day} 1{draw.randrange(10, 80)}")
        elif feed == "code_usage":
            world.put("content_code_usage", f"org_code day scans\n{org} {day} {draw.randrange(1, 99)}")
        else:
            world.put("content_platform_connection", f"org_code month last_upload_at\n{org} {day[:7]} {day}")
    return list(range(first, world.serial + 1))


def change(world, draw: random.Random) -> None:
    """Let rows go and come, others change persons, and persons come, go and change; note which."""
    run = world.connection.execute
    for name in ("removed_row", "added_row", "rekeyed_row", "changed_person"):
        run(f"DELETE FROM {name}")
    run("CREATE OR REPLACE TEMP TABLE person_before AS FROM person")
    removed = []
    for feed in CHANGING:
        live = run(f"SELECT row_id FROM content_{feed} ORDER BY ALL").fetchall()
        removed += [row for (row,) in draw.sample(live, 2)]
    for table in (*(f"content_{feed}" for feed in CHANGING), "person_of_row"):
        run(f"DELETE FROM {table} WHERE row_id IN ({', '.join(map(str, removed))})")
    added = arrive(world, draw, 12)
    run("UPDATE person SET registered = NOT registered, birth_date = '1990-01-01' WHERE person_key LIKE '_3'")
    run("INSERT INTO removed_row SELECT unnest(?)", [removed])
    run("INSERT INTO added_row SELECT unnest(?)", [added])
    run("INSERT INTO rekeyed_row SELECT row_id FROM person_of_row WHERE person_key IN ('r1', 'u2')")
    run("UPDATE person_of_row SET person_key = 'r5', tier = 'model' WHERE person_key IN ('r1', 'u2')")
    run("DELETE FROM person WHERE person_key IN ('r1', 'u2')")
    run("""
        INSERT INTO changed_person
        SELECT DISTINCT person_key FROM (
          (FROM person EXCEPT FROM person_before) UNION ALL (FROM person_before EXCEPT FROM person)
        )
    """)


def test_a_read_only_warehouse_can_be_measured_as_of_another_day(tmp_path, world):
    file = tmp_path / "build.duckdb"
    with duckdb.connect(str(file)) as connection:
        for name, columns in input_schemas().items():
            connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
        connection.execute(
            "INSERT INTO content_emr (row_id, city_code, encounter_type, start_at, total_fee)"
            " SELECT range, '440100', '1', TIMESTAMP '2018-01-01' + to_days(range::INT), 1 FROM range(59)"
        )
        build_full(connection, Build("", datetime(2019, 1, 1), date(2018, 12, 31), "", ""))
        publish_figures(connection, date(2018, 12, 31))
    with duckdb.connect(str(file), read_only=True) as connection:
        measure(connection, date(2018, 1, 20))
        count = "SELECT max(denominator)::INT FROM {} WHERE indicator = 'A14' AND period = '2018'"
        assert connection.execute(count.format("measured")).fetchall() == [(20,)]
        assert connection.execute(count.format("indicator_value")).fetchall() == [(59,)]
        define_exported(connection, measured=True)
        write_kpi(connection, tmp_path)
    assert (tmp_path / "kpi.csv").exists()


def test_the_generated_pages_are_up_to_date():
    stale = [name for name, text in pages().items() if (DOCS / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run python -m warehouse.docs"
