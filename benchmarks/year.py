"""Whether ids last: a year of deliveries, corrections a month late; in another order; under another model.

    python -m benchmarks.year --residents 20000 --months 12 --seed 9601

Says of each month how many records' ids changed for each per cent of new input, and how many ids stand for another
person than before; then whether the same deliveries in another order make the same persons, and how many presentations
keep their ids under a model trained on the home.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import duckdb

from benchmarks.unpublished import link, settle, simulate_province
from lake.home import Home

_MONTH = """
    WITH former AS (FROM read_parquet('{former}')), latter AS (FROM read_parquet('{now}')),
    stayed AS (
      SELECT former.person_key AS before, latter.person_key AS after
      FROM latter JOIN former USING (feed, city_code, source_key)
    ),
    truth AS (SELECT feed, city_code, source_key, person_id FROM read_parquet('{truth}')),
    -- Whose most of an id's records are; where two have as many, it may be either.
    main_before AS (
      SELECT person_key, person_id FROM former JOIN truth USING (feed, city_code, source_key)
      GROUP BY person_key, person_id QUALIFY count(*) = max(count(*)) OVER (PARTITION BY person_key)
    ),
    main_now AS (
      SELECT person_key, person_id FROM latter JOIN truth USING (feed, city_code, source_key)
      GROUP BY person_key, person_id QUALIFY count(*) = max(count(*)) OVER (PARTITION BY person_key)
    )
    SELECT
      (SELECT count(*) FROM latter),
      (SELECT count(*) FROM latter) - (SELECT count(*) FROM stayed),
      (SELECT count(*) FILTER (before <> after) FROM stayed),
      (
        SELECT count(DISTINCT person_key) FROM main_now
        WHERE person_key IN (SELECT person_key FROM main_before)
          AND person_key NOT IN (SELECT person_key FROM main_now JOIN main_before USING (person_key, person_id))
      )
"""


def main() -> None:
    """Deliver a synthetic year and print what became of the ids."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=20_000)
    arguments.add_argument("--months", type=int, default=12)
    arguments.add_argument("--seed", type=int, default=9601)
    arguments.add_argument("--harsh", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="yimatong-year-") as name:
        folder = Path(name)
        simulate_province(given.residents, given.months, given.seed, folder / "province", given.harsh)
        by_month = _deliveries_by_month(folder / "province" / "inbox")
        home = Home(folder / "home")
        crosswalks = []
        for month, deliveries in by_month.items():
            _link(home, folder / "inbox", deliveries)
            crosswalks.append(_crosswalk(home, folder / f"{month}.parquet"))
        _print_months(list(by_month), crosswalks, folder / "province" / "truth")
        _print_ids(home)
        shuffled = [one for deliveries in by_month.values() for one in deliveries]
        random.Random(given.seed).shuffle(shuffled)
        other = Home(folder / "other")
        for part in range(given.months):
            _link(other, folder / "shuffled", shuffled[part :: given.months])
        _print_same_persons(crosswalks[-1], _crosswalk(other, folder / "other.parquet"))
        _print_remodelled(home, folder / "inbox")


def _deliveries_by_month(inbox: Path) -> dict[str, list[Path]]:
    """Return the deliveries by the month in which they arrive: a later sequence corrects, and comes a month late."""
    by_month: dict[str, list[Path]] = {}
    folders = sorted(path for path in inbox.glob("*/*/*/*") if path.is_dir())
    months = sorted({folder.parent.name for folder in folders})
    for folder in folders:
        late = folder.name != "001"
        at = min(months.index(folder.parent.name) + late, len(months) - 1)
        by_month.setdefault(months[at], []).append(folder)
    return dict(sorted(by_month.items()))


def _link(home: Home, inbox: Path, deliveries: Iterable[Path]) -> None:
    """Deliver to an inbox and take everything to the registry; nothing is published."""
    for delivery in deliveries:
        shutil.copytree(delivery, inbox.joinpath(*delivery.parts[-4:]))
    settle(home, inbox)
    link(home)


def _crosswalk(home: Home, out: Path) -> Path:
    from pipelines.crosswalk import write_crosswalk

    write_crosswalk(home, out)
    return out


def _print_months(months: list[str], crosswalks: list[Path], truth: Path) -> None:
    print("month     records   new %   other id   for each 1 % of input   ids of another person")
    for month, former, now in zip(months[1:], crosswalks, crosswalks[1:], strict=False):
        records, new, moved, another = duckdb.execute(
            _MONTH.format(former=former, now=now, truth=truth / "identity.parquet")
        ).fetchall()[0]
        share = 100 * new / records
        print(
            f"{month} {records:>10,} {share:7.1f} {moved:>10,} {moved / records / share:>22.3%} {another:>23,}",
            flush=True,
        )


def _print_ids(home: Home) -> None:
    from lake.ledger import Ledger
    from linkage.registry import events
    from pipelines.linking import registry_folders

    with closing(Ledger(home.ledger_url)) as ledger:
        folders = registry_folders(ledger, home)
        versions = [home.links(version.version) for version in ledger.link_versions()]
    issued = f"read_parquet([{', '.join(repr(str(folder / 'issued.parquet')) for folder in folders)}])"
    ids, distinct = duckdb.execute(f"SELECT count(registry_id), count(DISTINCT registry_id) FROM {issued}").fetchall()[
        0
    ]
    kinds = duckdb.execute(f"SELECT kind, count(*) FROM ({events(versions)}) GROUP BY kind ORDER BY kind").fetchall()
    print(f"ids given out {ids:,}, of them twice {ids - distinct:,}; " + ", ".join(f"{k} {n:,}" for k, n in kinds))


def _print_same_persons(one: Path, other: Path) -> None:
    pairs, ones, others, records = duckdb.execute(f"""
        SELECT count(DISTINCT (one.person_key, other.person_key)), count(DISTINCT one.person_key),
          count(DISTINCT other.person_key), count(*)
        FROM read_parquet('{one}') AS one FULL JOIN read_parquet('{other}') AS other USING (feed, city_code, source_key)
    """).fetchall()[0]
    same = "the same persons" if pairs == ones == others else f"other persons: {ones:,} and {others:,}, {pairs:,} pairs"
    print(f"in another order: {records:,} records, {same}")


def _print_remodelled(home: Home, inbox: Path) -> None:
    from pipelines.link_report import link_report
    from pipelines.training import train_model

    model = train_model(home, None)
    _link(home, inbox, ())
    change = link_report(home)["change"]
    events = ", ".join(f"{kind} {seen['ids']}" for kind, seen in change["events"].items()) or "none"
    print(f"under model {model.version}: kept {change['kept']:.6%}; events: {events}")


if __name__ == "__main__":
    main()
