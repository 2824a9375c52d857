"""The ledger: deliveries and their states, live indexes, versions of the registry, builds, runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from lake.ledger import Build, Ledger, LiveVersion

AT = datetime(2018, 12, 1, 2, 0)
DIGEST = "ab12cd34" * 8
BUILD = Build(1, "fingerprint", "models", "2018-12-01", 1, 1, AT, "run", "{}")
INPUTS = {("emr", "440100"): 1, ("emr", "440200"): 3}


def found(sequence: int = 1, **changed: Any) -> dict[str, Any]:
    """Return what is entered of a delivery that was met."""
    return {
        "city": "440100", "feed": "emr", "period": "2018-11", "sequence": sequence, "digest": DIGEST, "mode": "delta",
        "extracted_at": AT, "state": "found",
    } | changed  # fmt: skip


def counts(delivery_no: int, accepted: int, quarantined: int = 0, duplicates: int = 0) -> dict[str, int]:
    return {
        "delivery_no": delivery_no, "accepted": accepted, "quarantined": quarantined, "duplicates": duplicates,
    }  # fmt: skip


def live(feed: str, city: str, version: int) -> LiveVersion:
    return LiveVersion(feed, city, version, accepted=6, live=3, superseded=2, deleted=1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with closing(Ledger(url)) as opened:
        yield opened


def table(tmp_path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        return database.execute(query).fetchall()


def test_deliveries_are_numbered_in_the_order_given(ledger: Ledger) -> None:
    assert ledger.register([found(2), found(1)], "run") == 2
    assert ledger.register([], "run") == 0
    assert ledger.register([found(3)], "run") == 1
    assert [(d.delivery_no, d.sequence) for d in ledger.deliveries()] == [(1, 2), (2, 1), (3, 3)]


def test_a_delivery_begins_as_it_was_found(ledger: Ledger) -> None:
    ledger.register([found()], "run")
    (delivery,) = ledger.deliveries()
    assert (delivery.state, delivery.reason, delivery.extracted_at) == ("found", "", AT)
    assert (delivery.delivered, delivery.accepted, delivery.quarantined, delivery.duplicates) == (0, 0, 0, 0)
    assert (delivery.batch, delivery.settled) == (None, None)


def test_a_delivery_of_the_same_content_is_entered_once(ledger: Ledger) -> None:
    ledger.register([found()], "run")
    with pytest.raises(IntegrityError):
        ledger.register([found(2), found()], "run")
    ledger.register([found(digest="0" * 64)], "run")
    assert [d.digest for d in ledger.deliveries()] == [DIGEST, "0" * 64]


def test_a_delivery_s_name_and_place(ledger: Ledger) -> None:
    places = [("2018-11", 12), ("2018-12", 1), ("2018-11", 9), ("2019-01", 1)]
    ledger.register([found(sequence, period=period) for period, sequence in places], "run")
    deliveries = ledger.deliveries()
    assert deliveries[0].name == "440100_2018-11_012_ab12cd34"
    assert [(d.period, d.sequence) for d in sorted(deliveries, key=lambda d: d.place)] == [
        ("2018-11", 9), ("2018-11", 12), ("2018-12", 1), ("2019-01", 1),
    ]  # fmt: skip


def test_deliveries_by_state_and_feed(ledger: Ledger) -> None:
    ledger.register([found(1), found(2), found(3, feed="ehr"), found(4, feed="ehr")], "run")
    ledger.judge(2, "landed", delivered=5)
    ledger.judge(3, "rejected", "a reason")
    assert [d.delivery_no for d in ledger.deliveries("found")] == [1, 4]
    assert [d.delivery_no for d in ledger.deliveries("landed", "rejected")] == [2, 3]
    assert [d.delivery_no for d in ledger.deliveries(feed="ehr")] == [3, 4]
    assert [(d.reason, d.delivered) for d in ledger.deliveries("landed", "rejected")] == [("", 5), ("a reason", 0)]


def test_a_judgement_can_be_given_again(ledger: Ledger) -> None:
    ledger.register([found()], "run")
    for _ in range(2):
        ledger.judge(1, "landed", "unknown columns left out", delivered=5)
        assert [(d.state, d.reason, d.delivered) for d in ledger.deliveries()] == [
            ("landed", "unknown columns left out", 5)
        ]


def test_a_batch_can_be_entered_again(ledger: Ledger) -> None:
    ledger.register([found(1), found(2)], "run")
    for rows in (1, 2):
        ledger.enter_batch(
            "1-2",
            "rules",
            [counts(1, 7, 2, 1), counts(2, 5)],
            [{"delivery_no": 1, "check_id": "emr.op.code", "rows": rows}],
        )
    assert [(d.state, d.batch, d.accepted, d.quarantined, d.duplicates) for d in ledger.deliveries()] == [
        ("cleaned", "1-2", 7, 2, 1), ("cleaned", "1-2", 5, 0, 0),
    ]  # fmt: skip
    assert ledger.check_results() == [{"delivery_no": 1, "check_id": "emr.op.code", "rows": 2}]
    ledger.enter_batch("1-2", "rules", [counts(1, 9)], [])
    assert ledger.check_results() == []


def test_a_batch_is_entered_whole_or_not_at_all(ledger: Ledger) -> None:
    ledger.register([found()], "run")
    twice = [{"delivery_no": 1, "check_id": "emr.op.code", "rows": 1}] * 2
    with pytest.raises(IntegrityError):
        ledger.enter_batch("1", "rules", [counts(1, 7)], twice)
    assert [(d.state, d.batch, d.accepted) for d in ledger.deliveries()] == [("found", None, 0)]
    assert ledger.check_results() == []


def test_the_newest_live_index_of_each_place(ledger: Ledger) -> None:
    ledger.register([found(1), found(2, city="440200"), found(3)], "run")
    ledger.add_live_versions([live("emr", "440100", 1), live("emr", "440200", 1)], [1, 2], "run")
    assert [d.settled for d in ledger.deliveries()] == [1, 1, None]
    ledger.add_live_versions([live("emr", "440100", 2)], [3], "run")
    assert [d.settled for d in ledger.deliveries()] == [1, 1, 2]
    assert ledger.live_versions() == {
        ("emr", "440100"): live("emr", "440100", 2), ("emr", "440200"): live("emr", "440200", 1),
    }  # fmt: skip


def test_a_live_index_is_entered_once_with_its_deliveries_or_not_at_all(ledger: Ledger) -> None:
    ledger.register([found(1), found(2)], "run")
    ledger.add_live_versions([live("emr", "440100", 1)], [1], "run")
    with pytest.raises(IntegrityError):
        ledger.add_live_versions([live("emr", "440100", 1)], [2], "run")
    assert [d.settled for d in ledger.deliveries()] == [1, None]


def test_versions_of_the_registry_with_what_they_stand_for(ledger: Ledger) -> None:
    ledger.add_link_version(1, True, INPUTS, "{}", "run")
    ledger.add_link_version(2, False, {}, "{}", "run")
    assert [(each.version, each.whole) for each in ledger.link_versions()] == [(1, True), (2, False)]
    assert (ledger.link_inputs(1), ledger.link_inputs(2)) == (INPUTS, {})


def test_the_last_build_with_what_it_was_made_of(ledger: Ledger) -> None:
    assert ledger.last_build() is None
    later = replace(BUILD, build_no=2, as_of="2018-12-02")
    ledger.add_build(BUILD, INPUTS)
    ledger.add_build(later, {})
    assert ledger.last_build() == later
    assert (ledger.build_inputs(1), ledger.build_inputs(2)) == (INPUTS, {})


def test_a_run_with_its_steps(ledger: Ledger, tmp_path: Path) -> None:
    ledger.start_run("one", AT)
    ledger.start_run("two", AT)
    ledger.note_step("one", "land", 10, 9, 0.5)
    ledger.end_run("one", AT, "done")
    assert table(tmp_path, "SELECT run_id, status, ended_at IS NULL FROM run ORDER BY run_id") == [
        ("one", "done", 0), ("two", "running", 1),
    ]  # fmt: skip
    assert table(tmp_path, "SELECT run_id, step, read, written FROM step") == [("one", "land", 10, 9)]
    with pytest.raises(IntegrityError):
        ledger.start_run("one", AT)


def test_what_was_entered_is_there_when_the_ledger_is_opened_again(ledger: Ledger, url: str) -> None:
    ledger.register([found()], "run")
    with closing(Ledger(url)) as again:
        assert again.deliveries() == ledger.deliveries()


def test_a_failed_statement_tells_no_parameter(ledger: Ledger) -> None:
    with pytest.raises(IntegrityError) as fault:
        ledger.register([found(city="4401-secret"), found(city="4401-secret")], "run")
    assert "4401-secret" not in str(fault.value)


def test_a_ledger_can_be_opened_by_many_before_it_has_tables(tmp_path: Path) -> None:
    def opened(_: int) -> int:
        with closing(Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as ledger:
            return len(ledger.deliveries())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [0] * 8
