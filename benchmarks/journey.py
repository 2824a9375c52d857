"""The journey beside its floor: rows per second of each step, peak memory.

The floor is DuckDB reading the same rows as UTF-8 CSV (unpacked, comma, one header) and writing zstd Parquet, with the
same number of threads; it runs before and after the journey, each in a process of its own, and its mean counts:

    python benchmarks/journey.py --residents 1000000 --months 15 --seed 9001
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Simulate, measure the floor and the journey, add one delivery, print a table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=1_000_000)
    arguments.add_argument("--months", type=int, default=15)
    arguments.add_argument("--seed", type=int, default=9001)
    arguments.add_argument("--folder", type=Path, help="kept between calls; a temporary one otherwise")
    arguments.add_argument("--part", choices=["floor", "run"], help=argparse.SUPPRESS)
    given = arguments.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="yimatong-bench-"))
    if given.part:
        _part(given.part, folder)
        return
    try:
        _compare(folder, given.residents, given.months, given.seed)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _compare(folder: Path, residents: int, months: int, seed: int) -> None:
    inbox = folder / "province" / "inbox"
    if not inbox.exists():
        began = time.monotonic()
        command = ["yimatong", "simulate", "--residents", str(residents), "--months", str(months), "--seed", str(seed)]
        subprocess.run([*command, "--out", str(folder / "province")], check=True)
        print(f"simulate: {time.monotonic() - began:.1f} s")
    if not (folder / "plain").exists():
        _unpack(inbox, folder / "plain")
    last, aside = _set_aside_last_delivery(inbox, folder / "later")
    shutil.rmtree(folder / "home", ignore_errors=True)
    floors = [_measured(folder, "floor")]
    whole = _measured(folder, "run")
    floors.append(_measured(folder, "floor"))  # machines change pace: before and after, and the mean
    floor = floors[0] | {"seconds": sum(each["seconds"] for each in floors) / 2}
    shutil.move(aside, last)
    more = _measured(folder, "run")
    again = _measured(folder, "run")
    _report(folder, floor, whole, more, again)


def _part(part: str, folder: Path) -> None:
    began = time.monotonic()
    outcome: dict[str, object] = {}
    if part == "floor":
        outcome["rows"] = _floor(folder / "plain", folder / "floor")
    else:
        from lake.home import Home
        from pipelines import journey
        from pipelines.progress import Progress

        journey.run(Home(folder / "home"), folder / "province" / "inbox", None, Progress())
    outcome["seconds"] = time.monotonic() - began
    own, child = (resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    outcome["peak_mib"] = (own + child * len(os.sched_getaffinity(0))) / 1024  # as if all were at their peak at once
    print(json.dumps(outcome))


def _measured(folder: Path, part: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]))


def _floor(plain: Path, into: Path) -> int:
    import duckdb

    into.mkdir(parents=True, exist_ok=True)
    rows = 0
    connection = duckdb.connect(config={"threads": len(os.sched_getaffinity(0)), "preserve_insertion_order": False})
    for feed in sorted({path.name.split("-")[0] for path in plain.iterdir()}):
        files = f"read_csv('{plain}/{feed}-*.csv', all_varchar = true, header = true, delim = ',', quote = '\"')"
        target = into / f"{feed}.parquet"
        copied = connection.execute(f"COPY (SELECT * FROM {files}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        rows += copied.fetchall()[0][0]
    return rows


def _unpack(inbox: Path, plain: Path) -> None:
    """Write every delivered file as UTF-8 CSV with commas and the contract's identifiers in the contract's order."""
    import pyarrow.csv as arrow_csv

    from contracts.feeds import FEEDS

    plain.mkdir(parents=True)
    for number, path in enumerate(sorted(inbox.glob("*/*/*/*/manifest.json"))):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        feed = FEEDS[manifest["feed"]]
        names = {spelling: c.name for c in feed.columns for spelling in (c.name, c.zh)}
        for part, file in enumerate(manifest["files"]):
            packed = path.parent / file["name"]
            text = gzip.open(packed).read() if packed.suffix == ".gz" else packed.read_bytes()  # noqa: SIM115
            clean = text.decode(manifest["encoding"]).removeprefix("\ufeff")
            header = next(csv.reader([clean.split("\n", 1)[0].rstrip("\r")], delimiter=manifest["delimiter"]))
            import pyarrow as pa

            table = arrow_csv.read_csv(
                pa.BufferReader(clean.encode()),
                parse_options=arrow_csv.ParseOptions(delimiter=manifest["delimiter"], newlines_in_values=True),
                convert_options=arrow_csv.ConvertOptions(column_types={name: pa.string() for name in header}),
            ).rename_columns([names[name] for name in header])
            table = table.select([c.name for c in feed.columns if c.name in table.column_names])
            arrow_csv.write_csv(table, plain / f"{feed.name}-{number:05d}-{part}.csv")


def _set_aside_last_delivery(inbox: Path, later: Path) -> tuple[Path, Path]:
    """Take the last month's EMR of the largest city out of the inbox, to be delivered afterwards: from, to."""
    for left in later.glob("*/001"):  # of a call that was broken off
        shutil.move(left, inbox / "440100" / "emr" / left.parent.name / left.name)
    folder = sorted((inbox / "440100" / "emr").glob("*/001"))[-1]
    aside = later / folder.parent.name / folder.name
    aside.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, aside)
    return folder, aside


def _report(
    folder: Path, floor: dict[str, float], whole: dict[str, float], more: dict[str, float], again: dict[str, float]
) -> None:
    with sqlite3.connect(folder / "home" / "ledger.sqlite") as ledger:
        steps = ledger.execute(
            "SELECT run.rowid, step, read, seconds FROM step JOIN run USING (run_id) ORDER BY started_at, step.rowid"
        ).fetchall()
    rows = floor["rows"]
    print(f"\nfloor     {rows:>12,.0f} rows {floor['seconds']:8.1f} s {rows / floor['seconds']:>12,.0f} rows/s"
          f"  peak {floor['peak_mib']:,.0f} MiB")  # fmt: skip
    first = steps[0][0] if steps else None
    for run, step, read, seconds in steps:
        label = "" if run == first else "  (one more delivery)"
        print(f"{step:9} {read:>12,} rows {seconds:8.1f} s {read / max(seconds, 0.01):>12,.0f} rows/s{label}")
    aside = ("answer", "present", "link", "assess", "measure")
    ingest = sum(seconds for run, step, _, seconds in steps if run == first and step not in aside)
    print(f"\nland + clean + gate + settle + load: {ingest:.1f} s = {ingest / floor['seconds']:.2f} × the floor")
    print(f"whole run {whole['seconds']:.1f} s, peak {whole['peak_mib']:,.0f} MiB")
    print(f"one more delivery {more['seconds']:.1f} s, the same inbox again {again['seconds']:.1f} s")


if __name__ == "__main__":
    main()
