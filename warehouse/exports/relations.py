"""What the export files are written from: the figures as they may leave, and the state of the targets."""

from __future__ import annotations

import duckdb

from warehouse.model import figure_models

KEYS = ("indicator", "period", "division_code", "level", "breakdown")
"""The columns that tell figures apart, in the order in which they are sorted."""


def define_exported(connection: duckdb.DuckDBPyConnection, measured: bool) -> None:
    """Make the temporary views that exports are written from, of a build in the connection's database.

    `exported_figure` has the columns of indicator_value; what is suppressed has no numerator, denominator, value and
    interval. `exported_target` is target_status, `exported_missing` target_missing. `measured`: they show what
    `measure` left on this connection, and not what the build holds.
    """
    # While measuring, the tables of a build aren't there yet, but the models are that make them.
    found = {model.name: f"({model.sql}\n)" if measured else model.name for model in figure_models()}
    figures = "measured" if measured else "indicator_value"
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW exported_figure AS
        SELECT * REPLACE (
          CASE WHEN NOT suppressed THEN numerator END AS numerator,
          CASE WHEN NOT suppressed THEN denominator END AS denominator,
          CASE WHEN NOT suppressed THEN value END AS value,
          CASE WHEN NOT suppressed THEN low END AS low,
          CASE WHEN NOT suppressed THEN high END AS high
        )
        FROM {figures}
    """)
    for view, table in (("exported_target", "target_status"), ("exported_missing", "target_missing")):
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM {found[table]}")
