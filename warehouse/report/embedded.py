"""The figures that the page carries: those of province and cities over all levels, once, as compact JSON."""

from __future__ import annotations

import json
from typing import Any

from warehouse.exports.amounts import SHOWN_DECIMALS
from warehouse.exports.figure_cells import Entry, Figure
from warehouse.report.compare import period_words
from warehouse.report.figures import Report
from warehouse.report.methods import thresholds_of_cities
from warehouse.report.numbers import UNITS
from warehouse.report.quality import error_words
from warehouse.report.texts import counts_persons, family_of, kind_of, source_words


def embedded(report: Report) -> str:
    """Return the JSON as it may stand in a <script>: no character of it ends the element or begins another."""
    data = {
        "last": report.shown.last,
        "before": report.before,
        "months": list(report.shown.months),
        "periods": [_period(report, period) for period in report.shown.periods],
        "places": [[code, *names] for code, names in report.places.items()],
        "indicators": [_indicator(entry, report) for entry in report.entries.values()],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _period(report: Report, period: str) -> list[Any]:
    return [period, *period_words(report, period), period in report.shown.preliminary]


def _indicator(entry: Entry, report: Report) -> dict[str, Any]:
    """Return an indicator with its figures: by place and period its values and denominators.

    A denominator is null where the figure is suppressed, and 0 where there is nothing. `doubts` are null where no
    figure has an interval that is wider than nothing.
    """
    periods = report.shown.periods
    values, denominators, doubts = [], [], []
    for place in report.places:
        figures = [report.figure(entry.code, place, period) for period in periods]
        doubts.append([_doubt(figure) for figure in figures])
        values.append([_number(figure.value if figure else None) for figure in figures])
        denominators.append([_denominator(figure) for figure in figures])
    cells = [report.cells.get((entry.code, period)) for period in periods]
    return {
        "code": entry.code,
        "zh": entry.zh,
        "en": entry.en,
        "family": family_of(entry.code),
        "amount": entry.amount.value,
        "decimals": SHOWN_DECIMALS[entry.amount],
        "unit": UNITS[entry.amount],
        "good": entry.good,
        "kind": kind_of(entry).value,
        "persons": counts_persons(entry),
        "of": [entry.denominator_zh, entry.denominator_en],
        "threshold": entry.threshold,
        "thresholds": thresholds_of_cities(entry),
        "source": source_words(entry.threshold_source),
        "error": error_words(entry, report),
        "cells": [[each.suppressed, each.filled] if each else [0, 0] for each in cells],
        "values": values,
        "denominators": denominators,
        "doubts": doubts if any(any(of_place) for of_place in doubts) else None,
    }


def _denominator(figure: Figure | None) -> float | int | None:
    if figure is None:
        return 0
    return None if figure.suppressed else _number(figure.denominator) or 0


def _doubt(figure: Figure | None) -> list[int] | int | None:
    """Return how much lower and higher a figure may be for doubtful links, in millionths; 0 for not at all."""
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return None
    ends = [round((figure.value - figure.low) * 1e6), round((figure.high - figure.value) * 1e6)]
    return ends if any(ends) else 0


def _number(number: float | None) -> float | int | None:
    """Return a number as short as it can be written."""
    return int(number) if number is not None and number == int(number) else number
