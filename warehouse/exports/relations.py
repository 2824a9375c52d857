"""What the export files are written from: the figures as they may leave, and the state of the targets."""

from __future__ import annotations

import duckdb

KEYS = ("indicator", "period", "division_code", "level", "breakdown")
"""The columns that tell figures apart, in the order in which they are sorted."""


def define_exported(connection: duckdb.DuckDBPyConnection, measured: bool) -> None:
    """Make the temporary views that exports are written from, of a build in the connection's database.

    `exported_figure` has the columns of indicator_value; what is suppressed has no numerator, denominator and value.
    `exported_target` is target_status, `exported_missing` target_missing. `measured`: they show what `measure` left on
    this connection, and not what the build holds.
    """
    figures, targets, missing = (
        ("measured", "assessed_target", _MISSING)
        if measured
        else ("indicator_value", "target_status", "target_missing")
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW exported_figure AS
        SELECT * REPLACE (
          CASE WHEN NOT suppressed THEN numerator END AS numerator,
          CASE WHEN NOT suppressed THEN denominator END AS denominator,
          CASE WHEN NOT suppressed THEN value END AS value
        )
        FROM {figures}
    """)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW exported_target AS SELECT * FROM {targets}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW exported_missing AS SELECT * FROM {missing}")


_MISSING = """(
  SELECT missing.target_id, institution.city_code, missing.org_code, institution.name, institution.level, missing.month
  FROM missing_institution AS missing
  JOIN dim_institution AS institution ON institution.org_code = missing.org_code
)"""
