"""Which periods the workbooks and the brief show: the last months, and the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

MONTHS = 13
"""How many months that are over are shown: a year, and the month of the year before to compare with."""


@dataclass(frozen=True, slots=True)
class Shown:
    """`months`, the earliest first, with those that aren't over; `last`, the last of them that is; `totals`, the last
    year that is over and the year to date. Where no month is over, `last` is the last there is; empty without any.
    """

    as_of: date
    first: str
    months: tuple[str, ...]
    last: str
    totals: tuple[str, ...]
    preliminary: frozenset[str]

    @property
    def periods(self) -> tuple[str, ...]:
        """Return all that is shown, in the order of the columns."""
        return (*self.totals, *self.months)

    @property
    def over(self) -> tuple[str, ...]:
        """Return the months that are over; where none is, those that there are."""
        return tuple(month for month in self.months if month not in self.preliminary) or self.months

    def back(self, months: int) -> str:
        """Return the month so many before the last."""
        if not self.last:
            return ""
        number = int(self.last[:4]) * 12 + int(self.last[5:]) - 1 - months
        return f"{number // 12:04d}-{number % 12 + 1:02d}"

    def head(self, period: str) -> str:
        """Return the head of a period's column: the period, and beneath it what is to be known of it."""
        if period in self.preliminary:
            return f"{period}\n初步 prelim."
        if len(period) == 7:
            return period
        if len(period) > 7:
            return f"{period}\n累计 to date"
        partial = self.first.startswith(period) and not self.first.endswith("-01")
        return f"{period}\n{int(self.first[5:])}–12月" if partial else f"{period}\n全年 year"


def periods_shown(connection: duckdb.DuckDBPyConnection) -> Shown:
    """Choose the periods among those of `exported_figure`."""
    found = connection.execute("SELECT DISTINCT period, preliminary FROM exported_figure ORDER BY period").fetchall()
    ((as_of,),) = connection.execute("SELECT max(as_of) FROM exported_target").fetchall()
    preliminary = frozenset(period for period, unfinished in found if unfinished)
    periods = [period for period, _ in found]
    months = [period for period in periods if len(period) == 7]
    over = [month for month in months if month not in preliminary]
    last = max(over or months, default="")
    year = max((p for p in periods if len(p) == 4 and p not in preliminary), default="")
    to_date = f"{last} ytd" if last and last[:4] != year else ""
    return Shown(
        as_of,
        min(months, default=""),
        (*over[-MONTHS:], *(month for month in months if month in preliminary)),
        last,
        tuple(filter(None, (year, to_date))),
        preliminary,
    )
