"""Building the next warehouse: whole, or from the one before and what has changed since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa

from contracts.schema import CONTRACT_VERSION
from warehouse.indicators.catalogue import INDICATORS, definition
from warehouse.indicators.measure import measure
from warehouse.model import Increment, Model, indicator_value, models
from warehouse.reference import register_reference

_GONE = {
    "row_id": "SELECT row_id FROM removed_row UNION SELECT row_id FROM rekeyed_row UNION SELECT row_id FROM added_row",
    "person_key": "SELECT person_key FROM changed_person",
}
_COME = {
    "row_id": "SELECT row_id FROM added_row UNION SELECT row_id FROM rekeyed_row",
    "person_key": "SELECT person_key FROM changed_person",
}


@dataclass(frozen=True, slots=True)
class Build:
    """What the caller knows of a build. `built_at` is wall time in Asia/Shanghai, without offset."""

    run_id: str
    built_at: datetime
    as_of: date
    code_version: str
    input_digest: str


def model_version() -> str:
    """Return a digest of the models and the counting rules; an increment needs a warehouse of the same one."""
    digest = hashlib.sha256()
    for model in models():
        digest.update(f"{model.name}\n{model.sql}\n".encode())
    for entry in INDICATORS.values():
        digest.update(f"{definition(entry)}\n".encode())
    return digest.hexdigest()[:12]


def build_full(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Make every table of the warehouse in the connection's current database.

    The input relations (`warehouse.inputs.input_schemas`) must exist on the connection, as temporary views, so that
    they don't stay in the file.
    """
    _register(connection, build)
    for model in models():
        _create(connection, model)
    _publish(connection, build)


def build_increment(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Bring a copy of the last warehouse, of the same `model_version`, up to the input relations as they are now.

    Besides them it reads what changed: `removed_row`, `added_row` and `rekeyed_row` (row_id; the last are live rows
    whose person or tier changed) and `changed_person` (person_key: persons new, gone, or with other attributes).
    Facts and persons are replaced by these alone; the small tables are made anew.
    """
    _register(connection, build)
    for model in models():
        if model.increment is None:
            _create(connection, model)
        else:
            _replace_rows(connection, model, model.increment)
    _publish(connection, build)


def _register(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    register_reference(connection)
    row = {
        "run_id": build.run_id,
        "built_at": build.built_at,
        "as_of": build.as_of,
        "contract_version": CONTRACT_VERSION,
        "code_version": build.code_version,
        "model_version": model_version(),
        "input_digest": build.input_digest,
    }
    connection.register("given_build", pa.Table.from_pylist([row]))


def _create(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {model.name} AS {model.sql}")
    _comment(connection, model)


def _replace_rows(connection: duckdb.DuckDBPyConnection, model: Model, by: Increment) -> None:
    """Delete and insert the rows of a change: the model's own SELECT, with its source narrowed to the change."""
    connection.execute(f"DELETE FROM {model.name} WHERE {by.key} IN ({_GONE[by.source_key]})")
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW changed_source AS
        SELECT * FROM {by.source} WHERE {by.source_key} IN ({_COME[by.source_key]})
    """)
    connection.execute(f"""
        INSERT INTO {model.name}
        WITH {by.source} AS (SELECT * FROM changed_source)
        SELECT * FROM (
        {model.sql}
        )
    """)
    connection.execute("DROP VIEW changed_source")


def _publish(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    measure(connection, build.as_of)
    model = indicator_value()
    connection.execute(f"CREATE OR REPLACE TABLE {model.name} AS SELECT * FROM measured")
    connection.execute("DROP TABLE measured")
    _comment(connection, model)


def _comment(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    statements = [f"COMMENT ON TABLE {model.name} IS {_literal(model.comment)}"]
    statements += [
        f"COMMENT ON COLUMN {model.name}.{column.name} IS {_literal(column.comment)}" for column in model.columns
    ]
    connection.execute(";\n".join(statements))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
