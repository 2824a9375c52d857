"""Households: who lives together, in which role, born when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.simulate.streams import Flags, Ints, pick, trait

HUSBAND, WIFE, CHILD, GRANDFATHER, GRANDMOTHER, ALONE = range(6)
# A household's roles, its share, and the mean and spread of the age of its middle generation.
_KINDS: tuple[tuple[tuple[int, ...], float, float, float], ...] = (
    ((ALONE,), 0.15, 32, 12),
    ((HUSBAND, WIFE), 0.13, 38, 14),
    ((HUSBAND, WIFE, CHILD), 0.25, 37, 8),
    ((HUSBAND, WIFE, CHILD, CHILD), 0.15, 38, 7),
    ((HUSBAND, WIFE, CHILD, GRANDFATHER, GRANDMOTHER), 0.08, 37, 6),
    ((HUSBAND, WIFE, CHILD, CHILD, GRANDFATHER, GRANDMOTHER), 0.06, 38, 6),
    ((HUSBAND, WIFE, CHILD, GRANDMOTHER), 0.05, 38, 6),
    ((WIFE, CHILD), 0.03, 39, 7),
    ((GRANDFATHER, GRANDMOTHER), 0.06, 46, 5),
    ((GRANDFATHER,), 0.01, 46, 5),
    ((GRANDMOTHER,), 0.03, 47, 5),
)
_TWINS = 0.02  # of the households with two children


@dataclass(frozen=True, slots=True)
class Households:
    """Persons in the order of their households; every array has a value a person.

    `household` counts from 0, `start` and `size` are of the person's household, `mother` is an index or -1,
    `sex` 1 or 2, `birth` days since 1970.
    """

    city: Ints
    household: Ints
    start: Ints
    size: Ints
    role: Ints
    mother: Ints
    sex: Ints
    birth: Ints
    twin: Flags


def draw_households(rng: np.random.Generator, residents: Ints, today: int) -> Households:
    """Return households of so many residents a city; `today` is the day on which the ages are reckoned."""
    count = int(residents.sum())
    width = max(len(kind[0]) for kind in _KINDS)
    roles = np.array([(*kind[0], *(-1,) * (width - len(kind[0]))) for kind in _KINDS])
    sizes = np.array([len(kind[0]) for kind in _KINDS])
    kind = pick(np.array([k[1] for k in _KINDS]), rng.random(count))
    kind = kind[: int(np.searchsorted(np.cumsum(sizes[kind]), count)) + 1]
    drawn = np.repeat(np.arange(len(kind)), sizes[kind])
    position = np.arange(len(drawn)) - np.repeat(np.cumsum(sizes[kind]) - sizes[kind], sizes[kind])
    middle = np.clip(rng.normal([k[2] for k in _KINDS], [k[3] for k in _KINDS], (len(kind), len(_KINDS))), 20, 62)
    middle_age = middle[np.arange(len(kind)), kind]
    drawn, position = drawn[:count], position[:count]
    role = roles[kind[drawn], position]

    city = np.repeat(np.arange(len(residents)), residents)
    # A household that would lie in two cities is two.
    opens = np.ones(count, bool)
    opens[1:] = (drawn[1:] != drawn[:-1]) | (city[1:] != city[:-1])
    household = np.cumsum(opens) - 1
    starts = np.flatnonzero(opens)
    start = starts[household]
    size = np.diff(np.append(starts, count))[household]

    wives = np.full(len(starts), -1)
    wives[household[role == WIFE]] = np.flatnonzero(role == WIFE)
    mother = np.where(role == CHILD, wives[household], -1)

    second_child = np.zeros(count, bool)
    second_child[1:] = (role[1:] == CHILD) & (role[:-1] == CHILD) & ~opens[1:]
    twin = second_child & (trait(household, "twins") < _TWINS)

    spread = rng.normal(0, 1, count)
    age = middle_age[drawn]
    age = np.select(
        [role == WIFE, role == CHILD, role == GRANDFATHER, role == GRANDMOTHER],
        [
            np.maximum(20, age - 2 + 2.5 * spread),
            age - 27 + 3 * spread - 3.5 * second_child,
            np.minimum(98, age + 27 + 3 * spread),
            np.minimum(99, age + 25 + 3 * spread),
        ],
        age,
    )
    age = np.where(age <= 0, rng.random(count) * 3, age)
    age += np.where(role == CHILD, 0, rng.random(count))  # or those at a limit would share a birth date
    birth = today - 1 - (age * 365.25).astype(np.int64)
    # A mother is at least eighteen years older than her child.
    child = np.flatnonzero(mother >= 0)
    np.minimum.at(birth, mother[child], birth[child] - 18 * 366)
    birth = np.maximum(birth, today - 105 * 365)
    second = np.flatnonzero(twin)
    birth[second] = birth[second - 1]

    sex = np.select(
        [(role == WIFE) | (role == GRANDMOTHER), (role == HUSBAND) | (role == GRANDFATHER)],
        [2, 1],
        1 + (rng.random(count) < np.where(role == CHILD, 0.47, 0.5)),
    )
    twin[second - 1] = True
    return Households(city, household, start, size, role, mother, sex, birth, twin)
