"""pseudopeople's sample: a simulated town in which households share surnames and addresses and people move.

Two tasks: the census of 2030 with the register of social security numbers, as the Census Bureau links them, by names,
birth date and sex; and the W-2 and 1099 forms of 2029 and 2030, their social security number kept aside, by names,
address and employer. Each as it ships, which is clean, with the noise that the package makes by default, and with five
times that.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.gold.noise import Noise
from benchmarks.gold.task import Task, clean, put_records
from benchmarks.gold.words import DIFFERENT, digits, equal, same, slips, unknown, words
from lake.engine import located
from linkage.evidence.comparison import Comparison, Level

_NOISE = {"": 0, ", noise": 1, ", noise x5": 5}

CENSUS_COLUMNS = ("first_name", "middle_initial", "last_name", "date_of_birth", "sex")
_FIRST, _LAST = "first_name[:3]", "last_name[:3]"
_DAY = "list_sort(string_split(date_of_birth[5:], ''))"
CENSUS_KEYS = (
    ("first_name", "last_name"),
    *combinations((_FIRST, _LAST, "middle_initial", "date_of_birth[:4]", _DAY), 3),
)
CENSUS_COMPARISONS = (
    words("first_name"),
    equal("middle_initial"),
    words("last_name"),
    digits("date_of_birth", 1, 2),
    equal("sex"),
)

FORM_COLUMNS = ("first_name", "middle_initial", "last_name", "address", "street_name", "employer_name")
_FORM_GIVEN = (
    "first_name", "middle_initial", "last_name", "street_number", "street_name", "unit_number", "employer_name",
)  # fmt: skip
FORM_KEYS = (
    ("first_name", "last_name"),
    ("first_name", "address"),
    ("last_name", "address"),
    ("middle_initial", "address"),
    *combinations((_FIRST, _LAST, "middle_initial", "street_name[:5]"), 3),
    *combinations((_FIRST, _LAST, "middle_initial", "employer_name[:5]"), 3),
)
FORM_COMPARISONS = (
    words("first_name"),
    equal("middle_initial"),
    words("last_name"),
    Comparison(
        "address",
        unknown("address"),
        (same("address"), *slips("address", 2), Level("street", "l.street_name = r.street_name"), DIFFERENT),
    ),
    words("employer_name"),
)


def tasks(wheels: Path) -> list[Task]:
    """Return the tasks; `wheels` is where the wheel is unpacked."""
    package = wheels / "pseudopeople"
    census = [
        Task(
            f"census x SSA{name}", 2, partial(_load_census, package, times), CENSUS_KEYS, CENSUS_COMPARISONS,
            {column: column for column in ("first_name", "last_name")},
            (),
            {"documented": partial(_compare, CENSUS_COLUMNS)},
            (("last_name",), ("date_of_birth",), ("first_name", "middle_initial")),
        )
        for name, times in _NOISE.items()
    ]  # fmt: skip
    forms = [
        Task(
            f"W-2 without SSN{name}", 1, partial(_load_forms, package, times), FORM_KEYS, FORM_COMPARISONS,
            {column: column for column in ("first_name", "last_name", "address", "employer_name")},
            ("last_name", "address"),
            {"documented": partial(_compare, FORM_COLUMNS)},
            (("last_name",), ("first_name", "middle_initial"), ("first_name", "address")),
        )
        for name, times in _NOISE.items()
    ]  # fmt: skip
    return census + forms


def _load_census(package: Path, times: float, connection: duckdb.DuckDBPyConnection) -> None:
    birth = "strftime(date_of_birth, '%Y%m%d'), strftime(copy_date_of_birth, '%Y%m%d')"
    census = f"""
        SELECT 0, simulant_id, first_name, middle_initial, last_name, sex, {birth}
        FROM {_sample(package, "decennial_census")} WHERE year = 2030"""
    register = f"""
        SELECT 1, simulant_id, first_name, middle_name[:1], last_name, sex, {birth}
        FROM {_sample(package, "social_security")} WHERE event_type = 'creation' AND event_date <= '2030-04-01'"""
    noise = Noise(package, times)
    rows = []
    for place, (side, person, first, initial, last, sex, born, copied) in enumerate(
        connection.execute(f"{census} UNION ALL {register} ORDER BY ALL").fetchall()
    ):
        cells = zip(CENSUS_COLUMNS, (first, initial, last, born, sex), strict=True)
        rows.append((side, person, [
            clean(noise.noised(column, text, f"census {place}", copied if column == "date_of_birth" else None))
            for column, text in cells
        ]))  # fmt: skip
    put_records(connection, CENSUS_COLUMNS, rows)


def _load_forms(package: Path, times: float, connection: duckdb.DuckDBPyConnection) -> None:
    forms = connection.execute(f"""
        SELECT simulant_id, first_name, middle_initial, last_name,
            coalesce(mailing_address_street_number, mailing_address_po_box::BIGINT::VARCHAR),
            coalesce(mailing_address_street_name, CASE WHEN mailing_address_po_box IS NOT NULL THEN 'po box' END),
            mailing_address_unit_number, employer_name
        FROM {_sample(package, "taxes_w2_and_1099")} WHERE tax_year IN (2029, 2030) ORDER BY ALL
    """).fetchall()
    noise = Noise(package, times)
    rows = []
    for place, (person, *texts) in enumerate(forms):
        first, initial, last, number, street, unit, employer = (
            clean(noise.noised(column, text, f"form {place}")) for column, text in zip(_FORM_GIVEN, texts, strict=True)
        )
        address = " ".join(part for part in (number, street, unit) if part) or None
        rows.append((0, person, (first, initial, last, address, street, employer)))
    put_records(connection, FORM_COLUMNS, rows)


def _sample(package: Path, name: str) -> str:
    path = package / "data" / "sample_datasets" / name / f"{name}.parquet"
    return f"(SELECT * REPLACE (simulant_id::VARCHAR AS simulant_id) FROM read_parquet({located(path)}))"


def _compare(columns: tuple[str, ...], compare: Any) -> None:
    """As the documentation compares persons: names and words by Jaro-Winkler, the rest as it is."""
    for column in columns:
        if column.endswith("_name"):
            compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
        else:
            compare.exact(column, column, label=column)
