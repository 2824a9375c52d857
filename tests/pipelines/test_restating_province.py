"""Restating a province: what was exported after each month comes out again, and what changed is told by its causes."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lake.home import Home
from pipelines import journey

from .restated_world import World
from .small_inbox import QUIET

pytestmark = pytest.mark.e2e


def extracted(delivery: Path) -> str:
    return str(json.loads((delivery / "manifest.json").read_text(encoding="utf-8"))["extracted_at"])


@pytest.fixture(scope="module")
def run_by_month(province: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, list[str]]:
    """Run the province's deliveries as they were extracted, month by month, with an export after each run."""
    folder = tmp_path_factory.mktemp("months")
    world = World(Home(folder / "home"), folder / "exports")
    deliveries = sorted((path.parent for path in province.inbox.glob("*/*/*/*/manifest.json")), key=extracted)
    months = sorted({extracted(delivery)[:7] for delivery in deliveries})
    for month in months:
        for delivery in (each for each in deliveries if extracted(each)[:7] == month):
            shutil.copytree(delivery, folder / "inbox" / delivery.relative_to(province.inbox))
        assert journey.run(world.home, folder / "inbox", None, QUIET).published
        world.export(month)
    return world, months


def test_every_export_comes_out_again_byte_for_byte(run_by_month: tuple[World, list[str]]) -> None:
    world, months = run_by_month
    assert len(months) > 3
    for month in months:
        known_at = json.loads((world.exports / month / "export.json").read_text())["known_at"]
        again = world.export("again", known_at=datetime.fromisoformat(known_at))
        written = [path.relative_to(again) for path in again.rglob("*") if path.is_file()]
        assert len(written) > 20
        for name in written:
            assert (again / name).read_bytes() == (world.exports / month / name).read_bytes(), (month, name)


def test_every_change_has_its_causes(run_by_month: tuple[World, list[str]]) -> None:
    world, months = run_by_month
    met: set[str] = set()
    for first, second in ((months[0], months[1]), (months[1], months[-1])):
        _, rows = world.compare(first, second)
        causes = {row.get("causes", "") for row in rows if row["status"] != "suppressed"}
        assert "" not in causes and not [each for each in causes if "unknown" in each]
        met |= {cause for each in causes for cause in each.split()}
    assert met == {"late", "corrections", "relinking", "as_of"}
