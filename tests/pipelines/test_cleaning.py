"""What cleaning makes of delivered rows: accepted, quarantined with the reason, or duplicates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lake.home import Home
from lake.ledger import Ledger
from pipelines.status import status_of

from .small_inbox import HOSPITAL, SOUND, Row, counts, csv_text, deliver, numbered, parquet_rows, rows, settle

MANY = 100
"""Sound rows beside the faulty ones, so that these stay few."""


def cleaned(folder: Path, feed: str, *table: Row, **delivery: Any) -> Home:
    """Run one delivery of these rows."""
    deliver(folder / "inbox", feed, list(table), **delivery)
    settle(Home(folder / "home"), folder / "inbox")
    return Home(folder / "home")


def halves(home: Home, feed: str) -> list[dict[str, Any]]:
    """Return the accepted rows, both halves together."""
    content = {row["row_id"]: row for row in parquet_rows(home, "content", feed)}
    return [content[row["row_id"]] | row for row in parquet_rows(home, "vault/identity", feed)]


FAULTY = {
    # what is changed in a sound row, the checks that refuse it
    "one fault": ({"birth_date": "1987-13-01"}, {"birth_date": "population.birth_date.type"}),
    "two faults": (
        {"name": "", "sex_code": "7"},
        {"name": "population.name.required", "sex_code": "population.sex_code.code"}),
    "a fault and a warning": (
        {"residency_type": "9", "phone": "1"}, {"residency_type": "population.residency_type.code"}),
    "a deletion without its key": (
        {"op": "D", "population_no": ""}, {"population_no": "population.population_no.required"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Run sound rows and, in a second file, a sound row and the faulty ones, a warned one and malformed ones."""
    sound = numbered("population", MANY)
    others = [{"population_no": "first"}, *(changed for changed, _ in FAULTY.values()), {"phone": "1"}]
    text = csv_text(rows("population", *others)) + "P9,too,few\n" + "P9,a \0 byte" + "," * 6 + "\n"
    folder = tmp_path_factory.mktemp("faulty")
    deliver(folder / "inbox", "population", {"a.csv": csv_text(sound).encode(), "b.csv": text.encode()})
    settle(Home(folder / "home"), folder / "inbox")
    return Home(folder / "home")


def test_a_refused_row_carries_check_column_and_place(faulty: Home) -> None:
    found = parquet_rows(faulty, "vault/quarantine", "population")
    expected = [
        (MANY + 2 + nth, 1, 3 + nth, check, column)
        for nth, (_, checks) in enumerate(FAULTY.values())
        for column, check in checks.items()
    ]
    last = MANY + len(FAULTY) + 3
    line = len(FAULTY) + 4
    expected += [(last, 1, line, "record.fields", ""), (last + 1, 1, line + 1, "record.nul", "")]
    assert [
        (row["row_id"] & 0xFFFFFFFF, row["file_no"], row["line"], row["check_id"], row["column_name"]) for row in found
    ] == expected
    assert {row["row_id"] >> 32 for row in found} == {1}
    assert {row["severity"] for row in found} == {"error"}


def test_a_refused_row_leaves_its_values_behind(faulty: Home) -> None:
    assert {tuple(row) for row in parquet_rows(faulty, "vault/quarantine", "population")} == {
        ("row_id", "file_no", "line", "check_id", "column_name", "severity")
    }


def test_rows_are_accepted_quarantined_or_duplicates(faulty: Home) -> None:
    refused = len(FAULTY) + 2
    assert counts(faulty) == {
        "delivered": MANY + 2 + refused, "accepted": MANY + 2, "quarantined": refused, "duplicates": 0,
    }  # fmt: skip
    assert status_of(faulty)["conservation"] == {"ok": True, "broken": []}


def test_refused_rows_are_in_no_half(faulty: Home) -> None:
    accepted = {row["row_id"] & 0xFFFFFFFF for row in parquet_rows(faulty, "vault/keys", "population")}
    assert accepted == {*range(1, MANY + 2), MANY + 2 + len(FAULTY)}
    for half in ("vault/identity", "content"):
        assert {row["row_id"] & 0xFFFFFFFF for row in parquet_rows(faulty, half, "population")} == accepted


def test_the_ledger_counts_what_each_check_found_warnings_included(faulty: Home) -> None:
    ledger = Ledger(faulty.ledger_url)
    found = {row["check_id"]: row["rows"] for row in ledger.check_results()}
    ledger.close()
    errors = {check: 1 for _, checks in FAULTY.values() for check in checks.values()}
    assert found == errors | {"population.phone.form": 2}


DUPLICATES: dict[str, tuple[list[tuple[str, str]], str]] = {
    # day of updated_at and name of each row of the key, and the name of the row that counts
    "identical rows": ([("05", "a"), ("05", "a")], "a"),
    "the newest updated_at": ([("05", "a"), ("07", "b"), ("06", "c")], "b"),
    "the last of rows as new": ([("05", "a"), ("05", "b")], "b"),
    "a newer row that was refused": ([("05", "a"), ("07", "")], "a"),
}


@pytest.mark.parametrize("case", DUPLICATES)
def test_rows_of_one_key_in_a_delivery(tmp_path: Path, case: str) -> None:
    given, name = DUPLICATES[case]
    same = [{"population_no": "same", "updated_at": f"2018-11-{day} 08:00:00", "name": name} for day, name in given]
    home = cleaned(tmp_path, "population", *numbered("population", MANY), *rows("population", *same))
    refused = sum(not name for _, name in given)
    assert counts(home) == {
        "delivered": MANY + len(given), "accepted": MANY + 1, "quarantined": refused,
        "duplicates": len(given) - 1 - refused,
    }  # fmt: skip
    assert [row["name"] for row in halves(home, "population") if row["population_no"] == "same"] == [name]


def test_a_source_key_is_the_key_columns_as_cleaned_joined_with_a_bar(tmp_path: Path) -> None:
    home = cleaned(tmp_path, "emr", *rows("emr", {"encounter_no": " E1 ", "org_code": HOSPITAL.lower()}))
    assert [row["source_key"] for row in parquet_rows(home, "vault/keys", "emr")] == [f"{HOSPITAL}|E1"]


def test_a_deletion_is_a_key_without_halves(tmp_path: Path) -> None:
    deletion = dict.fromkeys(SOUND["population"], "") | {
        "population_no": "P9", "op": "D", "updated_at": "2018-11-05 08:00:00",
    }  # fmt: skip
    home = cleaned(tmp_path, "population", *rows("population", {}), deletion)
    assert [(row["source_key"], row["op"]) for row in parquet_rows(home, "vault/keys", "population")] == [
        ("P1", "I"), ("P9", "D"),
    ]  # fmt: skip
    assert [row["population_no"] for row in halves(home, "population")] == ["P1"]


SPELLED: dict[str, tuple[str, object]] = {
    "encounter_type": ("１", "1"),
    "org_code": ("ｄ２１４３５６９ｘ４４０１００１１ａ１００１", HOSPITAL),
    "start_at": ("２０１８－１１－０５　０８：００：００", datetime(2018, 11, 5, 8)),
    "updated_at": ("2018-11-06T08:00:00+08:00", datetime(2018, 11, 6, 8)),
    "birth_date": ("１９８７／０７／１９", date(1987, 7, 19)),
    "total_fee": ("１，２３４．５０", Decimal("1234.50")),
    "drug_fee": (" 12.345 ", Decimal("12.35")),
    "exam_fee": ("不详", None),
    "booked": ("Ｙ", True),
    "diagnosis_code": ("ｉ10.x00x002", "I10.X00X002"),
    "id_no": ("１１０１０１１９９００３０７７７５８", "110101199003077758"),
    "name": ("Ａ·Ｂ", "Ａ·Ｂ"),
    "address": ("\u3000中山路 1 号 ", "中山路 1 号"),
    "phone": ("无", None),
    "op": ("ｕ", "U"),
}


def test_values_become_what_they_mean(tmp_path: Path) -> None:
    spelled = {column: text for column, (text, _) in SPELLED.items()}
    home = cleaned(tmp_path, "emr", *rows("emr", spelled))
    (key,), (row,) = parquet_rows(home, "vault/keys", "emr"), halves(home, "emr")
    meant = {column: value for column, (_, value) in SPELLED.items()}
    assert {column: (row | key)[column] for column in meant} == meant


@pytest.mark.parametrize(
    ("text", "number"),
    [("110101900307775", "110101199003077758"), ("11010119900307775x", "11010119900307775X"), ("e1 2", "E1 2")],
)
def test_an_id_number_is_kept_in_its_18_characters(tmp_path: Path, text: str, number: str) -> None:
    home = cleaned(tmp_path, "population", *rows("population", {"id_no": text, "birth_date": "1990-03-07"}))
    assert [row["id_no"] for row in halves(home, "population")] == [number]
