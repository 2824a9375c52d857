"""A small province, simulated once, and a home in which its deliveries were run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from pipelines.quality_page import charts
from pipelines.simulate import simulate

RESIDENTS, MONTHS, SEED = 1500, 4, 20181219


@dataclass(frozen=True)
class Province:
    """A simulated province and the home of one undisturbed run over it."""

    inbox: Path
    truth: Path
    home: Home


@pytest.fixture(scope="session", autouse=True)
def fixed_secret() -> None:
    """Give every home of these tests the same secret, so that person keys can be compared."""
    os.environ["YIMATONG_SECRET"] = "5e" * 32


CHARTS = {name: getattr(charts, name) for name in
          ("delivered_rows", "quarantined_share", "days_to_extraction", "city_volumes", "check_rates")}  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def undrawn() -> Iterator[None]:
    """Leave the charts of quality pages out: drawing them takes longer than the rest of a small run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CHARTS:
            patch.setattr(charts, name, lambda _: "<svg></svg>")
        yield


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the charts of quality pages in this test."""
    for name, chart in CHARTS.items():
        monkeypatch.setattr(charts, name, chart)


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    folder = tmp_path_factory.mktemp("province")
    simulate(RESIDENTS, MONTHS, SEED, folder)
    home = Home(folder / "home")
    journey.run(home, folder / "inbox", None, Progress(quiet=True))
    return Province(folder / "inbox", folder / "truth", home)
