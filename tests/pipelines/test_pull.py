"""Pulling from a city's database: what is read, what is delivered, and what a stop leaves behind. SQLite stands in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, String, Unicode, create_engine, make_url
from sqlalchemy.exc import OperationalError

from contracts.feeds import FEEDS
from lake.home import Home
from lake.ledger import Ledger
from lake.pull_outcomes import PullOutcome, pull_outcomes
from lake.watermarks import Watermarks
from pipelines import journey
from pipelines import pull as pulling
from pipelines.pull import pull
from pipelines.run import open_run
from pipelines.sources import outgoing, table
from pipelines.sources.inbox import find_deliveries
from pipelines.sources.listed import Source
from pipelines.status import status_of

from .city_database import City, encounter, live_rows, table_of
from .small_inbox import QUIET, parquet_rows, settle

EMR = FEEDS["emr"]


@pytest.fixture
def city(tmp_path: Path) -> City:
    return city_with(tmp_path)


def city_with(folder: Path, **changed: Any) -> City:
    """Give a city whose table of encounters has some columns of other types."""
    url = make_url(f"sqlite:///{folder / 'platform.sqlite'}")
    source = Source("guangzhou", "440100", url, (EMR,), batch_rows=3)
    return City(create_engine(url), source, folder, table_of(EMR, **changed))


def at(day: int, hour: int = 8, month: int = 11, year: int = 2018) -> datetime:
    return datetime(year, month, day, hour)


def numbers_live(city: City) -> dict[str, str]:
    """Return the encounters that are live after a run, each with its department."""
    settle(city.home, city.inbox)
    return dict(live_rows(city.home, EMR, ["encounter_no", "department_code"]))


def test_the_first_pull_delivers_everything_and_the_next_nothing(city: City) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(1 + n)) for n in range(10)))
    first = city.pull()
    assert (first.state, first.mode, first.rows) == ("landed", "delta", 10)
    assert first.watermark == "2018-11-10 08:00:00"
    assert city.delivered(first) == [f"E{n}" for n in range(10)]
    again = city.pull()
    assert (again.state, again.delivery) == ("nothing new", "")
    assert len(find_deliveries(city.inbox)) == 1
    assert not (city.inbox / ".pull").exists()


def test_the_last_outcome_is_kept_and_since_when_pulls_fail(city: City) -> None:
    def kept() -> PullOutcome:
        with closing(Ledger(city.home.ledger_url)) as ledger:
            (outcome,) = pull_outcomes(ledger)
        return outcome

    city.write(encounter("E1"))
    city.pull()
    done = kept()
    assert (done.state, done.failing_since, done.done_at is not None) == ("landed", None, True)
    city.execute("ALTER TABLE emr RENAME TO gone")
    city.pull()
    failed = kept()
    city.pull()
    again = kept()
    assert failed.state == again.state == "failed" and failed.reason and failed.done_at == done.done_at
    assert again.failing_since == failed.failing_since and again.tried_at > failed.tried_at
    city.execute("ALTER TABLE gone RENAME TO emr")
    city.pull()
    mended = kept()
    assert (mended.state, mended.reason, mended.failing_since) == ("nothing new", "", None)
    assert mended.read_to == done.read_to is not None


def test_a_delivery_is_of_the_month_of_its_extraction_and_takes_the_next_sequence(city: City) -> None:
    city.write(encounter("E1"))
    first = city.pull()
    (found,) = find_deliveries(city.inbox)
    assert found.manifest is not None
    month = f"{found.manifest.extracted_at:%Y-%m}"
    assert first.delivery == f"440100/emr/{month}/001"
    (city.inbox / "440100" / "emr" / month / "007").mkdir()
    (city.inbox / "440100" / "emr" / month / "007" / "uploading.csv").touch()  # a city's own, not whole yet
    city.write(encounter("E2", updated_at=at(6)))
    assert city.pull().delivery == f"440100/emr/{month}/008"


STEPS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "a new row": ([encounter("N", updated_at=at(21))], ["N"]),
    "a row changed since": ([encounter("E5", updated_at=at(21), department_code="x")], ["E5"]),
    "a row committed late, within the overlap": ([encounter("N", updated_at=at(19, 9))], ["N"]),
    "a row changed within the overlap, at the same time": (
        [encounter("E20", updated_at=at(20), department_code="x")], ["E20"]),
    "a new row of an old day": ([encounter("N", updated_at=at(3))], ["N"]),
    "a row set back to an old day": ([encounter("E20", updated_at=at(3))], ["E20"]),
    "an old row set back to an older day": ([encounter("E9", updated_at=at(3))], ["E9"]),
    "an old row changed within its old day": ([encounter("E5", updated_at=at(5, 9))], ["E5"]),
    "one old row gone from a day, another come": (
        [encounter("E5", updated_at=at(21)), encounter("N", updated_at=at(5))], ["E5", "N"]),
    "two old rows that change their days": (
        [encounter("E5", updated_at=at(6, 9)), encounter("E6", updated_at=at(5, 10))], ["E5", "E6"]),
    "a chain of days": (
        [encounter("E5", updated_at=at(21)), encounter("E6", updated_at=at(5)), encounter("E7", updated_at=at(6))],
        ["E5", "E6", "E7"]),
    "a row before the first day": ([encounter("N", updated_at=at(3, year=1999))], ["N"]),
    "a load of history": ([encounter(f"N{n}", updated_at=at(1 + n, month=3)) for n in range(20)],
        sorted(f"N{n}" for n in range(20))),
    "a row deleted by its op": ([encounter("E5", op="D", updated_at=at(21))], ["E5"]),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_pull_delivers_what_came_and_no_more(city: City, step: str) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(n)) for n in range(1, 21)))
    city.pull()
    came, expected = STEPS[step]
    city.write(*came)
    outcome = city.pull()
    assert city.delivered(outcome) == expected
    assert city.pull().state == "nothing new"


def test_rows_deleted_from_a_day_do_not_hide_one_that_came_later(city: City) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(1 + n % 20)) for n in range(100)))
    city.pull()
    city.execute("DELETE FROM emr WHERE encounter_no IN ('E4', 'E24', 'E44')")
    assert city.pull().state == "nothing new"
    city.write(encounter("N", updated_at=at(5)))
    assert city.delivered(city.pull()) == ["N"]


def test_rows_deleted_from_a_day_do_not_hide_one_that_came_at_once(city: City) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(1 + n % 20)) for n in range(100)))
    city.pull()
    city.execute("DELETE FROM emr WHERE encounter_no IN ('E4', 'E24', 'E44')")
    city.write(encounter("N", updated_at=at(5)))
    assert city.delivered(city.pull()) == ["N"]


def test_a_row_of_the_future_pushes_no_watermark_and_comes_again_once_its_time_has_come(city: City) -> None:
    soon = datetime.now() + timedelta(days=40)
    sound = [f"E{n}" for n in range(10, 50)]
    city.write(*(encounter(number) for number in sound), encounter("ahead", updated_at=soon))
    first = city.pull()
    assert (first.rows, first.watermark) == (41, "2018-11-05 08:00:00")
    assert city.pull().state == "nothing new"
    city.write(encounter("E2", updated_at=at(6)))
    assert city.delivered(city.pull()) == ["E2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table.SourceTable, "extracted_at", lambda _: soon + timedelta(days=1))
        assert city.delivered(city.pull()) == ["ahead"]
        assert city.pull().state == "nothing new"
    settle(city.home, city.inbox)
    assert {n for (n,) in live_rows(city.home, EMR, ["encounter_no"])} == {"E2", *sound, "ahead"}


def test_a_clock_far_ahead_is_not_believed(city: City) -> None:
    city.write(encounter("E1"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.sources.dialects.SQLite.now", lambda *_: datetime.now() + timedelta(days=400))
        city.pull()
    (found,) = find_deliveries(city.inbox)
    assert found.manifest is not None
    assert found.manifest.extracted_at < datetime.now() + timedelta(hours=9)


def test_a_row_without_a_time_is_delivered_once_and_told(tmp_path: Path) -> None:
    city = city_with(tmp_path)
    city.write(encounter("E1"))
    city.pull()
    city.execute("INSERT INTO emr (encounter_no, org_code, op) VALUES ('timeless', 'x', 'I')")
    assert city.delivered(city.pull()) == ["timeless"]
    assert city.pull().state == "nothing new"


def test_a_full_pull_is_made_when_it_is_due_and_tells_of_rows_that_have_gone(city: City) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(1 + n)) for n in range(10)))
    every = {"full_every": timedelta(days=30)}
    assert city.pull(**every).mode == "full"
    city.execute("DELETE FROM emr WHERE encounter_no = 'E3'")
    assert city.pull(**every).state == "nothing new"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table.SourceTable, "extracted_at", lambda _: datetime.now() + timedelta(days=31))
        outcome = city.pull(**every)
    assert (outcome.mode, outcome.rows) == ("full", 9)
    assert set(numbers_live(city)) == {f"E{n}" for n in range(10)} - {"E3"}


def test_an_empty_table_makes_no_full_pull(city: City) -> None:
    city.write(encounter("E1"))
    city.pull()
    city.execute("DELETE FROM emr")
    outcome = city.pull(full_every=timedelta(days=1))
    assert outcome.state == "failed"
    assert "the table is empty" in outcome.reason


def test_values_arrive_as_the_contract_accepts_them(tmp_path: Path) -> None:
    city = city_with(tmp_path, booked=Boolean(), name=Unicode(200))
    name = '张"三",\r\n李四\t|;= '
    city.write(encounter("E1", name=name, booked=True, drug_fee=0, birth_date=at(1).date(), end_at=at(2)),
               encounter("E2", name="无", booked=False, address=""), encounter("E3", booked=None))  # fmt: skip
    city.pull()
    columns = ["encounter_no", "name", "booked", "total_fee", "drug_fee", "birth_date", "start_at", "end_at", "address"]
    settle(city.home, city.inbox)
    landed = parquet_rows(city.home, "vault/landing", "emr")
    assert [row["name"] for row in landed] == [name, "无", "张三"]
    assert [row["booked"] for row in landed] == ["1", "0", ""]
    first = live_rows(city.home, EMR, columns)[0]
    assert first[2:] == (True, Decimal("12.50"), 0, at(1).date(), at(1), at(2), None)


def test_a_nul_is_delivered_as_it_is_and_only_once(city: City) -> None:
    city.write(encounter("E1", name="a\0b"), encounter("E2"))
    first = city.pull()
    assert first.rows == 2
    assert city.pull().state == "nothing new"
    (bad,) = parquet_rows(city.home, "vault/malformed", "emr")
    assert (bad["check_id"], b"a\0b" in bad["raw"]) == ("record.nul", True)


def test_an_unknown_column_is_not_read_and_an_optional_one_may_be_absent(tmp_path: Path) -> None:
    city = city_with(tmp_path, note=String(20), phone=None, address=None)
    city.write(encounter("E1", note="private"))
    outcome = city.pull()
    (file,) = (city.inbox / outcome.delivery).glob("*.csv.gz")
    header = gzip.decompress(file.read_bytes()).decode().splitlines()[0]
    assert header.split(",") == [c.name for c in EMR.columns if c.name not in ("phone", "address")]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a missing required column": ({"patient_no": None}, "required column is missing: patient_no"),
    "no updated_at": ({"updated_at": None}, "required column is missing: updated_at"),
    "a text for updated_at": ({"updated_at": String(30)}, "updated_at 须为日期时间类型"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_feed_that_cannot_be_read_is_told_and_the_others_go_on(tmp_path: Path, fault: str) -> None:
    changed, told = REFUSED[fault]
    city = city_with(tmp_path, **changed)
    institution = table_of(FEEDS["institution"])
    institution.create(city.engine)
    source = replace(city.source, feeds=(EMR, FEEDS["institution"], FEEDS["booking"]))
    with city.engine.begin() as db:
        db.execute(institution.insert().values(
            org_code="D2143569X44010011A1001", name="一院", division_code="440106", category="A", level="3",
            public=True, provincial=False, op="I", updated_at=at(5)))  # fmt: skip
    emr, kept, absent = pull(city.home, city.inbox, [source], QUIET)
    assert (emr.state, kept.state, absent.state) == ("failed", "landed", "failed")
    assert told in emr.reason
    assert "no such table or view" in absent.reason


def test_a_table_of_another_name_is_read(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'platform.sqlite'}")
    source = Source("guangzhou", "440100", url, (EMR,), tables={"emr": "v_encounters"})
    city = City(create_engine(url), source, tmp_path, table_of(EMR, "v_encounters"))
    city.write(encounter("E1"))
    assert city.pull().rows == 1


def broken(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt  # as a kill: nothing may tidy up behind it but what a kill leaves


KILLS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "while reading": lambda patch: patch.setattr(table.SourceTable, "batches", broken),
    "before the manifest": lambda patch: patch.setattr(outgoing, "state", broken),
    "before the ledger": lambda patch: patch.setattr(Watermarks, "plan_pull", broken),
    "before it is in place": lambda patch: patch.setattr(outgoing, "bring_in", broken),
    "before landing": lambda patch: patch.setattr(journey, "land_found", broken),
    "in the midst of landing": lambda patch: patch.setattr(journey, "land_arrivals", broken),
    "after landing": lambda patch: patch.setattr(pulling, "_judged", broken),
}


@pytest.mark.parametrize(("moment", "first"), [*((m, False) for m in KILLS), ("in the midst of landing", True)])
def test_a_pull_stopped_anywhere_loses_and_doubles_nothing(city: City, moment: str, first: bool) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(1 + n)) for n in range(10)))
    if not first:
        city.pull()
        city.write(encounter("E3", department_code="new", updated_at=at(20)), encounter("N", updated_at=at(2, 9)))
    with pytest.MonkeyPatch.context() as patch:
        KILLS[moment](patch)
        patch.setattr(pulling.shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            city.pull()
    city.pull()
    assert city.pull().state == "nothing new"
    expected = {f"E{n}": None for n in range(10)} | ({} if first else {"E3": "new", "N": None})
    assert numbers_live(city) == expected
    delivered = [row["rows"]["delivered"] for row in status_of(city.home)["deliveries"]]
    assert delivered == ([10] if first else [10, 2])
    assert sorted(path.name for path in city.inbox.iterdir()) == ["440100"]


def test_a_run_may_land_what_a_stopped_pull_has_left(city: City) -> None:
    city.write(encounter("E1"))
    with pytest.MonkeyPatch.context() as patch:
        KILLS["before landing"](patch)
        with pytest.raises(KeyboardInterrupt):
            city.pull()
    assert set(numbers_live(city)) == {"E1"}
    assert city.pull().state == "nothing new"


def test_what_a_refused_delivery_held_is_read_again_with_all_that_followed(city: City) -> None:
    city.write(encounter("E1", updated_at=at(1)))
    city.pull()
    city.write(encounter("E2", updated_at=at(10)))
    refused = city.pull()
    city.write(encounter("E3", updated_at=at(20)))
    city.pull()
    ledger = Ledger(city.home.ledger_url)
    (delivery,) = [d for d in ledger.deliveries() if d.folder == refused.delivery]
    ledger.judge(delivery.delivery_no, "rejected", "refused")
    ledger.close()
    assert city.delivered(city.pull()) == ["E2", "E3"]
    assert city.pull().state == "nothing new"


def test_a_lost_connection_is_tried_again_and_then_told(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.write(*(encounter(f"E{n}", updated_at=at(1 + n)) for n in range(10)))
    read = table.SourceTable.batches
    failures = iter(range(2))

    def failing(self: table.SourceTable, span: table.Span) -> Any:
        yield next(read(self, span))
        if next(failures, None) is not None:
            raise OperationalError(
                "SELECT 张三", {"name": "张三"}, ConnectionError("张三"), connection_invalidated=True
            )
        yield from list(read(self, span))[1:]

    monkeypatch.setattr(table.SourceTable, "batches", failing)
    assert city.pull(attempts=3).rows == 10
    failures = iter(range(9))
    city.write(encounter("N", updated_at=at(20)))
    outcome = city.pull(attempts=3)
    assert outcome.state == "failed"
    assert outcome.reason == "guangzhou: emr: 连接中断 connection lost (OperationalError)"
    failures = iter(())
    assert city.delivered(city.pull()) == ["N"]


def test_nothing_can_be_written_to_the_source(city: City) -> None:
    city.write(encounter("E1"))
    with table.open_table(city.source, EMR) as opened, pytest.raises(OperationalError):
        opened._connection.exec_driver_sql("DELETE FROM emr")


def test_a_run_at_work_does_not_disturb_the_reading(city: City) -> None:
    city.write(encounter("E1"))
    read = table.SourceTable.batches

    def during_a_run(self: table.SourceTable, span: table.Span) -> Any:
        with open_run(city.home, QUIET):
            yield from read(self, span)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table.SourceTable, "batches", during_a_run)
        assert city.pull().rows == 1


def test_a_pulled_manifest_says_what_a_city_would(city: City) -> None:
    city.write(encounter("E1"), encounter("E2"))
    outcome = city.pull()
    stated = json.loads((city.inbox / outcome.delivery / "manifest.json").read_text(encoding="utf-8"))
    assert {name: stated[name] for name in ("contract", "city", "feed", "sequence", "mode", "encoding")} == {
        "contract": "1", "city": "440100", "feed": "emr", "sequence": 1, "mode": "delta", "encoding": "utf-8",
    }  # fmt: skip
    assert [file["rows"] for file in stated["files"]] == [2]
    assert Home(city.home.root) == city.home
