"""All figures of a province beside the floor: one GROUP BY of each fact by institution and month, same measures.

What is additive is counted into cubes, rolled up to province, cities, counties, levels and breakdowns, and summed to
months, years to date and years; what needs joins, the course of time or distinct persons is measured beside it:

    python -m benchmarks.indicators --residents 1000000 --months 24 --seed 9901

The facts come straight from the simulator's truth, every record with its true person. The floor and the additive
figures run in turns, --pairs times; medians count.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import duckdb

from contracts.macros import sql_macros
from pipelines.simulate import simulate
from tests.warehouse.truth_rows import fill
from warehouse.build import Build, build_full
from warehouse.indicators import measure
from warehouse.indicators.cube import Counted, Cube, cube_model, cubes
from warehouse.indicators.persons import find_few_persons
from warehouse.inputs import input_schemas
from warehouse.tables import create

FIRST_MONTH = date(2018, 10, 1)


class World:
    """The input relations of a warehouse, in a file."""

    def __init__(self, file: Path) -> None:
        self.connection = duckdb.connect(str(file), config={"preserve_insertion_order": False})
        self.connection.execute(sql_macros())
        for name, columns in input_schemas().items():
            self.connection.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")


def main() -> None:
    """Simulate, load, time, print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=1_000_000)
    arguments.add_argument("--months", type=int, default=24)
    arguments.add_argument("--seed", type=int, default=9901)
    arguments.add_argument("--pairs", type=int, default=3)
    arguments.add_argument("--folder", type=Path, help="with the truth of an earlier call; kept")
    given = arguments.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="yimatong-bench-"))
    try:
        if not (folder / "truth" / "population.parquet").exists():
            with patch("pipelines.simulate.write_delivery", lambda *_: 0):  # the truth is enough
                simulate(given.residents, given.months, given.seed, folder)
        (folder / "bench.duckdb").unlink(missing_ok=True)
        world = World(folder / "bench.duckdb")
        _compare(world, folder / "truth", given.pairs)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _compare(world: Any, truth: Path, pairs: int) -> None:
    connection = world.connection
    fill(world, truth)
    as_of = connection.execute("SELECT max(month) FROM content_platform_connection").fetchall()[0][0]
    last = connection.execute(f"SELECT last_day(DATE '{as_of}-01')").fetchall()[0][0]
    build_full(connection, Build("", FIRST_MONTH, last, "", "", FIRST_MONTH))
    rows = {c.fact: connection.execute(f"SELECT count(*) FROM {c.fact}").fetchall()[0][0] for c in cubes()}
    print(f"facts: {', '.join(f'{fact} {count:,}' for fact, count in rows.items())}")
    floors, additive = [], []
    for _ in range(pairs):
        floors.append(_timed(lambda: _floor(connection)))
        additive.append(_timed(lambda: _additive(connection, last)))
    floor, ours = median(floors), median(additive)
    print(f"floor      {floor:8.2f} s   {', '.join(f'{each:.2f}' for each in floors)}")
    print(
        f"additive   {ours:8.2f} s   {', '.join(f'{each:.2f}' for each in additive)}   {ours / floor:.2f} x the floor"
    )
    kept = _timed(lambda: [create(connection, cube_model(cube)) for cube in cubes()])
    print(f"cubes kept in the warehouse's file {kept:.2f} s")
    for name, seconds in _beside(connection, last).items():
        print(f"{name:32} {seconds:8.2f} s")
    found = connection.execute("SELECT count(*) FROM measured").fetchall()[0][0]
    print(f"{found:,} figures")


def _floor(connection: duckdb.DuckDBPyConnection) -> None:
    for cube in cubes():
        measures = ", ".join(f"{sql} AS {name}" for c in cube.counted for name, sql in _measures(c).items())
        month = f"date_trunc('month', fact.{cube.events[0]})"
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE floor_of_{cube.fact} AS
            SELECT fact.{cube.place} AS place, {month} AS month, {measures} {cube.source} GROUP BY ALL
        """)


def _measures(counted: Counted) -> dict[str, str]:
    """Return a count's numbers, each with its SQL over the rows of the fact."""
    count = counted.count
    if count.is_share:
        rows = {"hits": counted.hit, "rest": f"({count.scope}) AND ({count.numerator}) IS NOT TRUE"}
    else:
        rows = {"rest" if count.numerator == "0" else "hits": count.scope}
    numbers = {part: f"count(*) FILTER (WHERE {condition})" for part, condition in rows.items()}
    numbers |= {name: f"sum({sql}) FILTER (WHERE {count.scope})" for name, sql in counted.sums.items()}
    return {counted.column(name): sql for name, sql in numbers.items()}


def _additive(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    for cube in cubes():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {cube.table} AS {cube_model(cube).sql}")
    measure.start_measuring(connection, as_of)
    measure.sum_cubes(connection)
    measure.start_calendar(connection)
    measure.sum_periods(connection)


def _beside(connection: duckdb.DuckDBPyConnection, as_of: date) -> dict[str, float]:
    """Return the seconds of every other step of measuring, the derived tables each by itself."""
    found: dict[str, float] = {}
    measure.start_measuring(connection, as_of)
    rolled: list[Cube] = measure.sum_cubes(connection)
    measure.start_calendar(connection)
    for name in measure.DERIVED:
        with patch.object(measure, "DERIVED", (name,)):
            found[name] = _timed(lambda: rolled.extend(measure.sum_derived(connection)))
    steps: dict[str, Callable[[], object]] = {
        "periods, all": lambda: measure.sum_periods(connection),
        "distinct persons, medians": lambda: measure.count_persons(connection),
        "few persons": lambda: find_few_persons(connection, rolled),
        "withheld": lambda: measure.withhold(connection),
        "the table of figures": lambda: connection.execute(
            f"CREATE OR REPLACE TEMP TABLE measured AS {measure._text('indicator_value.sql')}"
        ),
        "targets": lambda: measure.assess_targets(connection, as_of),
    }
    return found | {name: _timed(step) for name, step in steps.items()}


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
