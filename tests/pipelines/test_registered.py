"""Institutions that the register lacks: the row is kept, and the delivery carries a warning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey

from .small_inbox import HOSPITAL, QUIET, Row, counts, deliver, deliveries_of, rows, settle

UNKNOWN = "D2143569X44010011A1002"
CASE: Row = {
    "case_no": "C1", "case_type": "1", "urgency": "1", "requester_org": UNKNOWN, "responder_org": HOSPITAL,
    "requested_at": "2018-11-05 08:00:00", "updated_at": "2018-11-06 08:00:00",
}  # fmt: skip


def warnings_of(home: Home) -> dict[str, int]:
    ledger = Ledger(home.ledger_url)
    try:
        return {found["check_id"]: found["rows"] for found in ledger.check_results()}
    finally:
        ledger.close()


@pytest.mark.parametrize(
    ("feed", "delivered", "warned"),
    [
        ("emr", rows("emr", {}, {"encounter_no": "E2", "org_code": UNKNOWN}), {"emr.org_code.register": 1}),
        ("emr", rows("emr", {}), {}),
        ("emr", rows("emr", {}, {"encounter_no": "E2", "org_code": UNKNOWN, "op": "D"}), {}),
        ("insurance", rows("insurance", {"org_code": UNKNOWN}), {"insurance.org_code.register": 1}),
        ("telemedicine", [CASE], {"telemedicine.requester_org.register": 1}),
        ("telemedicine", [dict(CASE) | {"responder_org": ""}], {"telemedicine.requester_org.register": 1}),
        ("population", rows("population", {}), {}),
    ],
)
def test_a_row_of_an_unknown_institution_is_kept_with_a_warning(
    feed: str, delivered: list[Row], warned: dict[str, int], tmp_path: Path
) -> None:
    deliver(tmp_path / "inbox", "institution", rows("institution", {}))
    deliver(tmp_path / "inbox", feed, delivered, city="440200")
    home = Home(tmp_path / "home")
    settle(home, tmp_path / "inbox")
    assert warnings_of(home) == warned
    assert [d["rows"]["quarantined"] for d in deliveries_of(home)] == [0, 0]


def test_without_a_register_nothing_is_compared(tmp_path: Path) -> None:
    deliver(tmp_path / "inbox", "emr", rows("emr", {}))
    home = Home(tmp_path / "home")
    settle(home, tmp_path / "inbox")
    assert (counts(home)["accepted"], warnings_of(home)) == (1, {})


def test_the_receipt_tells_the_city(tmp_path: Path) -> None:

    deliver(tmp_path / "inbox", "institution", rows("institution", {}))
    deliver(tmp_path / "inbox", "emr", rows("emr", {"org_code": UNKNOWN}))
    journey.run(Home(tmp_path / "home"), tmp_path / "inbox", None, QUIET)
    (path,) = (tmp_path / "home" / "receipts").rglob("emr/**/*.json")
    (warning,) = json.loads(path.read_text(encoding="utf-8"))["warnings"]
    assert (warning["check"], warning["column"], warning["rows"]) == ("emr.org_code.register", "org_code", 1)
    assert UNKNOWN not in path.read_text(encoding="utf-8")
