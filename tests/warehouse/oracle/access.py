"""Access and the health code, A1 to A14, as the counting rules define them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from tests.warehouse.oracle.grains import (
    Calendar,
    Cells,
    Grain,
    PersonCells,
    at_institution,
    grains_of,
    month_of,
    months_between,
    until,
)
from tests.warehouse.oracle.residents import residents_at
from tests.warehouse.truth_rows import Row, Truth, in_province

TEN_SERVICES = {f"S{number:02d}" for number in range(1, 11)}
HOSPITALS = ("A", "B", "F")
PRECISION = {"3": timedelta(minutes=30), "2": timedelta(minutes=60)}
SETTINGS = {"1": "outpatient", "2": "emergency", "3": "inpatient"}


def is_open(institution: Row, day: date) -> bool:
    """Say whether an institution is open on a day."""
    opened, closed = institution["opened_on"], institution["closed_on"]
    return (opened is None or opened <= day) and (closed is None or closed > day)


def is_live(row: Row, day: date) -> bool:
    """Say whether a function or service is live on a day."""
    return bool(row["live"]) and (row["live_on"] is None or row["live_on"] <= day)


def count_flows(truth: Truth, as_of: date, flows: Cells) -> None:
    """Count what happens: slots, cases, linked records, scans, encounters."""
    _slots(truth, as_of, flows)
    _cases(truth, as_of, flows)
    _linked_records(truth, as_of, flows)
    for row in until(truth.code_usage, "day", as_of):
        grains = at_institution(truth, row["org_code"], row["city_code"])
        decoded, scans = row["scans"] - row["failures"], row["scans"]
        flows.add("A12", month_of(row["day"]), grains, decoded, scans, f"scene={row['scene']}")
    for row in until(truth.emr, "start_at", as_of):
        grains = at_institution(truth, row["org_code"], row["city_code"])
        setting = f"setting={SETTINGS[row['encounter_type']]}"
        flows.add("A14", month_of(row["start_at"]), grains, row["health_code"] is not None, 1, setting)


def _slots(truth: Truth, as_of: date, flows: Cells) -> None:
    for row in until(truth.booking, "slot_start", as_of):
        institution = truth.institutions.get(row["org_code"])
        if institution is None or not institution["public"] or institution["category"] not in HOSPITALS:
            continue
        if institution["level"] in PRECISION:
            precise = row["slot_end"] - row["slot_start"] <= PRECISION[institution["level"]]
            grains = at_institution(truth, row["org_code"], row["city_code"])
            flows.add("A6", month_of(row["slot_start"]), grains, precise, 1)
    for row in until(truth.booking, "released_at", as_of):
        at_night = row["released_at"].time() >= time(22) or row["released_at"].time() < time(6)
        grains = at_institution(truth, row["org_code"], row["city_code"])
        flows.add("A7", month_of(row["released_at"]), grains, at_night, 1)


def _cases(truth: Truth, as_of: date, flows: Cells) -> None:
    for row in until(truth.telemedicine, "requested_at", as_of):
        month, grains = month_of(row["requested_at"]), at_institution(truth, row["requester_org"], row["city_code"])
        if row["case_type"] == "1" and row["urgency"] == "1":
            flows.add("A8", month, grains, _within(row, "arranged_at", timedelta(minutes=60)), 1)
        if row["case_type"] in ("3", "4", "5"):
            flows.add("A9", month, grains, _within(row, "completed_at", timedelta(minutes=30)), 1)


def _within(case: Row, column: str, limit: timedelta) -> bool:
    done: datetime | None = case[column]
    return done is not None and done - case["requested_at"] <= limit


def _linked_records(truth: Truth, as_of: date, flows: Cells) -> None:
    def add(feed: str, row: Row, when: date, grains: Iterable[Grain]) -> None:
        linked = row["person_id"] is not None and row["registered"]
        flows.add("A10", month_of(when), grains, linked, 1, f"feed={feed}")

    for row in until(truth.population, "updated_at", as_of):
        lives_in = in_province(row["residence_division"]) or row["city_code"]
        add("population", row, row["updated_at"], grains_of(lives_in))
    for feed, rows, column in (
        ("ehr", truth.ehr, "updated_at"), ("emr", truth.emr, "start_at"), ("insurance", truth.insurance, "settled_at"),
    ):  # fmt: skip
        for row in until(rows, column, as_of):
            add(feed, row, row[column], at_institution(truth, row["org_code"], row["city_code"]))


def count_states(truth: Truth, calendar: Calendar, states: Cells) -> None:
    """Count what is so at the end of each month: institutions, functions, services, activations."""
    _connections(truth, calendar, states)
    services: dict[str, list[Row]] = defaultdict(list)
    for row in truth.smart_service:
        services[row["org_code"]].append(row)
    activated: dict[tuple[str, str], int] = defaultdict(int)
    for row in until(truth.code_activation, "day", calendar.as_of):
        activated[row["city_code"], month_of(row["day"])] += row["activated"]
    for month in calendar.months:
        end = calendar.end(month)
        for row in truth.platform_function:
            states.add("A2", month, grains_of(row["city_code"]), is_live(row, end), 1)
        for org_code, grains in _open_public(truth, end):
            institution = truth.institutions[org_code]
            if institution["category"] in HOSPITALS and institution["level"] in ("3", "2"):
                live = {row["service_code"] for row in services[org_code] if is_live(row, end)}
                states.add("A5", month, grains, live >= TEN_SERVICES, 1)
        for (city, then), number in activated.items():
            if then <= month:
                states.add("A13", month, grains_of(city), number, 0)
        for _, division in residents_at(truth, month):
            city_and_above = [(code, level) for code, level in grains_of(division) if code.endswith("00")]
            states.add("A13", month, city_and_above, 0, 1)


def _open_public(truth: Truth, day: date) -> Iterator[tuple[str, tuple[Grain, ...]]]:
    for org_code, institution in truth.institutions.items():
        if institution["public"] and is_open(institution, day):
            yield org_code, at_institution(truth, org_code, institution["city_code"])


def _connections(truth: Truth, calendar: Calendar, states: Cells) -> None:
    as_of = calendar.as_of
    connected, code_live = set(), set()
    for row in truth.platform_connection:
        org_month, upload = (row["org_code"], row["month"]), row["last_upload_at"]
        if row["connected"] and upload and month_of(upload) == row["month"] and upload.date() <= as_of:
            connected.add(org_month)
        if row["code_live"]:
            code_live.add(org_month)
    scans: dict[tuple[str, str], int] = defaultdict(int)
    for row in until(truth.code_usage, "day", as_of):
        scans[row["org_code"], month_of(row["day"])] += row["scans"]
    known = {row["month"] for row in truth.platform_connection}
    for month in months_between(min(known), max(known)) if known else []:
        if month > month_of(as_of):
            continue
        for org_code, grains in _open_public(truth, calendar.end(month)):
            states.add("A1", month, grains, (org_code, month) in connected, 1)
            scanned = (org_code, month) in code_live and scans[org_code, month] > 0
            for indicator, level in (("A3", "3"), ("A4", "2")):
                if truth.institutions[org_code]["level"] == level:
                    states.add(indicator, month, grains, scanned, 1)


def count_persons(truth: Truth, calendar: Calendar, persons: PersonCells) -> None:
    """Count persons with an encounter; of these, those whose health record was there by the end of its month."""
    recorded_since: dict[str, date] = {}
    for row in truth.ehr:
        if row["status"] == "1" and row["person_id"] is not None:
            before = recorded_since.get(row["person_id"], row["created_on"])
            recorded_since[row["person_id"]] = min(before, row["created_on"])
    for row in until(truth.emr, "start_at", calendar.as_of):
        person, month = row["person_id"], month_of(row["start_at"])
        if person is not None:
            recorded = person in recorded_since and recorded_since[person] <= calendar.end(month)
            grains = at_institution(truth, row["org_code"], row["city_code"])
            persons.add("A11", month, grains, person, recorded)
