"""The engine's way on any records: levels by SQL, evidence without labels, each record weighed against its rivals."""

from __future__ import annotations

from math import log2
from typing import Any

import duckdb
import numpy as np

from benchmarks.gold.clusters import agreeing, components
from benchmarks.gold.task import Found, Task
from benchmarks.rivals.laps import Laps
from linkage.evidence.comparison import best_levels, weight_sql
from linkage.evidence.em import UNKNOWN, Estimate, estimate

CROWD = 200
"""More records than this under one key, and the key tells nobody from anybody."""
_STRANGERS = 50_000
"""Pairs drawn at random, to see how strangers agree."""
_SURE, _LIKELY = 0.9, 0.5
"""Who is sure is settled first, and then nobody's rival. What is likelier than not is best for F1."""


def find_pairs(connection: duckdb.DuckDBPyConnection, task: Task) -> None:
    """Make pair (a, b): records that share a key; of the first file and the second, or the smaller id first."""
    held = " UNION ALL ".join(
        f"SELECT {at} AS kind, hash({', '.join(key)}) AS key, record_id, side FROM record WHERE "
        + " AND ".join(f"({column}) IS NOT NULL" for column in key)
        for at, key in enumerate(task.keys)
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE pair AS
        WITH held AS ({held}),
        narrow AS (SELECT kind, key FROM held GROUP BY ALL HAVING count(*) BETWEEN 2 AND {CROWD})
        SELECT DISTINCT l.record_id AS a, r.record_id AS b
        FROM held AS l JOIN narrow USING (kind, key) JOIN held AS r USING (kind, key)
        WHERE {"l.side < r.side" if task.files == 2 else "l.record_id < r.record_id"}
    """)


def find(connection: duckdb.DuckDBPyConnection, task: Task, laps: Laps) -> Found:
    """Return who is one person, from record and pair."""
    _compare(connection, task, "pair", "compared")
    laps.end("compare")
    learnt = _learn(connection, task)
    laps.end("estimate")
    _weigh(connection, task, learnt, "compared")
    found: Found = _linked(connection) if task.files == 2 else _grouped(connection, task, learnt)
    laps.end("decide")
    return found


def _compare(connection: duckdb.DuckDBPyConnection, task: Task, pairs: str, compared: str) -> None:
    """Make compared (a, b, a level a comparison, NULL where it says nothing) of a table of pairs."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {compared} AS
        SELECT p.a, p.b, {best_levels(task.comparisons)}
        FROM {pairs} AS p JOIN record AS l ON l.record_id = p.a JOIN record AS r ON r.record_id = p.b
        GROUP BY p.a, p.b
    """)


def _learn(connection: duckdb.DuckDBPyConnection, task: Task) -> Estimate:
    """Return what all pairs there are show, those that share a key and, by a sample, those that don't.

    Reads compared of the first and makes it anew of the sample. The guess to begin with is one match for two records.
    """
    patterns, counts = _patterns(connection, task, "compared")
    sides = [n for _, n in connection.execute("SELECT side, count(*) FROM record GROUP BY ALL ORDER BY ALL").fetchall()]
    records = sum(sides)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE stranger AS
        WITH numbered AS (SELECT row_number() OVER (ORDER BY record_id) - 1 AS place, record_id, side FROM record),
        drawn AS (
            SELECT record_id, side, hash(record_id, unnest(range({1 + _STRANGERS // records}))) % {records} AS place
            FROM numbered
        )
        SELECT DISTINCT least(l.record_id, r.record_id) AS a, greatest(l.record_id, r.record_id) AS b
        FROM drawn AS l JOIN numbered AS r USING (place)
        WHERE {"l.side <> r.side" if task.files == 2 else "l.record_id <> r.record_id"}
        EXCEPT FROM pair
    """)
    _compare(connection, task, "stranger", "compared_stranger")
    strangers, drawn = _patterns(connection, task, "compared_stranger")
    whole = sides[0] * sides[1] if task.files == 2 else sides[0] * (sides[0] - 1) // 2
    names = [one.name for one in task.comparisons]
    return estimate(
        np.concatenate([patterns, strangers]),
        np.concatenate([counts, np.zeros(len(drawn))]),
        [len(one.levels) for one in task.comparisons],
        records / 2 / whole,
        [names.index(name) for name in task.kin],
        np.concatenate([np.zeros(len(counts)), drawn * ((whole - counts.sum()) / drawn.sum())]),
    )


def _patterns(connection: duckdb.DuckDBPyConnection, task: Task, compared: str) -> tuple[Any, Any]:
    """Return the distinct patterns of compared and how many pairs have each."""
    columns = [one.column for one in task.comparisons]
    shown = ", ".join(f"coalesce({column}, {UNKNOWN}) AS {column}" for column in columns)
    counted = connection.execute(f"SELECT {shown}, count(*) AS n FROM {compared} GROUP BY ALL").fetchnumpy()
    patterns = np.stack([np.asarray(counted[column], np.int64) for column in columns], axis=1)
    return patterns, np.asarray(counted["n"], np.float64)


def _weigh(connection: duckdb.DuckDBPyConnection, task: Task, learnt: Estimate, compared: str) -> None:
    """Make weighed (a, b, odds): log2 of the odds that two records are one and not kin or strangers.

    Those who don't share a thing agree on a rare value more rarely.
    """
    for name, column in task.terms.items():
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE term_{name} AS
            WITH held AS (
                SELECT {column} AS value, count(*) / sum(count(*)) OVER () AS share
                FROM record WHERE {column} IS NOT NULL GROUP BY ALL
            )
            SELECT value, log2(share / (SELECT sum(share * share) FROM held)) AS commonness FROM held
        """)
    probable = []
    for at, shared in enumerate((None, *([task.kin] if task.kin else []), ())):
        weights = [repr(log2(learnt.shares[at]))]
        for one, its in zip(task.comparisons, learnt.levels, strict=True):
            weights.append(weight_sql(one.column, np.log2(its[at]).tolist()))
            if shared is not None and one.name in task.terms and one.name not in shared:
                weights.append(f"CASE WHEN {one.column} = 0 THEN term_{one.name}.commonness ELSE 0 END")
        probable.append(" + ".join(weights))
    match, *others = (f"({one})" for one in probable)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE weighed AS
        SELECT a, b, -log2({" + ".join(f"pow(2, {other} - {match})" for other in others)}) AS odds
        FROM {compared} JOIN record AS l ON l.record_id = a
        {" ".join(f"LEFT JOIN term_{n} ON term_{n}.value = l.{column}" for n, column in task.terms.items())}
    """)


def _linked(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Return links one to one: each record with the likeliest of the other file, given the rivals of both."""
    connection.execute("CREATE OR REPLACE TEMP TABLE linked (a BIGINT, b BIGINT)")
    for enough in (_SURE, _LIKELY):
        while connection.execute(f"""
            INSERT INTO linked
            SELECT a, b FROM weighed
            QUALIFY pow(2, odds) / (1 + greatest(
                sum(pow(2, odds)) OVER (PARTITION BY a), sum(pow(2, odds)) OVER (PARTITION BY b))) > {enough}
        """).fetchall()[0][0]:
            connection.execute("""
                DELETE FROM weighed WHERE a IN (SELECT a FROM linked) OR b IN (SELECT b FROM linked)
            """)
    return connection.execute("FROM linked").fetchall()


def _grouped(connection: duckdb.DuckDBPyConnection, task: Task, learnt: Estimate) -> dict[int, int]:
    """Return groups in which nobody is put together with those that, all in all, speak against it."""
    likely = connection.execute(f"SELECT a, b FROM weighed WHERE odds > {log2(_LIKELY / (1 - _LIKELY))}").fetchall()
    label = components(likely)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE label AS SELECT unnest(?::BIGINT[]) AS record_id, unnest(?::BIGINT[]) AS label",
        [list(label), list(label.values())],
    )
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE within_label AS
        SELECT l.record_id AS a, r.record_id AS b
        FROM label AS l JOIN label AS r USING (label) WHERE l.record_id < r.record_id
    """)
    _compare(connection, task, "within_label", "compared_within")
    _weigh(connection, task, learnt, "compared_within")
    return agreeing(connection.execute("SELECT a, b, odds FROM weighed ORDER BY odds DESC, a, b").fetchall())
