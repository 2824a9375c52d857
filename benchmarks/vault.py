"""What sealing costs: the journey of a province with the vault sealed and without, in turns, in one run.

python -m benchmarks.vault --residents 200000 --months 6 --seed 9801 --pairs 3
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.simulate import simulate


def main() -> None:
    """Run pairs, print the seconds of each and what sealing costs in the median."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--residents", type=int, default=200_000)
    arguments.add_argument("--months", type=int, default=6)
    arguments.add_argument("--seed", type=int, default=9801)
    arguments.add_argument("--pairs", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="yimatong-vault-") as name:
        folder = Path(name)
        summary = simulate(given.residents, given.months, given.seed, folder / "province")
        print(f"{sum(summary.rows.values()):,} rows in {summary.deliveries:,} deliveries", flush=True)
        seconds: dict[str, list[float]] = {"sealed": [], "bare": []}
        for pair in range(given.pairs):
            for kind in sorted(seconds, reverse=pair % 2 == 1):
                seconds[kind].append(_run(folder, kind))
                print(f"{kind}: {seconds[kind][-1]:.1f} s", flush=True)
        sealed, bare = (statistics.median(seconds[kind]) for kind in ("sealed", "bare"))
        print(f"median: sealed {sealed:.1f} s, bare {bare:.1f} s: {100 * (sealed / bare - 1):+.1f} %")


def _run(folder: Path, kind: str) -> float:
    """Return the seconds of one journey from the inbox to the published warehouse."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    environment = os.environ | {"YIMATONG_VAULT": "off" if kind == "bare" else "on"}
    command = ["run", "--home", str(home), "--inbox", str(folder / "province" / "inbox")]
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pipelines", *command], env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
