"""The row checks, through the SQL that cleaning runs: which checks a row fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import connect
from pipelines.cleaning.typed import folded_select, typed_select
from quality.checks import Severity, error_mask, failed_mask, row_checks

from .quality_cases import CASES, EXTRACTED_AT, ID_NO, SOUND

WITH_OP = {name: feed for name, feed in FEEDS.items() if feed.has("op")}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(Path(tmp_path_factory.mktemp("engine"))) as connection:
        yield connection


def masks(engine: duckdb.DuckDBPyConnection, feed: Feed, rows: Sequence[Mapping[str, str]]) -> list[int]:
    """Return the mask of failed checks of each row; a column that is not named is empty."""
    landed = {column.name: pa.array([row.get(column.name, "") for row in rows], pa.string()) for column in feed.columns}
    place = {"row_id": range(len(rows)), "file_no": [0] * len(rows), "line": range(2, len(rows) + 2)}
    engine.register("given_row", pa.table(place | landed))
    given = f"(SELECT *, TIMESTAMP '{EXTRACTED_AT}' AS extracted_at FROM given_row)"
    relation = (
        f"({folded_select(feed, given)})"  # the last word on a row: cleaning reads those again that fail at first
    )
    found = engine.execute(
        f"SELECT {failed_mask(feed)} FROM ({typed_select(feed, relation)}) ORDER BY row_id"
    ).fetchall()
    return [mask for (mask,) in found]


def failed(engine: duckdb.DuckDBPyConnection, feed: Feed, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the checks that each row fails, without the feed's name."""
    names = [check.id.removeprefix(f"{feed.name}.") for check in row_checks(feed)]
    return [" ".join(name for bit, name in enumerate(names) if mask & (1 << bit)) for mask in masks(engine, feed, rows)]


@pytest.mark.parametrize("name", CASES)
def test_the_checks_that_a_row_fails(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    table = {repr(changed): set(checks.split()) for changed, checks in CASES[name]}
    found = failed(engine, FEEDS[name], [SOUND[name] | changed for changed, _ in CASES[name]])
    assert dict(zip(table, (set(checks.split()) for checks in found), strict=True)) == table


@pytest.mark.parametrize("name", WITH_OP)
def test_a_deletion_needs_its_key_and_updated_at_alone(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    feed = WITH_OP[name]
    whole = {column: SOUND[name][column] for column in (*feed.key, "updated_at")} | {"op": "D"}
    broken = whole | {column.name: "?" for column in feed.columns if column.name not in whole}
    assert failed(engine, feed, [whole, broken]) == ["", ""]
    for missing in (*feed.key, "updated_at"):
        assert failed(engine, feed, [whole | {missing: ""}]) == [f"{missing}.required"]
    assert failed(engine, feed, [whole | {"updated_at": "2018-12-02"}]) == ["updated_at.future"]


def test_what_an_id_number_or_a_phone_tells_is_a_warning(engine: duckdb.DuckDBPyConnection) -> None:
    feed = FEEDS["population"]
    warned = SOUND["population"] | {"id_no": ID_NO, "sex_code": "2", "birth_date": "1990-03-08", "phone": "1"}
    refused = warned | {"name": ""}
    warnings, both = masks(engine, feed, [warned, refused])
    assert warnings != 0
    assert (warnings & error_mask(feed), both & error_mask(feed)) == (0, both - warnings)
    assert {check.id for check in row_checks(feed) if check.severity is Severity.WARNING} == {
        "population.id_no.invalid", "population.id_no.sex", "population.id_no.birth", "population.phone.form",
    }  # fmt: skip


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_a_check_is_named_by_its_feed_column_and_rule_in_both_languages(feed: Feed) -> None:
    checks = row_checks(feed)
    assert len({check.id for check in checks}) == len(checks)
    for check in checks:
        name, column, rule = check.id.split(".")
        assert (name, column) == (feed.name, check.column)
        assert feed.has(column)
        assert re.fullmatch("[a-z_]+", rule)
        assert re.search("[\u4e00-\u9fff]", check.zh)
        assert check.en
        assert check.en.isascii()


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_every_check_of_a_feed_runs_on_no_rows(engine: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    assert masks(engine, feed, []) == []


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_a_row_of_nothing_fails_what_is_required_and_no_other_check(
    engine: duckdb.DuckDBPyConnection, feed: Feed
) -> None:
    required = {f"{column.name}.required" for column in feed.columns if column.required}
    assert [set(checks.split()) for checks in failed(engine, feed, [{}])] == [required]


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_blank_spellings_are_nothing_where_a_column_may_be_empty(engine: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    optional = [column.name for column in feed.columns if not column.required]
    sound = SOUND.get(feed.name, {})
    rows = [sound | dict.fromkeys(optional, blank) for blank in ("", " ", "NULL", r"\N", "无", "不详", "-", "/")]
    assert len(set(failed(engine, feed, rows))) == 1
