"""Sources held against each other, C1 to C4, as the counting rules define them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from tests.warehouse.oracle.grains import Calendar, Cells, at_institution, grains_of, month_of, until
from tests.warehouse.oracle.insurance import is_settled_by
from tests.warehouse.truth_rows import Row, Truth


def count_flows(truth: Truth, as_of: date, flows: Cells) -> None:
    """Count settlements without an encounter, encounters without a settlement, encounters of the dead."""
    encounters: dict[tuple[str, str], list[Row]] = defaultdict(list)
    settlements: dict[tuple[str, str], list[Row]] = defaultdict(list)
    insured = {row["person_id"] for row in truth.insurance if row["person_id"] is not None}
    for rows, of_person in ((truth.emr, encounters), (truth.insurance, settlements)):
        for row in rows:
            if row["person_id"] is not None:
                of_person[row["person_id"], row["org_code"]].append(row)
    for row in until(truth.insurance, "settled_at", as_of):
        found = encounters.get((row["person_id"], row["org_code"]), [])
        alone = not any(is_settled_by(encounter, row) for encounter in found)
        flows.add("C1", month_of(row["settled_at"]), at_institution(truth, row["org_code"], row["city_code"]), alone, 1)
    for row in until(truth.emr, "start_at", as_of):
        month, person = month_of(row["start_at"]), row["person_id"]
        if person in insured:
            found = settlements.get((person, row["org_code"]), [])
            alone = not any(is_settled_by(row, settlement) for settlement in found)
            flows.add("C2", month, at_institution(truth, row["org_code"], row["city_code"]), alone, 1)
        home = truth.residence_of(person)
        if home is not None:
            died = truth.persons[person]["death_date"]
            flows.add("C3", month, grains_of(home), died is not None and month_of(died) < month, 1)


def count_states(truth: Truth, calendar: Calendar, states: Cells) -> None:
    """Count who is connected without uploading."""
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in truth.platform_connection:
        rows[row["org_code"], row["month"]].append(row)
    known = sorted({row["month"] for row in truth.platform_connection})
    for month in calendar.months:
        end = calendar.end(month)
        for org, institution in truth.institutions.items():
            opened, closed = institution["opened_on"], institution["closed_on"]
            is_open = (opened is None or opened <= end) and (closed is None or closed > end)
            uploads = [row["last_upload_at"] for row in rows[org, month] if row["connected"]]
            if known and known[0] <= month <= known[-1] and institution["public"] and is_open and uploads:
                live = any(at and month_of(at) == month and at.date() <= calendar.as_of for at in uploads)
                states.add("C4", month, at_institution(truth, org, institution["city_code"]), not live, 1)
