"""The figures and the indicators as the workbooks and the brief take them: small tables, rounded as in kpi.csv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from warehouse.exports.amounts import Amount, amount_of
from warehouse.exports.csv_text import DECIMALS
from warehouse.exports.shown import Shown
from warehouse.indicators.catalogue import INDICATORS

Place = tuple[str, str, str, str]
"""Indicator, division, level and breakdown."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, as it may leave; `low` and `high` are its interval for doubtful identity, where it has one."""

    value: float | None
    numerator: float | None
    denominator: float | None
    suppressed: bool
    low: float | None = None
    high: float | None = None


Figures = Mapping[Place, Mapping[str, Figure]]
"""By place, the figures of each period."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An indicator as the build's catalogue has it."""

    code: str
    definition: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    numerator_zh: str
    numerator_en: str
    denominator_zh: str
    denominator_en: str
    unit: str
    good: str
    feeds: str
    threshold: float | None
    threshold_source: str

    @property
    def amount(self) -> Amount:
        """Return what its values are of."""
        return amount_of(self.code, self.unit)

    @property
    def is_money(self) -> bool:
        """Say whether its numerator and denominator are yuan."""
        return self.code in INDICATORS and INDICATORS[self.code].money


def read_entries(connection: duckdb.DuckDBPyConnection) -> dict[str, Entry]:
    """Return the indicators by code, in the order of the catalogue, each with the version that counted its figures."""
    found = connection.execute("""
        SELECT entry.indicator, coalesce(counted.definition, entry.definition), entry.zh, entry.en,
          entry.meaning_zh, entry.meaning_en, entry.numerator_zh, entry.numerator_en, entry.denominator_zh,
          entry.denominator_en, entry.unit, entry.good, entry.feeds, entry.threshold, entry.threshold_source
        FROM dim_indicator AS entry
        LEFT JOIN (SELECT DISTINCT indicator, definition FROM exported_figure) AS counted
          ON counted.indicator = entry.indicator
        ORDER BY entry.indicator
    """).fetchall()
    order = {code: at for at, code in enumerate(INDICATORS)}
    entries = sorted((Entry(*row) for row in found), key=lambda entry: order.get(entry.code, len(order)))
    return {entry.code: entry for entry in entries}


def read_figures(connection: duckdb.DuckDBPyConnection, shown: Shown, where: str) -> Figures:
    """Return the figures of the periods shown at the places for which a condition on `figure` and `division` holds."""
    found = connection.execute(
        f"""
        SELECT figure.indicator, figure.division_code, figure.level, figure.breakdown, figure.period,
          round(figure.value, {DECIMALS}), figure.numerator::DOUBLE, figure.denominator::DOUBLE, figure.suppressed,
          round(figure.low, {DECIMALS}), round(figure.high, {DECIMALS})
        FROM exported_figure AS figure
        JOIN dim_division AS division ON division.division_code = figure.division_code
        WHERE list_contains($periods, figure.period) AND ({where})
        """,
        {"periods": list(shown.periods)},
    )
    figures: dict[Place, dict[str, Figure]] = {}
    for indicator, division, level, breakdown, period, *figure in found.fetchall():
        figures.setdefault((indicator, division, level, breakdown), {})[period] = Figure(*figure)
    return figures


def read_divisions(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Return the Chinese and English names of divisions by code, in the order of codes."""
    rows = connection.execute("SELECT division_code, zh, en FROM dim_division ORDER BY division_code").fetchall()
    return {code: (zh, en) for code, zh, en in rows}
