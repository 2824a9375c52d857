"""The crosswalk as it was known at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.faults import PlainFault
from lake.home import Home
from pipelines import journey
from pipelines.crosswalk import write_crosswalk
from pipelines.sweeping.rules import Retention
from pipelines.sweeping.sweep import sweep

from .small_inbox import QUIET, SOUND, deliver, yimatong
from .small_review import resident_id

NUMBERED = {"id_type": "01", "id_no": resident_id("44010619870719001")}

Known = Callable[[datetime | None], list[Any]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home linked twice: the second month brings a visit more, and says that the first one was a resident's."""
    home = Home(tmp_path / "home")
    month(home, "2018-10", {"name": "李甲"})
    month(home, "2018-11", NUMBERED, visits=2)
    return home


EXTRACTED = {"2018-10": "2018-11-20", "2018-11": "2018-12-03", "2018-12": "2019-01-03", "2019-01": "2019-02-03"}
"""The day on which each month's deliveries were extracted."""


def month(home: Home, period: str, patient: Mapping[str, str], visits: int = 1) -> None:
    """Deliver a month: the resident, and the patient's visits, the first of which is always the same; and run."""
    inbox = home.root.parent / "inbox"
    changed = {"updated_at": f"{period}-28 08:00:00"}
    stated = {"extracted_at": f"{EXTRACTED[period]}T02:00:00+08:00"}
    deliver(inbox, "population", [SOUND["population"] | NUMBERED | changed], period=period, stated=stated)
    visit = SOUND["emr"] | changed | dict(patient)
    deliver(inbox, "emr", [visit | {"encounter_no": str(n)} for n in range(visits)], period=period, stated=stated)
    journey.run(home, inbox, None, QUIET)


@pytest.fixture
def known(home: Home, tmp_path: Path) -> Known:
    """Return what the crosswalk said at a time, a line a record."""

    def said(at: datetime | None) -> list[Any]:
        write_crosswalk(home, tmp_path / "out.parquet", at)
        return duckdb.sql(f"FROM '{tmp_path}/out.parquet' ORDER BY ALL").fetchall()

    return said


def on(period: str) -> datetime:
    """Return when a month's deliveries were extracted."""
    return datetime.fromisoformat(f"{EXTRACTED[period]}T02:00:00")


def test_what_was_known_then_is_told_as_it_was(home: Home, known: Known) -> None:
    then, now = known(on("2018-10")), known(None)
    assert known(on("2018-11") - timedelta(seconds=1)) == then
    assert known(on("2018-11")) == now
    visits = [[row for row in told if row[0] == "emr"] for told in (then, now)]
    assert [len(rows) for rows in visits] == [1, 2]
    (_, _, record, *_, tier, _), *_ = visits[0]
    assert tier == "new" and [row[5] for row in visits[1] if row[2] == record] == ["authority"]


def test_before_anything_was_extracted_nothing_was_known(home: Home, known: Known) -> None:
    with pytest.raises(PlainFault, match=r"nothing was known by then; .*: 2018-11-20T02:00:00"):
        known(on("2018-10") - timedelta(seconds=1))


def test_what_was_swept_is_told_no_longer(home: Home, known: Known) -> None:
    first = on("2018-10")
    sweep(home, None, Retention(), False, QUIET)
    assert known(first)
    for period in ("2018-12", "2019-01"):  # so that no build kept stands on it
        month(home, period, NUMBERED, visits=2)
    before = known(None)
    sweep(home, None, Retention(), False, QUIET)
    assert known(first)
    sweep(home, None, Retention(history_days=0), False, QUIET)
    with pytest.raises(PlainFault, match=r"清理.*: 2019-01-03T02:00:00"):
        known(first)
    assert known(None) == before


def test_a_day_is_meant_to_its_end(home: Home, tmp_path: Path) -> None:
    day = EXTRACTED["2018-11"]
    told = yimatong("crosswalk", "--home", home.root, "--out", tmp_path / "a.parquet", "--known-at", day)
    assert told.status == 0 and (tmp_path / "a.parquet").exists()
    early = yimatong("crosswalk", "--home", home.root, "--out", tmp_path / "b.parquet", "--known-at", "2018-01-01")
    assert early.status != 0 and "当时尚无所知" in early.err and not (tmp_path / "b.parquet").exists()
