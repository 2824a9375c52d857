"""Resident ID numbers (GB 11643), unique over the province, and the papers of those who have none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.simulate import arrow
from pipelines.simulate.streams import Ints, mix

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.frombuffer(b"10X98765432", np.uint8)
WIDTH = 18


def resident_ids(area: Ints, birth: Ints, sex: Ints) -> NDArray[np.uint8]:
    """Return valid numbers, all different, as a matrix of ASCII codes, eighteen a row.

    Persons of one area and birth date get following sequence numbers in their order: so twins do. `birth` is days
    since 1970, `sex` 1 or 2.
    """
    group = area * 100_000 + (birth + 40_000)
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.searchsorted(ordered, ordered, side="left")
    slot = np.empty(len(area), np.int64)
    slot[order] = (mix(ordered, "sequence") % np.uint64(500)).astype(np.int64) + np.arange(len(area)) - first
    sequence = slot % 500 * 2 + (sex == 1)
    days = birth.astype("datetime64[D]")
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970
    month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    body = arrow.digits((area * 10**8 + year * 10**4 + month * 100 + day) * 1000 + sequence, 17)
    check = _CHECKS[(body.astype(np.int64) - ord("0")) @ _WEIGHTS % 11]
    return np.concatenate([body, check[:, None]], axis=1)


def legacy(numbers: NDArray[np.uint8]) -> pa.Array:
    """Return the numbers of those born in the twentieth century in their form of 15 digits."""
    return arrow.fixed_width(np.concatenate([numbers[:, :6], numbers[:, 8:17]], axis=1))


def with_wrong_digit(rng: np.random.Generator, numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the numbers with one digit changed, so that the check fails."""
    wrong, rows = numbers.copy(), np.arange(len(numbers))
    at = rng.integers(0, 17, len(numbers))
    digit = wrong[rows, at] - ord("0")
    wrong[rows, at] = (digit + rng.integers(1, 10, len(numbers)).astype(np.uint8)) % 10 + ord("0")
    return wrong


def other_papers(id_type: Ints, person: Ints) -> pa.Array:
    """Return numbers of passports (3), Hong Kong and Macau permits (6) and Taiwan permits (7)."""
    serial = arrow.numbers(10_000_000 + person % 89_999_999)
    letters = arrow.take(arrow.texts(["E", "H", ""]), np.select([id_type == 3, id_type == 6], [0, 1], 2))
    return arrow.join(letters, serial)
