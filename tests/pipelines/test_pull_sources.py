"""The file of sources and the command: what is refused, and that a password is told nowhere."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import DateTime, column, create_engine, make_url, select
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from contracts.feeds import FEEDS
from contracts.schema import Type
from lake.faults import PlainFault
from pipelines.cli import commands
from pipelines.sources.dialects import dialect_of
from pipelines.sources.listed import Source, UnusableSources, only, read_sources
from pipelines.sources.manifest import File, Manifest, manifest_text, parse_manifest
from pipelines.sources.spelled import spelled
from pipelines.sources.table import Span, days_as_spans

from .city_database import City, encounter

SECRET = "geheim-8Tq"
SOUND: dict[str, Any] = {"city": "440100", "url": "sqlite:///platform.sqlite", "feeds": ["emr"]}


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    """Write a file of sources."""
    lines: list[str] = []
    for entry in entries:
        lines += ["[[source]]", *(f"{name} = {toml(value)}" for name, value in entry.items())]
    path = folder / "sources.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(each)}" for name, each in value.items()) + "}"
    return json.dumps(value)


def test_a_source_has_what_the_file_says_and_defaults_for_the_rest(tmp_path: Path) -> None:
    path = write(tmp_path, SOUND, SOUND | {
        "name": "foshan", "city": "440600", "feeds": ["booking", "emr"], "tables": {"emr": "v_emr"}, "schema": "s",
        "overlap_days": 2.5, "full_every_days": 30, "batch_rows": 7, "statement_timeout_seconds": 9, "attempts": 1,
        "password_env": "P",
    })  # fmt: skip
    first, second = read_sources(path)
    url = make_url(SOUND["url"])
    assert first == Source("440100", "440100", url, (FEEDS["emr"],))
    assert second == Source(
        "foshan", "440600", url, (FEEDS["booking"], FEEDS["emr"]), "P", "s", {"emr": "v_emr"}, timedelta(days=2.5),
        timedelta(days=30), 7, timedelta(seconds=9), 1)  # fmt: skip
    assert [s.feeds for s in only([first, second], None, "emr")] == [(FEEDS["emr"],), (FEEDS["emr"],)]
    assert [s.city for s in only([first, second], "440600", None)] == ["440600"]
    with pytest.raises(UnusableSources):
        only([first, second], "440100", "booking")


UNUSABLE: dict[str, dict[str, Any]] = {
    "a password in the URL": {"url": f"postgresql+psycopg://reader:{SECRET}@host/db"},
    "an empty password": {"url": "postgresql+psycopg://reader:@host/db"},
    "a password in the query": {"url": f"postgresql+psycopg://reader@host/db?password={SECRET}"},
    "a password for ODBC": {"url": f"mssql+pyodbc:///?odbc_connect=PWD%3D{SECRET}"},
    "a URL that is none": {"url": f"reader:{SECRET}@host"},
    "an unknown city": {"city": "110000"},
    "an unknown feed": {"feeds": ["emr", "ecg"]},
    "no feed": {"feeds": []},
    "a feed twice": {"feeds": ["emr", "emr"]},
    "a table for an unknown feed": {"tables": {"ecg": "t"}},
    "an unknown setting": {"password": SECRET},
    "no overlap": {"overlap_days": 0},
    "half an attempt": {"attempts": 0.5},
    "truth for a number": {"batch_rows": True},
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_an_unusable_file_ends_with_status_2_and_quotes_nothing(tmp_path: Path, fault: str) -> None:
    path = write(tmp_path, SOUND | UNUSABLE[fault])
    arguments = ["pull", "--home", tmp_path / "home", "--inbox", tmp_path / "inbox", "--sources", path]
    result = CliRunner().invoke(commands, [str(each) for each in arguments])
    assert result.exit_code == 2
    assert SECRET not in result.output
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("text", ["", "source = 1", "[[source]", f'password = "{SECRET}"'])
def test_a_file_that_lists_no_sources_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(UnusableSources) as refused:
        read_sources(path)
    assert SECRET not in str(refused.value)


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UnusableSources, match="cannot be opened: No such file"):
        read_sources(tmp_path / "sources.toml")


def test_the_example_is_usable() -> None:
    path = Path(__file__).parents[2] / "docs" / "examples" / "sources.toml"
    assert len(read_sources(path)) == len(tomllib.loads(path.read_text(encoding="utf-8"))["source"])


def test_a_password_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("x", "440100", make_url("postgresql+psycopg://reader@host/db"), (FEEDS["emr"],), "READER")
    monkeypatch.delenv("READER", raising=False)
    with pytest.raises(PlainFault, match="READER"):
        source.url_with_password()
    monkeypatch.setenv("READER", SECRET)
    assert source.url_with_password().password == SECRET
    assert SECRET not in repr(source)


def test_the_command_tells_what_came_of_each_source(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'platform.sqlite'}"
    city = City(create_engine(url), Source("g", "440100", make_url(url), (FEEDS["emr"],)), tmp_path)
    city.write(encounter("E1"))
    sqlite3.connect(tmp_path / "other.sqlite").close()
    other = {"name": "o", "city": "440600", "url": f"sqlite:///{tmp_path / 'other.sqlite'}", "feeds": ["emr"]}
    path = write(tmp_path, other, SOUND | {"name": "g", "url": url})
    arguments = ["pull", "--home", city.home.root, "--inbox", city.inbox, "--sources", path, "--json"]
    result = CliRunner().invoke(commands, [str(each) for each in arguments])
    assert result.exit_code == 1
    assert [(o["source"], o["state"], o["rows"]) for o in json.loads(result.stdout)] == [
        ("o", "failed", 0), ("g", "landed", 1)]  # fmt: skip
    again = CliRunner().invoke(commands, [*(str(each) for each in arguments), "--city", "440100"])
    assert again.exit_code == 0
    assert [o["state"] for o in json.loads(again.stdout)] == ["nothing new"]


def test_a_manifest_is_read_as_it_was_written() -> None:
    files = (File("a.csv.gz", 3, 4, "ab" * 32), File("b.csv", 0, 0, "00" * 32))
    extracted = datetime(2018, 12, 1, 2, 3, 4)
    manifest = Manifest("440100", FEEDS["emr"], "2018-12", 7, "full", "utf-8", "|", extracted, files)
    assert parse_manifest(manifest_text(manifest)) == manifest


UTC_EVENING = datetime(2018, 11, 5, 20, tzinfo=UTC)
SPELLED: dict[str, tuple[list[Any], Type, list[str | None]]] = {
    "texts": (["a", None, ""], Type.STRING, ["a", None, ""]),
    "nothing": ([None, None], Type.STRING, [None, None]),
    "booleans": ([True, False, None], Type.BOOLEAN, ["1", "0", None]),
    "bits": ([b"\x01", b"\x00"], Type.BOOLEAN, ["1", "0"]),
    "whole numbers": ([1, -20, None], Type.INTEGER, ["1", "-20", None]),
    "times": ([datetime(2018, 11, 5, 8), None], Type.DATETIME, ["2018-11-05T08:00:00.000000", None]),
    "times with an offset": ([UTC_EVENING, None], Type.DATETIME, ["2018-11-06T04:00:00.000000", None]),
    "offsets that differ": (
        [UTC_EVENING, datetime(2018, 11, 6, 4, tzinfo=timezone(timedelta(hours=8)))], Type.DATETIME,
        ["2018-11-06T04:00:00.000000"] * 2),
    "dates": ([date(2018, 11, 5), None], Type.DATE, ["2018-11-05", None]),
    "times for dates": ([datetime(2018, 11, 5, 8)], Type.DATE, ["2018-11-05"]),
    "a text among times": ([datetime(2018, 11, 5, 8), "0000-00-00"], Type.DATETIME,
        ["2018-11-05T08:00:00", "0000-00-00"]),
    "decimals": ([Decimal("12.50"), Decimal("1E+3"), Decimal("0E-9"), None], Type.DECIMAL,
        ["12.50", "1000", "0.000000000", None]),
    "decimals of many places": ([Decimal("1.500000000000"), Decimal("0.000000000000")], Type.DECIMAL, ["1.5", "0"]),
    "decimals that are whole": ([Decimal("7.00"), Decimal("70")], Type.INTEGER, ["7", "70"]),
    "floats": ([0.1, 1e-05, 1e16, None], Type.DECIMAL, ["0.1", "0.00001", "10000000000000000", None]),
}  # fmt: skip


@pytest.mark.parametrize("kind", SPELLED)
def test_values_are_spelled_as_the_contract_accepts(kind: str) -> None:
    values, type_, expected = SPELLED[kind]
    assert spelled(values, type_).to_pylist() == expected


def test_octets_that_are_no_text_are_refused_without_quoting_them() -> None:
    with pytest.raises(PlainFault) as refused:
        spelled([b"\xff\xd8secret"], Type.STRING)
    assert "secret" not in str(refused.value)


PROFILES = {
    "postgresql": (postgresql.dialect(), "to_char", "isfinite"),
    "mysql": (mysql.dialect(), "date_format", "to_seconds"),
    "oracle": (oracle.dialect(), "to_char", "SSSSS"),
    "mssql": (mssql.dialect(), "convert(VARCHAR(10), updated_at, 23)", "DATEPART"),
    "sqlite": (sqlite.dialect(), "strftime", "STRFTIME('%H'"),
}


@pytest.mark.parametrize("name", PROFILES)
def test_each_dialect_has_its_own_words_for_the_history_of_a_table(name: str) -> None:
    compiler, day, seconds = PROFILES[name]
    dialect, updated = dialect_of(name), column("updated_at", DateTime)
    query = select(dialect.day(updated), dialect.seconds(updated))
    told = str(query.compile(dialect=compiler, compile_kwargs={"literal_binds": True}))
    assert day in told
    assert seconds in told


def test_days_that_follow_each_other_are_read_at_once() -> None:
    def day(number: int) -> datetime:
        return datetime(2018, 11, number)

    assert days_as_spans(["2018-11-05", "2018-11-03", "2018-11-04", "2018-11-08"]) == [
        Span(day(3), day(6)), Span(day(8), day(9))]  # fmt: skip
    assert days_as_spans(["", "0000-00-00"]) == [Span(day=""), Span(day="0000-00-00")]
