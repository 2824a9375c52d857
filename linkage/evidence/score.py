"""Scoring: what the evidence weighs for each pair, and who each seeker most probably is."""

from __future__ import annotations

from math import log2

import duckdb
import pyarrow as pa

from linkage.characters import define_characters
from linkage.evidence.comparison import best_levels, weight_sql
from linkage.evidence.model import Model
from linkage.evidence.persons import COMPARISONS, NAME
from linkage.script import run


def define_evidence(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make the macros of evidence, link_character, link_frequency and link_compound (surname) from the model.

    link_frequency has character, surname and given: log2 of how often.
    """
    run(connection, "evidence")
    define_characters(connection)
    characters = sorted(model.surnames.keys() | model.given.keys())
    frequencies = pa.table(
        {
            "character": pa.array(characters, pa.string()),
            "surname": pa.array([model.surnames.get(one) for one in characters], pa.float64()),
            "given": pa.array([model.given.get(one) for one in characters], pa.float64()),
        }
    )
    for name, table in (
        ("link_frequency", frequencies),
        ("link_compound", pa.table({"surname": pa.array(model.compound, pa.string())})),
    ):
        connection.register("link_given", table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM link_given")
        connection.unregister("link_given")


def compare(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make link_compared: of each pair the level of every comparison, and how probable the names' agreement is.

    Reads link_compared_pair (a, b), link_current, link_mother, link_root, link_text.
    """
    run(connection, "shown")
    run(connection, "names", rare=model.rare, kin_surname=log2(model.surname_shared))
    best = weight_sql("n.level", model.evidence["name"].match_weights())
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE link_compared AS
        SELECT p.a, p.b, bool_or(r.anchor) AS anchor,
            coalesce(arg_max(n.chance, {best} - n.chance), 0) AS name_chance,
            coalesce(arg_max(n.kin, {best} - n.chance), 0) AS name_kin,
            {best_levels(COMPARISONS)}
        FROM link_compared_pair AS p
        JOIN link_shown AS l ON l.unit = p.a
        JOIN link_shown AS r ON r.unit = p.b
        LEFT JOIN link_name_pair AS n ON n.l = l.name_id AND n.r = r.name_id
        GROUP BY p.a, p.b
    """)


def weigh(connection: duckdb.DuckDBPyConnection, model: Model, known: int) -> None:
    """Make link_weighed (a, b, anchor, weight, probability) from link_compared; `known` is how many persons are known.

    The probability that the seeker `a` is `b` weighs `b` against all other anchors, against kin that nobody knows and
    against the persons that nobody knows at all.
    """
    match = " + ".join(weight_sql(one.column, model.evidence[one.name].match_weights()) for one in COMPARISONS)
    kin = " + ".join(
        weight_sql(one.column, model.evidence[one.name].kin_weights()) for one in COMPARISONS if one is not NAME
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE link_weighed AS
        WITH weighed AS (
            SELECT *, {match} - name_chance AS weight, {kin} + name_kin - name_chance AS kin_weight
            FROM link_compared
        ),
        rivals AS (
            SELECT
                a,
                sum(pow(2, weight)) FILTER (anchor) AS anchors,
                sum(pow(2, kin_weight)) FILTER (anchor) * {model.unseen_kin!r} AS kin
            FROM weighed GROUP BY a
        )
        SELECT
            w.*,
            -- rounded: sums of several threads differ in their last bits
            round(pow(2, w.weight) / (
                CASE WHEN w.anchor THEN coalesce(r.anchors, 0) + coalesce(r.kin, 0)
                     ELSE pow(2, w.weight) + pow(2, w.kin_weight) * {model.unseen_kin!r} END
                + {known * model.unseen!r}
            ), 12) AS probability
        FROM weighed AS w JOIN rivals AS r USING (a)
    """)
