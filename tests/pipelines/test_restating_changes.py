"""The parts of a change, from figures put in by hand: medians, cells and values that aren't there, small steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import pytest

from lake.engine import connect
from pipelines.restating.changes import (
    AFTER,
    BEFORE,
    CORRECTED,
    LATE,
    NOW,
    RELINKED,
    THEN,
    count_causes,
    count_new,
    define_changes,
    start_steps,
    write_changes,
)
from warehouse.indicators.catalogue import INDICATORS, definition

Said = tuple[float | None, float | None, float | None]
"""Numerator, denominator, value."""
Changed = Callable[..., dict[str, str]]
STEPS = (THEN, LATE, CORRECTED, RELINKED, NOW)
H14 = definition(INDICATORS["H14"])


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path / "scratch", vault=False) as opened:
        yield opened


@pytest.fixture
def changed(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Changed:
    """Return the row of one figure that each step says something of, without what is empty, and what tells which."""

    def row(
        said: Sequence[Said | None], few: Sequence[int] = (), defined: tuple[str, str] = (H14, H14)
    ) -> dict[str, str]:
        steps = (BEFORE, *STEPS, AFTER) if len(said) > 2 else (BEFORE, AFTER)
        of_step = dict(zip(steps, said, strict=True))
        for name, step, version in (("before", BEFORE, defined[0]), ("after", AFTER, defined[1])):
            written(connection, tmp_path / f"{name}.parquet", of_step[step], version, step in few)
        start_steps(connection, tmp_path / "before.parquet", tmp_path / "after.parquet")
        for step in steps[1:-1]:
            if told := of_step[step]:
                connection.execute(
                    "INSERT INTO figure_step VALUES (?, 'H14', '2018-11', '440100', 'all', '', ?, ?, ?, ?)",
                    [step, *told, step in few],
                )
        define_changes(connection)
        write_changes(connection, tmp_path / "changes.csv")
        columns = duckdb.read_csv(str(tmp_path / "changes.csv"), all_varchar=True)
        (values,) = columns.fetchall()
        told_of = dict(zip(columns.columns, values, strict=True))
        return {name: text for name, text in list(told_of.items())[5:] if text is not None}

    return row


def written(
    connection: duckdb.DuckDBPyConnection, file: Path, said: Said | None, version: str, suppressed: bool
) -> None:
    """Write an export's figures: one of the city, and one of the province that never changes."""
    figure = "'2018-11', {}, 'all', '', {}::DOUBLE, {}::DOUBLE, {}::DOUBLE, 'ratio', {}, false, {}, DATE '2018-12-01'"
    cells = [("'440000'", 1, 2, 0.5, False)]
    if said is not None:
        told = ("NULL" if number is None or suppressed else number for number in said)
        cells.append(("'440100'", *told, suppressed))
    rows = ", ".join(f"('H14', {figure.format(*cell, repr(version))})" for cell in cells)
    names = "indicator, period, division_code, level, breakdown, numerator, denominator, value, unit, suppressed"
    figures = f"SELECT * FROM (VALUES {rows}) AS t ({names}, preliminary, definition, as_of)"
    connection.execute(f"COPY ({figures}) TO '{file}' (FORMAT parquet)")


def test_each_step_is_one_cause_s(changed: Changed) -> None:
    said = [(10, 100, 0.1), (10, 100, 0.1), (12, 104, 0.115385), (11, 103, 0.106796), (15, 103, 0.145631),
            (20, 120, 0.166667), (20, 120, 0.166667)]  # fmt: skip
    assert changed(said) == {
        "status": "revised", "causes": "late corrections relinking as_of",
        "before_numerator": "10", "before_denominator": "100", "before_value": "0.1",
        "after_numerator": "20", "after_denominator": "120", "after_value": "0.166667",
        "late_numerator": "2", "late_denominator": "4", "late_value": "0.015385",
        "corrections_numerator": "-1", "corrections_denominator": "-1", "corrections_value": "-0.008589",
        "relinking_numerator": "4", "relinking_value": "0.038835",
        "as_of_numerator": "5", "as_of_denominator": "17", "as_of_value": "0.021036",
    }  # fmt: skip


def test_what_counting_again_does_not_give_is_the_definition_s_or_nobody_s(changed: Changed) -> None:
    said = [(10, 100, 0.1), *[(20, 100, 0.2)] * 5, (23, 100, 0.23)]
    other = changed(said, defined=("H14@0", H14))
    assert (other["causes"], other["definition_numerator"], other["definition_value"]) == ("definition", "13", "0.13")
    former = changed(said, defined=("H14@0", "H14@0"))
    assert former["causes"] == "definition"  # counted again by today's
    same = changed(said)
    assert (same["causes"], same["unknown_numerator"]) == ("unknown", "13")


def test_a_median_has_no_numerator(changed: Changed) -> None:
    said = [(None, 30, 4.0), (None, 30, 4.0), *[(None, 33, 5.5)] * 5]
    assert changed(said) == {
        "status": "revised", "causes": "late", "before_denominator": "30", "before_value": "4",
        "after_denominator": "33", "after_value": "5.5", "late_denominator": "3", "late_value": "1.5",
    }  # fmt: skip


def test_a_cell_that_is_not_there_has_no_records(changed: Changed) -> None:
    said = [None, None, (15, 30, 0.5), *[(20, 40, 0.5)] * 4]
    assert changed(said) == {
        "status": "revised", "causes": "late corrections", "before_numerator": "0", "before_denominator": "0",
        "after_numerator": "20", "after_denominator": "40", "after_value": "0.5",
        "late_numerator": "15", "late_denominator": "30",
        "corrections_numerator": "5", "corrections_denominator": "10",
    }  # fmt: skip


def test_a_step_without_a_value_leaves_its_change_to_the_next(changed: Changed) -> None:
    said = [(1, 10, 0.1), (1, 10, 0.1), (0, 0, None), *[(3, 10, 0.3)] * 4]
    row = changed(said)
    assert [row.get(f"{cause}_value") for cause in ("late", "corrections")] == [None, "0.2"]
    assert [row[f"{cause}_numerator"] for cause in ("late", "corrections")] == ["-1", "3"]


@pytest.mark.parametrize("step", STEPS)
def test_where_a_step_shows_few_persons_the_parts_are_not_told(changed: Changed, step: int) -> None:
    said = [(10, 100, 0.1), (10, 100, 0.1), (12, 104, 0.115385), *[(15, 103, 0.145631)] * 4]
    assert changed(said, few=[step]) == {
        "status": "revised", "causes": "late corrections",
        "before_numerator": "10", "before_denominator": "100", "before_value": "0.1",
        "after_numerator": "15", "after_denominator": "103", "after_value": "0.145631",
    }  # fmt: skip


@pytest.mark.parametrize("step", [BEFORE, AFTER])
def test_of_what_is_suppressed_nothing_is_told(changed: Changed, step: int) -> None:
    assert changed([*[(10, 100, 0.1)] * 2, *[(15, 103, 0.145631)] * 5], few=[step]) == {"status": "suppressed"}


def test_without_counting_again_the_cause_is_unknown(changed: Changed, connection: duckdb.DuckDBPyConnection) -> None:
    row = changed([(10, 100, 0.1), (15, 100, 0.15)], defined=("H14@0", H14))
    assert (row["causes"], row["unknown_numerator"], row["unknown_value"]) == ("unknown", "5", "0.05")
    assert count_causes(connection)["H14"] | {"": 1, "unknown": 1} == count_causes(connection)["H14"]
    assert count_new(connection) == 0
