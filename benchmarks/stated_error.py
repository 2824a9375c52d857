"""Whether the stated error of linkage holds: its 95 % intervals against the truth of many synthetic provinces.

    python -m benchmarks.stated_error --provinces 100 --residents 20000 --first-seed 12001

Each province is simulated, landed, cleaned, settled and linked; what the registry states of itself, without a label, is
held against who is who. Every other province is a harsh one.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.unpublished import link, settle, simulate_province
from lake.engine import connect, located
from lake.home import Home
from lake.ledger import Ledger
from pipelines.crosswalk import write_crosswalk
from pipelines.link_error import stated_error

_TRUTH = """
    WITH record AS (
      SELECT t.feed, t.person_id, c.person_key
      FROM read_parquet('{truth}/identity.parquet') AS t
      JOIN read_parquet('{crosswalk}') AS c USING (feed, city_code, source_key)
    ),
    -- Whose cluster it is, by the register; and where each registered person is.
    owner AS (SELECT person_key, mode(person_id) AS person_id FROM record WHERE feed = 'population' GROUP BY ALL),
    home AS (SELECT person_id, mode(person_key) AS person_key FROM record WHERE feed = 'population' GROUP BY ALL)
    SELECT
      coalesce(r.feed, '') AS feed,
      avg((o.person_id IS NOT NULL AND o.person_id <> r.person_id)::INTEGER) AS false_rate,
      avg((o.person_id IS NULL AND h.person_key IS NOT NULL AND h.person_key <> r.person_key)::INTEGER) AS missed_rate
    FROM record AS r LEFT JOIN owner AS o USING (person_key) LEFT JOIN home AS h ON h.person_id = r.person_id
    GROUP BY ROLLUP (r.feed)
"""


def main() -> None:
    """Print for each province what is stated and what is true, then how often the interval holds."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--provinces", type=int, default=100)
    arguments.add_argument("--residents", type=int, default=20_000)
    arguments.add_argument("--months", type=int, default=3)
    arguments.add_argument("--first-seed", type=int, default=12_001)
    given = arguments.parse_args()
    held: dict[tuple[str, str], int] = {}
    for step in range(given.provinces):
        seed, harsh = given.first_seed + step, step % 2 == 1
        with tempfile.TemporaryDirectory(prefix="yimatong-error-") as folder:
            for (feed, kind), (low, rate, high, truth) in _stated(Path(folder), given, seed, harsh).items():
                holds = low <= truth <= high
                held[feed, kind] = held.get((feed, kind), 0) + holds
                if feed == "":
                    print(
                        f"seed {seed}{' harsh' if harsh else ''} {kind:6} stated {1e6 * rate:7.1f} "
                        f"[{1e6 * low:7.1f}, {1e6 * high:7.1f}] true {1e6 * truth:7.1f} a million"
                        f"{'' if holds else '  outside'}",
                        flush=True,
                    )
    for (feed, kind), number in sorted(held.items()):
        print(f"{feed or 'all feeds':12} {kind:6} inside {number} of {given.provinces}")


def _stated(
    folder: Path, given: argparse.Namespace, seed: int, harsh: bool
) -> dict[tuple[str, str], tuple[float, float, float, float]]:
    """Return by feed and kind of error: low, rate, high as stated, and the true rate."""
    simulate_province(given.residents, given.months, seed, folder / "province", harsh)
    home = Home(folder / "home")
    settle(home, folder / "province" / "inbox")
    link(home)
    with closing(Ledger(home.ledger_url)) as ledger:
        stated = stated_error(ledger, home)
    write_crosswalk(home, folder / "crosswalk.parquet")
    assert stated is not None
    connection = connect(folder / "scratch")  # the estimate is sealed
    truth = {
        feed: {"false": false, "missed": missed}
        for feed, false, missed in connection.execute(
            _TRUTH.format(truth=folder / "province" / "truth", crosswalk=folder / "crosswalk.parquet")
        ).fetchall()
    }
    found = {}
    for feed, *values in connection.execute(f"""
        SELECT feed, false_low, false_rate, false_high, missed_low, missed_rate, missed_high
        FROM read_parquet({located(stated)}) WHERE city_code = '' AND age = ''
    """).fetchall():
        for kind, (low, rate, high) in (("false", values[:3]), ("missed", values[3:])):
            found[feed, kind] = (low, rate, high, truth[feed][kind])
    return found


if __name__ == "__main__":
    main()
