"""Evidence without labels: what expectation maximisation finds in counts of patterns, and what it never does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.evidence.em import UNKNOWN, Estimate, estimate

NAME, BIRTH, SEX, PHONE = range(4)
LEVELS = (3, 3, 2, 2)
MATCH = ((0.9, 0.07, 0.03), (0.95, 0.03, 0.02), (0.99, 0.01), (0.7, 0.3))
KIN = ((0.01, 0.9, 0.09), (0.01, 0.02, 0.97), (0.5, 0.5), (0.8, 0.2))
CHANCE = ((0.01, 0.04, 0.95), (0.002, 0.01, 0.988), (0.5, 0.5), (0.001, 0.999))


def drawn(*classes: tuple[int, Any], unknown: float = 0.0, seed: int = 1) -> Any:
    """Draw so many pairs of each class, a level each comparison, some of them unknown."""
    random = np.random.default_rng(seed)
    pairs = np.concatenate([np.stack([random.choice(len(p), n, p=p) for p in of_one], axis=1) for n, of_one in classes])
    pairs[random.random(pairs.shape) < unknown] = UNKNOWN
    return pairs


def ones(pairs: Any) -> Any:
    """Count each pair once."""
    return np.ones(len(pairs))


def near(found: list[Any], true: Any, within: float) -> bool:
    """Return whether all probabilities are within so much of the true ones."""
    return all(np.abs(one - np.array(its)).max() < within for one, its in zip(found, true, strict=True))


@pytest.mark.parametrize("unknown", [0.0, 0.2])
@pytest.mark.parametrize("guess", [0.001, 0.05, 0.4])
def test_known_probabilities_are_found_from_any_guess(unknown: float, guess: float) -> None:
    pairs = drawn((10_000, MATCH), (90_000, CHANCE), unknown=unknown)
    found = estimate(pairs, ones(pairs), LEVELS, guess)
    assert found.share == pytest.approx(0.1, abs=0.01)
    assert near(found.match, MATCH, 0.02)
    assert near(found.chance, CHANCE, 0.01)


def test_kin_are_told_from_persons_and_strangers() -> None:
    pairs = drawn((5_000, MATCH), (10_000, KIN), (85_000, CHANCE))
    found = estimate(pairs, ones(pairs), LEVELS, 0.02, kin=[PHONE])
    assert found.shares == pytest.approx([0.05, 0.1, 0.85], abs=0.02)
    assert near(found.match, MATCH, 0.02)
    assert near([one[1] for one in found.levels], KIN, 0.1)
    assert [one.kin != one.chance for one in found.evidence()] == [True] * 4
    assert all(one.kin == one.chance for one in estimate(pairs, ones(pairs), LEVELS, 0.02).evidence())


def test_strangers_show_chance_and_are_nobody() -> None:
    """Pairs that share a key are nearly all matches: without strangers nothing there shows what chance is."""
    pairs = drawn((5_000, MATCH), (300, CHANCE))
    others = drawn((50_000, CHANCE), seed=2)
    both = np.concatenate([pairs, others])
    none, each = np.zeros(len(both)), np.ones(len(both))
    first = np.arange(len(both)) < len(pairs)
    found = estimate(both, np.where(first, each, none), LEVELS, 0.01, strangers=np.where(first, none, 20 * each))
    assert found.share * (5_300 + 1_000_000) == pytest.approx(5_000, rel=0.05)
    assert near(found.match, MATCH, 0.02)
    assert near(found.chance, CHANCE, 0.01)


def test_unknown_levels_say_nothing() -> None:
    pairs = drawn((1_000, MATCH), (9_000, CHANCE))
    mute = np.full((len(pairs), 1), UNKNOWN)
    without = estimate(pairs, ones(pairs), LEVELS, 0.05)
    found = estimate(np.hstack([pairs, mute]), ones(pairs), (*LEVELS, 2), 0.05)
    assert near(found.match[:4] + found.chance[:4], without.match + without.chance, 1e-12)
    assert found.evidence()[4].match_weights() == [0.0, 0.0]
    assert found.probabilities(np.full((1, 5), UNKNOWN)) == pytest.approx([found.share])
    known = np.array([[0, 0, UNKNOWN, 1]])
    weight = sum(one.match_weights()[at] for one, at in zip(without.evidence(), known[0], strict=True) if at != UNKNOWN)
    odds = without.share / (1 - without.share) * 2**weight
    assert without.probabilities(known) == pytest.approx([odds / (1 + odds)])


@st.composite
def counted(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Draw patterns with their counts and those of strangers."""
    pattern = st.tuples(*(st.integers(UNKNOWN, size - 1) for size in LEVELS))
    patterns = draw(st.lists(pattern, min_size=1, max_size=12))
    count = st.lists(st.integers(0, 1000), min_size=len(patterns), max_size=len(patterns))
    counts, strangers = (np.array(draw(count), float) for _ in range(2))
    counts[0] += 1
    return np.array(patterns), counts, strangers


def probabilities(size: int) -> st.SearchStrategy[Any]:
    """Draw the probabilities of levels."""
    return st.lists(st.floats(0.01, 1), min_size=size, max_size=size).map(lambda one: np.array(one) / sum(one))


@settings(max_examples=60, deadline=None)
@given(counted(), st.integers(2, 4), st.data())
def test_no_step_makes_the_counts_less_likely(of_one: tuple[Any, Any, Any], classes: int, data: st.DataObject) -> None:
    levels = [np.stack([data.draw(probabilities(size)) for _ in range(classes)]) for size in LEVELS]
    now = Estimate(data.draw(probabilities(classes)), levels)
    likelihood = now.log_likelihood(*of_one)
    for _ in range(5):
        now = now.improved(*of_one)
        before, likelihood = likelihood, now.log_likelihood(*of_one)
        assert likelihood >= before - 1e-9 * abs(before)


@settings(max_examples=40, deadline=None)
@given(counted(), st.randoms(use_true_random=False))
def test_order_and_parts_of_the_patterns_are_of_no_account(of_one: tuple[Any, Any, Any], chance: Any) -> None:
    patterns, counts, strangers = of_one
    found = estimate(patterns, counts, LEVELS, 0.1, strangers=strangers)
    order = list(range(len(patterns))) * 2
    chance.shuffle(order)
    again = estimate(patterns[order], counts[order] / 2, LEVELS, 0.1, strangers=strangers[order] / 2)
    assert found.share == again.share
    assert near(found.match + found.chance, again.match + again.chance, 1e-300)


@settings(max_examples=40, deadline=None)
@given(counted(), st.floats(0.001, 0.4), st.sets(st.integers(0, 3)))
def test_nothing_is_impossible(of_one: tuple[Any, Any, Any], guess: float, kin: set[int]) -> None:
    patterns, counts, strangers = of_one
    found = estimate(patterns, counts, LEVELS, guess, kin, strangers)
    assert found.shares.sum() == pytest.approx(1)
    for one in found.levels:
        assert one.min() > 0
        assert one.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("patterns", "counts", "levels"),
    [
        ([[0, 0]], [1], (2,)),
        ([[0, 0]], [1, 2], (2, 2)),
        ([[0, 2]], [1], (2, 2)),
        ([[0, -2]], [1], (2, 2)),
        ([[0, 0]], [0], (2, 2)),
        ([[0, 0]], [-1], (2, 2)),
        (np.zeros((0, 2), int), [], (2, 2)),
        (np.zeros((1, 0), int), [1], ()),
    ],
)
def test_what_does_not_fit_is_refused(patterns: Any, counts: Any, levels: Any) -> None:
    with pytest.raises(ValueError):
        estimate(np.asarray(patterns), np.asarray(counts, float), levels, 0.1)
