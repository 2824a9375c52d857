"""What figures are counted by: periods, divisions and levels; and how cells become the figures of every period."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

from contracts.divisions import PROVINCE_CODE, divisions
from tests.warehouse.truth_rows import Row, Truth

Number = int | Decimal
Figure = tuple[Number | None, Number, Decimal]
"""Numerator, denominator, value."""
Key = tuple[str, str, str, str, str]
"""Indicator, period, division, level, breakdown."""
Figures = dict[Key, Figure]
Grain = tuple[str, str]
"""Division and level."""


def month_of(day: date) -> str:
    """Return a day's month, YYYY-MM."""
    return f"{day.year}-{day.month:02d}"


def month_end(month: str, as_of: date) -> date:
    """Return the last day of a month that counts: its last, or the as-of day."""
    year, number = int(month[:4]), int(month[5:])
    return min(date(year, number, monthrange(year, number)[1]), as_of)


def months_between(first: str, last: str) -> list[str]:
    """Return the months from one to another, both included."""
    years = range(int(first[:4]), int(last[:4]) + 1)
    return [m for m in (f"{year}-{number:02d}" for year in years for number in range(1, 13)) if first <= m <= last]


def year_before(month: str) -> str:
    """Return the same month a year earlier."""
    return f"{int(month[:4]) - 1}{month[4:]}"


def until(rows: Iterable[Row], column: str, as_of: date) -> Iterator[Row]:
    """Yield the rows whose event has come to pass by the as-of day."""
    for row in rows:
        when = row[column]
        if when is not None and (when.date() if isinstance(when, datetime) else when) <= as_of:
            yield row


@cache
def grains_of(division: str, *levels: str) -> tuple[Grain, ...]:
    """Return where a thing in a division counts: there and in every division above it, at `all` and at its level."""
    above = [division]
    while above[-1] != PROVINCE_CODE:
        above.append(divisions()[above[-1]].parent)
    return tuple((code, level) for code in above for level in ("all", *levels))


def at_institution(truth: Truth, org_code: str, delivered_by: str) -> tuple[Grain, ...]:
    """Return where a thing at an institution counts; one that isn't in the register has no level."""
    institution = truth.institutions.get(org_code)
    return grains_of(truth.division_of(org_code, delivered_by), *([institution["level"]] if institution else []))


@cache
def is_closest(division: str) -> bool:
    """Say whether a division has none below it: a county, or a city without counties."""
    return all(other.parent != division for other in divisions().values())


class Calendar:
    """The months from the first in which anything flowed to that of the as-of day."""

    def __init__(self, first: str, as_of: date) -> None:
        self.as_of = as_of
        self.months = months_between(first, month_of(as_of))

    def end(self, month: str) -> date:
        """Return the last day of a month that counts."""
        return month_end(month, self.as_of)

    def periods(self) -> dict[str, list[str]]:
        """Return every period with its months: each month, each year to date, each year."""
        found: dict[str, list[str]] = {}
        for month in self.months:
            of_year = [other for other in self.months if other[:4] == month[:4]]
            found[month] = [month]
            found[f"{month} ytd"] = [other for other in of_year if other <= month]
            found[month[:4]] = of_year
        return found

    def periods_before(self) -> dict[str, list[str]]:
        """Return every period with the months a year before its own, where the calendar has them all."""
        before = {period: [year_before(month) for month in months] for period, months in self.periods().items()}
        return {period: months for period, months in before.items() if set(months) <= set(self.months)}


def periods_holding(periods: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return for each month the periods that it belongs to."""
    holding: dict[str, list[str]] = defaultdict(list)
    for period, months in periods.items():
        for month in months:
            holding[month].append(period)
    return holding


class Cells:
    """Numerators and denominators by indicator, month, grain and breakdown."""

    def __init__(self) -> None:
        self.sums: dict[Key, list[Number]] = defaultdict(lambda: [0, 0])

    def add(
        self,
        indicator: str,
        month: str,
        grains: Iterable[Grain],
        numerator: Number,
        denominator: Number,
        *breakdowns: str,
    ) -> None:
        """Count a row at its grains: in the figure of everything and in those of its breakdowns."""
        for breakdown in ("", *breakdowns):
            self.add_to(breakdown, indicator, month, grains, numerator, denominator)

    def add_to(
        self,
        breakdown: str,
        indicator: str,
        month: str,
        grains: Iterable[Grain],
        numerator: Number,
        denominator: Number,
    ) -> None:
        """Count a row in one breakdown alone."""
        for division, level in grains:
            cell = self.sums[indicator, month, division, level, breakdown]
            cell[0] += numerator
            cell[1] += denominator

    def months(self) -> set[str]:
        """Return the months in which anything counts."""
        return {month for _, month, *_ in self.sums}

    def by_period(self, periods: dict[str, list[str]]) -> dict[Key, list[Number]]:
        """Return the sums over each period's months."""
        found: dict[Key, list[Number]] = defaultdict(lambda: [0, 0])
        holding = periods_holding(periods)
        for (indicator, month, *rest), (numerator, denominator) in self.sums.items():
            for period in holding[month]:
                cell = found[indicator, period, *rest]
                cell[0] += numerator
                cell[1] += denominator
        return found


class PersonCells:
    """Persons by indicator, month and grain, each once: those who count in the numerator, and all."""

    def __init__(self) -> None:
        self.persons: dict[tuple[str, str, str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))

    def add(self, indicator: str, month: str, grains: Iterable[Grain], person: str, counts: bool) -> None:
        """Count a person at the grains of one of their rows."""
        for division, level in grains:
            counted, everyone = self.persons[indicator, month, division, level]
            everyone.add(person)
            if counts:
                counted.add(person)

    def figures(self, calendar: Calendar) -> Figures:
        """Return the figures of every period: within it and a grain, a person counts once."""
        found: dict[Key, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        holding = periods_holding(calendar.periods())
        for (indicator, month, division, level), (counted, everyone) in self.persons.items():
            for period in holding[month]:
                cell = found[indicator, period, division, level, ""]
                cell[0].update(counted)
                cell[1].update(everyone)
        sizes = {key: (len(counted), len(everyone)) for key, (counted, everyone) in found.items()}
        return {key: (n, d, Decimal(n) / d) for key, (n, d) in sizes.items()}


def flow_figures(cells: Cells, calendar: Calendar, times: dict[str, Decimal]) -> Figures:
    """Return the figures of flows: sums over the period's months; `times` has the indicators not in ones."""
    return {
        key: (numerator, denominator, Decimal(numerator) / Decimal(denominator) * times.get(key[0], 1))
        for key, (numerator, denominator) in cells.by_period(calendar.periods()).items()
        if denominator
    }


def state_figures(cells: Cells, calendar: Calendar) -> Figures:
    """Return the figures of states: of a period, what was in its last month for which the indicator has anything."""
    by_month: dict[str, dict[str, dict[tuple[str, ...], list[Number]]]] = defaultdict(lambda: defaultdict(dict))
    for (indicator, month, *rest), sums in cells.sums.items():
        by_month[indicator][month][tuple(rest)] = sums
    found: Figures = {}
    for indicator, months in by_month.items():
        periods = Calendar(min([*months, *calendar.months]), calendar.as_of).periods()
        for period, of_period in periods.items():
            last = max((month for month in of_period if month in months), default=None)
            if last is None:
                continue
            for grain, (numerator, denominator) in months[last].items():
                if denominator:
                    found[indicator, period, *grain] = (numerator, denominator, Decimal(numerator) / denominator)
    return found


def growth_figures(cells: Cells, calendar: Calendar, measured: Callable[[list[Number]], Fraction | None]) -> Figures:
    """Return how far a measure of a cell's sums has grown over that of the months a year before.

    There is none where the measure of either is None, or that of the year before 0.
    """
    now, before = cells.by_period(calendar.periods()), cells.by_period(calendar.periods_before())
    found: Figures = {}
    for key, sums in before.items():
        was, is_now = measured(sums), measured(now.get(key, [0, 0]))
        if was is None or is_now is None or was == 0:
            continue
        growth = is_now / was - 1
        value = Decimal(growth.numerator) / Decimal(growth.denominator)
        found[key] = (rounded(is_now - was), rounded(was), value)
    return found


def rounded(number: Fraction) -> Decimal:
    """Return a number with two decimals, halves away from zero."""
    hundredths = Decimal(int(abs(number) * 1000)) / 10  # the third decimal decides
    return (hundredths.quantize(Decimal(1), ROUND_HALF_UP) / 100).copy_sign(Decimal(-1 if number < 0 else 1))
