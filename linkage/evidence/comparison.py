"""Comparisons: in which ways two records may agree, as levels of SQL conditions over a pair of rows `l` and `r`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One way to agree or disagree: a condition over the columns of `l` and `r`."""

    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Levels from the best agreement to the worst; the first whose condition holds is that of two rows.

    Where `unknown` holds, or no condition does, the comparison says nothing (NULL).
    """

    name: str
    unknown: str
    levels: tuple[Level, ...]

    @property
    def sql(self) -> str:
        """Return the expression of two rows' level, its place among the levels from 0 on."""
        cases = " ".join(f"WHEN {level.condition} THEN {at}" for at, level in enumerate(self.levels))
        return f"CASE WHEN {self.unknown} THEN NULL {cases} END"

    @property
    def column(self) -> str:
        """Return the name of the column that holds the level."""
        return f"by_{self.name}"


def best_levels(comparisons: Sequence[Comparison]) -> str:
    """Return the select list of the best level of each comparison over grouped pairs of rows."""
    return ",\n    ".join(f"min({one.sql})::TINYINT AS {one.column}" for one in comparisons)


def weight_sql(level: str, weights: Sequence[float]) -> str:
    """Return the expression of a level's weight, 0 where nothing is known; one weight a level."""
    cases = " ".join(f"WHEN {at} THEN {weight!r}" for at, weight in enumerate(weights))
    return f"CASE {level} {cases} ELSE 0.0 END"
