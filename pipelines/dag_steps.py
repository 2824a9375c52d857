"""The steps of the journey for a scheduler: each is a run of its own on the home, with plain lines for its log."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lake.home import Home
from pipelines import journey
from pipelines.linking import link_live_rows
from pipelines.progress import Progress
from pipelines.publishing import publish_build
from pipelines.run import open_run


def land(home: str, inbox: str) -> int:
    """Land what is new in the inbox; return how many deliveries were refused."""
    with open_run(Home(Path(home)), Progress()) as run:
        return journey.land(run, Path(inbox))


def clean(home: str) -> int:
    """Type, check and split the landed deliveries, and answer each; return how many the gate holds."""
    with open_run(Home(Path(home)), Progress()) as run:
        held = journey.clean(run)
        journey.answer(run)
    return held


def settle(home: str) -> None:
    """Find which row of each key counts."""
    with open_run(Home(Path(home)), Progress()) as run:
        journey.settle_rows(run)


def link(home: str) -> None:
    """Bring the registry up to the live rows."""
    with open_run(Home(Path(home)), Progress()) as run:
        link_live_rows(run)


def publish(home: str, as_of: str | None) -> bool:
    """Build, measure and swap; return whether figures changed."""
    with open_run(Home(Path(home)), Progress()) as run:
        return publish_build(run, date.fromisoformat(as_of) if as_of else None)
