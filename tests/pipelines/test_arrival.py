"""A simulated province arrives month after month: what was extracted in a month, whole, once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.simulate import arrival, simulate
from pipelines.simulate.arrival import arrive, months_of


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    simulate(100, 3, 7, folder)
    return folder / "inbox"


def deliveries(inbox: Path) -> dict[str, str]:
    """Return the month of extraction of each delivery, by its place."""
    found = inbox.glob("*/*/*/*/manifest.json")
    return {str(m.parent.relative_to(inbox)): json.loads(m.read_text("utf-8"))["extracted_at"][:7] for m in found}


def files(inbox: Path) -> dict[str, bytes]:
    return {str(path.relative_to(inbox)): path.read_bytes() for path in inbox.rglob("*") if path.is_file()}


def test_a_delivery_comes_in_the_month_in_which_it_was_extracted(province: Path, tmp_path: Path) -> None:
    sent = deliveries(province)
    assert months_of(province) == ["2018-11", "2018-12", "2019-01"]
    so_far: dict[str, str] = {}
    for month in months_of(province):
        of_month = {place: of for place, of in sent.items() if of == month}
        assert arrive(province, tmp_path, month) == len(of_month) > 0
        so_far |= of_month
        assert deliveries(tmp_path) == so_far
    assert files(tmp_path) == files(province)


def test_late_and_second_deliveries_come_when_they_were_extracted(province: Path, tmp_path: Path) -> None:
    first, *later = months_of(province)
    arrive(province, tmp_path, first)
    assert {place.split("/")[2] for place in deliveries(tmp_path)} == {"2018-10"}
    missing = {place for place in deliveries(province) if "/2018-10/" in place} - set(deliveries(tmp_path))
    assert missing  # late: a month that has begun isn't over
    assert any(place.endswith("/002") for place in deliveries(tmp_path))
    arrive(province, tmp_path, later[0])
    assert missing & set(deliveries(tmp_path))


def test_a_month_that_was_cut_off_can_be_asked_for_again(
    province: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = months_of(province)[0]
    whole, places = arrive(province, tmp_path / "whole", month), list[Path]()

    def bring_in(folder: Path, place: Path) -> None:
        if len(places) == 3:
            raise KeyboardInterrupt
        assert (folder / "manifest.json").exists() and not place.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        places.append(shutil.move(folder, place))

    with monkeypatch.context() as cut_off, pytest.raises(KeyboardInterrupt):
        cut_off.setattr(arrival, "bring_in", bring_in)
        arrive(province, tmp_path / "inbox", month)
    assert len(deliveries(tmp_path / "inbox")) == 3
    assert arrive(province, tmp_path / "inbox", month) == whole - 3
    assert arrive(province, tmp_path / "inbox", month) == 0
    assert files(tmp_path / "inbox") == files(tmp_path / "whole")


def test_nothing_comes_in_a_month_without_deliveries(province: Path, tmp_path: Path) -> None:
    assert arrive(province, tmp_path / "inbox", "2017-01") == 0
    assert list((tmp_path / "inbox").iterdir()) == []
