"""The page for analysts: what it names is there, its twenty queries run, its recipes do what it says."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.files import link_in_place

from .conftest import Province

PAGE = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
QUESTIONS = 20
MOST_WITHOUT_ROWS = 5
"""How many of the questions may have no answer of ten persons in a small province."""
THRESHOLD = re.compile(r"HAVING count\(DISTINCT (\w+\.)?person_key\) >= 10\b")


def section(number: int) -> str:
    """Return a section of the page, without its heading."""
    [text] = re.findall(rf"^## {number} .*?\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


QUERIES = dict(re.findall(r"^### (\d+)\. .+ · .+\n\n(?:[^#\n].*\n)+\n```sql\n([^`]+)^```$", section(4), re.MULTILINE))
"""The SQL of each question that has a heading in both languages, a remark, and one block."""
WORKSPACE, IS_STALE, ATTACH_ANEW = blocks(section(2), "sql")
FOLLOW, FOLLOWED = blocks(section(3), "sql")


@pytest.fixture(scope="module")
def warehouse(province: Province) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(province.home.warehouse), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def columns(warehouse: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Return the columns of each published table."""
    found: dict[str, set[str]] = {}
    for table, column in warehouse.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall():
        found.setdefault(table, set()).add(column)
    return {table: found[table] for (table,) in warehouse.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


@pytest.fixture
def home(province: Province, tmp_path: Path) -> Path:
    """Return the folder of a home that has nothing but a published warehouse, which may be replaced."""
    current = tmp_path / "home" / "warehouse" / "current.duckdb"
    current.parent.mkdir(parents=True)
    shutil.copy(province.home.warehouse, current)
    current.chmod(0o640)
    return tmp_path / "home"


def at(home: Path, recipe: str) -> str:
    return recipe.replace("HOME/", f"{home}/")


def current(home: Path) -> str:
    return str(home / "warehouse" / "current.duckdb")


def publish_another(home: Path, *changes: str) -> None:
    """Put another build in the place of the published one, as `publish_build` does."""
    following = home / "warehouse" / "builds" / "000002.duckdb"
    following.parent.mkdir()
    shutil.copy(current(home), following)
    with duckdb.connect(str(following)) as connection:
        connection.execute("UPDATE build_info SET run_id = 'another', built_at = built_at + INTERVAL 1 DAY")
        for change in changes:
            connection.execute(change)
    following.chmod(0o440)
    link_in_place(following, Path(current(home)))


def only(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    [row] = connection.execute(query).fetchall()
    return tuple(row)


def test_there_are_twenty_questions() -> None:
    assert list(QUERIES) == [str(number) for number in range(1, QUESTIONS + 1)]
    assert len(blocks(section(4), "sql")) == QUESTIONS


@pytest.mark.parametrize("number", QUERIES)
def test_a_question_is_answered_and_shows_no_few_persons(
    warehouse: duckdb.DuckDBPyConnection, columns: dict[str, set[str]], number: str
) -> None:
    query = QUERIES[number]
    answer = warehouse.execute(query)
    names = [column[0] for column in answer.description or []]
    assert names and len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names), names
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    read = set(re.findall(r"\w+", query)) & {table for table, of_table in columns.items() if "person_key" in of_table}
    if read:
        assert THRESHOLD.search(query), f"reads {read} without a threshold"
    assert all(row[counted] >= 10 for row in rows for counted in ("persons", "cases") if counted in row)


def test_most_questions_have_an_answer_in_a_small_province(warehouse: duckdb.DuckDBPyConnection) -> None:
    silent = [number for number, query in QUERIES.items() if not warehouse.execute(query).fetchmany(1)]
    assert len(silent) <= MOST_WITHOUT_ROWS, silent


def test_answers_agree_with_the_published_figures(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Hold what queries count from facts against the figures and the ledger of promises."""
    mass_releases = f"SELECT sum(mass_releases) FROM ({QUERIES['12'].rstrip().rstrip(';')})"
    [promised] = only(warehouse, "SELECT value FROM target_status WHERE target_id = 'T19' AND whole")
    assert only(warehouse, f"SELECT coalesce(({mass_releases}), 0)") == (promised,)
    mix = f"""
        SELECT sum(encounters)
        FROM ({QUERIES["15"].rstrip().rstrip(";")})
        WHERE setting LIKE '%outpatient' AND level = '2' GROUP BY month ORDER BY month DESC LIMIT 1"""
    figure = """
        SELECT arg_max(denominator, period) FROM indicator_value WHERE indicator = 'H8' AND division_code = '440000'
        AND level = '2' AND breakdown = '' AND NOT preliminary AND period SIMILAR TO '....-..'"""
    assert only(warehouse, mix) == only(warehouse, figure)


def test_the_star_names_every_table_and_nothing_else(columns: dict[str, set[str]]) -> None:
    star = section(1)
    quoted = set(re.findall(r"`([a-z_]+)`", star))
    words = quoted | set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", star))
    assert words - columns.keys() - set().union(*columns.values()) == set()
    for table, column in re.findall(r"`([a-z_]+)\.([a-z_]+)`", star):
        assert column in columns[table]
    listed = re.findall(r"^\| `(\w+)` \| [^|]+ \|([^|]*)\|$", star, re.MULTILINE)
    assert sorted(table for table, _ in listed) == sorted(columns)
    for table, joined_on in listed:
        assert set(re.findall(r"(?<!= )`(\w+)`", joined_on)) <= columns[table], table
    [drawing] = blocks(star, "")
    assert {table for table in columns if table.startswith("fact_")} <= set(re.findall(r"\w+", drawing))


def test_the_published_file_is_as_the_page_says(province: Province, warehouse: duckdb.DuckDBPyConnection) -> None:
    published = province.home.warehouse
    assert stat.S_IMODE(published.stat().st_mode) == 0o440
    assert published.samefile(max((published.parent / "builds").glob("*.duckdb")))
    [[tags]] = warehouse.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert tags["storage_version"].startswith("v2.0")


def test_the_program_runs(home: Path) -> None:
    for program in blocks(section(2), "python"):
        exec(at(home, program), {})


def test_a_workspace_notices_a_replaced_file_and_follows_its_cohort(home: Path, tmp_path: Path) -> None:
    workspace = str(tmp_path / "workspace.duckdb")
    with duckdb.connect(workspace) as session:
        session.execute(at(home, WORKSPACE))
        session.execute(QUERIES["1"])
        first = only(session, "SELECT run_id FROM workspace.made_from")
        keys = [key for (key,) in session.execute("FROM workspace.cohort ORDER BY person_key").fetchall()]
        merged, heir, gone = keys[:3]
        assert only(session, at(home, IS_STALE))[0] is False
        publish_another(
            home,
            f"INSERT INTO person_redirect VALUES ('{merged}', 1, '{heir}')",
            f"DELETE FROM dim_person WHERE person_key IN ('{merged}', '{gone}')",
        )
        assert only(session, at(home, IS_STALE))[0] is True
        assert only(session, "SELECT run_id FROM w.build_info") == first
        session.execute(at(home, ATTACH_ANEW))
        assert only(session, at(home, IS_STALE))[0] is False
        assert only(session, "SELECT run_id FROM w.build_info") == ("another",)
        session.execute(FOLLOW)
        followed = [key for (key,) in session.execute("FROM workspace.cohort ORDER BY person_key").fetchall()]
        assert followed == sorted(set(keys) - {merged})
        assert only(session, FOLLOWED) == (len(keys) - 1, 1)
    with duckdb.connect(workspace) as session:
        with pytest.raises(duckdb.Error):
            session.execute("FROM city_figure")
        [attach] = re.findall(r"^ATTACH .*;$", at(home, ATTACH_ANEW), re.MULTILINE)
        session.execute(attach)
        assert session.execute("FROM city_figure").fetchmany(1)


def test_a_second_connection_of_a_process_joins_the_old_build(home: Path) -> None:
    with duckdb.connect(current(home), read_only=True) as first:
        publish_another(home)
        with duckdb.connect(current(home), read_only=True) as second:
            assert only(second, "SELECT run_id FROM build_info") == only(first, "SELECT run_id FROM build_info")
            held = IS_STALE.replace("w.build_info", "build_info")
            assert only(second, at(home, held))[0] is True
    with duckdb.connect(current(home), read_only=True) as third:
        assert only(third, "SELECT run_id FROM build_info") == ("another",)


def test_a_lock_ends_with_the_file_that_it_is_on(home: Path) -> None:
    hold = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, current(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin and writer.stdout and writer.stdout.readline() == "held\n"
        with pytest.raises(duckdb.IOException, match=r"Could not set lock on file.*\(PID \d+\)"):
            duckdb.connect(current(home), read_only=True)
        publish_another(home)
        with duckdb.connect(current(home), read_only=True) as reader:
            assert only(reader, "SELECT run_id FROM build_info") == ("another",)
            with pytest.raises(duckdb.ConnectionException, match="different configuration than existing connections"):
                duckdb.connect(current(home))
        writer.stdin.close()


def test_readers_keep_a_writer_out_and_it_is_told_how_to_read(home: Path) -> None:
    write = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    with duckdb.connect(current(home), read_only=True):
        refused = subprocess.run([sys.executable, "-c", write, current(home)], capture_output=True, text=True)
    assert refused.returncode and "open this database in read-only mode" in refused.stderr
