"""The tables of the warehouse, made from their models, with what they say of themselves."""

from __future__ import annotations

import duckdb

from warehouse.indicators.cube import cube_model, cubes
from warehouse.model import Model, figure_models, models


def all_models() -> tuple[Model, ...]:
    """Return the model of every table, each after those that it reads."""
    return (*models(), *map(cube_model, cubes()), *figure_models())


def create(connection: duckdb.DuckDBPyConnection, model: Model, schema: str = "main") -> None:
    """Make a model's table anew, with a comment on it and on every column."""
    table = f"{schema}.{model.name}"
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS {model.sql}")
    statements = [f"COMMENT ON TABLE {table} IS {_literal(model.comment)}"]
    statements += [f"COMMENT ON COLUMN {table}.{column.name} IS {_literal(column.comment)}" for column in model.columns]
    connection.execute(";\n".join(statements))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
