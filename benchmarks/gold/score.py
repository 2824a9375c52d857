"""Pairwise precision, recall and F1 of links or clusters against the truth that was kept aside."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from benchmarks.gold.task import Found, Task
from benchmarks.rivals.score import Score


def score(connection: duckdb.DuckDBPyConnection, task: Task, found: Found) -> Score:
    """Score pairs, or the pairs within clusters, against truth; of two files only pairs across them count."""
    if isinstance(found, dict):
        together, right = _clustered(connection, found)
    else:
        together, right = _linked(connection, found)
    across = "l.side < r.side" if task.files == 2 else "l.record_id < r.record_id"
    true = connection.execute(f"""
        WITH known AS (FROM truth JOIN record USING (record_id))
        SELECT count(*) FROM known AS l JOIN known AS r USING (person) WHERE {across}
    """).fetchall()[0][0]
    return Score(together, right, true)


def _linked(connection: duckdb.DuckDBPyConnection, links: list[tuple[int, int]]) -> tuple[int, int]:
    ids = pa.int64()
    table = pa.table({"a": pa.array([a for a, _ in links], ids), "b": pa.array([b for _, b in links], ids)})
    return _counted(connection, table, """
        SELECT count(*), count(*) FILTER (l.person = r.person)
        FROM found JOIN truth AS l ON l.record_id = a JOIN truth AS r ON r.record_id = b
    """)  # fmt: skip


def _clustered(connection: duckdb.DuckDBPyConnection, cluster: dict[int, int]) -> tuple[int, int]:
    ids = pa.int64()
    table = pa.table({"record_id": pa.array(list(cluster), ids), "cluster": pa.array(list(cluster.values()), ids)})
    return _counted(connection, table, """
        WITH n AS (SELECT cluster, person, count(*) AS n FROM found JOIN truth USING (record_id) GROUP BY ALL)
        SELECT
            (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT sum(n) AS n FROM n GROUP BY cluster)),
            (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM n)
    """)  # fmt: skip


def _counted(connection: duckdb.DuckDBPyConnection, found: pa.Table, query: str) -> tuple[int, int]:
    connection.register("found", found)
    together, right = connection.execute(query).fetchall()[0]
    connection.unregister("found")
    return int(together), int(right)
