"""How often the intervals for doubtful identity hold the truth, over synthetic provinces run from delivery to figure.

    python -m benchmarks.intervals --provinces 6 --residents 20000 --months 6 --first-seed 16001

Every other province is a harsh one. The truth is worked out in plain Python, without the SQL. Where the register has
two entries of a person that are equally new, in two places, nothing tells where the person lives: these are left out
of indicators by residence. An interval of nothing counts too: it says that the figure is right.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.unpublished import simulate_province
from contracts.divisions import PROVINCE_CODE
from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from tests.warehouse.oracle import expected_figures
from tests.warehouse.oracle.grains import Figures
from tests.warehouse.truth_rows import read_truth

FIRST_MONTH = "2018-10"
BY_RESIDENCE = {"A13", "R1", "R2", "R3", "R6", "R7", "C3"}
GRAINS = ("province", "city", "county")
_EQUALLY_NEW = """
    WITH newest AS (
      SELECT person_id, residence_division FROM read_parquet('{truth}/population.parquet')
      QUALIFY updated_at = max(updated_at) OVER (PARTITION BY person_id)
    )
    SELECT DISTINCT unnest([residence_division, left(residence_division, 4) || '00'])
    FROM newest
    WHERE person_id IN (
      SELECT person_id FROM newest GROUP BY person_id HAVING count(DISTINCT residence_division) > 1
    )
"""


def main() -> None:
    """Print for each province, then for each indicator and grain, how many intervals hold."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--provinces", type=int, default=10)
    arguments.add_argument("--residents", type=int, default=20_000)
    arguments.add_argument("--months", type=int, default=6)
    arguments.add_argument("--first-seed", type=int, default=14_001)
    given = arguments.parse_args()
    totals: dict[tuple[str, str], Counter[str]] = {}
    for step in range(given.provinces):
        seed, harsh = given.first_seed + step, step % 2 == 1
        with tempfile.TemporaryDirectory(prefix="yimatong-intervals-") as folder:
            found = _held(Path(folder), given.residents, given.months, seed, harsh)
        for key, counts in found.items():
            totals.setdefault(key, Counter()).update(counts)
        print(f"seed {seed}{' harsh' if harsh else '':6} {_line(_of_grain(found))}", flush=True)
    for indicator in sorted({indicator for indicator, _ in totals}):
        print(f"{indicator:4} {_line({grain: totals.get((indicator, grain), Counter()) for grain in GRAINS})}")
    print(f"all  {_line(_of_grain(totals))}")


def _held(folder: Path, residents: int, months: int, seed: int, harsh: bool) -> dict[tuple[str, str], Counter[str]]:
    """Return by indicator and grain how many figures there are, how many are wrong, how many intervals hold."""
    simulate_province(residents, months, seed, folder / "province", harsh)
    home = Home(folder / "home")
    journey.run(home, folder / "province" / "inbox", None, Progress(quiet=True))
    with duckdb.connect(str(max((home.root / "builds").glob("*.duckdb"))), read_only=True) as warehouse:
        as_of: date = warehouse.execute("SELECT as_of FROM build_info").fetchall()[0][0]
        rows = warehouse.execute("""
            SELECT indicator, period, division_code, level, breakdown, value, low, high FROM indicator_value
            WHERE denominator > 0 AND low IS NOT NULL
        """).fetchall()
    truth: Figures = expected_figures(read_truth(folder / "province" / "truth"), as_of, FIRST_MONTH)
    with duckdb.connect() as connection:
        told = connection.execute(_EQUALLY_NEW.format(truth=folder / "province" / "truth")).fetchall()
    unsure = {place for (place,) in told}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for indicator, period, division, level, breakdown, value, low, high in rows:
        figure = truth.get((indicator, period, division, level, breakdown))
        if figure is None or not figure[1] or (indicator in BY_RESIDENCE and division in unsure):
            continue
        true = float(figure[2])
        grain = "province" if division == PROVINCE_CODE else "city" if division.endswith("00") else "county"
        counts.setdefault((indicator, grain), Counter()).update(
            figures=1, wrong=abs(true - value) > 1e-9, wide=high - low > 1e-9, held=low - 1e-9 <= true <= high + 1e-9
        )
    return counts


def _of_grain(found: dict[tuple[str, str], Counter[str]]) -> dict[str, Counter[str]]:
    summed: dict[str, Counter[str]] = {grain: Counter() for grain in GRAINS}
    for (_, grain), counts in found.items():
        summed[grain].update(counts)
    return summed


def _line(by_grain: dict[str, Counter[str]]) -> str:
    parts = []
    for grain, counts in by_grain.items():
        of = max(counts["figures"], 1)
        shares = " ".join(f"{name} {100 * counts[name] / of:5.1f} %" for name in ("wrong", "wide", "held"))
        parts.append(f"{grain} {counts['figures']:7,} {shares}")
    return "   ".join(parts)


if __name__ == "__main__":
    main()
