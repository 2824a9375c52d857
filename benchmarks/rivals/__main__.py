"""The rivals of linkage on one synthetic province: seconds, peak memory, pairwise precision, recall and F1.

    yimatong simulate --residents 200000 --months 6 --seed 501 --out province
    python -m benchmarks.rivals --truth province/truth [--crosswalk crosswalk.parquet] [--rivals splink_stock ecm]

Each runs in a process of its own. Wants splink 5.0 and recordlinkage 0.16 besides what is installed. A `*` marks the
best setting of a rival, chosen by the truth. ECM sees one city alone, where the best of the others are scored again.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.rivals.records import write_records
from benchmarks.rivals.run import RIVALS, Found, apart, run
from benchmarks.rivals.score import Score, score, write_crosswalk_clusters

_SAMPLED = "ecm"


def main() -> None:
    """Run the rivals on a province and print how they did."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--truth", type=Path, required=True, help="the truth folder of a simulated province")
    arguments.add_argument("--crosswalk", type=Path, help="our own: feed, city_code, source_key, person_key")
    arguments.add_argument("--rivals", nargs="+", choices=RIVALS, default=RIVALS)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="yimatong-rivals-") as name:
        folder = Path(name)
        records = folder / "records.parquet"
        print(f"{apart(write_records, given.truth, records):,} records of {given.truth}", flush=True)
        found: list[Found] = []
        if given.crosswalk:
            apart(write_crosswalk_clusters, records, given.crosswalk, folder / "ours.parquet")
            found.append(Found("ours", "", folder / "ours.parquet", {}, 0))
        for rival in given.rivals:
            found += apart(run, rival, records, folder / rival)
        _print(records, found)


def _print(records: Path, found: list[Found]) -> None:
    city = next((one.clusters for one in found if one.rival == _SAMPLED), None)
    whole = [(one, apart(score, records, one.clusters, None)) for one in found if one.rival != _SAMPLED]
    print(f"{'who':26} {'seconds':>8} {'peak MiB':>8} {'P':>8} {'R':>8} {'F1':>8}")
    _print_rows(whole)
    if city:
        print("of the city that ecm saw:")
        _print_rows([(one, apart(score, records, one.clusters, city)) for one in _best(whole)])
        _print_rows([(one, apart(score, records, one.clusters, city)) for one in found if one.rival == _SAMPLED])


def _print_rows(scored: list[tuple[Found, Score]]) -> None:
    best = _best(scored)
    for one, its in scored:
        spent = f"{sum(one.seconds.values()):8.1f} {one.peak_mib:8,}" if one.seconds else f"{'-':>8} {'-':>8}"
        mark = "*" if one in best else " "
        phases = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in one.seconds.items())
        print(f"{one.rival + ' ' + one.setting:26} {spent} {its.precision:8.5f} {its.recall:8.5f} {its.f1:8.5f} {mark}"
              f" {phases}".rstrip(), flush=True)  # fmt: skip


def _best(scored: list[tuple[Found, Score]]) -> list[Found]:
    """Return the best setting of each rival."""
    best: dict[str, tuple[Found, Score]] = {}
    for one, its in scored:
        if one.rival not in best or its.f1 > best[one.rival][1].f1:
            best[one.rival] = one, its
    return [one for one, _ in best.values()]


if __name__ == "__main__":
    main()
