"""The truth of a synthetic province, without its deliveries, which take most of the time to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.simulate import simulate


def simulate_truth(residents: int, months: int, seed: int, folder: Path) -> Path:
    """Simulate a province as far as its truth, and return the folder of that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.simulate.write_delivery", lambda *_: 0)
        simulate(residents, months, seed, folder)
    return folder / "truth"
