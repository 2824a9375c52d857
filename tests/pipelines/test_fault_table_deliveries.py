"""The fault table, its first line: what has a delivery rejected whole, with reason, file and line; others go on."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.schema import CONTRACT_VERSION
from lake.home import Home
from pipelines import journey
from pipelines.rejection import Reason, RejectedDelivery

from .small_inbox import (
    QUIET,
    built,
    csv_text,
    deliver,
    deliveries_of,
    described,
    listed,
    receipt,
    rows,
    run,
    settle,
    sm3,
)

ROWS = rows("population", {"population_no": "P1"}, {"population_no": "P2", "name": "李四"})
TEXT = csv_text(ROWS).encode()
HEADER, FIRST, SECOND = TEXT.splitlines(keepends=True)
ZIPPED = gzip.compress(TEXT, mtime=0)
DAMAGED = ZIPPED[:40] + bytes([ZIPPED[40] ^ 0xFF]) + ZIPPED[41:]
REQUIRED = "population_no, name, sex_code, birth_date, residence_division, residency_type, op, updated_at"
NOTHING = {"delivered": 0, "accepted": 0, "quarantined": 0, "duplicates": 0}


def entry(**changed: Any) -> dict[str, Any]:
    """Return what a manifest says, with the entry of its one file changed."""
    return {"files": [described("rows.csv", TEXT) | changed]}


def without(column: str) -> bytes:
    return csv_text([{name: value for name, value in row.items() if name != column} for row in ROWS]).encode()


MANIFESTS: dict[str, tuple[bytes | dict[str, Any], Reason, str]] = {
    # what the manifest is or says, why the delivery is refused, the field at fault
    "empty": (b"", Reason.MANIFEST, ""),
    "cut off": (b'{"contract": "1", "city"', Reason.MANIFEST, ""),
    "not an object": (b"[]", Reason.MANIFEST, ""),
    "not UTF-8": (b'{"contract": "\xff"}', Reason.MANIFEST, ""),
    "nested without end": (b"[" * 100_000, Reason.MANIFEST, ""),
    "contract missing": (b"{}", Reason.CONTRACT, ""),
    "contract unknown": ({"contract": CONTRACT_VERSION + "0"}, Reason.CONTRACT, ""),
    "feed unknown": ({"feed": "vaccination"}, Reason.FEED, ""),
    "feed a list": ({"feed": ["population"]}, Reason.FEED, ""),
    "city unknown": ({"city": "450100"}, Reason.CITY, ""),
    "city an object": ({"city": {"code": "440100"}}, Reason.CITY, ""),
    "city of another folder": ({"city": "440200"}, Reason.FOLDER, ""),
    "feed of another folder": ({"feed": "emr"}, Reason.FOLDER, ""),
    "period of another folder": ({"period": "2017-01"}, Reason.FOLDER, ""),
    "sequence of another folder": ({"sequence": 2}, Reason.FOLDER, ""),
    "period with a month 13": ({"period": "2018-13"}, Reason.FIELD, "period"),
    "period of a far century": ({"period": "9918-11"}, Reason.FIELD, "period"),
    "extracted a lifetime after its period": ({"extracted_at": "2069-01-01T00:00:00"}, Reason.FIELD, "extracted_at"),
    "sequence 0": ({"sequence": 0}, Reason.FIELD, "sequence"),
    "sequence a text": ({"sequence": "1"}, Reason.FIELD, "sequence"),
    "sequence beyond counting": ({"sequence": 10**30}, Reason.FIELD, "sequence"),
    "mode unknown": ({"mode": "partial"}, Reason.FIELD, "mode"),
    "encoding unknown": ({"encoding": "big5"}, Reason.FIELD, "encoding"),
    "delimiter unknown": ({"delimiter": ";"}, Reason.FIELD, "delimiter"),
    "extracted_at no time": ({"extracted_at": "yesterday"}, Reason.FIELD, "extracted_at"),
    "extracted_at beyond the calendar": ({"extracted_at": "9999-12-31T23:59:59-12:00"}, Reason.FIELD, "extracted_at"),
    "files none": ({"files": []}, Reason.FIELD, "files"),
    "files of names alone": ({"files": ["rows.csv"]}, Reason.FIELD, "files"),
    "file in another folder": (entry(name="../rows.csv"), Reason.FIELD, "name"),
    "file of another kind": (entry(name="rows.xlsx"), Reason.FIELD, "name"),
    "file of a name too long": (entry(name="x" * 300 + ".csv"), Reason.FIELD, "name"),
    "file of a name that can't be written": (entry(name="\ud800.csv"), Reason.FIELD, "name"),
    "rows a text": (entry(rows="2"), Reason.FIELD, "rows"),
    "bytes negative": (entry(bytes=-1), Reason.FIELD, "bytes"),
    "SM3 too short": (entry(sm3="ab"), Reason.FIELD, "sm3"),
}


@dataclass(frozen=True)
class Fault:
    """Files that are refused, where the manifest says that each holds two rows unless it says otherwise."""

    files: dict[str, bytes]
    reason: Reason
    at: str
    line: int | None = None
    detail: str = ""
    stated: dict[str, Any] | None = None


FILES = {
    "SM3 of another content": Fault(
        {"rows.csv": TEXT}, Reason.SM3, "rows.csv", stated=entry(sm3=sm3(SECOND))),
    "a byte more than stated": Fault(
        {"rows.csv": TEXT}, Reason.BYTES, "rows.csv", stated=entry(bytes=len(TEXT) - 1)),
    "a row fewer than stated": Fault(
        {"rows.csv": TEXT}, Reason.ROWS, "rows.csv", detail="2 ≠ 3", stated=entry(rows=3)),
    "a row more than stated, in the second file": Fault(
        {"a.csv": TEXT, "b.csv": HEADER + FIRST * 3}, Reason.ROWS, "b.csv", detail="3 ≠ 2"),
    "a file that is not there": Fault(
        {"rows.csv": TEXT}, Reason.FILE_MISSING, "b.csv",
        stated={"files": [described("rows.csv", TEXT), described("b.csv", TEXT)]}),
    "gzip cut off": Fault({"rows.csv.gz": ZIPPED[:-9]}, Reason.GZIP, "rows.csv.gz"),
    "gzip damaged": Fault({"rows.csv.gz": DAMAGED}, Reason.GZIP, "rows.csv.gz"),
    "gzip with something behind it": Fault({"rows.csv.gz": ZIPPED + b"\1"}, Reason.GZIP, "rows.csv.gz"),
    "gzip of members, the last cut off": Fault({"rows.csv.gz": ZIPPED * 2 + ZIPPED[:9]}, Reason.GZIP, "rows.csv.gz"),
    "text under the name of a gzip": Fault({"rows.csv.gz": TEXT}, Reason.GZIP, "rows.csv.gz"),
    "GB18030 said to be UTF-8": Fault(
        {"rows.csv": TEXT.decode().encode("gb18030")}, Reason.ENCODING, "rows.csv", 2),
    "a byte that is not UTF-8": Fault(
        {"rows.csv": HEADER + FIRST + b"\xff" + SECOND}, Reason.ENCODING, "rows.csv", 3),
    "a byte that is not GB18030": Fault(
        {"rows.csv": HEADER + FIRST + b"\xff" + SECOND}, Reason.ENCODING, "rows.csv", 3,
        stated={"encoding": "gb18030"}),
    "UTF-8 said to be GB18030": Fault(
        {"rows.csv": HEADER + FIRST + "P3,李,".encode() + b"\xe6\x9d\n"}, Reason.ENCODING, "rows.csv", 3,
        stated={"encoding": "gb18030"}),
    "a byte that is not GBK": Fault(
        {"rows.csv": HEADER + FIRST + b"\x80" + SECOND}, Reason.ENCODING, "rows.csv", 3, stated={"encoding": "gbk"}),
    "four octets of GB18030 said to be GBK": Fault(
        {"rows.csv": HEADER + FIRST + "𠀀".encode("gb18030") + SECOND}, Reason.ENCODING, "rows.csv", 3,
        stated={"encoding": "gbk"}),
    "four octets of GB18030 cut short": Fault(
        {"rows.csv": HEADER + FIRST + "𠀀".encode("gb18030")[:3]}, Reason.ENCODING, "rows.csv", 3,
        stated={"encoding": "gb18030"}),
    "half a surrogate in UTF-8": Fault(
        {"rows.csv": HEADER + FIRST + b"\xed\xa0\x80" + SECOND}, Reason.ENCODING, "rows.csv", 3),
    "a byte that is not UTF-8, behind a field of several lines": Fault(
        {"rows.csv": HEADER + b'"P1\n\n\n"' + FIRST.removeprefix(b"P1") + b"\xff" + SECOND},
        Reason.ENCODING, "rows.csv", 6),
    "a byte that is not UTF-8, in gzip": Fault(
        {"rows.csv.gz": gzip.compress(HEADER + FIRST + b"\xff" + SECOND)}, Reason.ENCODING, "rows.csv.gz", 3),
    "a character cut in two at the end": Fault({"rows.csv": TEXT + b"\xe5\xbc"}, Reason.ENCODING, "rows.csv", 4),
    "an open quote in the header": Fault(
        {"rows.csv": b'"' + TEXT}, Reason.HEADER, "rows.csv", 1),
    "a NUL byte in the header": Fault({"rows.csv": b"\n\0" + TEXT}, Reason.HEADER, "rows.csv", 2),
    "a header of a million columns": Fault({"rows.csv": b"," * 999_999 + TEXT}, Reason.HEADER, "rows.csv", 1),
    "no header": Fault({"rows.csv": b""}, Reason.HEADER, "rows.csv", 1),
    "a row in the place of the header": Fault(
        {"rows.csv": FIRST + SECOND}, Reason.HEADER, "rows.csv", 1, REQUIRED),
    "another delimiter than stated": Fault(
        {"rows.csv": TEXT}, Reason.HEADER, "rows.csv", 1, REQUIRED, stated={"delimiter": "|"}),
    "a required column missing": Fault(
        {"rows.csv": without("residency_type")}, Reason.HEADER, "rows.csv", 1, "residency_type"),
    "a column twice": Fault(
        {"rows.csv": HEADER.replace(b"sex_code", b"name") + FIRST + SECOND},
        Reason.HEADER_TWICE, "rows.csv", 1, "name"),
    "a column under both its names": Fault(
        {"rows.csv": HEADER.replace(b"sex_code", "姓名".encode()) + FIRST + SECOND},
        Reason.HEADER_TWICE, "rows.csv", 1, "name"),
}  # fmt: skip
PERIODS = [f"{2000 + n // 12}-{n % 12 + 1:02d}" for n in range(len(MANIFESTS) + len(FILES))]
PERIOD = dict(zip([*MANIFESTS, *FILES], PERIODS, strict=True))
SOUND = ("440200", "440300")


@dataclass(frozen=True)
class Refusals:
    inbox: Path
    home: Home
    outcome: journey.Outcome

    def state_of(self, fault: str) -> tuple[str, str, dict[str, int]]:
        (found,) = [d for d in deliveries_of(self.home) if (d["city"], d["period"]) == ("440100", PERIOD[fault])]
        return found["state"], found["reason"], found["rows"]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Refusals:
    """Run an inbox of every fault and of two sound deliveries."""
    folder = tmp_path_factory.mktemp("refusals")
    inbox, home = folder / "inbox", Home(folder / "home")
    for name, (said, _, _) in MANIFESTS.items():
        stated = said if isinstance(said, dict) else {}
        place = deliver(inbox, "population", ROWS, period=PERIOD[name], stated=stated)
        if isinstance(said, bytes):
            (place / "manifest.json").write_bytes(said)
    for name, fault in FILES.items():
        deliver(inbox, "population", fault.files, period=PERIOD[name], count=2, stated=fault.stated or {})
    for city in SOUND:
        deliver(inbox, "population", ROWS, city)
    return Refusals(inbox, home, journey.run(home, inbox, None, QUIET))


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_cannot_be_taken(tmp_path: Path, name: str) -> None:
    said, reason, detail = MANIFESTS[name]
    place = deliver(tmp_path / "inbox", "population", ROWS, stated=said if isinstance(said, dict) else {})
    if isinstance(said, bytes):
        (place / "manifest.json").write_bytes(said)
    assert_rejected_whole(tmp_path, RejectedDelivery(reason, "manifest.json", detail=detail))


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_not_what_they_should_be(tmp_path: Path, name: str) -> None:
    fault = FILES[name]
    deliver(tmp_path / "inbox", "population", fault.files, count=2, stated=fault.stated or {})
    assert_rejected_whole(tmp_path, RejectedDelivery(fault.reason, fault.at, fault.line, fault.detail))


def assert_rejected_whole(folder: Path, reason: RejectedDelivery) -> None:
    """Run the inbox; its only delivery is rejected for that reason, told in the ledger and the receipt, no row kept."""
    told = run(folder)
    assert (told.status, told.out) == (1, ""), told.err
    place = {"city": "440100", "feed": "population", "period": "2018-11", "sequence": 1}
    outcome = {**place, "state": "rejected", "reason": str(reason), "rows": NOTHING}
    assert listed(folder) == [outcome]
    answer = receipt(folder, "440100", "population")
    assert {name: answer[name] for name in outcome} == outcome
    assert (answer["errors"], answer["warnings"], answer["refused"], answer["refused_rows"]) == ([], [], [], 0)
    assert [path for path in (folder / "home").rglob("*.parquet")] == []


@pytest.mark.parametrize("name", [*MANIFESTS, *FILES])
def test_each_is_rejected_for_the_same_reason_among_the_others(refusals: Refusals, name: str) -> None:
    state, reason, counted = refusals.state_of(name)
    if name in MANIFESTS:
        expected = RejectedDelivery(MANIFESTS[name][1], "manifest.json", detail=MANIFESTS[name][2])
    else:
        expected = RejectedDelivery(FILES[name].reason, FILES[name].at, FILES[name].line, FILES[name].detail)
    assert (state, reason, counted) == ("rejected", str(expected), NOTHING)


def test_the_run_calls_for_attention_and_the_others_are_published(refusals: Refusals) -> None:
    assert refusals.outcome == journey.Outcome(attention=True, published=True)
    accepted = [d for d in deliveries_of(refusals.home) if d["state"] != "rejected"]
    assert [(d["city"], d["state"], d["rows"]["accepted"]) for d in accepted] == [(c, "accepted", 2) for c in SOUND]
    with duckdb.connect(built(refusals.home), read_only=True) as warehouse:
        assert warehouse.execute("SELECT count(*) FROM fact_registration").fetchall() == [(4,)]


def test_a_refused_delivery_leaves_no_row_in_the_home(refusals: Refusals) -> None:
    kept = {path.name[:6] for path in (refusals.home.root / "vault" / "landing" / "population").iterdir()}
    assert kept == set(SOUND)


def test_a_later_run_keeps_the_states_and_calls_for_no_attention(refusals: Refusals) -> None:
    before = deliveries_of(refusals.home)
    assert journey.run(refusals.home, refusals.inbox, None, QUIET) == journey.Outcome(False, False)
    assert deliveries_of(refusals.home) == before


def test_landing_in_processes_finds_the_same(
    refusals: Refusals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.landing.arrivals.PROCESSES_FROM", 0)
    settle(Home(tmp_path / "home"), refusals.inbox)
    assert deliveries_of(Home(tmp_path / "home")) == deliveries_of(refusals.home)


def test_an_unknown_column_is_left_out_and_told_by_its_place(tmp_path: Path) -> None:
    text = csv_text([{**ROWS[0], "blood_type": "AB-secret"}])
    deliver(tmp_path / "inbox", "population", {"rows.csv": text.encode()})
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    (delivery,) = deliveries_of(Home(tmp_path / "home"))
    assert (delivery["state"], delivery["rows"]["accepted"]) == ("accepted", 1)
    assert delivery["reason"].endswith(f"rows.csv#{len(ROWS[0]) + 1}")
    assert "blood_type" not in json.dumps(delivery)


def test_a_folder_without_a_manifest_is_no_delivery_yet(tmp_path: Path) -> None:
    for name in ("001", "002/manifest.json"):
        (tmp_path / "inbox" / "440100" / "population" / "2018-11" / name).mkdir(parents=True)
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    assert deliveries_of(Home(tmp_path / "home")) == []


@pytest.mark.parametrize("name", [b"\xff\xfe", b"x" * 250, "广州".encode("gbk")])
def test_a_folder_of_any_name_is_told_and_refused(tmp_path: Path, name: bytes) -> None:
    deliver(tmp_path / "inbox", "population", ROWS)
    os.rename(os.fsencode(tmp_path / "inbox" / "440100"), os.fsencode(tmp_path / "inbox") + b"/" + name)  # noqa: PTH104
    told = run(tmp_path)
    assert told.status == 1
    ((state, reason),) = [(d["state"], d["reason"]) for d in listed(tmp_path)]
    assert (state, reason) == ("rejected", str(RejectedDelivery(Reason.FOLDER, "manifest.json")))


@pytest.mark.parametrize("name", ["first", "9" * 30, "000"])
def test_a_folder_that_is_no_sequence_is_refused(tmp_path: Path, name: str) -> None:
    folder = deliver(tmp_path / "inbox", "population", ROWS)
    folder.rename(folder.parent / name)
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    assert [(d["sequence"], d["state"], d["reason"]) for d in deliveries_of(Home(tmp_path / "home"))] == [
        (0, "rejected", str(RejectedDelivery(Reason.FOLDER, "manifest.json")))
    ]


def test_a_line_break_in_an_unknown_header_is_no_fault(tmp_path: Path) -> None:
    header = '"blood\ntype",' + HEADER.decode()
    text = header + "".join(f'"AB\n",{line}' for line in (FIRST.decode(), SECOND.decode()))
    deliver(tmp_path / "inbox", "population", {"rows.csv": text.encode()}, count=2)
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    (delivery,) = deliveries_of(Home(tmp_path / "home"))
    assert (delivery["state"], delivery["rows"]["accepted"]) == ("accepted", 2)
    assert delivery["reason"].endswith("rows.csv#1")
