"""Ways in which ASCII words agree, as levels of comparisons."""

from __future__ import annotations

from linkage.evidence.comparison import Comparison, Level

DIFFERENT = Level("different", "true")


def unknown(*columns: str) -> str:
    """Return the condition that one of two rows lacks a column."""
    return " OR ".join(f"l.{column} IS NULL OR r.{column} IS NULL" for column in columns)


def same(column: str) -> Level:
    """Return the level at which two rows have the same in a column."""
    return Level("same", f"l.{column} = r.{column}")


def slips(column: str, *most: int) -> list[Level]:
    """Return levels of at most so many characters added, lost, changed or swapped."""
    return [Level(f"{n} off", f"damerau_levenshtein(l.{column}, r.{column}) <= {n}") for n in most]


def likeness(column: str, *least: float) -> list[Level]:
    """Return levels of at least such a Jaro-Winkler similarity."""
    return [Level(f"like {n}", f"jaro_winkler_similarity(l.{column}, r.{column}) >= {n}") for n in least]


def equal(column: str) -> Comparison:
    """Compare a column by equality alone."""
    return Comparison(column, unknown(column), (same(column), DIFFERENT))


def digits(column: str, *most: int) -> Comparison:
    """Compare a column of digits or a code by slips of the pen."""
    return Comparison(column, unknown(column), (same(column), *slips(column, *most), DIFFERENT))


def words(column: str, crossed: str | None = None) -> Comparison:
    """Compare a column of words by likeness; with one in whose place it may stand, where that is given."""
    there = [Level("crossed", f"l.{column} = r.{crossed} OR l.{crossed} = r.{column}")] if crossed else []
    return Comparison(
        column, unknown(column), (same(column), *slips(column, 1), *likeness(column, 0.92, 0.8), *there, DIFFERENT)
    )
