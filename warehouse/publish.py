"""Publishing: the warehouse that analysts get, made from the build that the levels of its columns keep closed.

A table is published with its columns of GB/T 39725 levels 1 to 3, but for those that its header withholds because they
would tell persons apart; a model of warehouse/published stands in place of the internal table of its name.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import duckdb

from warehouse.build import COME, GONE
from warehouse.model import Model, figure_models, published_files
from warehouse.published.coarsen import coarsen_persons
from warehouse.tables import all_models, create

MOST_SENSITIVE = 3
"""The highest level of a column that analysts see."""
_INTO = "published"
_SPANS = f"""
    SELECT person_key, last_year
    FROM (SELECT person_key, coalesce(birth_year + birth_years - 1, 9999) AS last_year FROM {_INTO}.main.dim_person)
"""
"""Of each person the last year in which they may be born, as published: which dates are told must not say more."""
_FIGURES = frozenset(model.name for model in figure_models())


@cache
def published_models() -> tuple[Model, ...]:
    """Return the tables that are published, each after those that it reads."""
    own = {model.name: model for model in published_files()}
    found = [own.pop(model.name, None) or _narrowed(model) for model in all_models()]
    return (*(model for model in found if model is not None), *own.values())


def _narrowed(model: Model) -> Model | None:
    """Return a model with the columns that may be published; None where it is withheld whole."""
    columns = tuple(c for c in model.columns if c.level <= MOST_SENSITIVE and c.name not in model.withheld)
    if not columns or model.withheld == frozenset({"*"}):
        return None
    if not model.newborns:
        return replace(model, columns=columns, sql=f"SELECT {', '.join(c.name for c in columns)} FROM {model.name}")
    told = [
        f"CASE WHEN year(fact.{c.name}) <= young.last_year THEN NULL ELSE fact.{c.name} END AS {c.name}"
        if c.name in model.newborns
        else f"fact.{c.name}"
        for c in columns
    ]
    source = f"""{model.name} AS fact LEFT JOIN (
        {_SPANS} WHERE last_year >= (SELECT year(min(month)) - 1 FROM {model.name})
    ) AS young ON young.person_key = fact.person_key"""
    return replace(model, columns=columns, sql=f"SELECT {', '.join(told)} FROM {source}")


def publish(connection: duckdb.DuckDBPyConnection, following: bool) -> None:
    """Bring the attached database `published` to the build in the connection's own.

    `following`: it holds what was published of the build before, and the relations are there by which the build was
    brought up to date (`warehouse.build.build_increment`); otherwise it is empty.
    """
    coarsen_persons(connection)
    persons = next(model for model in published_models() if model.name == "dim_person")
    before = _SPANS if following else "SELECT NULL AS person_key, NULL AS last_year WHERE false"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE span_before AS {before}")
    create(connection, persons, f"{_INTO}.main")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE respanned AS
        SELECT coalesce(now.person_key, before.person_key) AS person_key
        FROM span_before AS before
        FULL JOIN ({_SPANS}) AS now ON now.person_key = before.person_key
        WHERE now.last_year IS DISTINCT FROM before.last_year
    """)
    for model in published_models():
        if following and model.increment and model is not persons:
            key, source_key = model.increment.key, model.increment.source_key
            of_changed = f"{key} IN (SELECT {key} FROM {model.name} WHERE person_key IN (FROM respanned))"
            others = f" OR {of_changed}" if model.newborns else ""
            table = f"{_INTO}.main.{model.name}"
            connection.execute(f"DELETE FROM {table} WHERE {key} IN ({GONE[source_key]}){others}")
            connection.execute(f"INSERT INTO {table} {model.sql} WHERE {key} IN ({COME[source_key]}){others}")
        elif model is not persons and model.name not in _FIGURES:
            create(connection, model, f"{_INTO}.main")
    connection.execute("DROP TABLE span_before; DROP TABLE respanned")
    connection.execute("DROP TABLE person_cell")


def publish_figures_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Put what was measured in the build into the attached database `published`."""
    for model in published_models():
        if model.name in _FIGURES:
            create(connection, model, f"{_INTO}.main")
