"""Thresholds: what a value is set against, and whether it is met."""

from __future__ import annotations

from warehouse.exports.figure_cells import Entry, Figure
from warehouse.targets.entry import OfIndicator
from warehouse.targets.ledger import TARGETS

MET, NOT_MET = "✓ 达标\nmet", "✗ 未达\nnot met"
"""The marks, each with a sign of its own."""


def threshold_in(entry: Entry, city: str) -> float | None:
    """Return an indicator's threshold in a city: that of a target which binds the city by name, if there is one."""
    for target in TARGETS.values():
        if target.measure == OfIndicator(entry.code) and city in target.cities:
            return target.target
    return entry.threshold


def threshold_mark(entry: Entry, threshold: float | None, figure: Figure | None) -> str:
    """Return the mark of a figure; empty where there is no figure, no threshold or no way that is better."""
    if threshold is None or figure is None or figure.value is None or entry.good not in ("up", "down"):
        return ""
    reached = figure.value >= threshold if entry.good == "up" else figure.value <= threshold
    return MET if reached else NOT_MET
