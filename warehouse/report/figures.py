"""What the report says: figures, promises, coverage and stated error, read once from a build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from contracts.divisions import CITIES, PROVINCE_CODE
from warehouse.exports.figure_cells import Entry, Figure, Figures, read_divisions, read_entries, read_figures
from warehouse.exports.shown import Shown, periods_shown
from warehouse.exports.target_rows import Missing, TargetRow, read_missing, read_targets

_TOTALS = "figure.level = 'all' AND figure.breakdown = '' AND division.level <> 'county'"


@dataclass(frozen=True, slots=True)
class Cells:
    """How many cells of an indicator and period hold something, and how many of these are suppressed."""

    suppressed: int
    filled: int


@dataclass(frozen=True, slots=True)
class LinkError:
    """The stated error of linkage of a feed in the province, as shares of records; `feed` is empty for all."""

    feed: str
    records: int
    wrong: float
    wrong_low: float
    wrong_high: float
    missed: float
    missed_low: float
    missed_high: float


@dataclass(frozen=True, slots=True)
class Versions:
    """By what the figures were made."""

    contract: str
    code: str
    model: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page is drawn from. `shown.months` are all months that there are, `places` province and cities."""

    shown: Shown
    entries: Mapping[str, Entry]
    figures: Figures
    places: Mapping[str, tuple[str, str]]
    targets: Sequence[TargetRow]
    missing: Sequence[Missing]
    cells: Mapping[tuple[str, str], Cells]
    errors: Mapping[str, LinkError]
    institutions: Mapping[str, Mapping[str, int]]
    versions: Versions

    @property
    def cities(self) -> dict[str, tuple[str, str]]:
        """Return the names of the cities by code."""
        return {code: names for code, names in self.places.items() if code != PROVINCE_CODE}

    @property
    def before(self) -> str:
        """Return the month before the last one that is over; empty where the data don't hold it."""
        return month if (month := self.shown.back(1)) in self.shown.months else ""

    def figure(self, indicator: str, division: str, period: str) -> Figure | None:
        """Return a figure over all levels; None where there is none."""
        return self.figures.get((indicator, division, "all", ""), {}).get(period)

    def name(self, code: str) -> tuple[str, str]:
        """Return what a place is called in Chinese and in English."""
        return self.places.get(code, (code, code))


def read_report(connection: duckdb.DuckDBPyConnection) -> Report:
    """Read the report from the views of `define_exported` and the dimensions of the connection's database."""
    shown = _all_months(connection)
    names = read_divisions(connection)
    places = {PROVINCE_CODE: ("全省", "Province")} | {code: names[code] for code in CITIES if code in names}
    return Report(
        shown,
        read_entries(connection),
        read_figures(connection, shown, _TOTALS),
        places,
        read_targets(connection),
        read_missing(connection),
        _cells(connection),
        _errors(connection),
        _institutions(connection),
        _versions(connection),
    )


def _all_months(connection: duckdb.DuckDBPyConnection) -> Shown:
    shown = periods_shown(connection)
    months = connection.execute("SELECT DISTINCT period FROM exported_figure WHERE length(period) = 7 ORDER BY period")
    return replace(shown, months=tuple(period for (period,) in months.fetchall()))


def _cells(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Cells]:
    found = connection.execute("""
        SELECT indicator, period, count(*) FILTER (WHERE suppressed),
          count(*) FILTER (WHERE suppressed OR denominator > 0)
        FROM exported_figure
        GROUP BY indicator, period
    """)
    return {(indicator, period): Cells(*counts) for indicator, period, *counts in found.fetchall()}


def _errors(connection: duckdb.DuckDBPyConnection) -> dict[str, LinkError]:
    found = connection.execute("""
        SELECT feed, records, false_rate, false_low, false_high, missed_rate, missed_low, missed_high
        FROM link_error
        WHERE city_code = '' AND age = ''
        ORDER BY feed
    """)
    return {row[0]: LinkError(*row) for row in found.fetchall()}


def _institutions(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Return how many institutions of each level are open in a city on the as-of date."""
    found = connection.execute("""
        SELECT city_code, coalesce(level, '0'), count(*)
        FROM dim_institution
        WHERE city_code IS NOT NULL
          AND coalesce(opened_on <= (SELECT max(as_of) FROM exported_target), true)
          AND coalesce(closed_on > (SELECT max(as_of) FROM exported_target), true)
        GROUP BY ALL
    """)
    counts: dict[str, dict[str, int]] = {}
    for city, level, number in found.fetchall():
        counts.setdefault(city, {})[level] = number
    return counts


def _versions(connection: duckdb.DuckDBPyConnection) -> Versions:
    rows = connection.execute("SELECT contract_version, code_version, model_version FROM build_info").fetchall()
    return Versions(*rows[0])
