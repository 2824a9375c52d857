"""The interval of each figure that depends on who is who: what doubtful links may have done to it.

Linkage states its own error (link_error): how many records are false and missed matches. In each of REPLICATES
replicates doubtful records err once more at these rates, by whole persons; what that does to a figure tells what the
errors that were made did to it. This is a basic bootstrap interval (Davison and Hinkley 1997, Bootstrap Methods and
their Application, 5.2) over replicates of the linkage, with their variance taken as in surveys (Wolter 2007,
Introduction to Variance Estimation).
"""

from __future__ import annotations

from importlib.resources import files
from math import sqrt

import duckdb
import pyarrow as pa

from warehouse.indicators.doubt.replicates import DOUBTFUL, count_in_worlds, indicators_of_identity

REPLICATES = 20
SHARE = 0.1
"""The share of the most doubtful records that errs in a replicate."""
_T = 2.093
"""Of Student's distribution with 19 degrees of freedom, two-sided 95 %."""


def find_intervals(connection: duckdb.DuckDBPyConnection) -> None:
    """Make figure_interval (indicator, period, division_code, level, breakdown, low, high), 95 %, of period_cell.

    It is empty where linkage states no error. Reads facts, dimensions, link_error, period_month, calendar and the
    variable as_of.
    """
    if not _spread_of_rates(connection):
        connection.execute("""
            CREATE OR REPLACE TEMP TABLE figure_interval (
              indicator VARCHAR, period VARCHAR, division_code VARCHAR, level VARCHAR, breakdown VARCHAR,
              low DOUBLE, high DOUBLE
            )
        """)
        return
    base = connection.execute("SELECT current_database()").fetchall()[0][0]
    connection.execute(_text("flipped.sql").format(replicates=REPLICATES, share=SHARE, doubtful=DOUBTFUL))
    count_in_worlds(connection, base)
    connection.execute(_text("interval.sql").format(replicates=REPLICATES, t=_T))
    connection.unregister("replicate_indicator")
    for table in ("doubt_rate", "doubt_scale", "flipped", "difference"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("DROP VIEW stated_rate")


def _spread_of_rates(connection: duckdb.DuckDBPyConnection) -> bool:
    """Make replicate_indicator: indicators that get intervals, and how sure the rates of their feeds are.

    Return whether linkage states any rate; else nothing is made.
    """
    connection.execute(_text("stated_rate.sql"))
    rates = connection.execute(
        "SELECT feed, records * (strayed + missed), records * deviation FROM stated_rate"
    ).fetchall()
    if not rates:
        return False
    rows = []
    for entry in indicators_of_identity().values():
        errors = [(mean, deviation) for feed, mean, deviation in rates if feed in entry.feeds]
        mean = sum(mean for mean, _ in errors)
        deviation = sqrt(sum(deviation**2 for _, deviation in errors))
        spread = deviation / mean if mean else 0.0
        rows.append({"indicator": entry.code, "spread": spread, "per": float(entry.per), "is_share": entry.is_share})
    schema = pa.schema(
        [("indicator", pa.string()), ("spread", pa.float64()), ("per", pa.float64()), ("is_share", pa.bool_())]
    )
    connection.register("replicate_indicator", pa.Table.from_pylist(rows, schema=schema))
    return True


def _text(name: str) -> str:
    return files("warehouse.indicators.doubt").joinpath(name).read_text(encoding="utf-8")
