"""The same rows in every form that a delivery may have: encoding, compression, delimiter, headers, files."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from contracts.divisions import CITIES
from contracts.feeds import FEEDS
from contracts.schema import Type
from lake.home import Home

from .small_inbox import csv_text, deliver, deliveries_of, described, parquet_rows, rows, settle

TABLE = rows(
    "population", {"population_no": "P1", "address": "龙津路, “甲”号"}, {"population_no": "P2", "name": '李"四"'},
    {"population_no": "P3", "address": "一楼\n二楼"},
)  # fmt: skip
TEXT = csv_text(TABLE)
ZH = [{FEEDS["population"].column(name).zh: value for name, value in row.items()} for row in TABLE]
PADDED = [{name: f" \t{value}\u3000" for name, value in row.items()} for row in TABLE]
TO_WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
PARSED = [column.name for column in FEEDS["population"].columns if column.type is not Type.STRING]
WIDE = [row | {name: row[name].translate(TO_WIDE) for name in PARSED if name in row} for row in TABLE]
LOWER = [row | {"op": row["op"].lower()} for row in TABLE]
BACKWARDS = [dict(reversed(row.items())) for row in TABLE]
MEMBERS = [gzip.compress(part.encode()) for part in (TEXT[:50], TEXT[50:])]
HALVES = {"a.csv": csv_text(TABLE[:1]).encode(), "b.csv": csv_text(ZH[1:]).encode()}
FORMS: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    # files and what the manifest says of them
    "UTF-8": ({"a.csv": TEXT.encode()}, {}),
    "UTF-8 with BOM": ({"a.csv": TEXT.encode("utf-8-sig")}, {}),
    "GB18030": ({"a.csv": TEXT.encode("gb18030")}, {"encoding": "gb18030"}),
    "GBK": ({"a.csv": TEXT.encode("gbk")}, {"encoding": "gbk"}),
    "gzip": ({"a.csv.gz": gzip.compress(TEXT.encode())}, {}),
    "gzip of two members": ({"a.csv.gz": b"".join(MEMBERS)}, {}),
    "GB18030 in gzip": ({"a.csv.gz": gzip.compress(TEXT.encode("gb18030"))}, {"encoding": "gb18030"}),
    "tab": ({"a.csv": csv_text(TABLE, "\t").encode()}, {"delimiter": "\t"}),
    "bar": ({"a.csv": csv_text(TABLE, "|").encode()}, {"delimiter": "|"}),
    "lines that end as on Windows": ({"a.csv": csv_text(TABLE, ending="\r\n").encode()}, {}),
    "no line break at the end": ({"a.csv": TEXT.rstrip("\n").encode()}, {}),
    "blank lines": ({"a.csv": TEXT.replace("\nP2", "\n\nP2").encode() + b"\n\n"}, {}),
    "Chinese headers": ({"a.csv": csv_text(ZH).encode()}, {}),
    "headers in capitals": ({"a.csv": TEXT.replace("population_no", "Population_No").encode()}, {}),
    "white space around every value": ({"a.csv": csv_text(PADDED).encode()}, {}),
    "digits and letters in full width": ({"a.csv": csv_text(WIDE).encode()}, {}),
    "codes in lower case": ({"a.csv": csv_text(LOWER).encode()}, {}),
    "columns in another order": ({"a.csv": csv_text(BACKWARDS).encode()}, {}),
    "two files": (HALVES, {"files": [described(name, HALVES[name], n) for n, name in enumerate(HALVES, start=1)]}),
}
CITY = dict(zip(FORMS, CITIES, strict=False))


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Run the rows in every form; each form has its city."""
    folder = tmp_path_factory.mktemp("forms")
    for name, (files, stated) in FORMS.items():
        deliver(folder / "inbox", "population", files, CITY[name], count=len(TABLE), stated=stated)
    settle(Home(folder / "home"), folder / "inbox")
    return Home(folder / "home")


def accepted(home: Home, form: str) -> dict[str, list[dict[str, Any]]]:
    """Return the accepted rows of a form, half by half, named by their ordinal in the delivery."""
    numbers = {delivery["city"]: number for number, delivery in enumerate(deliveries_of(home), start=1)}
    return {
        half: [
            row | {"row_id": row["row_id"] & 0xFFFFFFFF}
            for row in parquet_rows(home, half, "population")
            if row["row_id"] >> 32 == numbers[CITY[form]]
        ]
        for half in ("vault/identity", "content", "vault/keys")
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(forms: Home, form: str) -> None:
    found = accepted(forms, form)
    assert [row["row_id"] for row in found["content"]] == [1, 2, 3]
    assert [(row["population_no"], row["name"], row["address"]) for row in found["vault/identity"]] == [
        (row["population_no"], row["name"], row.get("address")) for row in TABLE
    ]
    assert found == accepted(forms, "UTF-8")


def test_every_feed_may_come_under_its_chinese_headers(tmp_path: Path) -> None:
    for feed in FEEDS.values():
        header = ",".join(column.zh for column in feed.columns)
        deliver(tmp_path / "inbox", feed.name, {"a.csv": f"{header}\n".encode()})
    settle(Home(tmp_path / "home"), tmp_path / "inbox")
    found = {d["feed"]: (d["state"], d["reason"]) for d in deliveries_of(Home(tmp_path / "home"))}
    assert found == dict.fromkeys(FEEDS, ("accepted", ""))
