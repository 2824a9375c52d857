"""Completeness of what was delivered: how many of a delivery's sound rows fill each optional column; counts alone."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from contracts.schema import Column, Feed
from lake.completeness import Filled


def optional_columns(feed: Feed) -> Sequence[Column]:
    """Return the columns that a row may leave empty: in the others a sound row has a value by contract."""
    return [column for column in feed.columns if not column.required]


def filled_columns(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[Filled]:
    """Return for each delivery in `batch_row` and optional column in how many sound rows it is filled.

    Sound rows failed no check of severity error, by the variable `errors`; deletions aren't among them.
    """
    columns = optional_columns(feed)
    if not columns:
        return []
    standing = "failed & getvariable('errors') = 0" + (" AND op <> 'D'" if feed.has("op") else "")
    found = connection.execute(f"""
        SELECT row_id >> 32 AS delivery_no, count(*), {", ".join(f"count({column.name})" for column in columns)}
        FROM batch_row WHERE {standing} GROUP BY ALL ORDER BY ALL
    """).fetchall()
    return [
        Filled(number, column.name, rows, count)
        for number, rows, *counts in found
        for column, count in zip(columns, counts, strict=True)
    ]
