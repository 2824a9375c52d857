"""The crosswalk as it was known at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
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


def month(home: Home, period: str, patient: Mapping[str, str], visits: int = 1) -> None:
    """Deliver a month: the resident, and the patient's visits, the first of which is always the same; and run."""
    inbox = home.root.parent / "inbox"
    changed = {"updated_at": f"{period}-28 08:00:00"}
    stated = {"extracted_at": "2019-12-01T02:00:00+08:00"}
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


def linked_at(home: Home) -> list[datetime]:
    with closing(Ledger(home.ledger_url)) as ledger:
        return [version.linked_at for version in ledger.link_versions() if version.linked_at]


def test_what_was_known_then_is_told_as_it_was(home: Home, known: Known) -> None:
    first, *_, last = linked_at(home)
    then, now = known(first), known(None)
    assert known(last) == now
    visits = [[row for row in told if row[0] == "emr"] for told in (then, now)]
    assert [len(rows) for rows in visits] == [1, 2]
    (_, _, record, *_, tier, _), *_ = visits[0]
    assert tier == "new" and [row[5] for row in visits[1] if row[2] == record] == ["authority"]


def test_before_anything_was_linked_nothing_was_known(home: Home, known: Known) -> None:
    with pytest.raises(PlainFault, match="尚未关联"):
        known(linked_at(home)[0] - timedelta(seconds=1))


def test_what_was_swept_is_told_no_longer(home: Home, known: Known) -> None:
    first = linked_at(home)[0]
    sweep(home, None, Retention(), False, QUIET)
    assert known(first)
    for period in ("2018-12", "2019-01"):  # so that no build kept stands on it
        month(home, period, NUMBERED, visits=2)
    before = known(None)
    sweep(home, None, Retention(), False, QUIET)
    assert known(first)
    sweep(home, None, Retention(history_days=0), False, QUIET)
    with pytest.raises(PlainFault, match="清理"):
        known(first)
    assert known(None) == before


def test_a_day_is_meant_to_its_end(home: Home, tmp_path: Path) -> None:
    day = linked_at(home)[-1].date().isoformat()
    told = yimatong("crosswalk", "--home", home.root, "--out", tmp_path / "a.parquet", "--known-at", day)
    assert told.status == 0 and (tmp_path / "a.parquet").exists()
    early = yimatong("crosswalk", "--home", home.root, "--out", tmp_path / "b.parquet", "--known-at", "2018-01-01")
    assert early.status != 0 and "尚未关联" in early.err and not (tmp_path / "b.parquet").exists()
