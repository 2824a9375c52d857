"""Random streams by name, and hashes that stand for a lasting trait of a thing."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of that name: no draw from it moves another's."""
    return np.random.default_rng([seed, *(crc32(str(name).encode()) for name in names)])


def mix(values: Ints, salt: str) -> NDArray[np.uint64]:
    """Return a hash of each value (splitmix64), uniform over 64 bits."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(crc32(salt.encode()) * 0x632BE5AB)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def trait(values: Ints, salt: str) -> Floats:
    """Return a number in [0, 1) for each value, the same at every call."""
    return (mix(values, salt) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def pick(weights: Floats, at: Floats) -> Ints:
    """Return for each number in [0, 1) the index that it falls on, by weight."""
    cumulative = np.cumsum(weights)
    found: Ints = np.searchsorted(cumulative, at * cumulative[-1], side="right")
    return np.minimum(found, len(weights) - 1)


def apportion(total: int, weights: Floats, least: int) -> Ints:
    """Return whole numbers in proportion to the weights, each at least `least`, that sum to the total."""
    rest = total - least * len(weights)
    exact = rest * weights / weights.sum()
    shares: Ints = np.floor(exact).astype(np.int64)
    order = np.argsort(shares - exact, kind="stable")
    shares[order[: rest - int(shares.sum())]] += 1
    return shares + least
