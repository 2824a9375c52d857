"""Identity held against the truth of synthetic provinces: pairwise precision, recall, F1, false merges by class.

    python benchmarks/identity.py --residents 200000 --months 6 --seed 9101
    python benchmarks/identity.py --residents 200000 --months 6 --seed 9101 --harsh

A pair is two live records of the four person feeds. Harsh provinces have three times the errors.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import duckdb

_CLASSES = """
    CASE
      WHEN kin AND one.birth_date = other.birth_date THEN 'twins'
      WHEN kin AND greatest(one.birth_date, other.birth_date) >= $first THEN 'newborns'
      WHEN kin AND abs(one.birth_date - other.birth_date) > 15 * 365 THEN 'guardians'
      WHEN kin THEN 'borrowed cards'
      WHEN one.name = other.name THEN 'namesakes'
      WHEN one.name IS NULL OR other.name IS NULL THEN 'not registered'
      ELSE 'other'
    END"""


def main() -> None:
    """Simulate a province, link it, print how the persons found agree with the true ones."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=200_000)
    arguments.add_argument("--months", type=int, default=6)
    arguments.add_argument("--seed", type=int, default=9101)
    arguments.add_argument("--harsh", action="store_true")
    arguments.add_argument("--folder", type=Path, help="kept between calls; a temporary one otherwise")
    given = arguments.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="yimatong-linkage-"))
    try:
        _compare(folder, given.residents, given.months, given.seed, given.harsh)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _compare(folder: Path, residents: int, months: int, seed: int, harsh: bool) -> None:
    from lake.home import Home
    from pipelines import journey
    from pipelines.crosswalk import write_crosswalk
    from pipelines.progress import Progress
    from pipelines.simulate import simulate
    from pipelines.simulate.noise import HARSH, NOISE

    if not (folder / "province").exists():
        simulate(residents, months, seed, folder / "province", noise=HARSH if harsh else NOISE)
    home = Home(folder / "home")
    shutil.rmtree(home.root, ignore_errors=True)
    began = time.monotonic()
    journey.run(home, folder / "province" / "inbox", None, Progress())
    print(f"run {time.monotonic() - began:.1f} s")
    write_crosswalk(home, folder / "crosswalk.parquet")
    print_agreement(folder / "crosswalk.parquet", folder / "province" / "truth")


def print_agreement(crosswalk: Path, truth: Path) -> None:
    """Print pairwise precision, recall and F1, by feed too, and the pairs merged or missed by mistake."""
    connection = duckdb.connect()
    connection.execute(f"""
        CREATE TABLE record AS
        SELECT t.feed, t.city_code, t.source_key, t.person_id, c.person_key, c.tier
        FROM read_parquet('{truth}/identity.parquet') AS t
        LEFT JOIN read_parquet('{crosswalk}') AS c USING (feed, city_code, source_key)
    """)
    records, lost, persons, found = connection.execute(
        "SELECT count(*), count(*) FILTER (person_key IS NULL), count(DISTINCT person_id), count(DISTINCT person_key) "
        "FROM record"
    ).fetchall()[0]
    print(f"{records:,} records ({lost:,} without a key), {persons:,} persons, {found:,} found")
    connection.execute("DELETE FROM record WHERE person_key IS NULL")
    together, right, true = connection.execute("""
        SELECT
          (SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM record GROUP BY person_key)),
          (SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM record GROUP BY person_key, person_id)),
          (SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM record GROUP BY person_id))
    """).fetchall()[0]
    precision, recall = right / together, right / true
    print(f"pairs: precision {precision:.6f}, recall {recall:.6f}, F1 {2 * right / (together + true):.6f}")
    _print_false_merges(connection, truth)
    for feed, records, outside in connection.execute("""
        WITH of_person AS (
          SELECT person_id, arg_max(person_key, n) AS person_key
          FROM (SELECT person_id, person_key, count(*) AS n FROM record GROUP BY ALL)
          GROUP BY ALL
        )
        SELECT feed, count(*), count(*) FILTER (record.person_key <> of_person.person_key)
        FROM record JOIN of_person USING (person_id) GROUP BY ALL ORDER BY ALL
    """).fetchall():
        print(f"  {feed:12} {records:>10,} records, outside their person's main cluster {outside:>7,}")


def _print_false_merges(connection: duckdb.DuckDBPyConnection, truth: Path) -> None:
    connection.execute(f"""
        CREATE TABLE person AS
        SELECT person_id, any_value(name) AS name, any_value(household_no) AS household_no,
          any_value(try_cast(birth_date AS DATE)) AS birth_date
        FROM read_parquet('{truth}/population.parquet') GROUP BY person_id
    """)
    first = connection.execute(
        f"SELECT date_trunc('month', min(start_at::TIMESTAMP))::DATE FROM read_parquet('{truth}/emr.parquet')"
    ).fetchall()[0][0]
    rows = connection.execute(
        f"""
        WITH n AS (SELECT person_key, person_id, count(*) AS n FROM record GROUP BY ALL),
        merged AS (
          SELECT a.person_id AS id_one, b.person_id AS id_other, a.n * b.n AS pairs
          FROM n AS a JOIN n AS b ON a.person_key = b.person_key AND a.person_id < b.person_id
        ),
        known AS (
          SELECT pairs, one, other, coalesce(one.household_no = other.household_no, false) AS kin
          FROM merged LEFT JOIN person AS one ON one.person_id = merged.id_one
          LEFT JOIN person AS other ON other.person_id = merged.id_other
        )
        SELECT {_CLASSES} AS class, count(*) AS merges, sum(pairs) AS pairs
        FROM known
        GROUP BY ALL ORDER BY pairs DESC
        """,
        {"first": first},
    ).fetchall()
    print("false merges: " + (", ".join(f"{kind} {merges} ({pairs} pairs)" for kind, merges, pairs in rows) or "none"))


if __name__ == "__main__":
    main()
