"""A small province, simulated once, and a home in which its deliveries were run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
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


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    folder = tmp_path_factory.mktemp("province")
    simulate(RESIDENTS, MONTHS, SEED, folder)
    home = Home(folder / "home")
    journey.run(home, folder / "inbox", None, Progress(quiet=True))
    return Province(folder / "inbox", folder / "truth", home)
