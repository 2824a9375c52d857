"""Stays of one person in two hospitals at once: a doubt, for one of them may be somebody else's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from linkage_world import World, table

PATIENT = """
  feed       | org | no | name | sex | born       | id                 | phone
  population |     | 1  | 李梅 | 2   | 1990-03-05 | 440101199003050021 | 13912340001
  emr        | H1  | 8  | 李梅 | 2   | 1990-03-05 | 440101199003050021 |
  emr        | H2  | 9  | 李梅 | 2   | 1990-03-05 |                    | 13912340001
"""


def lies(world: World, row: int, org: str, first: int, last: int) -> None:
    """Say that the row's patient lay in a hospital on these days of November."""
    days = {"started_on": date(2018, 11, first), "ended_on": date(2018, 11, last)}
    world.stays.append({"row_id": row, "org_code": org} | days)


def doubts(world: World) -> list[tuple[int, int]]:
    """Return the rows, live or not, that each open doubt of this kind is about."""
    return world.connection.execute("""
        SELECT least(l.row_id, r.row_id), greatest(l.row_id, r.row_id)
        FROM link_open_doubt AS d
        JOIN presented AS l ON l.presentation_id = d.l JOIN presented AS r ON r.presentation_id = d.r
        WHERE d.kind = 'in two places at once'
    """).fetchall()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A patient who lay in one hospital from the 2nd to the 8th."""
    world = World(tmp_path)
    lies(world, 2, "H1", 2, 8)
    return world


@pytest.mark.parametrize(
    ("org", "first", "last", "doubtful"),
    [
        ("H2", 5, 9, True),
        ("H2", 3, 4, True),
        ("H2", 8, 12, False),  # a transfer
        ("H2", 1, 2, False),
        ("H1", 5, 9, False),  # one hospital, two wards
    ],
)
def test_two_stays_are_a_doubt_where_they_overlap(
    world: World, org: str, first: int, last: int, doubtful: bool
) -> None:
    lies(world, 3, org, first, last)
    world.step(table(PATIENT))
    assert doubts(world) == ([(2, 3)] if doubtful else [])


def test_a_stay_that_comes_later_is_held_against_what_was_there(world: World) -> None:
    lies(world, 3, "H2", 5, 9)
    rows = table(PATIENT)
    world.step(rows[:2])
    assert doubts(world) == []
    world.step(rows[2:])
    assert doubts(world) == [(2, 3)]
    world.step()
    assert doubts(world) == [(2, 3)]
    world.step(removed={3})
    assert doubts(world) == []


def test_a_decision_settles_it(world: World) -> None:
    lies(world, 3, "H2", 5, 9)
    world.step(table(PATIENT))
    assert world.groups() == {frozenset({1, 2, 3})}
    assert world.decide("same", 2, 3)
    world.step()
    assert (doubts(world), world.groups()) == ([], {frozenset({1, 2, 3})})
    assert world.decide("different", 2, 3)
    world.step()
    assert (doubts(world), len(world.groups())) == ([], 2)
