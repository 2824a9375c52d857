"""Pairwise precision, recall and F1 of a clustering against the true persons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.rivals.records import connect
from lake.engine import located


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs of records put together, those of them that are right, and those that should be together."""

    together: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        """Return the share of the pairs put together that are right."""
        return self.right / self.together if self.together else 1.0

    @property
    def recall(self) -> float:
        """Return the share of the true pairs that were put together."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2 * self.right / (self.together + self.true) if self.together + self.true else 1.0


def score(records: Path, clusters: Path, among: Path | None = None) -> Score:
    """Score record_id → cluster; a record without a cluster stands alone. `among` holds the record_id that count."""
    only = f"WHERE record_id IN (SELECT record_id FROM read_parquet({located(among)}))" if among else ""
    return _score(f"""
        SELECT person_id, coalesce(cluster::VARCHAR, 'alone ' || record_id) AS cluster
        FROM read_parquet({located(records)}) AS record
        LEFT JOIN read_parquet({located(clusters)}) AS clustered USING (record_id) {only}""")


def write_crosswalk_clusters(records: Path, crosswalk: Path, out: Path) -> None:
    """Write a crosswalk (feed, city_code, source_key → person_key) as record_id → cluster."""
    with connect() as connection:
        connection.execute(f"""
            COPY (
              SELECT record_id, person_key AS cluster
              FROM read_parquet({located(records)}) AS record
              JOIN read_parquet({located(crosswalk)}) AS crosswalk USING (feed, city_code, source_key)
            ) TO {located(out)} (FORMAT parquet)
        """)


def _score(pairs: str) -> Score:
    with connect() as connection:
        counted = connection.execute(f"""
            WITH n AS (SELECT cluster, person_id, count(*) AS n FROM ({pairs}) GROUP BY ALL)
            SELECT
              (SELECT sum(n * (n - 1) // 2) FROM (SELECT sum(n) AS n FROM n GROUP BY cluster)),
              (SELECT sum(n * (n - 1) // 2) FROM n),
              (SELECT sum(n * (n - 1) // 2) FROM (SELECT sum(n) AS n FROM n GROUP BY person_id))
        """).fetchall()[0]
    return Score(*map(int, counted))
