"""A city's roll of persons or institutions: what is on it, and what a delivery says of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.simulate.streams import Flags, Ints


@dataclass(slots=True)
class Roll:
    """The entries of a roll by the steps at which they join, change and leave.

    Steps are `2 * month` for a month's delivery and `2 * month + 1` for its correction. `joins` is negative for
    those already there; of `changes` each array has a step an entry.
    """

    joins: Ints
    leaves: Ints
    changes: tuple[Ints, ...]
    live: Flags = field(init=False)
    updated: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.live = np.zeros(len(self.joins), bool)
        self.updated = np.zeros(len(self.joins), np.int64)

    def advance(
        self, step: int, window: tuple[int, int], rng: np.random.Generator, at_least: int, not_before: Ints
    ) -> tuple[Ints, Ints, Ints]:
        """Go on to a step and return the entries that joined, changed and left, stamped within the window.

        `not_before` is the instant, in each entry, before which nobody could know. Where fewer than `at_least` have,
        others are confirmed unchanged: cities verify their rolls in turn.
        """
        joined = (self.joins == step) | ((self.joins < 0) & (step == 0))
        left = self.live & (self.leaves == step)
        changed = np.zeros(len(self.joins), bool)
        for steps in self.changes:
            changed |= steps == step
        changed &= self.live & ~left
        short = at_least - int(joined.sum() + left.sum() + changed.sum())
        idle = np.flatnonzero(self.live & ~left & ~changed)
        if short > 0 and len(idle):
            changed[rng.choice(idle, min(short, len(idle)), replace=False)] = True
        self.live |= joined
        self.live &= ~left
        stamped = joined | left | changed
        stamps = np.maximum(rng.integers(*window, len(stamped)), not_before)
        self.updated = np.where(stamped, stamps, self.updated)
        return np.flatnonzero(joined), np.flatnonzero(changed), np.flatnonzero(left)
