"""Hospitals, H1 to H15, as the counting rules define them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from statistics import median

from tests.warehouse.oracle.access import SETTINGS
from tests.warehouse.oracle.grains import (
    Calendar,
    Cells,
    Figures,
    Number,
    at_institution,
    growth_figures,
    month_of,
    periods_holding,
    until,
)
from tests.warehouse.truth_rows import Row, Truth

TRANSFER = "2"
READMITTED_WITHIN_DAYS = 31


def count_flows(truth: Truth, as_of: date, flows: Cells) -> None:
    """Count encounters by their start, discharges by their end, waits by the slot."""
    for row in until(truth.emr, "start_at", as_of):
        _encounter(truth, row, flows)
    stays: dict[str, list[Row]] = defaultdict(list)
    for row in truth.emr:
        if row["encounter_type"] == "3" and row["person_id"] is not None:
            stays[row["person_id"]].append(row)
    for row in until(truth.emr, "end_at", as_of):
        if row["encounter_type"] == "3":
            _discharge(truth, row, stays[row["person_id"]] if row["person_id"] is not None else None, as_of, flows)
    for row in until(truth.booking, "slot_start", as_of):
        if row["seen_at"] is not None:
            grains = at_institution(truth, row["org_code"], row["city_code"])
            flows.add("H9", month_of(row["slot_start"]), grains, _waited(row), 1)


def _encounter(truth: Truth, row: Row, flows: Cells) -> None:
    month, grains = month_of(row["start_at"]), at_institution(truth, row["org_code"], row["city_code"])
    setting = f"setting={SETTINGS[row['encounter_type']]}"
    drugs, consumables = row["drug_fee"] or 0, row["consumables_fee"] or 0
    if row["encounter_type"] == "1":
        flows.add("H1", month, grains, 1, 0)
        flows.add("H8", month, grains, bool(row["booked"]), 1)
    if row["surgery_level"] is not None:
        flows.add("H5", month, grains, row["surgery_level"] == "4", 1)
    flows.add("H14", month, grains, drugs, row["total_fee"], setting)
    flows.add("H15", month, grains, consumables, row["total_fee"] - drugs, setting)


def _discharge(truth: Truth, row: Row, stays: list[Row] | None, as_of: date, flows: Cells) -> None:
    month, grains = month_of(row["end_at"]), at_institution(truth, row["org_code"], row["city_code"])
    days = max((row["end_at"].date() - row["start_at"].date()).days, 1)
    flows.add("H1", month, grains, 0, 1)
    flows.add("H3", month, grains, row["surgery_level"] is not None, 1)
    flows.add("H12", month, grains, days, 1)
    if stays is not None:
        back = any(other is not row and _is_readmission(row, other, as_of) for other in stays)
        flows.add("H13", month, grains, row["discharge_way"] != TRANSFER and back, 1)


def _is_readmission(discharge: Row, stay: Row, as_of: date) -> bool:
    left, came = discharge["end_at"], stay["start_at"]
    soon = left <= came and (came.date() - left.date()).days <= READMITTED_WITHIN_DAYS
    return soon and not stay["booked"] and came.date() <= as_of


def _waited(slot: Row) -> int:
    """Return how many seconds after the slot's start the patient was seen; who was seen before it waited none."""
    seen: datetime = slot["seen_at"]
    return max(int((seen - slot["slot_start"]).total_seconds()), 0)


def median_waits(truth: Truth, calendar: Calendar) -> Figures:
    """Return the median of the whole minutes waited in each period."""
    waits: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    holding = periods_holding(calendar.periods())
    for row in until(truth.booking, "slot_start", calendar.as_of):
        if row["seen_at"] is not None:
            for period in holding[month_of(row["slot_start"])]:
                for division, level in at_institution(truth, row["org_code"], row["city_code"]):
                    waits[period, division, level].append(_waited(row) // 60)
    return {
        ("H9", *cell, "statistic=median"): (None, len(minutes), Decimal(median(minutes)))
        for cell, minutes in waits.items()
    }


def growth(truth: Truth, calendar: Calendar) -> Figures:
    """Return how far the fee, and the drug fee, of an encounter has grown over the year before."""
    fees = Cells()
    for row in until(truth.emr, "start_at", calendar.as_of):
        month, grains = month_of(row["start_at"]), at_institution(truth, row["org_code"], row["city_code"])
        setting = f"setting={SETTINGS[row['encounter_type']]}"
        fees.add("H10", month, grains, row["total_fee"], 1, setting)
        fees.add("H11", month, grains, row["drug_fee"] or 0, 1, setting)
    return growth_figures(fees, calendar, _mean)


def _mean(sums: list[Number]) -> Fraction | None:
    total, count = sums
    return Fraction(total) / Fraction(count) if count else None
