"""An attacker subtracts: no figure of few persons can be worked out from the figures that are published."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from warehouse.indicators.catalogue import INDICATORS
from warehouse.indicators.entry import Kind

Cell = tuple[str, str, str, str]
"""Period, division, level, breakdown."""
Known = tuple[str, str, Cell]
"""An indicator's numerator or denominator in a cell: what an attacker wants to know, or knows."""

COUNTIES = ("440103", "440104", "440105", "440303", "440304", "440305", "441900")
MONTHS = ("2018-11", "2018-12", "2019-01", "2019-02", "2019-03")
SAME = (
    ("A14 denominator setting=outpatient", "H8 denominator "),
    ("H8 denominator ", "H1 numerator "),
    ("H1 denominator ", "H12 denominator "),
    ("H12 denominator ", "H3 denominator "),
    ("A10 denominator feed=emr", "A14 denominator "),
)
"""What different indicators tell of the same records: an attacker who knows one knows the other."""


def crowd(world: Any, seed: int) -> None:
    """Put encounters of many persons in most counties, levels and months, of one to nine in some."""
    rng = random.Random(seed)
    hospitals = [(f"{county}{level}", county, level) for county in COUNTIES for level in "32"]
    lines = "\n".join(f"{org} {county[:4]}00 {county} {level}" for org, county, level in hospitals)
    world.put("content_institution", f"org_code city_code division_code level\n{lines}")
    rows, number = [], 0
    for org, county, _ in hospitals:
        for month in MONTHS:
            for kind in "13":
                few = rng.random() < 0.12
                for _ in range(rng.randint(0, 9) if few else rng.randint(25, 60)):
                    number += 1
                    start = datetime.fromisoformat(f"{month}-10")
                    rows.append({
                        "row_id": number, "city_code": f"{county[:4]}00", "org_code": org, "encounter_type": kind,
                        "start_at": start, "end_at": start + timedelta(days=9) if kind == "3" else None,
                        "has_health_code": rng.random() < rng.choice((0.05, 0.5)), "booked": rng.random() < 0.3,
                        "referral": rng.choice("012"), "surgery_level": rng.choice((None, "2", "4")), "total_fee": 100,
                    })  # fmt: skip
    world.connection.register("crowd", pa.Table.from_pylist(rows))
    world.connection.execute("""
        INSERT INTO content_emr BY NAME SELECT * FROM crowd;
        INSERT INTO person BY NAME SELECT 'r' || row_id AS person_key, true AS registered FROM crowd;
        INSERT INTO person_of_row BY NAME
        SELECT row_id, 'emr' AS feed, 'r' || row_id AS person_key, 'authority' AS tier FROM crowd
    """)
    world.connection.unregister("crowd")


def figures(world: Any) -> dict[str, dict[Cell, tuple[float, float, bool]]]:
    """Return numerator, denominator and whether they are withheld, of each indicator of encounters, by cell."""
    found: dict[str, dict[Cell, tuple[float, float, bool]]] = {}
    for code, *cell, numerator, denominator, hidden in world.connection.execute("""
        SELECT indicator, period, division_code, level, breakdown, numerator, denominator, suppressed
        FROM indicator_value
        WHERE indicator IN ('A10', 'A14', 'H1', 'H3', 'H5', 'H8', 'H12', 'R5')
          AND (denominator + numerator > 0 OR suppressed)
    """).fetchall():
        found.setdefault(code, {})[tuple(cell)] = float(numerator), float(denominator), hidden
    return found


def sums(cells: dict[Cell, Any]) -> list[tuple[Cell, list[Cell]]]:
    """Return every way in which a cell is the sum of others that are there."""
    found = []
    for period, division, level, breakdown in cells:
        cell = (period, division, level, breakdown)
        if division == "440000":
            found.append((cell, [c for c in cells if c[1].endswith("00") and c[1] != division and _else(c, cell, 1)]))
        elif division.endswith("00"):
            below = [c for c in cells if c[1][:4] == division[:4] and c[1] != division and _else(c, cell, 1)]
            found.append((cell, below))
        if level == "all":
            found.append((cell, [c for c in cells if c[2] != "all" and _else(c, cell, 2)]))
        if breakdown == "":
            split = sorted((c for c in cells if c[3] != "" and _else(c, cell, 3)), key=lambda c: c[3])
            found += [(cell, list(of)) for _, of in groupby(split, key=lambda c: c[3].split("=")[0])]
        if period.endswith("ytd"):
            found.append(
                (cell, [c for c in cells if f"{c[0]} ytd" <= period and _month_of(c, period) and _else(c, cell, 0)])
            )
        if len(period) == 4:
            found.append((cell, [c for c in cells if _month_of(c, period) and _else(c, cell, 0)]))
    return [(cell, parts) for cell, parts in found if parts]


def _else(one: Cell, other: Cell, but: int) -> bool:
    return all(a == b for at, (a, b) in enumerate(zip(one, other, strict=True)) if at != but)


def _month_of(cell: Cell, period: str) -> bool:
    return len(cell[0]) == 7 and cell[0][:4] == period[:4]


def worked_out(found: dict[str, dict[Cell, tuple[float, float, bool]]]) -> set[Known]:
    """Return what is withheld and yet follows from what is published, by linear algebra over everything at once."""
    unknown: dict[Known, int] = {}
    for code, cells in found.items():
        for cell, (_, _, hidden) in cells.items():
            if hidden:
                for part in ("numerator", "denominator"):
                    unknown[code, part, cell] = len(unknown)
    equations = []
    for code, cells in found.items():
        for cell, parts in sums(cells):
            for part in ("numerator", "denominator"):
                terms = [((code, part, cell), 1.0), *(((code, part, one), -1.0) for one in parts)]
                equations.append([(unknown[known], sign) for known, sign in terms if known in unknown])
    for one, other in SAME:
        (a, a_part, a_split), (b, b_part, b_split) = one.split(" "), other.split(" ")
        for period, division, level, breakdown in found[a]:
            twin = (period, division, level, b_split)
            if breakdown == a_split and twin in found[b]:
                pair = [((a, a_part, (period, division, level, a_split)), 1.0), ((b, b_part, twin), -1.0)]
                equations.append([(unknown[known], sign) for known, sign in pair if known in unknown])
    equations = [terms for terms in equations if terms]
    matrix = np.zeros((len(equations), len(unknown)))
    for row, terms in enumerate(equations):
        for column, sign in terms:
            matrix[row, column] += sign
    # What no solution of the homogeneous system can move is fixed.
    values, vectors = np.linalg.eigh(matrix.T @ matrix)
    free = np.abs(vectors[:, values < 1e-9]).max(axis=1, initial=0.0)
    return {known for known, column in unknown.items() if free[column] < 1e-6}


def few(found: dict[str, dict[Cell, tuple[float, float, bool]]]) -> set[Known]:
    """Return what counts one to nine persons, each of whom has one record here: a part, or the whole of a cell."""
    told = set()
    for code, cells in found.items():
        entry = INDICATORS[code]
        for cell, (numerator, denominator, _) in cells.items():
            parts = {"denominator": denominator}
            if code != "H12":  # its numerator is days
                parts["numerator"] = numerator
            if entry.is_share:
                parts["rest"] = denominator - numerator
            for part, count in parts.items():
                if 1 <= count <= 9:
                    told.add((code, "numerator" if part == "rest" else part, cell))
    return told


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.e2e) for seed in range(2, 7))])
def test_what_is_withheld_does_not_follow_from_what_is_published(world, seed):
    crowd(world, seed)
    found = figures(world.build("2019-03-31"))
    small = few(found)
    assert len(small) > 100
    assert all(found[code][cell][2] for code, _, cell in small)
    assert not worked_out(found) & small
    published = [not hidden for cells in found.values() for _, _, hidden in cells.values()]
    assert sum(published) > 0.3 * len(published)


@pytest.mark.e2e
@pytest.mark.parametrize("seed", range(1, 7))
def test_nor_from_what_is_published_month_after_month(world, seed):
    crowd(world, seed)
    found = figures(world.build("2019-03-31"))
    for as_of, month in (("2018-12-31", "2018-12"), ("2019-01-31", "2019-01"), ("2019-02-28", "2019-02")):
        for code, cells in figures(world.build(as_of)).items():
            for (period, *rest), (numerator, denominator, hidden) in cells.items():
                # The year so far, then, is today's year to that month.
                cell = (f"{month} ytd" if period == month[:4] else period, *rest)
                known = found[code].get(cell, (numerator, denominator, True))
                found[code][cell] = (*known[:2], known[2] and hidden)
    assert not worked_out(found) & few(found)


def test_the_attacker_finds_what_only_its_own_few_withhold(world):
    crowd(world, 1)
    found = figures(world.build("2019-03-31"))
    small = {(code, cell) for code, _, cell in few(found)}
    bare = {
        code: {cell: (n, d, (code, cell) in small) for cell, (n, d, _) in cells.items()}
        for code, cells in found.items()
    }
    assert len(worked_out(bare) & few(found)) > 50


def test_only_figures_of_persons_are_withheld(world):
    crowd(world, 1)
    world.build("2019-03-31")
    hidden = world.connection.execute("SELECT DISTINCT indicator FROM indicator_value WHERE suppressed").fetchall()
    assert {code for (code,) in hidden} <= {entry.code for entry in INDICATORS.values() if entry.counts_persons}
    assert {code for (code,) in hidden} & {e.code for e in INDICATORS.values() if e.kind is Kind.FLOW}
