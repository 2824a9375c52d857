"""The trigger that watches the inbox: each new manifest is told once, by feed and month, and none is missed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.run import open_run
from pipelines.scheduling.look import Look
from tests.pipelines.small_inbox import PLANTED, QUIET, SOUND, deliver, settle, yimatong

ROOT = Path(__file__).parents[1]
WATCH = """
import asyncio, json, sys
from pathlib import Path
from pipelines.scheduling.look import Look
from pipelines.scheduling.manifest_trigger import ManifestTrigger
from tests.pipelines.small_inbox import SOUND, deliver
inbox, home = map(Path, sys.argv[1:])

def watching(feed):
    return ManifestTrigger(feed=feed, inbox=str(inbox), home=str(home), seconds=0.01)

async def watch():
    trigger = watching("ehr")
    path, kwargs = trigger.serialize()
    assert path == "pipelines.scheduling.manifest_trigger.ManifestTrigger"
    assert watching("emr").shared_stream_key() == ManifestTrigger(**kwargs).shared_stream_key()
    events, told = trigger.run(), []
    for period in ("2018-10", "2018-11"):
        deliver(inbox, "emr", [SOUND["emr"]], period=period)
        deliver(inbox, "ehr", [SOUND["ehr"]], period=period)
        told.append((await asyncio.wait_for(anext(events), 20)).payload)
    deliver(inbox, "ehr", [SOUND["ehr"]], period="2018-10", stated={"sequence": 7})
    told.append((await asyncio.wait_for(anext(events), 20)).payload)
    late = watching("emr").run()
    told.append((await asyncio.wait_for(anext(late), 20)).payload)
    fails, look = [OSError("away")], Look.waiting
    Look.waiting = lambda self: look(self) if not fails else (_ for _ in ()).throw(fails.pop())
    told.append((await asyncio.wait_for(anext(watching("emr").run()), 20)).payload)
    print(json.dumps(told))

asyncio.run(watch())
"""


def test_new_manifests_are_told_by_feed_and_month(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(tmp_path / "inbox"), str(tmp_path / "home")],
        env=os.environ | {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    both = ["2018-10", "2018-11"]
    assert json.loads(done.stdout.splitlines()[-1]) == [
        {"feed": "ehr", "months": ["2018-10"]},
        {"feed": "ehr", "months": ["2018-11"]},
        {"feed": "ehr", "months": ["2018-10"]},  # its manifest has changed
        {"feed": "emr", "months": both},  # to one that came late
        {"feed": "emr", "months": both},  # after a look that failed
    ]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def waiting(look: Look) -> list[tuple[str, str]]:
    return sorted(look.waiting().values())


def test_what_the_ledger_has_taken_in_waits_no_longer(tmp_path: Path, inbox: Path) -> None:
    home = Home(tmp_path / "home")
    look = Look(inbox, home.root)
    assert waiting(look) == []
    deliver(inbox, "ehr", [SOUND["ehr"]])
    deliver(inbox, "emr", {"rows.csv": b"no header that fits"}, period="2018-12")
    assert waiting(look) == waiting(look) == [("ehr", "2018-11"), ("emr", "2018-12")]
    assert not home.root.exists()
    settle(home, inbox)  # refuses the second
    assert waiting(look) == waiting(Look(inbox, home.root)) == []
    deliver(inbox, "ehr", [SOUND["ehr"] | {"status": "2"}], sequence=2)
    assert waiting(look) == waiting(Look(inbox, home.root)) == [("ehr", "2018-11")]


def test_a_held_delivery_waits_from_its_release_until_it_is_settled(tmp_path: Path, inbox: Path) -> None:
    home = Home(tmp_path / "home")
    look = Look(inbox, home.root)
    for feed in ("ehr", "emr"):
        deliver(inbox, feed, [SOUND[feed]])
    with open_run(home, QUIET) as run:
        journey.land(run, inbox)
        journey.clean(run)
    with closing(Ledger(home.ledger_url)) as ledger:
        assert [each.state for each in ledger.deliveries()] == ["accepted", "accepted"]
        assert waiting(look) == []  # for these have an intake in whose hands they are
        ledger.pass_gate([], {each.delivery_no: "unusual" for each in ledger.deliveries(feed="ehr")})
        assert waiting(look) == []
        released = ["440100/ehr/2018-11/001", "--home", home.root, "--because", "确认 confirmed"]
        assert yimatong("gate", "release", *released).status == 0
        assert look.waiting() == look.waiting() == Look(inbox, home.root).waiting()  # it is told once
        assert (waiting(look), Look(inbox, home.root, ledger).manifests()) == ([("ehr", "2018-11")], {})
    settle(home, inbox)
    assert waiting(look) == []


def test_a_ledger_without_tables_has_taken_in_nothing(tmp_path: Path, inbox: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "ledger.sqlite").touch()
    deliver(inbox, "ehr", [SOUND["ehr"]])
    assert waiting(Look(inbox, tmp_path / "home")) == [("ehr", "2018-11")]
    assert (tmp_path / "home" / "ledger.sqlite").stat().st_size == 0


def test_a_folder_s_name_is_told_where_it_is_a_month_alone(tmp_path: Path, inbox: Path) -> None:
    deliver(inbox, "ehr", [SOUND["ehr"]], period=PLANTED["name"])
    assert waiting(Look(inbox, tmp_path / "home")) == [("ehr", "")]
