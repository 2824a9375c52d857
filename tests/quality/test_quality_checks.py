"""The row checks, through the SQL that cleaning runs: which checks a row fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import connect
from quality.checks import Check, Severity, all_checks, register_checks, row_checks

from .contract_cases import cases
from .judged import Rows, Verdict, unregistered
from .killing import expected
from .quality_cases import OF_REGISTER, SOUND, WARNINGS

WITH_OP = {name: feed for name, feed in FEEDS.items() if feed.has("op")}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(Path(tmp_path_factory.mktemp("engine"))) as connection:
        yield connection


def judged(engine: duckdb.DuckDBPyConnection, feed: Feed, rows: Sequence[Mapping[str, str]]) -> list[Verdict]:
    return Rows(engine, feed, rows).verdicts(row_checks(feed))


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_the_checks_that_a_row_fails_and_whether_it_is_refused(engine: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    table = cases(feed)
    found = judged(engine, feed, [row for row, _ in table])
    sound = SOUND[feed.name].items()
    changed = [dict(row.items() - sound) for row, _ in table]  # tells a case that fails
    assert [*zip(changed, found, strict=True)] == [
        (change, expected(checks)) for change, (_, checks) in zip(changed, table, strict=True)
    ]


@pytest.mark.parametrize("name", WITH_OP)
def test_a_deletion_needs_its_key_and_updated_at_alone(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    feed = WITH_OP[name]
    whole = {column: SOUND[name][column] for column in (*feed.key, "updated_at")} | {"op": "D"}
    broken = whole | {column.name: "?" for column in feed.columns if column.name not in whole}
    assert judged(engine, feed, [whole, broken]) == [expected(()), expected(())]
    for missing in (*feed.key, "updated_at"):
        assert judged(engine, feed, [whole | {missing: ""}]) == [expected({f"{missing}.required"})]
    assert judged(engine, feed, [whole | {"updated_at": "2018-12-02"}]) == [expected({"updated_at.future"})]


def test_an_institution_that_the_register_lacks_is_found(engine: duckdb.DuckDBPyConnection) -> None:
    named = {check.id: [unregistered(engine, check, c) for c in OF_REGISTER] for check in _of_register()}
    assert named == {check.id: [case.found for case in OF_REGISTER] for check in _of_register()}
    assert {check.severity for check in _of_register()} == {Severity.WARNING}


def test_every_column_that_names_an_institution_is_held_against_the_register() -> None:
    assert {check.id for check in _of_register()} == {
        "ehr.org_code.register", "emr.org_code.register", "insurance.org_code.register",
        "platform_connection.org_code.register", "smart_service.org_code.register", "code_usage.org_code.register",
        "booking.org_code.register", "telemedicine.requester_org.register", "telemedicine.responder_org.register",
    }  # fmt: skip


def test_what_an_id_number_or_a_phone_tells_is_a_warning() -> None:
    for feed in FEEDS.values():
        warnings = {check.id for check in row_checks(feed) if check.severity is Severity.WARNING}
        assert warnings == ({f"{feed.name}.{name}" for name in WARNINGS} if feed.has("id_no") else set())


def _of_register() -> list[Check]:
    return [check for feed in FEEDS.values() for check in register_checks(feed)]


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_a_check_is_named_by_its_feed_column_and_rule_in_both_languages(feed: Feed) -> None:
    checks = all_checks(feed)
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
    assert judged(engine, feed, []) == []


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_blank_spellings_are_nothing_where_a_column_may_be_empty(engine: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    optional = [column.name for column in feed.columns if not column.required]
    sound = SOUND[feed.name]
    rows = [sound | dict.fromkeys(optional, blank) for blank in ("", " ", "NULL", r"\N", "无", "不详", "-", "/")]
    assert len(set(judged(engine, feed, rows))) == 1
