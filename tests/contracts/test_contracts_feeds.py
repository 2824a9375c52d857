"""The delivery contract: its shape, its code sets, the split at the door."""

import pytest

from contracts.code_sets import CODE_SETS
from contracts.feeds import FEEDS
from contracts.schema import Feed, Type

COUNTS = {
    "population": 16, "ehr": 24, "emr": 27, "insurance": 26, "institution": 14, "platform_connection": 8,
    "platform_function": 6, "smart_service": 5, "code_usage": 6, "code_activation": 5, "booking": 9, "telemedicine": 9,
}  # fmt: skip


def test_feeds_and_their_columns() -> None:
    assert {feed.name: len(feed.columns) for feed in FEEDS.values()} == COUNTS


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_a_feed_is_whole(feed: Feed) -> None:
    names = [column.name for column in feed.columns]
    spellings = names + [column.zh for column in feed.columns]
    assert len(set(spellings)) == len(spellings)
    assert all(feed.column(name).required for name in feed.key)
    assert names[-1] == "updated_at"
    assert all((column.type is Type.CODE) == (column.code_set in CODE_SETS) for column in feed.columns)
    assert all(1 <= column.level <= 5 for column in feed.columns)


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_no_direct_identifier_in_the_content_half(feed: Feed) -> None:
    assert not [column.name for column in feed.content_columns if column.level == 4]
    assert bool(feed.identity_columns) == feed.is_person
    halves = [c.name for c in (*feed.identity_columns, *feed.content_columns)]
    assert sorted(halves) == sorted(c.name for c in feed.columns if c.name != "op")


def test_registers_alone_may_stand_still() -> None:
    still = {feed.name for feed in FEEDS.values() if not feed.keeps_coming}
    assert still == {"institution", "platform_function", "smart_service"}


@pytest.mark.parametrize("code_set", CODE_SETS.values(), ids=CODE_SETS)
def test_a_code_set_is_listed_or_ruled(code_set: object) -> None:
    assert bool(code_set.codes) != bool(code_set.macro)  # type: ignore[attr-defined]


def test_local_extensions_are_rows() -> None:
    assert "110" in CODE_SETS["CV02.01.101"]
    assert "08" not in CODE_SETS["CV02.01.101"]
