"""Building the next warehouse: whole, or from the one before and what has changed since."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime

import duckdb
import pyarrow as pa

from contracts.schema import CONTRACT_VERSION
from warehouse.indicators.catalogue import INDICATORS, definition
from warehouse.indicators.cube import cube_model, cubes
from warehouse.indicators.measure import measure
from warehouse.indicators.recount import count_noted, note_cells, start_note
from warehouse.model import Increment, Model, figure_models, models, published_files
from warehouse.reference import register_reference
from warehouse.tables import create

GONE = {
    "row_id": "SELECT row_id FROM removed_row UNION SELECT row_id FROM rekeyed_row UNION SELECT row_id FROM added_row",
    "person_key": "SELECT person_key FROM changed_person",
}
COME = {
    "row_id": "SELECT row_id FROM added_row UNION SELECT row_id FROM rekeyed_row",
    "person_key": "SELECT person_key FROM changed_person",
}
"""The keys of the rows that an increment deletes, and of those that it inserts."""
_FLIPPED = """
    SELECT before.person_key FROM registered_before AS before
    JOIN dim_person AS now ON now.person_key = before.person_key
    WHERE now.registered <> before.registered
"""


@dataclass(frozen=True, slots=True)
class Build:
    """What the caller knows of a build. `built_at` is wall time in Asia/Shanghai, without offset.

    `first_month` is the first day of the first month that was delivered, where the calendar of the figures begins;
    without it, that begins with the first event.
    """

    run_id: str
    built_at: datetime
    as_of: date
    code_version: str
    input_digest: str
    first_month: date | None = None


def model_version() -> str:
    """Return a digest of the models and the counting rules; an increment needs a warehouse of the same one."""
    digest = hashlib.sha256(duckdb.__version__.encode())  # the persons' bits come from its hash function
    for model in (*models(), *map(cube_model, cubes()), *published_files()):
        digest.update(f"{model.name}\n{model.sql}\n{sorted(model.withheld)}{sorted(model.newborns)}\n".encode())
    for entry in INDICATORS.values():
        digest.update(f"{definition(entry)}\n".encode())
    return digest.hexdigest()[:12]


def build_full(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Make every table of the warehouse in the connection's current database.

    The input relations (`warehouse.inputs.input_schemas`) must exist on the connection, as temporary views, so that
    they don't stay in the file.
    """
    _register(connection, build)
    for model in (*models(), *map(cube_model, cubes())):
        create(connection, model)


def build_increment(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Bring a copy of the last warehouse, of the same `model_version`, up to the input relations as they are now.

    Besides them it reads what changed: `removed_row`, `added_row` and `rekeyed_row` (row_id; the last are live rows
    whose person or tier changed) and `changed_person` (person_key: persons new, gone, or with other attributes).
    Facts and persons are replaced by these alone, cubes counted again where these fall; small tables are made anew.
    """
    _register(connection, build)
    increments = {model.name: model.increment for model in models() if model.increment}
    counted_again = cubes()
    _note_registered(connection)
    for cube in counted_again:
        start_note(connection, cube)
        note_cells(connection, cube, _of_change(increments[cube.fact], GONE))
    for model in models():
        if model.increment is None:
            create(connection, model)
        else:
            _replace_rows(connection, model, model.increment)
    for cube in counted_again:
        note_cells(connection, cube, _of_change(increments[cube.fact], COME))
        if cube.tells_registered:
            note_cells(connection, cube, f"fact.person_key IN ({_FLIPPED})")
        count_noted(connection, cube)
    connection.execute("DROP TABLE registered_before")


def _register(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    register_reference(connection)
    row = {
        "run_id": build.run_id,
        "built_at": build.built_at,
        "as_of": build.as_of,
        "first_month": build.first_month,
        "contract_version": CONTRACT_VERSION,
        "code_version": build.code_version,
        "model_version": model_version(),
        "input_digest": build.input_digest,
    }
    given = pa.Table.from_pylist([row])
    typed = given.set_column(3, "first_month", given["first_month"].cast(pa.date32()))
    connection.register("given_build", typed)


def _replace_rows(connection: duckdb.DuckDBPyConnection, model: Model, by: Increment) -> None:
    """Delete and insert the rows of a change: the model's own SELECT, with its source narrowed to the change."""
    connection.execute(f"DELETE FROM {model.name} WHERE {by.key} IN ({GONE[by.source_key]})")
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW changed_source AS
        SELECT * FROM {by.source} WHERE {by.source_key} IN ({COME[by.source_key]})
    """)
    connection.execute(f"""
        INSERT INTO {model.name}
        WITH {by.source} AS (SELECT * FROM changed_source)
        SELECT * FROM (
        {model.sql}
        )
    """)
    connection.execute("DROP VIEW changed_source")


def publish_figures(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Measure what was built, and keep the figures and the state of the targets in it."""
    measure(connection, as_of)
    for model in figure_models():
        create(connection, replace(model, sql="SELECT * FROM measured") if model.name == "indicator_value" else model)
    connection.execute("DROP TABLE measured; DROP TABLE assessed_target; DROP TABLE missing_institution")


def _note_registered(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep who of the changed persons is registered before the change: records of the others count elsewhere."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE registered_before AS
        SELECT person_key, registered FROM dim_person WHERE person_key IN ({GONE["person_key"]})
    """)


def _of_change(by: Increment, change: dict[str, str]) -> str:
    return f"fact.{by.key} IN ({change[by.source_key]})"
