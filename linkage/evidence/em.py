"""Expectation maximisation: evidence for comparisons of records among which no valid number tells who is who.

Classes of pairs: those of one person, those that met by chance and, where they matter, those who share much without
being one, kin. In each the comparisons agree independently of one another (Fellegi and Sunter 1969). Expectation and
conditional maximisation by turns find all classes (Winkler 1988; Meng and Rubin 1993). Pairs are counted by their
pattern, the levels of all comparisons, so that the work grows with the distinct patterns and not with the pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from linkage.evidence.model import Evidence

UNKNOWN = -1
"""The level of a comparison that says nothing of a pair."""

_Floats = npt.NDArray[np.float64]
_Whole = npt.NDArray[np.integer]

_LEAN = 0.5
"""Pairs taken for granted at each level of each class (Krichevsky and Trofimov 1981): none is impossible."""
_FIRM = 0.9
"""How often those who share something are taken to agree best on it when the search starts."""
_STEPS = 5000
_STILL = 1e-10
"""A gain in likelihood a pair that is none."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found, the classes in their order: matches, kin if there are any, chance.

    `shares` is of all pairs; `levels` has for each comparison an array of classes by levels, its rows summing to 1.
    """

    shares: _Floats
    levels: list[_Floats]

    @property
    def share(self) -> float:
        """Return the share of pairs that are of one person."""
        return float(self.shares[0])

    @property
    def match(self) -> list[_Floats]:
        """Return for each comparison the probability of each level among matches."""
        return [one[0] for one in self.levels]

    @property
    def chance(self) -> list[_Floats]:
        """Return for each comparison the probability of each level by chance."""
        return [one[-1] for one in self.levels]

    def evidence(self) -> list[Evidence]:
        """Return the evidence of each comparison; where no kin were looked for, they are as strangers."""
        return [Evidence(*(tuple(map(float, one[at])) for at in (0, 1, -1))) for one in self.levels]

    def probabilities(self, patterns: _Whole) -> _Floats:
        """Return how probable a match each pattern is."""
        return _classed(_joint(_shown(patterns, self), self))[:, 0]

    def log_likelihood(self, patterns: _Whole, counts: _Floats, strangers: _Floats) -> float:
        """Return the log of how probable the counts are, those taken for granted among them."""
        return _log_likelihood(_joint(_shown(patterns, self), self), counts, strangers, self)

    def improved(self, patterns: _Whole, counts: _Floats, strangers: _Floats) -> Estimate:
        """Return an estimate that is as likely or likelier."""
        shown = _shown(patterns, self)
        classed = _classed(_joint(shown, self))
        return _maximised(shown, counts, strangers, classed, [one.shape[1] for one in self.levels])


def estimate(
    patterns: _Whole,
    counts: _Floats,
    levels: Sequence[int],
    share: float,
    kin: Collection[int] = (),
    strangers: _Floats | None = None,
) -> Estimate:
    """Return the estimate that a search from where matches agree on all leads to.

    `patterns` has a row a pattern and a column a comparison, each a level from 0, the best agreement, on, or UNKNOWN;
    `counts` is the pairs of each pattern, `levels` the number of levels of each comparison, and `share` a guess of how
    many of the pairs are matches. `kin` names the comparisons of what is shared by others than matches, if any.
    `strangers` is the pairs of each pattern, besides `counts`, that are known to have met by chance, as most do that
    were drawn at random; it stands for all pairs of which no more is known.
    Where the search ends hangs on where it starts, for to the likelihood any class that agrees on something is as good
    as that of persons; the order of patterns is of no account. Raises ValueError where the shapes don't fit or there is
    no pair.
    """
    given = np.stack([counts, np.zeros(len(counts)) if strangers is None else strangers], axis=1)
    patterns, given = _gathered(patterns, given, levels)
    counts, strangers = given.T
    now = _start(patterns, given.sum(axis=1), levels, share, kin)
    shown = _shown(patterns, now)
    joint = _joint(shown, now)
    likelihood = _log_likelihood(joint, counts, strangers, now)
    for _ in range(_STEPS):
        now = _maximised(shown, counts, strangers, _classed(joint), levels)
        joint = _joint(shown, now)
        before, likelihood = likelihood, _log_likelihood(joint, counts, strangers, now)
        if likelihood - before <= _STILL * given.sum():
            break
    return now


def _gathered(patterns: _Whole, counts: _Floats, levels: Sequence[int]) -> tuple[_Whole, _Floats]:
    """Return the distinct patterns in a fixed order, with the sums of their rows of counts."""
    if not levels:
        raise ValueError("nothing is compared")
    if patterns.shape != (len(counts), len(levels)):
        raise ValueError("a pattern is a row of one level a comparison, with one count")
    if counts.size == 0 or counts.min() < 0 or counts.sum() == 0:
        raise ValueError("there is no pair to learn from")
    if patterns.min() < UNKNOWN or (patterns.max(axis=0) >= np.asarray(levels)).any():
        raise ValueError("a level is none of its comparison")
    order = np.lexsort((*counts.T, *patterns.T))  # equal patterns too, so that sums are the same to the last bit
    distinct, place = np.unique(patterns[order], axis=0, return_inverse=True)
    gathered = np.zeros((len(distinct), counts.shape[1]))
    np.add.at(gathered, place.reshape(-1), counts[order])
    return distinct, gathered


def _start(patterns: _Whole, counts: _Floats, levels: Sequence[int], share: float, kin: Collection[int]) -> Estimate:
    """Return a first guess: who shares something agrees on it, each further level half as often; else all are alike."""
    shared: list[Collection[int]] = [range(len(levels)), *([kin] if kin else []), ()]
    start = []
    for at, size in enumerate(levels):
        overall = np.array([(counts * (patterns[:, at] == level)).sum() for level in range(size)]) + _LEAN
        firm = np.concatenate([[_FIRM], (1 - _FIRM) * 0.5 ** np.arange(1, size)])
        start.append(np.stack([one / one.sum() for one in (firm if at in its else overall for its in shared)]))
    others = len(shared) - 1
    return Estimate(np.array([share] * others + [1 - share * others]), start)


def _shown(patterns: _Whole, now: Estimate) -> _Floats:
    """Return for each pattern 1 at each level that it has; at a comparison that says nothing there is none."""
    columns = [patterns[:, [at]] == np.arange(one.shape[1]) for at, one in enumerate(now.levels)]
    return np.concatenate(columns, axis=1).astype(np.float64)


def _joint(shown: _Floats, now: Estimate) -> _Floats:
    """Return the log of how probable each pattern is together with each class."""
    return np.asarray(shown @ np.log(np.concatenate(now.levels, axis=1)).T + np.log(now.shares))


def _classed(joint: _Floats) -> _Floats:
    """Return how probable each class is, given the pattern."""
    return np.asarray(np.exp(joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)))


def _maximised(
    shown: _Floats, counts: _Floats, strangers: _Floats, classed: _Floats, levels: Sequence[int]
) -> Estimate:
    """Return what is likeliest where the classes are so probable: the shares of what was counted."""
    weighed = counts[:, np.newaxis] * classed
    weighed[:, -1] += strangers
    counted = weighed.T @ shown + _LEAN
    of_class = weighed.sum(axis=0) + _LEAN
    parts = [counted[:, start:end] for start, end in pairwise([0, *np.cumsum(levels)])]
    return Estimate(of_class / of_class.sum(), [part / part.sum(axis=1, keepdims=True) for part in parts])


def _log_likelihood(joint: _Floats, counts: _Floats, strangers: _Floats, now: Estimate) -> float:
    granted = sum(float(np.log(one).sum()) for one in (now.shares, *now.levels))
    return float(counts @ np.logaddexp.reduce(joint, axis=1) + strangers @ joint[:, -1]) + _LEAN * granted
