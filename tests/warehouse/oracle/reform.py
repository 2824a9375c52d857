"""Care close to home and primary care, R1 to R12, as the counting rules define them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.warehouse.oracle.grains import (
    Calendar,
    Cells,
    Figures,
    at_institution,
    grains_of,
    growth_figures,
    is_closest,
    month_of,
    until,
)
from tests.warehouse.oracle.residents import is_65, residents_at
from tests.warehouse.truth_rows import Row, Truth, in_province

PRIMARY_CARE = ("C", "D", "E")


def count_flows(truth: Truth, as_of: date, flows: Cells) -> None:
    """Count encounters: at primary care, within the county, sent down and sent up."""
    for row in until(truth.emr, "start_at", as_of):
        month, home = month_of(row["start_at"]), truth.residence_of(row["person_id"])
        stands_in = truth.division_of(row["org_code"], row["city_code"])
        if row["encounter_type"] in ("1", "2"):
            institution = truth.institutions.get(row["org_code"])
            primary = institution is not None and institution["category"] in PRIMARY_CARE
            flows.add("R1", month, grains_of(home or "440000"), primary, 1)
        if home is not None:
            within = home == stands_in and is_closest(home)
            flows.add("R3" if row["encounter_type"] == "3" else "R2", month, grains_of(home), within, 1)
        down, up = row["referral"] == "2", row["referral"] == "1"
        if down or up:
            flows.add("R5", month, at_institution(truth, row["org_code"], row["city_code"]), down, up)


def growth(truth: Truth, calendar: Calendar) -> Figures:
    """Return how far referrals down have grown over the year before."""
    sent_down = Cells()
    for row in until(truth.emr, "start_at", calendar.as_of):
        if row["referral"] == "2":
            grains = at_institution(truth, row["org_code"], row["city_code"])
            sent_down.add("R4", month_of(row["start_at"]), grains, 1, 0)
    return growth_figures(sent_down, calendar, lambda sums: Fraction(sums[0]))


def count_states(truth: Truth, calendar: Calendar, states: Cells) -> None:
    """Count what is so at the end of each month: residents with a doctor or a record, and the records themselves."""
    active = [row for row in truth.ehr if row["status"] == "1"]
    for month in calendar.months:
        _residents(truth, active, calendar.end(month), month, states)
        for row in active:
            if row["created_on"] <= calendar.end(month):
                _record(truth, row, calendar.end(month), calendar.as_of, states)


def _residents(truth: Truth, active: list[Row], end: date, month: str, states: Cells) -> None:
    with_doctor = {row["person_id"] for row in active if row["contract_on"] and row["contract_on"] <= end}
    with_record = {row["person_id"] for row in active if row["created_on"] <= end}
    for person_id, division in residents_at(truth, month):
        states.add("R6", month, grains_of(division), person_id in with_doctor, 1)
        states.add("R7", month, grains_of(division), person_id in with_record, 1)
        states.add_to("basis=raw", "R7", month, grains_of(division), 0, 1)
    for row in active:
        if row["created_on"] <= end:
            division = in_province(row["residence_division"]) or row["city_code"]
            states.add_to("basis=raw", "R7", month, grains_of(division), 1, 0)


def _record(truth: Truth, row: Row, end: date, as_of: date, states: Cells) -> None:
    month, grains = month_of(end), at_institution(truth, row["org_code"], row["city_code"])
    served = row["last_service_on"]
    states.add("R8", month, grains, served is not None and served <= as_of and year_later(served) > end, 1)
    if row["hypertension_managed"]:
        states.add("R9", month, grains, bool(row["hypertension_standard"]), 1)
        states.add("R10", month, grains, _pressure_is_controlled(truth, row, end), 1)
    if row["diabetes_managed"]:
        glucose = row["fasting_glucose"]
        states.add("R11", month, grains, bool(row["diabetes_standard"]), 1)
        states.add("R12", month, grains, glucose is not None and glucose < 7, 1)


def _pressure_is_controlled(truth: Truth, row: Row, end: date) -> bool:
    systolic, diastolic = row["systolic_bp"], row["diastolic_bp"]
    if systolic is None or diastolic is None:
        return False
    return diastolic < 90 and systolic < (150 if is_65(truth, row["person_id"], end) else 140)


def year_later(day: date) -> date:
    """Return the same day a year later; 28 February for the 29th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap_day else day.day)
