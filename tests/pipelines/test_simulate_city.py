"""A simulated city's database: pulled, it gives the live rows that the city's files give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import URL, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from contracts.feeds import FEEDS
from lake.home import Home
from pipelines import journey
from pipelines.cli import commands
from pipelines.pull import pull
from pipelines.sources.listed import Source, read_sources
from tests.database_servers import PASSWORD, PASSWORD_ENV, MariaDB, PostgreSQL, Server

from .city_database import live_rows
from .conftest import MONTHS, RESIDENTS, SEED, Province
from .small_inbox import QUIET

ROOT = Path(__file__).parents[2]
CITY = "440100"
ELSEWHERE = "telemedicine"
"""What the province delivers, and no city."""
AS_PROVINCE = ["--residents", str(RESIDENTS), "--months", str(MONTHS), "--seed", str(SEED), "--city", CITY]
SMALL = ["--residents", "100", "--months", "1"]


def filled(url: URL, *more: str) -> str:
    """Fill the database and return what was said, but for the time that it took; options in `more` win."""
    told = CliRunner().invoke(commands, ["simulate-city", *AS_PROVINCE, "--database", str(url), *more])
    assert told.exit_code == 0, told.output
    return told.output.rpartition("  ")[0]


def rows_of_files(province: Province, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the live rows by feed of a home that takes in the city's files alone."""
    inbox = folder / "of-files"
    inbox.mkdir()
    (inbox / CITY).symlink_to(province.inbox / CITY)
    return rows_of(Home(folder / "files-home"), inbox)


def rows_of_pulled(source: Source, folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the live rows by feed of a home that pulls the source."""
    home, inbox = Home(folder / "home"), folder / "pulled"
    states = {each.feed: each.state for each in pull(home, inbox, [source], QUIET)}
    assert states == dict.fromkeys(FEEDS, "landed") | {ELSEWHERE: "nothing new"}
    assert {each.state for each in pull(home, inbox, [source], QUIET)} == {"nothing new"}
    return rows_of(home, inbox)


def rows_of(home: Home, inbox: Path) -> dict[str, list[tuple[object, ...]]]:
    journey.run(home, inbox, None, QUIET)
    columns = {name: [c.name for c in feed.columns if c.name != "op"] for name, feed in FEEDS.items()}
    return {name: live_rows(home, feed, columns[name]) for name, feed in FEEDS.items()}


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    return make_url(f"sqlite:///{tmp_path / 'platform.sqlite'}")


@pytest.mark.e2e
def test_pulled_it_gives_the_rows_that_the_city_s_files_give(province: Province, tmp_path: Path, sqlite: URL) -> None:
    filled(sqlite)
    pulled = rows_of_pulled(Source("guangzhou", CITY, sqlite, tuple(FEEDS.values())), tmp_path)
    assert {name for name, rows in pulled.items() if rows} == FEEDS.keys() - {ELSEWHERE}
    assert pulled == rows_of_files(province, tmp_path)


def test_its_tables_are_as_cities_are_asked_for(sqlite: URL) -> None:
    assert filled(sqlite, *SMALL) == filled(sqlite, *SMALL)  # in place of what was there
    asked = inspect(create_engine(sqlite))
    assert set(asked.get_table_names()) == set(FEEDS)
    for name, feed in FEEDS.items():
        assert [column["name"] for column in asked.get_columns(name)] == [column.name for column in feed.columns]
        assert asked.get_pk_constraint(name)["constrained_columns"] == list(feed.key)
        assert ["updated_at"] in [index["column_names"] for index in asked.get_indexes(name)]


def test_passwords_come_from_the_environment_alone(sqlite: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_ENV, raising=False)
    base = ["simulate-city", *AS_PROVINCE, "--database"]
    in_url = CliRunner().invoke(commands, [*base, f"postgresql+psycopg://u:{PASSWORD}@h/d"])
    assert in_url.exit_code == 2 and PASSWORD not in in_url.output and "password_env" in in_url.output
    not_set = CliRunner().invoke(commands, [*base, str(sqlite), "--password-env", PASSWORD_ENV])
    assert not_set.exit_code != 0 and PASSWORD_ENV in str(not_set.exception)
    alone = CliRunner().invoke(commands, [*base, str(sqlite), "--reader", "reader"])
    assert alone.exit_code == 2 and "--reader-password-env" in alone.output


def test_the_sources_of_the_composed_city_can_be_read() -> None:
    (source,) = read_sources(ROOT / "deploy" / "sources.toml")
    assert (source.city, source.password_env) == (CITY, "CITY_READER_PASSWORD")
    assert (source.url.host, source.url.database, source.url.username) == ("city", "platform", "reader")
    assert {feed.name for feed in source.feeds} == FEEDS.keys() - {ELSEWHERE}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    started = request.param()
    yield started
    started.remove()


@pytest.mark.e2e
@pytest.mark.parametrize("server", [MariaDB], indirect=True)
def test_mariadb_gives_them_too(
    province: Province, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    assert filled(server.url()) == filled(server.url())
    source = Source("guangzhou", CITY, server.url("reader"), tuple(FEEDS.values()), PASSWORD_ENV)
    assert rows_of_pulled(source, tmp_path) == rows_of_files(province, tmp_path)


@pytest.mark.e2e
@pytest.mark.parametrize("server", [PostgreSQL], indirect=True)
def test_its_reader_may_read_it_and_no_more(
    province: Province, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    for _ in range(2):  # the second time both tables and account are there
        told = filled(server.url(), "--reader", "city reader", "--reader-password-env", PASSWORD_ENV)
        assert PASSWORD not in told
    source = Source("guangzhou", CITY, server.url("city reader"), tuple(FEEDS.values()), PASSWORD_ENV)
    assert rows_of_pulled(source, tmp_path) == rows_of_files(province, tmp_path)
    as_reader = create_engine(source.url_with_password())
    for forbidden in ("DELETE FROM emr", "SET default_transaction_read_only = off; DELETE FROM emr"):
        with pytest.raises(DBAPIError), as_reader.begin() as db:
            db.execute(text(forbidden))
    as_reader.dispose()
