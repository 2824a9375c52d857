"""The fault table, its rows: each check of each feed and each malformed record, made in real files and run.

What `yimatong run` ends with, what status, ledger and receipt tell, and the quarantine line by line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.feeds import FEEDS
from contracts.schema import Feed, Type
from lake.home import Home
from lake.ledger import Ledger
from quality.checks import Check, Severity, row_checks

from ..quality.contract_cases import cases
from ..quality.quality_cases import SOUND as SOUND_CASE
from .small_inbox import (
    SOUND,
    Row,
    Told,
    csv_text,
    deliver,
    listed,
    numbered,
    parquet_rows,
    receipt,
    rows,
    run,
    settle,
)

CITY = "440100"
SEVERITY = {check.id: check.severity for feed in FEEDS.values() for check in row_checks(feed)}
COLUMN = {check.id: check.column for feed in FEEDS.values() for check in row_checks(feed)}


FREE_KEYS = {
    feed.name: name
    for feed in FEEDS.values()
    for name in feed.key
    if feed.column(name).type is Type.STRING and f"{feed.name}.{name}.form" not in SEVERITY
}
"""The part of a feed's key that may be any text."""


def tables(feed: Feed) -> tuple[list[Row], list[Row]]:
    """Return sound rows of a feed, and its cases; each row has a key of its own where the key may be any text."""
    table = [dict(row) for row, _ in cases(feed)]
    sound: list[Row] = [dict(SOUND[feed.name]) for _ in range(25 * len(table))]
    key = FREE_KEYS.get(feed.name)
    if key is not None:
        for number, row in enumerate(table):
            if row.get(key) == SOUND_CASE[feed.name][key]:
                row[key] = f"case-{number}"
        sound = numbered(feed.name, len(sound))
    return sound, list(table)


@dataclass(frozen=True)
class Line:
    """A row of the second file and the checks that it fails."""

    number: int
    checks: frozenset[str]

    @property
    def errors(self) -> list[str]:
        return sorted(check for check in self.checks if SEVERITY[check] is Severity.ERROR)


def lines(feed: Feed) -> list[Line]:
    """Return what is expected of the file of a feed's cases, line by line."""
    table = enumerate(cases(feed), start=2)
    return [Line(number, frozenset(f"{feed.name}.{check}" for check in checks)) for number, (_, checks) in table]


@dataclass(frozen=True)
class Ran:
    folder: Path
    told: Told
    listed: Mapping[str, dict[str, Any]]
    found: Mapping[str, Mapping[str, int]]

    def quarantine(self, feed: str) -> list[tuple[int, int, str, str, str]]:
        kept = parquet_rows(Home(self.folder / "home"), "vault/quarantine", feed)
        return [(r["file_no"], r["line"], r["check_id"], r["column_name"], r["severity"]) for r in kept]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run for each feed a delivery of sound rows and, in a second file, of a row for each case of the contract."""
    folder = tmp_path_factory.mktemp("rows")
    for feed in FEEDS.values():
        sound, table = tables(feed)
        files = {"a.csv": csv_text(sound).encode(), "b.csv": csv_text(table).encode()}
        deliver(folder / "inbox", feed.name, files)
    told = run(folder)
    ledger = Ledger(Home(folder / "home").ledger_url)
    numbers = {delivery.delivery_no: delivery.feed for delivery in ledger.deliveries()}
    found: dict[str, dict[str, int]] = {feed: {} for feed in FEEDS}
    for result in ledger.check_results():
        found[numbers[result["delivery_no"]]][result["check_id"]] = result["rows"]
    ledger.close()
    return Ran(folder, told, {delivery["feed"]: delivery for delivery in listed(folder)}, found)


CHECKS = [check for feed in FEEDS.values() for check in row_checks(feed)]


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_each_check_refuses_or_warns_of_the_row_that_violates_it(ran: Ran, check: Check) -> None:
    feed = check.id.split(".")[0]
    violating = [line for line in lines(FEEDS[feed]) if check.id in line.checks]
    assert violating
    if check.severity is Severity.ERROR:
        told = {line for _, line, check_id, _, _ in ran.quarantine(feed) if check_id == check.id}
        assert told == {line.number for line in violating}
    assert ran.found[feed][check.id] == len(violating)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_quarantine_names_file_line_check_and_column_of_every_refused_row(ran: Ran, feed: str) -> None:
    expected = [(1, line.number, check, COLUMN[check], "error") for line in lines(FEEDS[feed]) for check in line.errors]
    assert sorted(ran.quarantine(feed)) == sorted(expected)


@pytest.mark.parametrize("feed", FEEDS)
def test_rows_are_counted_and_the_delivery_accepted(ran: Ran, feed: str) -> None:
    delivery = dict(ran.listed[feed])
    counted = delivery.pop("rows")
    assert delivery == {
        "city": CITY, "feed": feed, "period": "2018-11", "sequence": 1, "state": "accepted", "reason": "",
    }  # fmt: skip
    expected = lines(FEEDS[feed])
    assert counted["delivered"] == 26 * len(expected)
    assert counted["quarantined"] == sum(bool(line.errors) for line in expected)
    assert counted["accepted"] + counted["duplicates"] == counted["delivered"] - counted["quarantined"]
    assert counted["duplicates"] == 0 or feed not in FREE_KEYS


@pytest.mark.parametrize("feed", FEEDS)
def test_ledger_and_receipt_tell_how_many_rows_each_check_found(ran: Ran, feed: str) -> None:
    expected = Counter(check for line in lines(FEEDS[feed]) for check in line.checks)
    own = {check: count for check, count in ran.found[feed].items() if check in SEVERITY}
    assert own == expected
    answer = receipt(ran.folder, CITY, feed)
    told = {found["check"]: found["rows"] for found in answer["errors"] + answer["warnings"]}
    assert {check: count for check, count in told.items() if check in SEVERITY} == expected
    refused = [(r["file"], r["line"], r["check"], r["column"]) for r in answer["refused"]]
    assert sorted(refused) == sorted(
        ("b.csv", line.number, check, COLUMN[check]) for line in lines(FEEDS[feed]) for check in line.errors
    )
    assert answer["refused_rows"] == sum(bool(line.errors) for line in lines(FEEDS[feed]))


def test_quarantined_rows_alone_are_no_fault(ran: Ran) -> None:
    assert (ran.told.status, ran.told.out) == (0, ""), ran.told.err


DOUBTS = ("invalid", "sex", "birth")


@pytest.mark.parametrize("feed", [feed.name for feed in FEEDS.values() if feed.has("id_no")])
def test_a_doubtful_number_stays_as_evidence_and_is_no_authority(ran: Ran, feed: str) -> None:
    sound = 25 * len(lines(FEEDS[feed]))
    kept = parquet_rows(Home(ran.folder / "home"), "vault/identity", feed)
    of_cases = {sound - 1 + line.number: line for line in lines(FEEDS[feed])}
    doubted = {number for number, line in of_cases.items() if {f"{feed}.id_no.{d}" for d in DOUBTS} & line.checks}
    found = {row["row_id"] & 0xFFFFFFFF: row for row in kept}
    assert doubted & found.keys()
    assert all(found[n]["id_no"] is not None and not found[n]["id_valid"] for n in doubted & found.keys())
    others = [row for n, row in found.items() if n in of_cases.keys() - doubted and row["id_type"] in (None, "01")]
    assert {row["id_valid"] for row in others if row["id_no"] is not None} == {True}


RECORDS: dict[str, tuple[str, str]] = {
    # a record of two fields too many or few, or unfit, where D is the delimiter and S a sound one; the check
    "a field too few": ("P9D张三", "record.fields"),
    "a field too many": ("SD", "record.fields"),
    "one field": ("P9", "record.fields"),
    "a field too many that has a line break": ('SD"a\nb"', "record.fields"),
    "text behind a closing quote": ('"P9"9S', "record.fields"),
    "a return within a line": ("P9\r9S", "record.fields"),
    "a NUL byte": ("P9\0S", "record.nul"),
    "a NUL byte in quotes, with a line break": ('"P9\n\0"S', "record.nul"),
    "NUL bytes alone": ("\0\0", "record.nul"),
    "a field too few and a NUL byte": ("P9D\0", "record.nul"),
    "a field of a byte more than 64 KiB": ("x" * 65_537 + "S", "record.field_size"),
    "a quoted field over 64 KiB, with line breaks and quotes": ('"' + '""\n' * 33_000 + '"S', "record.field_size"),
    "Chinese text over 64 KiB": ("张" * 22_000 + "S", "record.field_size"),
}
FORMS = [(encoding, delimiter) for encoding in ("utf-8", "gb18030", "gbk") for delimiter in (",", "\t", "|")]
CITIES = ("440100", "440200", "440300", "440400", "440500", "440600", "440700", "440800", "440900")
HEADER = [*SOUND["population"]]


@dataclass(frozen=True)
class Records:
    home: Home
    numbers: Mapping[str, int]
    places: Mapping[str, Mapping[str, tuple[int, bytes]]]
    """By city and record: its line and its text."""

    def of(self, dataset: str, city: str) -> Sequence[dict[str, Any]]:
        kept = parquet_rows(self.home, dataset, "population")
        return [row for row in kept if row["row_id"] >> 32 == self.numbers[city]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Settle a delivery of each encoding and delimiter with every record between sound rows."""
    folder = tmp_path_factory.mktemp("records")
    places: dict[str, dict[str, tuple[int, bytes]]] = {}
    for city, (encoding, delimiter) in zip(CITIES, FORMS, strict=True):
        text, count = csv_text(numbered("population", 300), delimiter), 300
        rest = delimiter.join(SOUND["population"].values()).removeprefix("P1")
        places[city] = {}
        for name, (record, _) in RECORDS.items():
            written = record.replace("D", delimiter).replace("S", rest if record[0] != "S" else "P8" + rest)
            places[city][name] = text.count("\n") + 1, written.encode()
            text += written + "\n" + "sound-" + name.replace(" ", "-").replace(",", "") + rest + "\n"
            count += 2
        files = {"rows.csv": text.encode(encoding)}
        stated = {"encoding": encoding, "delimiter": delimiter}
        deliver(folder / "inbox", "population", files, city, count=count, stated=stated)
    home = Home(folder / "home")
    settle(home, folder / "inbox")
    assert [(d["city"], d["state"]) for d in listed(folder)] == [(city, "accepted") for city in CITIES]
    assert {d["rows"]["quarantined"] for d in listed(folder)} == {len(RECORDS)}
    return Records(home, {city: number for number, city in enumerate(CITIES, start=1)}, places)


@pytest.mark.parametrize("city", CITIES, ids=[f"{encoding} {ord(delimiter)}" for encoding, delimiter in FORMS])
def test_a_malformed_record_is_quarantined_with_raw_text_file_and_line(records: Records, city: str) -> None:
    places = records.places[city]
    expected = [(places[name][0], check) for name, (_, check) in RECORDS.items()]
    found = records.of("vault/quarantine", city)
    assert [(row["line"], row["check_id"]) for row in found] == expected
    assert {(row["file_no"], row["column_name"], row["severity"]) for row in found} == {(0, "", "error")}
    raw = records.of("vault/malformed", city)
    assert [(row["line"], row["raw"]) for row in raw] == list(places.values())


@pytest.mark.parametrize("city", CITIES[:1])
def test_the_rows_beside_it_are_taken(records: Records, city: str) -> None:
    kept = [row["population_no"] for row in records.of("vault/identity", city)]
    assert kept[300:] == [f"sound-{name.replace(' ', '-').replace(',', '')}" for name in RECORDS]


def test_a_field_of_64_kib_is_taken(tmp_path: Path) -> None:
    table: list[Row] = rows("population", {"address": "x" * 65_536}, {"population_no": "P2", "address": "张" * 21_845})
    deliver(tmp_path / "inbox", "population", table)
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    kept = parquet_rows(Home(tmp_path / "home"), "vault/identity", "population")
    assert [row["address"] for row in kept] == [row["address"] for row in table]


FORMULAS = ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("x")']


def test_text_that_a_spreadsheet_would_run_is_stored_as_it_is(tmp_path: Path) -> None:
    table = [row | {"address": text} for row, text in zip(numbered("population", 6), FORMULAS, strict=True)]
    named = [row | {"name": text} for row, text in zip(numbered("institution", 6), FORMULAS, strict=True)]
    deliver(tmp_path / "inbox", "population", table)
    deliver(
        tmp_path / "inbox", "institution", [{**named[n], "org_code": SOUND["institution"]["org_code"]} for n in (0,)]
    )
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    home = Home(tmp_path / "home")
    assert [row["address"] for row in parquet_rows(home, "vault/identity", "population")] == [
        text.strip("\t") for text in FORMULAS
    ]
    assert [row["name"] for row in parquet_rows(home, "content", "institution")] == FORMULAS[:1]
