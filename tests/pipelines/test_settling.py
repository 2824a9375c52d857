"""Which row of a key counts: corrections, deletions and snapshots, in whatever order the deliveries arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contracts.divisions import CITIES
from lake.home import Home
from lake.ledger import Ledger
from pipelines.status import status_of

from .small_inbox import SOUND, deliver, parquet_rows, rows_of, settle

EXTRACTED = 28


@dataclass(frozen=True)
class Case:
    """Deliveries of a city, and which row of each key is live then.

    A delivery is `month/sequence`, for a snapshot `full` and the day of its extraction, and after the colon its rows:
    `op`, key and day of `updated_at`, the row's name in parentheses.
    """

    deliveries: tuple[str, ...]
    live: dict[str, str] = field(default_factory=dict)
    superseded: int = 0
    deleted: int = 0


NAMES = {f"K{n}": f"k{n}" for n in range(30)}
OTHERS = "; ".join(f"I {key} 01 ({name})" for key, name in NAMES.items())
CASES = {
    "a key that comes once": Case(("10/1: I A 01 (a); I B 01 (b)",), {"A": "a", "B": "b"}),
    "a later delivery corrects": Case(("10/1: I A 01 (old)", "11/1: U A 02 (new)"), {"A": "new"}, superseded=1),
    "a later sequence of the period corrects": Case(
        ("10/1: I A 01 (old)", "10/2: U A 02 (new)"), {"A": "new"}, superseded=1),
    "the newest row counts, in whichever delivery": Case(
        ("10/1: I A 09 (new)", "11/1: U A 02 (old)"), {"A": "new"}, superseded=1),
    "of rows as new, the later delivery's counts": Case(
        ("10/2: U A 01 (second)", "10/1: I A 01 (first)", "11/1: U A 01 (third)"), {"A": "third"}, superseded=2),
    "the tenth sequence is later than the ninth": Case(
        ("10/9: U A 01 (ninth)", "10/10: U A 01 (tenth)"), {"A": "tenth"}, superseded=1),
    "another key is left as it is": Case(
        ("10/1: I A 01 (a); I B 01 (b)", "11/1: U A 02 (a2)"), {"A": "a2", "B": "b"}, superseded=1),
    "a deletion": Case(("10/1: I A 01 (a)", "11/1: D A 02 ()"), superseded=1, deleted=1),
    "a deletion that is older than the row": Case(
        ("10/1: I A 03 (a)", "11/1: D A 02 ()"), {"A": "a"}, superseded=1),
    "a deletion of a key never seen": Case(("10/1: I A 01 (a); D B 01 ()",), {"A": "a"}, deleted=1),
    "a key that comes back after its deletion": Case(
        ("10/1: I A 01 (a)", "11/1: D A 02 ()", "12/1: I A 03 (again)"), {"A": "again"}, superseded=2),
    "a deletion beside its row in one delivery": Case(
        ("10/1: I A 01 (a); D A 02 (); I B 01 (b)",), {"B": "b"}, deleted=1),
    "a key that a later snapshot lacks": Case(
        ("10/1: I A 01 (a); I B 01 (b)", "11/1 full 20: I B 01 (b2)"), {"B": "b2"}, superseded=1, deleted=1),
    "a key that an earlier snapshot lacks": Case(
        ("10/1 full 20: I B 01 (b)", "11/1: I A 01 (a)"), {"A": "a", "B": "b"}),
    "a key updated after the snapshot was taken": Case(
        ("10/1: I A 21 (a)", "11/1 full 20: I B 01 (b)"), {"A": "a", "B": "b"}),
    "a key that a snapshot lacks and the next has": Case(
        ("10/1 full 20: I A 01 (a)", "11/1 full 20: I B 01 (b)", "12/1 full 20: I A 01 (a3)"), {"A": "a3"},
        superseded=1, deleted=1),
    "a key that the last snapshot holds in an older form": Case(
        ("10/1: I A 05 (new)", "11/1 full 20: I A 01 (old)"), {"A": "new"}, superseded=1),
    "a key that a snapshot lacks and an old deletion names": Case(
        ("10/1: I A 03 (a)", "11/1 full 20: I B 01 (b)", "12/1: D A 02 ()"), {"B": "b"}, superseded=1, deleted=1),
    "a key whose row in the snapshot is refused": Case(
        ("10/1: I A 01 (a); I C 01 (c)", f"11/1 full 20: I A 99 (); {OTHERS}"), {"A": "a"} | NAMES, deleted=1),
    "an empty snapshot": Case(("10/1: I A 01 (a); I B 21 (b)", "11/1 full 20:"), {"B": "b"}, deleted=1),
    "a deleted key that a snapshot lacks": Case(
        ("10/1: I A 01 (a)", "11/1: D A 02 ()", "12/1 full 20: I B 01 (b)"), {"B": "b"}, superseded=1, deleted=1),
}  # fmt: skip
CITY = dict(zip(CASES, CITIES, strict=False))
ORDERS: dict[str, Callable[[tuple[str, ...]], list[tuple[str, ...]]]] = {
    "all at once": lambda deliveries: [deliveries],
    "one by one": lambda deliveries: [(delivery,) for delivery in deliveries],
    "backwards": lambda deliveries: [(delivery,) for delivery in reversed(deliveries)],
}


def send(inbox: Path, city: str, delivery: str) -> None:
    head, rows = delivery.split(":")
    place, *snapshot = head.split()
    month, sequence = place.split("/")
    sent = []
    for row in filter(None, rows.split(";")):
        op, key, day, name = row.split()
        updated = {"op": op, "updated_at": f"2018-10-{day} 08:00:00"}
        standing = {} if op == "D" else SOUND["population"] | {"name": name.strip("()")}
        sent.append(standing | updated | {"population_no": key})
    blank = dict.fromkeys(SOUND["population"], "")
    text = [",".join(blank), *(",".join((blank | row).values()) for row in sent)]
    deliver(
        inbox, "population", {"rows.csv": ("\n".join(text) + "\n").encode()}, city, f"2018-{month}", int(sequence),
        stated={"mode": "full" if snapshot else "delta",
                "extracted_at": f"2018-10-{snapshot[1] if snapshot else EXTRACTED} 12:00:00"},
    )  # fmt: skip


@dataclass(frozen=True)
class Settled:
    """The live indexes of all cities, and the names that identity and content halves hold for their rows."""

    home: Home

    def live(self, city: str) -> dict[str, str]:
        names = {row["row_id"]: row["name"] for row in parquet_rows(self.home, "vault/identity", "population")}
        newest = max((self.home.root / "vault" / "live" / "population" / city).iterdir())
        return {row["source_key"]: names[row["row_id"]] for row in rows_of(newest) if row["live"]}


@pytest.fixture(scope="module", params=ORDERS)
def settled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """Run the deliveries of all cases in an order of arrival; each case has its city."""
    folder = tmp_path_factory.mktemp("settled")
    rounds = {name: ORDERS[request.param](case.deliveries) for name, case in CASES.items()}
    for nth in range(max(map(len, rounds.values()))):
        for name, arrivals in rounds.items():
            for delivery in arrivals[nth] if nth < len(arrivals) else ():
                send(folder / "inbox", CITY[name], delivery)
        settle(Home(folder / "home"), folder / "inbox")
    return Settled(Home(folder / "home"))


@pytest.mark.parametrize("name", CASES)
def test_the_row_that_counts(settled: Settled, name: str) -> None:
    assert settled.live(CITY[name]) == CASES[name].live


def test_accepted_rows_are_live_superseded_or_deleted(settled: Settled) -> None:
    ledger = Ledger(settled.home.ledger_url)
    versions = ledger.live_versions()
    ledger.close()
    found: dict[str, Any] = {}
    for name, city in CITY.items():
        version = versions["population", city]
        found[name] = (version.live, version.superseded, version.deleted)
        assert version.accepted == version.live + version.superseded + version.deleted
    assert found == {name: (len(case.live), case.superseded, case.deleted) for name, case in CASES.items()}


def test_the_status_finds_all_rows_conserved(settled: Settled) -> None:
    assert status_of(settled.home)["conservation"] == {"ok": True, "broken": []}


def test_a_lost_row_breaks_the_conservation_of_the_status(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    send(tmp_path / "inbox", "440100", "10/1: I A 01 (a); I B 01 (b)")
    settle(home, tmp_path / "inbox")
    ledger = Ledger(home.ledger_url)
    ledger.judge(1, "accepted", accepted=1)
    ledger.close()
    assert status_of(home)["conservation"] == {
        "ok": False, "broken": ["440100/population/2018-10/001: 2 ≠ 1 + 0 + 0", "440100/population: 1 ≠ 2 + 0 + 0"],
    }  # fmt: skip


def test_a_city_that_nothing_came_from_keeps_its_index(tmp_path: Path) -> None:
    home, inbox = Home(tmp_path / "home"), tmp_path / "inbox"
    for city in ("440100", "440200"):
        send(inbox, city, "10/1: I A 01 (a)")
    settle(home, inbox)
    send(inbox, "440200", "11/1: U A 02 (a2)")
    settle(home, inbox)
    indexes = sorted(path.relative_to(home.root / "vault/live") for path in (home.root / "vault/live").rglob("*.*"))
    assert [str(path) for path in indexes] == [
        "population/440100/000001.parquet", "population/440200/000001.parquet", "population/440200/000002.parquet",
    ]  # fmt: skip


def test_a_key_belongs_to_the_city_that_delivered_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    send(tmp_path / "inbox", "440100", "10/1: I A 01 (a)")
    send(tmp_path / "inbox", "440200", "10/1: D A 02 ()")
    settle(home, tmp_path / "inbox")
    assert (Settled(home).live("440100"), Settled(home).live("440200")) == ({"A": "a"}, {})
