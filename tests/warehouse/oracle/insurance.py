"""Insurance, I1 to I4, and the feeds held against each other, X1 and X2, as the counting rules define them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from tests.warehouse.oracle.grains import Calendar, Cells, PersonCells, at_institution, month_of, until
from tests.warehouse.truth_rows import Row, Truth

INPATIENT = "21"
AGAIN_WITHIN_DAYS = 7


def count_flows(truth: Truth, as_of: date, flows: Cells) -> None:
    """Count settlements by the day of settlement."""
    encounters: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in truth.emr:
        if row["person_id"] is not None:
            encounters[row["person_id"], row["org_code"]].append(row)
    for row in until(truth.insurance, "settled_at", as_of):
        month, grains = month_of(row["settled_at"]), at_institution(truth, row["org_code"], row["city_code"])
        scheme = f"scheme={row['insutype']}"
        fund, total, in_scope = row["fund_pay_sumamt"], row["medfee_sumamt"], row["inscp_scp_amt"]
        flows.add("I1", month, grains, fund, total, scheme)
        if in_scope is not None:
            flows.add("I2", month, grains, fund, in_scope, scheme)
        flows.add("I3", month, grains, row["psn_cash_pay"], total, scheme)
        if row["med_type"] == INPATIENT and row["cross_region"]:
            flows.add("I4", month, grains, row["direct_settled"], 1)
        of_person = encounters.get((row["person_id"], row["org_code"]), [])
        flows.add("X1", month, grains, any(is_settled_by(encounter, row) for encounter in of_person), 1)


def is_settled_by(encounter: Row, settlement: Row) -> bool:
    """Say whether a settlement of the same person and institution matches an encounter."""
    came, left = encounter["start_at"].date(), (encounter["end_at"] or encounter["start_at"]).date()
    begin, end = settlement["begin_at"].date(), (settlement["end_at"] or settlement["begin_at"]).date()
    fee = settlement["medfee_sumamt"]
    return came <= end and begin <= left and abs(encounter["total_fee"] - fee) <= Decimal("0.01") * fee


def count_persons(truth: Truth, calendar: Calendar, persons: PersonCells) -> None:
    """Count persons examined; of these, those examined for the like elsewhere within a week."""
    examined: dict[str, list[Row]] = defaultdict(list)
    for row in until(truth.emr, "start_at", calendar.as_of):
        if (row["exam_fee"] or 0) > 0 and row["person_id"] is not None and row["diagnosis_code"] is not None:
            examined[row["person_id"]].append(row)
    for person, rows in examined.items():
        for row in rows:
            again = any(_is_examined_again(row, other) for other in rows)
            grains = at_institution(truth, row["org_code"], row["city_code"])
            persons.add("X2", month_of(row["start_at"]), grains, person, again)


def _is_examined_again(first: Row, second: Row) -> bool:
    came, again = first["start_at"], second["start_at"]
    elsewhere = first["org_code"] != second["org_code"]
    alike = first["diagnosis_code"][:3] == second["diagnosis_code"][:3]
    return elsewhere and alike and came <= again and (again.date() - came.date()).days <= AGAIN_WITHIN_DAYS
