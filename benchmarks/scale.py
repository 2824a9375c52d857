"""Linkage at size: seconds and memory of presenting, linking and of one per cent more, beside Splink and SQL joins.

    yimatong simulate --residents 4000000 --months 2 --seed 9301 --out PROVINCE
    python -m benchmarks.scale --province PROVINCE

`RIVALS_MEMORY=5GiB` gives the rivals' engine what ours has at most; by default they take what there is.

Ours runs as `yimatong run` does, up to the registry; the rivals read the same records, cleaned as anyone would.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.rivals.records import write_records
from benchmarks.rivals.run import apart, run
from benchmarks.rivals.score import score, write_crosswalk_clusters
from benchmarks.unpublished import link, settle
from contracts.feeds import FEEDS
from lake.home import Home

_PERSONS = [feed.name for feed in FEEDS.values() if feed.is_person]


def main() -> None:
    """Link a province but for one delivery, then with it, then by the rivals; print what each took."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--province", type=Path, required=True, help="a folder that `yimatong simulate` wrote")
    arguments.add_argument("--rivals", nargs="*", default=["splink_stock", "sql_joins"])
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="yimatong-scale-") as name:
        folder = Path(name)
        inbox, later = _hold_back(given.province / "inbox", folder)
        home = Home(folder / "home")
        for label, more in (("all but one delivery", None), ("and that one", later)):
            if more is not None:
                shutil.copytree(more, inbox.joinpath(*more.parts[-4:]))
            apart(settle, home, inbox)
            steps, peak = apart(_link, home)
            print(f"ours, {label}: " + ", ".join(f"{step} {rows:,} rows {s:.1f} s" for step, (rows, s) in steps.items())
                  + f"; peak {peak:,} MiB", flush=True)  # fmt: skip
        records = folder / "records.parquet"
        print(f"{apart(write_records, given.province / 'truth', records):,} records")
        apart(_crosswalk, home, records, folder / "ours.parquet")
        _print_score("ours", records, folder / "ours.parquet")
        shutil.rmtree(home.root)
        for rival in given.rivals:
            found = apart(run, rival, records, folder / rival)
            best = max(found, key=lambda one: apart(score, records, one.clusters).f1)
            phases = ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in best.seconds.items())
            print(f"{rival} {best.setting}: {sum(best.seconds.values()):.1f} s ({phases}); peak {best.peak_mib:,} MiB")
            _print_score(rival, records, best.clusters)


def _hold_back(inbox: Path, folder: Path) -> tuple[Path, Path]:
    """Return an inbox of links to all deliveries but the one whose size is nearest to a hundredth, and that one."""
    folders = [path for path in inbox.glob("*/*/*/*") if path.is_dir() and path.parts[-3] in _PERSONS]
    rows = {
        path: sum(file["rows"] for file in json.loads((path / "manifest.json").read_text("utf-8"))["files"])
        for path in folders
    }
    later = min(rows, key=lambda path: (abs(rows[path] - sum(rows.values()) / 100), str(path)))
    shutil.copytree(
        inbox, folder / "inbox", copy_function=lambda one, other: Path(other).symlink_to(one),
        ignore=lambda at, names: [later.name] if Path(at) == later.parent else [],
    )  # fmt: skip
    return folder / "inbox", later


def _link(home: Home) -> tuple[dict[str, tuple[int, float]], int]:
    """Return rows and seconds of each step of linking, and the peak memory of this process in MiB."""
    run_id = link(home)
    with closing(sqlite3.connect(home.root / "ledger.sqlite")) as ledger:
        steps = ledger.execute("SELECT step, read, seconds FROM step WHERE run_id = ? ORDER BY rowid", [run_id])
        return {step: (rows, seconds) for step, rows, seconds in steps}, (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        )


def _crosswalk(home: Home, records: Path, out: Path) -> None:
    from pipelines.crosswalk import write_crosswalk

    write_crosswalk(home, out.with_suffix(".crosswalk"))
    write_crosswalk_clusters(records, out.with_suffix(".crosswalk"), out)


def _print_score(name: str, records: Path, clusters: Path) -> None:
    its = apart(score, records, clusters)
    print(f"{name}: precision {its.precision:.6f}, recall {its.recall:.6f}, F1 {its.f1:.6f}", flush=True)


if __name__ == "__main__":
    main()
