"""An attacker at the published warehouse, with the whole register at hand: whom can they tell?

    python -m benchmarks.reidentify --residents 200000 --months 6 --seed 9701

The attacker knows of every resident what a register says (name, number, sex, birth date, division, residency type,
death) and reads dim_person and the facts. Attacks:

- `attributes`: of a published person the residents who fit it; a guess among them is right one time in so many;
- `births`: of a child born in the months at hand, the residents of its sex and city born in the month of its first
  record;
- `singled out`: residents whom the attributes fit alone.

Claims are held against the truth, which the attacker has not.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.engine import connect, located
from lake.home import Home
from pipelines import journey
from pipelines.crosswalk import write_crosswalk
from pipelines.progress import Progress
from pipelines.simulate import simulate

_RESIDENT = """
    CREATE TEMP TABLE resident AS
    SELECT r.*, c.person_key AS truly
    FROM (
        SELECT person_id, any_value(sex_code) AS sex_code, any_value(birth_date)::DATE AS birth_date,
          any_value(residency_type) AS residency_type, any_value(city_code) AS city_code,
          any_value(coalesce(d.division_code, residence_division)) AS residence_division,
          any_value(year(death_date::DATE)) AS death_year
        FROM read_parquet({register}) AS p LEFT JOIN published.dim_division_code AS d ON d.code = p.residence_division
        GROUP BY person_id
    ) AS r
    JOIN (
        SELECT t.person_id, any_value(x.person_key) AS person_key
        FROM read_parquet({identity}) AS t JOIN read_parquet({crosswalk}) AS x USING (feed, city_code, source_key)
        WHERE t.feed = 'population' GROUP BY t.person_id
    ) AS c USING (person_id)
"""
_FITS = """
    (p.sex_code IS NULL OR p.sex_code = r.sex_code)
    AND (p.birth_year IS NULL OR year(r.birth_date) BETWEEN p.birth_year AND p.birth_year + p.birth_years - 1)
    AND (p.city_code IS NULL OR p.city_code = r.city_code)
    AND (p.residence_division IS NULL OR p.residence_division = r.residence_division
         OR p.residence_division = left(r.residence_division, 4) || '00')
    AND (p.residency_type IS NULL OR p.residency_type = r.residency_type)
    AND (p.death_year IS NULL OR p.death_year = r.death_year)
"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """What an attacker reaches: published persons, the fewest residents who fit one, and how often guesses are right.

    `guessed` is the expected share of right guesses among residents who fit; `singled_out` counts those whom the
    attributes fit alone. `births` are claims about children, `births_right` those that hold, `births_fit` the residents
    who fit a child in the mean.
    """

    persons: int
    fewest: int
    guessed: float
    singled_out: int
    births: int
    births_right: int
    births_fit: float


def attack(connection: duckdb.DuckDBPyConnection, warehouse: Path, truth: Path, crosswalk: Path) -> Attacked:
    """Attack a published warehouse and hold the claims against the truth."""
    connection.execute(f"ATTACH {located(warehouse)} AS published (READ_ONLY)")
    files = {"register": truth / "population.parquet", "identity": truth / "identity.parquet", "crosswalk": crosswalk}
    connection.execute(_RESIDENT.format(**{name: located(file) for name, file in files.items()}))
    connection.execute("""
        CREATE TEMP TABLE told AS
        SELECT sex_code, birth_year, birth_years, residence_division, residency_type, death_year, city_code,
          count(*) AS persons
        FROM published.dim_person WHERE registered GROUP BY ALL
    """)
    connection.execute(f"""
        CREATE TEMP TABLE fitting AS
        SELECT p.persons, count(*) AS residents FROM told AS p JOIN resident AS r ON {_FITS} GROUP BY p.rowid, p.persons
    """)
    persons, fewest, guessed, alone = connection.execute("""
        SELECT sum(persons), min(residents), sum(persons / residents) / sum(persons),
          coalesce(sum(persons) FILTER (residents = 1), 0)
        FROM fitting
    """).fetchall()[0]
    claims, right, fit = connection.execute("""
        WITH first AS (
            SELECT person_key, min(month) AS month, any_value(city_code) AS city_code
            FROM published.fact_encounter GROUP BY person_key
        ),
        child AS (
            SELECT p.person_key, p.sex_code, p.city_code, f.month
            FROM published.dim_person AS p JOIN first AS f USING (person_key)
            WHERE p.registered AND p.birth_years = 1 AND p.birth_year = year(f.month)
        ),
        fitting AS (
            SELECT c.person_key, count(*) AS residents, any_value(r.truly) AS claimed
            FROM child AS c JOIN resident AS r
              ON r.sex_code = c.sex_code AND r.city_code = c.city_code AND date_trunc('month', r.birth_date) = c.month
            GROUP BY c.person_key
        )
        SELECT count(*) FILTER (residents = 1), count(*) FILTER (residents = 1 AND claimed = person_key),
          coalesce(avg(residents), 0)
        FROM fitting
    """).fetchall()[0]
    return Attacked(int(persons), int(fewest), float(guessed), int(alone), int(claims), int(right), float(fit))


def main() -> None:
    """Simulate a province, run it, attack what is published; print what came of it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=200_000)
    arguments.add_argument("--months", type=int, default=6)
    arguments.add_argument("--seed", type=int, default=9701)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="yimatong-attack-") as name:
        folder = Path(name)
        simulate(given.residents, given.months, given.seed, folder / "province")
        home = Home(folder / "home")
        journey.run(home, folder / "province" / "inbox", None, Progress(quiet=True))
        write_crosswalk(home, folder / "crosswalk.parquet")
        with connect(folder / "scratch") as connection:
            print(attack(connection, home.warehouse, folder / "province" / "truth", folder / "crosswalk.parquet"))
            rows = connection.execute("FROM published.person_disclosure ORDER BY coarsening").fetchall()
            for coarsening, rule, persons, cells, smallest in rows:
                print(f"{coarsening} {rule}: {persons:,} persons, {cells:,} rows, at least {smallest} share one")


if __name__ == "__main__":
    main()
