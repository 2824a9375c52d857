"""From what became of held-out numbers to stated rates: false and missed matches by feed, city and age, with intervals.

A record is a false match where it is in another person's cluster, a missed one where its person is on the register and
it is in nobody's. Who has a valid number errs as those do whose institution's number shows two; who has none, as those
held out. A rate's posterior is Beta (Jeffreys); what it means for so many records is drawn from it, so that an interval
is one for the records that there are (a predictive interval), widened for records that err together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.register import REGISTER
from linkage.script import run

DRAWS = 4000
_TOGETHER = 3.0
"""How many records err together, about: those of one person, written the same way (a design effect)."""
_TRANSFER = 0.25
"""How far those who truly lack a number may err otherwise than those held out: a spread of log rates."""
_SEED = 20181201

RATES = pa.schema(
    [
        ("feed", pa.string()), ("city_code", pa.string()), ("age", pa.string()), ("records", pa.int64()),
        ("without_number", pa.int64()),
        *((f"{kind}_{what}", pa.float64()) for kind in ("false", "missed") for what in ("rate", "low", "high")),
        ("held_out", pa.int64()), ("model", pa.string()),
    ]
)  # fmt: skip
"""A rate of each kind a line, with its 95 % interval; empty feed, city or age: all of them."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Of those held out in one manner: how many came right, to another person, to nobody."""

    right: int
    false: int
    missed: int

    @property
    def total(self) -> int:
        """Return how many were held out."""
        return self.right + self.false + self.missed


def estimate(connection: duckdb.DuckDBPyConnection, day: date, model: str) -> pa.Table:
    """Return the stated rates (RATES) of the live records, ages as of `day`; `model` is the version that linked them.

    Reads what `hold_out` leaves, and presented and live_row. The registry must be open as it is.
    """
    run(connection, "error_counts", day=day, register=REGISTER)
    outcomes: dict[tuple[str, str], _Held] = {}
    for feed, manner, right, false, missed in connection.execute("""
        SELECT feed, manner, count(*) FILTER (outcome = 'right'), count(*) FILTER (outcome = 'false'),
            count(*) FILTER (outcome = 'missed')
        FROM link_outcome WHERE registered OR feed = 'population' GROUP BY ALL ORDER BY ALL
    """).fetchall():
        outcomes[feed, manner] = _Held(right, false, missed)
    posing = {
        feed: (int(n), int(seen)) for feed, n, seen in connection.execute("FROM link_posing ORDER BY feed").fetchall()
    }
    counts = connection.execute("""
        SELECT feed, city_code, age, coalesce(manner, ''), attached, sum(records)::BIGINT
        FROM link_record_count GROUP BY ALL ORDER BY ALL
    """).fetchall()
    rng = np.random.default_rng(_SEED)
    # False matches are so few that all manners and feeds together tell their rate; the register's own entries apart.
    false = {
        of_register: _beta(
            rng,
            sum(held.false for (feed, _), held in outcomes.items() if (feed == REGISTER) == of_register),
            sum(held.total for (feed, _), held in outcomes.items() if (feed == REGISTER) == of_register),
        )
        for of_register in (True, False)
    }
    otherwise = np.exp(rng.normal(0, _TRANSFER, DRAWS))
    drawn = {
        (feed, manner): (false[feed == REGISTER], _beta(rng, held.missed, held.total) * otherwise)
        for (feed, manner), held in outcomes.items()
    }
    sure = {feed: _beta(rng, n, seen) for feed, (n, seen) in posing.items()}
    cells = _Cells(rng, drawn, sure)
    for row in counts:
        cells.add(*row)
    same = {"held_out": sum(held.total for held in outcomes.values()), "model": model}
    return pa.Table.from_pylist([line | same for line in cells.lines()], schema=RATES)


class _Cells:
    """Draws of how many records are wrong, summed to every breakdown."""

    def __init__(
        self, rng: np.random.Generator, drawn: dict[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64]]],
        sure: dict[str, NDArray[np.float64]],
    ) -> None:  # fmt: skip
        self._rng, self._drawn, self._sure = rng, drawn, sure
        self._false: dict[tuple[str, str, str], NDArray[np.float64]] = {}
        self._missed: dict[tuple[str, str, str], NDArray[np.float64]] = {}
        self._records: dict[tuple[str, str, str], list[int]] = {}

    def add(self, feed: str, city: str, age: str, manner: str, attached: bool, records: int) -> None:
        """Add records of one kind to all breakdowns that they belong to."""
        nothing = np.zeros(DRAWS)
        if not manner:
            false = self._happen(records, self._sure.get(feed, nothing)) if attached else nothing
            missed = nothing
        elif attached:
            rate_false, rate_missed = self._drawn.get((feed, manner)) or self._drawn.get(
                (feed, "none"), (nothing, nothing)
            )
            false = self._happen(records, rate_false / np.maximum(1 - rate_missed, 0.01))
            # Who came to somebody says how many there were of whom some came to nobody.
            missed = self._happen(records, rate_missed / np.maximum(1 - rate_missed, 0.01))
        else:
            false = missed = nothing
        for key in _breakdowns(feed, city, age):
            self._false[key] = self._false.get(key, nothing) + false
            self._missed[key] = self._missed.get(key, nothing) + missed
            total = self._records.setdefault(key, [0, 0])
            total[0] += records
            total[1] += records if manner else 0

    def _happen(self, records: int, rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draw how many of the records it happens to, some of them together."""
        groups = max(1, round(records / _TOGETHER))
        happened: NDArray[np.float64] = np.asarray(
            self._rng.binomial(groups, np.clip(rate, 0, 1)) * (records / groups), np.float64
        )
        return happened

    def lines(self) -> Iterable[dict[str, object]]:
        """Return a line a breakdown."""
        for key in sorted(self._records):
            records, without = self._records[key]
            line: dict[str, object] = dict(zip(("feed", "city_code", "age"), key, strict=True))
            line |= {"records": records, "without_number": without}
            for kind, draws in (("false", self._false[key]), ("missed", self._missed[key])):
                low, high = np.quantile(draws, [0.025, 0.975])
                line |= {
                    f"{kind}_rate": draws.mean() / records,
                    f"{kind}_low": low / records,
                    f"{kind}_high": max(high, draws.mean()) / records,
                }
            yield line


def _breakdowns(feed: str, city: str, age: str) -> set[tuple[str, str, str]]:
    return {("", "", ""), (feed, "", ""), ("", city, ""), ("", "", age or "unknown"), (feed, city, "")}


def _beta(rng: np.random.Generator, happened: int, seen: int) -> NDArray[np.float64]:
    """Draw a rate from its posterior."""
    drawn: NDArray[np.float64] = rng.beta(happened + 0.5, max(seen - happened, 0) + 0.5, DRAWS)
    return drawn
