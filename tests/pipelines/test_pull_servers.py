"""Pulling from real PostgreSQL and MariaDB: lost connections, clocks that jump, rows changed while they are read."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import TIMESTAMP, Index, NullPool, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from contracts.feeds import FEEDS
from pipelines.sources import table
from pipelines.sources.listed import Source
from tests.database_servers import PASSWORD, PASSWORD_ENV, MariaDB, PostgreSQL, Server

from .city_database import City, comparable, encounter, live_rows, table_of
from .small_inbox import parquet_rows, settle

pytestmark = pytest.mark.e2e
EMR = FEEDS["emr"]
COMPARED = ["encounter_no", "name", "birth_date", "start_at", "end_at", "total_fee", "drug_fee", "booked", "updated_at"]


@pytest.fixture(scope="module", params=[PostgreSQL, MariaDB], ids=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Any]:
    started = request.param()
    yield started
    started.remove()


@pytest.fixture
def city(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    source = Source("guangzhou", "440100", server.url("reader"), (EMR,), PASSWORD_ENV, batch_rows=500, attempts=4)
    engine = create_engine(server.url(), poolclass=NullPool)
    emr = table_of(EMR)
    Index("emr_updated_at", emr.c.updated_at)
    yield City(engine, source, tmp_path, emr)
    emr.drop(engine)
    engine.dispose()


def fill(server: Any, rows: int, seconds: int = 60) -> None:
    server.execute(server.fill.format(table="emr", rows=rows, seconds=seconds))


def source_rows(city: City) -> list[tuple[Any, ...]]:
    """Return the rows of the source as the lake should have them."""
    query = select(*(city.table.c[name] for name in COMPARED)).where(city.table.c.op != "D")
    with city.engine.connect() as db:
        return sorted((tuple(comparable(value) for value in row) for row in db.execute(query)), key=repr)


def landed_rows(city: City) -> list[tuple[Any, ...]]:
    """Return the rows that are live after a run."""
    settle(city.home, city.inbox)
    return sorted(live_rows(city.home, EMR, COMPARED), key=repr)


def disturbed(monkeypatch: pytest.MonkeyPatch, at: int, disturb: Any, times: int = 1) -> None:
    """Let something happen, when the batch of that number was read, in so many attempts."""
    read = table.SourceTable.batches
    pending = [disturb] * times

    def batches(self: table.SourceTable, span: table.Span) -> Any:
        for number, batch in enumerate(read(self, span)):
            yield batch
            if number == at and pending:
                pending.pop()()

    monkeypatch.setattr(table.SourceTable, "batches", batches)


def test_live_rows_are_those_of_the_source(server: Any, city: City) -> None:
    fill(server, 5000)
    assert city.pull().rows == 5000
    assert landed_rows(city) == source_rows(city)
    assert city.pull().state == "nothing new"


def test_values_of_each_kind_arrive(city: City) -> None:
    quoted = '张"三",\r\n李四\\N'
    micros = datetime(2018, 11, 5, 8, 0, 0, 250000)
    city.write(
        encounter("E1", name=quoted, booked=True, drug_fee=Decimal("0.10"), end_at=datetime(2018, 11, 2, 23, 59, 59),
                  birth_date=datetime(1960, 2, 29).date(), address=None, department_code=""),
        encounter("E2", name="O'Brien 𠮷", booked=False, updated_at=micros),
        encounter("E3", booked=None),
    )  # fmt: skip
    assert city.pull().rows == 3
    assert landed_rows(city) == source_rows(city)
    assert parquet_rows(city.home, "vault/landing", "emr")[0]["name"] in (quoted, "O'Brien 𠮷", "张三")
    assert city.pull().state == "nothing new"


def test_a_time_with_an_offset_arrives_as_that_of_shanghai(server: Any, city: City) -> None:
    city.table.drop(city.engine)
    city.table = table_of(EMR, updated_at=TIMESTAMP(timezone=True))
    city.table.create(city.engine)
    city.write(encounter("E1"), encounter("E2"))
    zone = "SET TIME ZONE 'UTC'" if isinstance(server, PostgreSQL) else "SET time_zone = '+00:00'"
    with city.engine.begin() as db:
        db.execute(text(zone))
        db.execute(text("UPDATE emr SET updated_at = '2018-11-05 20:00:00' WHERE encounter_no = 'E1'"))
        db.execute(text("UPDATE emr SET updated_at = '2018-11-04 16:00:00' WHERE encounter_no = 'E2'"))
    assert city.pull().watermark == "2018-11-06 04:00:00"
    settle(city.home, city.inbox)
    assert live_rows(city.home, EMR, ["encounter_no", "updated_at"]) == [
        ("E1", datetime(2018, 11, 6, 4)), ("E2", datetime(2018, 11, 5)),
    ]  # fmt: skip
    assert city.pull().state == "nothing new"


def test_a_view_is_read(server: Any, city: City) -> None:
    city.write(encounter("E1"))
    server.execute("CREATE VIEW v_emr AS SELECT * FROM emr WHERE encounter_no <> 'hidden'")
    try:
        assert city.pull(tables={"emr": "v_emr"}).rows == 1
    finally:
        server.execute("DROP VIEW v_emr")


def test_a_connection_killed_in_mid_stream_is_made_again(
    server: Any, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(server, 60_000)
    killed: list[int] = []
    disturbed(monkeypatch, 3, lambda: killed.append(server.kill_readers()))
    assert city.pull().rows == 60_000
    assert killed == [1]
    assert landed_rows(city) == source_rows(city)


def test_a_connection_killed_each_time_is_told_and_nothing_lands(
    server: Any, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(server, 60_000)
    with monkeypatch.context() as patch:
        disturbed(patch, 3, server.kill_readers, times=4)
        outcome = city.pull()
    assert (outcome.state, "OperationalError" in outcome.reason) == ("failed", True)
    assert not list(city.inbox.rglob("manifest.json"))
    assert city.pull().rows == 60_000


def test_a_server_restarted_in_mid_pull(server: Any, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(server, 60_000)

    def restart() -> None:
        server.stop()
        server.start()

    disturbed(monkeypatch, 3, restart)
    assert city.pull().rows == 60_000
    assert landed_rows(city) == source_rows(city)


def test_a_clock_that_jumps_loses_nothing(server: Any, city: City) -> None:
    """A year ahead, back to the right day, some days behind, and right again: a pull after each."""
    dice = random.Random(20190131)
    fill(server, 2000, seconds=1200)
    city.pull()
    clocks = [datetime(2019, 1, 5), datetime(2020, 1, 6), datetime(2019, 1, 7), datetime(2018, 6, 20),
              datetime(2019, 1, 8), datetime(2018, 6, 1), datetime(2019, 1, 9)]  # fmt: skip
    for step, clock in enumerate(clocks):
        times = [clock + timedelta(seconds=dice.randrange(86_400)) for _ in range(30)]
        changed = [encounter(f"E{dice.randint(1, 2000)}", name=f"第{step}次", updated_at=time) for time in times]
        new = [encounter(f"N{step}-{n}", updated_at=clock + timedelta(minutes=n)) for n in range(30)]
        city.write(*{row["encounter_no"]: row for row in changed + new}.values())
        outcome = city.pull()
        assert city.delivered(outcome) == sorted({row["encounter_no"] for row in changed + new})
        assert city.pull().state == "nothing new"


def test_rows_that_change_while_they_are_read(server: Any, city: City) -> None:
    """What landed at last is the source, though a writer changed, added and deleted rows during each pull."""
    fill(server, 3000, seconds=600)
    stop = threading.Event()
    now = "now()" if isinstance(server, PostgreSQL) else "now(6)"
    zone = "SET TIME ZONE 'Asia/Shanghai'" if isinstance(server, PostgreSQL) else "SET time_zone = '+08:00'"

    def write() -> None:
        dice = random.Random(7)
        engine = create_engine(server.url())
        with engine.connect() as db:
            db.execute(text(zone))
            while not stop.is_set():
                number = dice.randint(1, 3000)
                op = dice.choice("UUUD")
                back = dice.choice(["", "", " - INTERVAL '3' DAY", " - INTERVAL '2700' DAY"])
                db.execute(text(f"UPDATE emr SET name = '改{dice.random()}', op = '{op}', updated_at = {now}{back}"
                                f" WHERE encounter_no = 'E{number}'"))  # fmt: skip
                if dice.random() < 0.3:
                    db.commit()
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        outcomes = [city.pull() for _ in range(4)]
    finally:
        stop.set()
        writer.join()
    outcomes.append(city.pull())
    assert all(outcome.state in ("landed", "nothing new") for outcome in outcomes)
    settle(city.home, city.inbox)
    with city.engine.connect() as db:
        names = db.execute(text("SELECT encounter_no, name FROM emr WHERE op <> 'D'")).all()
    # A row set back before its own former time is old in the contract's eyes: the newest `updated_at` of a key counts.
    live = dict(live_rows(city.home, EMR, ["encounter_no", "name"]))
    last = newest_delivered(city)
    assert last == {n: name for n, name in source_names(city)}
    assert set(live.items()) <= set(all_delivered(city))
    assert len(names) > 0


def source_names(city: City) -> list[tuple[str, str]]:
    with city.engine.connect() as db:
        return [(n, name) for n, name in db.execute(text("SELECT encounter_no, name FROM emr"))]


def all_delivered(city: City) -> list[tuple[str, str]]:
    return [(row["encounter_no"], row["name"]) for row in parquet_rows(city.home, "vault/landing", "emr")]


def newest_delivered(city: City) -> dict[str, str]:
    """Return the last version of each encounter that any pull delivered."""
    return dict(all_delivered(city))


def test_a_statement_that_takes_too_long_is_ended_and_not_tried_again(server: Any, city: City) -> None:
    fill(server, 10)
    sleep = "pg_sleep(5)" if isinstance(server, PostgreSQL) else "sleep(5)"
    kind = "text" if isinstance(server, PostgreSQL) else "char"
    server.execute(f"CREATE VIEW slow AS SELECT emr.*, cast({sleep} AS {kind}) AS note FROM emr")
    server.execute("CREATE VIEW v_slow AS SELECT * FROM slow WHERE note IS NOT NULL")
    try:
        outcome = city.pull(tables={"emr": "v_slow"}, statement_timeout=timedelta(seconds=1))
    finally:
        server.execute("DROP VIEW v_slow")
        server.execute("DROP VIEW slow")
    assert outcome.state == "failed"
    assert ("57014" if isinstance(server, PostgreSQL) else "1969") in outcome.reason


def test_nothing_can_be_written(server: Any, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(server, 10)
    owner = Source("owner", "440100", server.url(), (EMR,))  # one who might
    with table.open_table(owner, EMR) as opened, pytest.raises(DBAPIError) as refused:
        opened._connection.exec_driver_sql("DELETE FROM emr")
    assert "read" in str(refused.value.orig).lower()
    assert len(source_rows(city)) == 10


def test_a_wrong_password_is_told_at_once_and_told_nowhere(
    server: Any, city: City, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(server, 10)
    monkeypatch.setenv(PASSWORD_ENV, "falsch-Qx9")
    outcome = city.pull()
    assert outcome.state == "failed"
    assert "重试" not in capfd.readouterr().err
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    assert city.pull().rows == 10
    settle(city.home, city.inbox)
    kept = [path.read_bytes() for root in (city.home.root, city.inbox) for path in root.rglob("*") if path.is_file()]
    for secret in (PASSWORD, "falsch-Qx9"):
        assert not any(secret.encode() in octets for octets in kept)
        assert secret not in outcome.reason + str(outcome)


def test_a_pull_killed_at_any_moment_loses_and_doubles_nothing(server: Any, city: City, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text(listed(server), encoding="utf-8")
    arguments = ["pull", "--home", city.home.root, "--inbox", city.inbox, "--sources", sources]
    command = [sys.executable, "-m", "pipelines", *map(str, arguments)]
    moments = random.Random(20190131)
    fill(server, 20_000)
    for step in range(6):
        changed = f"name = '第{step}次', updated_at = '2018-07-{10 + step} 08:00:00'"
        city.execute(f"UPDATE emr SET {changed} WHERE encounter_no LIKE 'E_{step}%'")
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(1.5 + 4 * moments.random())
        process.kill()
        process.wait()
        assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
        assert landed_rows(city) == source_rows(city)
    landed = parquet_rows(city.home, "vault/landing", "emr")
    assert len({tuple(row[name] for name in COMPARED) for row in landed}) == len(landed)


def listed(server: Server) -> str:
    """Return a file of sources with the server's encounters."""
    return f"""
        [[source]]
        city = "440100"
        url = "{server.url("reader").render_as_string()}"
        password_env = "{PASSWORD_ENV}"
        feeds = ["emr"]
    """


MEASURED = """
import resource, sys
from pipelines.cli import main
try:
    main()
finally:
    own, children = (resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(max(own, children) // 1024)
"""


def test_memory_does_not_grow_with_rows(server: Any, city: City, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text(listed(server), encoding="utf-8")
    peaks = []
    for rows in (100_000, 1_000_000):
        city.execute("DELETE FROM emr")
        fill(server, rows, seconds=5)
        home = tmp_path / str(rows)
        command = ["pull", "--home", home, "--inbox", home / "inbox", "--sources", sources, "--json"]
        ran = subprocess.run([sys.executable, "-c", MEASURED, *map(str, command)], check=True, capture_output=True,
                             text=True, env=os.environ | {"YIMATONG_MEMORY": "512MiB"})  # fmt: skip
        told, _, peak = ran.stdout.rstrip().rpartition("\n")
        assert json.loads(told)[0]["rows"] == rows
        peaks.append(int(peak))
    assert peaks[1] < peaks[0] + 200, peaks  # MiB; a million rows are some 150 MB of text, and 2 GB as Python's objects
