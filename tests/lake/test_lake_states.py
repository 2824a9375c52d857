"""Published states: how far their deliveries reach, kept with the build, or found from what had joined it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from lake.ledger import Build, Ledger, LiveVersion
from lake.states import Extent, extent_of, note_extent, published, state_of

BUILD = Build(1, "f", "m", "2018-12-01", 1, 1, datetime(2018, 12, 2), "run", "{}")
INPUTS = {("emr", "440100"): 1}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger in which two deliveries were accepted, of which the first build has the first alone."""
    opened = Ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    opened.start_run("run", datetime(2018, 12, 2))
    of = {"city": "440100", "feed": "emr", "sequence": 1, "mode": "delta", "state": "accepted"}
    for month, day in ((11, 1), (10, 5)):  # October came late
        told = {"period": f"2018-{month}", "digest": str(month), "extracted_at": datetime(2018, 12, day)}
        opened.register([of | told], "run")
        number = len(opened.deliveries())
        opened.add_live_versions([LiveVersion("emr", "440100", number, 0, 0, 0, 0)], [number], "run")
    opened.add_build(BUILD, INPUTS)
    opened.add_build(replace(BUILD, build_no=2), {("emr", "440100"): 2})
    yield opened
    opened.close()


def test_the_extent_is_the_latest_extraction_and_the_first_month(ledger: Ledger) -> None:
    extent = extent_of(ledger.deliveries())
    assert extent == Extent(datetime(2018, 12, 5), date(2018, 10, 1))
    assert extent_of([]) is None


def test_a_state_reaches_as_far_as_what_had_joined_it(ledger: Ledger) -> None:
    assert [(each.build.build_no, each.extent) for each in published(ledger)] == [
        (1, Extent(datetime(2018, 12, 1), date(2018, 11, 1))), (2, Extent(datetime(2018, 12, 5), date(2018, 10, 1))),
    ]  # fmt: skip
    assert state_of(ledger, published(ledger)[0]).inputs == INPUTS


def test_what_was_kept_holds_when_a_delivery_joins_anew(ledger: Ledger) -> None:
    kept = Extent(datetime(2018, 12, 1), date(2018, 11, 1))
    note_extent(ledger, 1, Extent(datetime(2018, 11, 30), date(2018, 11, 1)))  # of a build that was cut off
    note_extent(ledger, 1, kept)
    ledger.add_live_versions([LiveVersion("emr", "440100", 3, 0, 0, 0, 0)], [1], "run")
    assert [each.extent for each in published(ledger)] == [kept, Extent(datetime(2018, 12, 5), date(2018, 10, 1))]
