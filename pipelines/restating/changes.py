"""Which figures differ between two exports, from their figures and those counted again between them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import duckdb

from lake.engine import located
from warehouse.exports.csv_text import DECIMALS, plain_number, write_csv
from warehouse.exports.relations import KEYS
from warehouse.exports.safe import safe_text
from warehouse.reference import register_catalogue

CAUSES = {
    "late": "迟到",
    "corrections": "更正",
    "relinking": "重新关联",
    "definition": "口径变更",
    "as_of": "截止日",
    "unknown": "未知",
}
"""Why a figure changed, in the order in which they are told."""
BEFORE, THEN, LATE, CORRECTED, RELINKED, NOW, AFTER = range(7)
"""The steps from one export to the other: as the first says, counted again by each cause, as the second says."""
_MEASURES = ("numerator", "denominator", "value")
_KEYS = ", ".join(KEYS)
_COUNTED = f"""{_KEYS}, numerator::DECIMAL(38,2) AS numerator, denominator::DECIMAL(38,2) AS denominator,
    round(value, {DECIMALS})::DECIMAL(38,{DECIMALS}) AS value, suppressed"""


def start_steps(connection: duckdb.DuckDBPyConnection, before: Path, after: Path) -> None:
    """Make `figure_step` of the figures of two exports (kpi.parquet), and told_before and told_after."""
    first, last = f"read_parquet({located(before)})", f"read_parquet({located(after)})"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE figure_step AS
        SELECT {BEFORE} AS step, {_COUNTED} FROM {first}
        UNION ALL
        SELECT {AFTER} AS step, {_COUNTED} FROM {last}
    """)
    for name, source in (("told_before", first), ("told_after", last)):
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE {name} AS
            SELECT DISTINCT indicator, period, preliminary, definition FROM {source}
        """)


def add_step(connection: duckdb.DuckDBPyConnection, step: int) -> None:
    """Add the figures that `measure` left as a step."""
    connection.execute(f"INSERT INTO figure_step SELECT {step}, {_COUNTED} FROM measured")


def repeat_step(connection: duckdb.DuckDBPyConnection, step: int, other: int) -> None:
    """Let a step say what another says: between them nothing moved."""
    connection.execute(
        f"INSERT INTO figure_step SELECT * REPLACE ({step} AS step) FROM figure_step WHERE step = {other}"
    )


def define_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `figure_change` of the steps: what `write_changes` writes."""
    register_catalogue(connection)
    parts = [f"sum({m}) FILTER (cause = '{cause}') AS {cause}_{m}" for cause in CAUSES for m in _MEASURES]
    told = [f"CASE WHEN {' OR '.join(f'{cause}_{m} <> 0' for m in _MEASURES)} THEN '{cause}' END" for cause in CAUSES]
    text = files("pipelines.restating").joinpath("changes.sql").read_text(encoding="utf-8")
    connection.execute(
        text.format(
            parts=", ".join(parts),
            causes=f"concat_ws(' ', {', '.join(told)})",
            shown=", ".join(_shown(cause, m) for cause in CAUSES for m in _MEASURES),
        )
    )
    connection.unregister("catalogue_indicator")


def write_changes(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `figure_change` as CSV, a row a figure, for those alone who have both exports."""
    told = [f"nullif({safe_text(name)}, '')" for name in KEYS]
    numbers = ["before", "after", *CAUSES]
    columns = [f"{sql} AS {name}" for sql, name in zip(told, KEYS, strict=True)]
    columns.append("status")
    columns += [f"{plain_number(f'{each}_{m}')} AS {each}_{m}" for each in numbers[:2] for m in _MEASURES]
    columns.append("nullif(causes, '') AS causes")
    columns += [f"{plain_number(f'{each}_{m}')} AS {each}_{m}" for each in numbers[2:] for m in _MEASURES]
    select = f"SELECT {', '.join(columns)} FROM figure_change AS t ORDER BY {', '.join(f't.{key}' for key in KEYS)}"
    write_csv(connection, select, path)
    path.chmod(0o600)


def _shown(cause: str, measure: str) -> str:
    """Return a part as it is told: empty where it is nothing, or a step on the way shows few persons."""
    kept = "NOT withheld"
    if measure == "value":
        kept += " AND before_value IS NOT NULL AND after_value IS NOT NULL"
    return f"CASE WHEN {kept} THEN nullif({cause}_{measure}, 0) END AS {cause}_{measure}"


def count_causes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Return by indicator how many figures changed, under the empty name, and how many of them by each cause."""
    causes = [f"count(*) FILTER (contains(' ' || causes || ' ', ' {cause} '))" for cause in CAUSES]
    rows = connection.execute(f"""
        SELECT indicator, count(*), {", ".join(causes)}, count(*) FILTER (status = 'suppressed')
        FROM figure_change GROUP BY indicator ORDER BY indicator
    """).fetchall()
    return {code: dict(zip(("", *CAUSES, "suppressed"), counts, strict=True)) for code, *counts in rows}


def count_new(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many figures are of a period or an indicator that only one of the exports has."""
    alone = [
        f"SELECT count(*) AS figures FROM figure_step ANTI JOIN {other} USING (indicator, period) WHERE step = {step}"
        for step, other in ((BEFORE, "told_after"), (AFTER, "told_before"))
    ]
    return int(connection.execute(f"SELECT sum(figures) FROM ({' UNION ALL '.join(alone)})").fetchall()[0][0])
