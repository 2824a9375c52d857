"""The gate before the swap: a build whose figures break an invariant isn't published; one that moved far is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lake.engine import located
from lake.faults import PlainFault
from pipelines.gating import keep_verdicts, reasons
from pipelines.run import Run
from quality.build_gate import judge_cubes, judge_figures
from warehouse.indicators.catalogue import INDICATORS
from warehouse.indicators.cube import cubes

_FORMER = {
    "indicator": "VARCHAR", "definition": "VARCHAR", "period": "VARCHAR", "division_code": "VARCHAR",
    "preliminary": "BOOLEAN", "numerator": "DECIMAL(38,2)", "denominator": "DECIMAL(38,2)",
}  # fmt: skip


class BuildRefused(PlainFault):
    """The gate refuses a build: nothing is published, the last good one stays."""


def judge_build(run: Run, connection: duckdb.DuckDBPyConnection, number: int, last: Path | None) -> None:
    """Judge the figures of a build, the connection's database; `last` is the file of the last published one.

    The verdicts are kept in the ledger, what only warns is told. Raises BuildRefused.
    """
    shares = [entry.code for entry in INDICATORS.values() if entry.is_share]
    additive = [entry.code for entry in INDICATORS.values() if entry.is_additive]
    beside = [b.name for e in INDICATORS.values() for c in e.counts if c.alone for b in c.breakdowns]
    with _former_figures(connection, last):
        verdicts = judge_figures(connection, number, shares, additive, beside)
    verdicts += judge_cubes(number, _apart(connection))
    keep_verdicts(run.ledger, "build", verdicts)
    for verdict in verdicts:
        if verdict.state == "warned":
            run.progress.say(f"提示 warning  {verdict.told}")
    refused = reasons(verdicts).get(number)
    if refused:
        raise BuildRefused(
            f"闸门不放行本次构建, 仍用上次发布者 the gate refuses this build, the last published stays: {refused}"
        )


@contextmanager
def _former_figures(connection: duckdb.DuckDBPyConnection, last: Path | None) -> Iterator[None]:
    """Give the relation `former_figure`: the totals of provinces and cities that the last build published."""
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in _FORMER.items())
    select = f"SELECT {empty} WHERE false"
    if last is not None:
        connection.execute(f"ATTACH {located(last)} AS last_build (READ_ONLY)")
        if _comparable(connection):
            select = f"""
                SELECT {", ".join(_FORMER)} FROM last_build.indicator_value
                WHERE level = 'all' AND breakdown = '' AND denominator > 0
            """
    connection.execute(f"CREATE OR REPLACE TEMP VIEW former_figure AS {select}")
    try:
        yield
    finally:
        connection.execute("DROP VIEW former_figure")
        if last is not None:
            connection.execute("DETACH last_build")


def _comparable(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the last build, which other models may have made, has the columns to compare with."""
    found = connection.execute("""
        SELECT column_name FROM duckdb_columns()
        WHERE database_name = 'last_build' AND table_name = 'indicator_value'
    """).fetchall()
    return {"level", "breakdown", *_FORMER} <= {name for (name,) in found}


def _apart(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return how many more rows each cube counts than its fact has."""
    selects = [
        f"""
            SELECT '{cube.table}', coalesce((SELECT sum(records) FROM {cube.table}), 0)::BIGINT
              - (SELECT count(*) FROM {cube.fact})
        """
        for cube in cubes()
    ]
    return connection.execute(" UNION ALL ".join(selects)).fetchall()
