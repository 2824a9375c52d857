"""A home taken to the registry, with nothing published: what the benchmarks of linkage share."""

from __future__ import annotations

from pathlib import Path

from lake.home import Home
from pipelines import journey
from pipelines.linking import link_live_rows
from pipelines.progress import Progress
from pipelines.run import open_run
from pipelines.simulate import simulate
from pipelines.simulate.noise import HARSH, NOISE


def simulate_province(residents: int, months: int, seed: int, out: Path, harsh: bool) -> None:
    """Write a synthetic province; a harsh one has three times the errors."""
    simulate(residents, months, seed, out, noise=HARSH if harsh else NOISE)


def settle(home: Home, inbox: Path) -> None:
    """Land, clean and settle what is new in an inbox."""
    with open_run(home, Progress(quiet=True)) as run:
        journey.land(run, inbox)
        journey.clean(run)
        journey.settle_rows(run)


def link(home: Home) -> str:
    """Link what is live, and return the run's id."""
    with open_run(home, Progress(quiet=True)) as run:
        link_live_rows(run)
        return run.run_id
