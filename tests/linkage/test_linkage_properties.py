"""What holds for any presentations and any history of deliveries, drawn from few values so that much collides."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linkage_world import Row, World

from linkage.registry import events

NUMBERS = ("440101199003050021", "440101199003050048", "440101201811020014", "440101201811020030")
FEW = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))


def rows(feeds: tuple[str, ...] = ("population", "emr", "insurance")) -> st.SearchStrategy[list[Row]]:
    """Draw presentations of some ten persons."""
    row = st.builds(
        Row,
        row_id=st.just(0),
        feed=st.sampled_from(feeds),
        own_no=st.sampled_from(["1", "2", "3", "4", "5", "6"]),
        org_code=st.sampled_from(["H1", "H2"]),
        name=st.sampled_from(["李梅", "李玫", "王小明", "张伟", "李梅之子", "无名氏"]),
        sex_code=st.sampled_from(["1", "2", None]),
        birth_date=st.sampled_from([date(1990, 3, 5), date(2018, 11, 2), date(1962, 1, 9), None]),
        id_no=st.sampled_from([*NUMBERS, None]),
        id_valid=st.booleans(),
        phone=st.sampled_from(["13912340001", "13912340002", None]),
        near_id_no=st.sampled_from([NUMBERS[0], None, None]),
        institution=st.sampled_from(["H1", "H2"]),
        encounter_no=st.sampled_from(["1", "2", "3", "4", None, None]),
        started_on=st.sampled_from([date(2018, 11, 2), date(2018, 11, 3), None]),
        fee=st.sampled_from([10.0, 20.5, None]),
    )
    return st.lists(row, min_size=10, max_size=40)


def numbered(drawn: list[Row]) -> list[Row]:
    """Give drawn rows their row ids; a number that isn't there is not valid."""
    return [
        Row(**{**vars(r), "row_id": n, "id_valid": r.id_valid and r.id_no is not None}) for n, r in enumerate(drawn)
    ]


@contextmanager
def world() -> Iterator[World]:
    """Give an empty world that never links everything anew of itself."""
    with tempfile.TemporaryDirectory() as folder, patch("linkage.scope.WHOLE_FROM", 1e9):
        yield World(Path(folder))


@FEW
@given(rows(), st.randoms(use_true_random=False))
def test_linking_by_parts_is_linking_all(drawn: list[Row], chance) -> None:  # type: ignore[no-untyped-def]
    """Deliveries in any order, in any parts, with rows that come and go, end in the same persons."""
    live = numbered(drawn)
    passing = [Row(**{**vars(r), "row_id": 1000 + r.row_id, "org_code": "H3"}) for r in live[::3]]
    with world() as whole, world() as parts:
        whole.step(live)
        order = [*live, *passing]
        chance.shuffle(order)
        cut = chance.randrange(len(order))
        first = order[:cut]
        parts.step(first)
        early = {r.row_id for r in first if r.row_id >= 1000}
        parts.step(order[cut:], removed=early)
        parts.step(removed={r.row_id for r in order[cut:] if r.row_id >= 1000})
        assert parts.groups() == whole.groups()
        assert parts.tiers() == whole.tiers()


@FEW
@given(rows(feeds=("emr",)))
def test_no_person_has_two_valid_numbers(drawn: list[Row]) -> None:
    live = [row for row in numbered(drawn) if not row.name.endswith("之子")]
    with world() as home:
        home.step(live)
        numbers = {row.row_id: row.id_no for row in live if row.id_valid}
        for person in home.groups():
            assert len({numbers[row] for row in person if row in numbers}) <= 1


@FEW
@given(rows(), st.randoms(use_true_random=False))
def test_an_id_is_never_given_twice(drawn: list[Row], chance) -> None:  # type: ignore[no-untyped-def]
    """Through rows that go, return and are corrected: an id that has gone stays gone, and each is issued once."""
    live = numbered(drawn)
    with world() as home:
        home.step(live)
        gone: set[str] = set()
        for _ in range(3):
            before = set(home.keys().values())
            removed = set(chance.sample(sorted(home.live), len(home.live) // 3))
            returning = [row for row in live if row.row_id not in home.live]
            home.step(returning, removed)
            after = set(home.keys().values())
            gone |= before - after
            assert not gone & after
        issued = home.connection.execute(
            f"SELECT count(*), count(DISTINCT registry_id) FROM '{home.folder}/links/*/issued.parquet'"
        ).fetchone()
        assert issued is not None and issued[0] == issued[1]


def pairs_of(count: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Draw pairs of rows to decide on."""
    row = st.integers(0, count - 1)
    return st.lists(st.tuples(row, row).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=4)


@FEW
@given(rows(), pairs_of(10))
def test_what_was_decided_different_is_never_one_person(drawn: list[Row], pairs: list[tuple[int, int]]) -> None:
    live = numbered(drawn)
    with world() as home:
        home.step(live)
        decided = [pair for pair in pairs if home.decide("different", *pair)]
        home.step()
        labels = home.keys()
        assert all(labels[left] != labels[right] for left, right in decided)
        home.step(removed={row.row_id for row in live[::2] if row.row_id >= 10})
        labels = home.keys()
        assert all(labels[left] != labels[right] for left, right in decided)


@FEW
@given(rows(), pairs_of(10))
def test_what_was_decided_the_same_is_one_person(drawn: list[Row], pairs: list[tuple[int, int]]) -> None:
    live = numbered(drawn)
    with world() as home:
        home.step(live)
        decided = [pair for pair in pairs if home.decide("same", *pair)]
        home.step()
        labels = home.keys()
        assert all(labels[left] == labels[right] for left, right in decided)


@FEW
@given(rows(), st.randoms(use_true_random=False))
def test_redirects_lead_to_a_living_id_and_never_round(drawn: list[Row], chance) -> None:  # type: ignore[no-untyped-def]
    live = numbered(drawn)
    with world() as home:
        home.step(live[::2])
        for _ in range(3):
            removed = set(chance.sample(sorted(home.live), len(home.live) // 3))
            home.step([row for row in live if row.row_id not in home.live], removed)
        living = {row[0] for row in home.connection.execute("SELECT DISTINCT registry_id FROM link_state").fetchall()}
        merged = dict(
            home.connection.execute(
                f"SELECT from_id, to_id FROM ({events(home.versions)}) WHERE kind = 'merged' ORDER BY version"
            ).fetchall()
        )
        retired = {
            row[0]
            for row in home.connection.execute(
                f"SELECT from_id FROM ({events(home.versions)}) WHERE kind = 'retired'"
            ).fetchall()
        }
        for start in merged:
            seen, at = {start}, merged[start]
            while at in merged:
                assert at not in seen
                seen.add(at)
                at = merged[at]
            assert at in living | retired and start not in living
