"""Refused rows judged again under other rules: what then passes joins as if it had never been refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import duckdb
import pytest

from contracts import code_sets
from contracts.code_sets import Code
from lake.home import Home
from pipelines import journey
from pipelines.cleaning.clean import rules_digest
from pipelines.status import status_of
from quality import checks

from .small_inbox import QUIET, Row, csv_text, deliver, deliveries_of, numbered, parquet_rows, rows

NEW_SCHEME = "391"
FACT = "SELECT * EXCLUDE (person_key) FROM fact_settlement ORDER BY ALL"
RowsOf = Callable[[], list[Row]]


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Give a switch that adds an insurance scheme to its code set, as a new version of the software would."""

    def forget() -> None:
        checks.row_checks.cache_clear()
        rules_digest.cache_clear()

    def add() -> None:
        known = code_sets.CODE_SETS["insutype"]
        extended = replace(known, extensions=(Code(NEW_SCHEME, "新险种", "new scheme"),))
        monkeypatch.setattr(code_sets, "CODE_SETS", MappingProxyType({**code_sets.CODE_SETS, "insutype": extended}))
        forget()

    yield add
    monkeypatch.undo()
    forget()


def run(folder: Path, home: str = "home") -> journey.Outcome:
    return journey.run(Home(folder / home), folder / "inbox", None, QUIET)


def requalify(folder: Path) -> journey.Outcome:
    return journey.requalify(Home(folder / "home"), None, QUIET)


def counts_of(home: Home) -> list[tuple[str, tuple[int, ...]]]:
    return [(d["state"], tuple(d["rows"].values())) for d in deliveries_of(home)]


def facts(home: Home) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return warehouse.execute(FACT).fetchall()


def receipt(home: Home) -> dict[str, object]:
    (path,) = (home.root / "receipts").rglob("*.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


CASES: dict[str, tuple[list[Row], tuple[int, ...], tuple[int, ...]]] = {
    # the rows beside thirty sound ones; delivered, accepted, quarantined, duplicates before and after
    "a code that has become known": (
        rows("insurance", {"settlement_id": "A", "insutype": NEW_SCHEME}),
        (31, 30, 1, 0),
        (31, 31, 0, 0),
    ),
    "a row that fails for something else too stays refused": (
        rows("insurance", {"settlement_id": "A", "insutype": NEW_SCHEME, "begin_at": "someday"}),
        (31, 30, 1, 0),
        (31, 30, 1, 0),
    ),
    "newer than the row of its key that was taken instead": (
        rows(
            "insurance",
            {"settlement_id": "A", "insutype": NEW_SCHEME, "updated_at": "2018-11-07 08:00:00"},
            {"settlement_id": "A", "updated_at": "2018-11-06 08:00:00"},
        ),
        (32, 31, 1, 0),
        (32, 31, 0, 1),
    ),
    "older than the row of its key that was taken": (
        rows(
            "insurance",
            {"settlement_id": "A", "insutype": NEW_SCHEME, "updated_at": "2018-11-05 08:00:00"},
            {"settlement_id": "A", "updated_at": "2018-11-06 08:00:00"},
        ),
        (32, 31, 1, 0),
        (32, 31, 0, 1),
    ),
    "a deletion under an unknown code was right all along": (
        rows("insurance", {"settlement_id": "sound-1", "insutype": NEW_SCHEME, "op": "D", "updated_at": "2018-11-08"}),
        (31, 30, 0, 1),
        (31, 30, 0, 1),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_passes_now_joins_as_if_it_had_passed_at_once(
    case: str, tmp_path: Path, allow: Callable[[], None]
) -> None:
    extra, before, after = CASES[case]
    deliver(tmp_path / "inbox", "insurance", [*numbered("insurance", 30), *extra])
    home = Home(tmp_path / "home")
    run(tmp_path)
    assert counts_of(home) == [("accepted", before)]
    allow()
    requalify(tmp_path)
    assert counts_of(home) == [("accepted", after)]
    assert status_of(home)["conservation"] == {"ok": True, "broken": []}
    assert receipt(home)["rows"] == dict(
        zip(("delivered", "accepted", "quarantined", "duplicates"), after, strict=True)
    )
    run(tmp_path, "at once")
    assert facts(home) == facts(Home(tmp_path / "at once"))
    assert counts_of(Home(tmp_path / "at once")) == [("accepted", after)]


def test_without_other_rules_nothing_is_judged_again(tmp_path: Path) -> None:
    deliver(tmp_path / "inbox", "insurance", [*numbered("insurance", 30), *CASES["a code that has become known"][0]])
    run(tmp_path)
    home = Home(tmp_path / "home")
    before = counts_of(home)
    assert requalify(tmp_path) == journey.Outcome(attention=False, published=False)
    assert counts_of(home) == before


def test_the_warehouse_and_the_crosswalk_count_the_new_rows(tmp_path: Path, allow: Callable[[], None]) -> None:
    deliver(tmp_path / "inbox", "insurance", [*numbered("insurance", 30), *CASES["a code that has become known"][0]])
    run(tmp_path)
    allow()
    assert requalify(tmp_path) == journey.Outcome(attention=False, published=True)
    assert len(facts(Home(tmp_path / "home"))) == 31
    assert (
        parquet_rows(Home(tmp_path / "home"), "vault/quarantine", "insurance")[-1]["check_id"]
        == "insurance.insutype.code"
    )
    assert requalify(tmp_path) == journey.Outcome(attention=False, published=False)


def test_a_held_delivery_meets_the_gate_again(tmp_path: Path, allow: Callable[[], None]) -> None:
    wrong = [
        {**row, "settlement_id": f"W{n}", "insutype": NEW_SCHEME} for n, row in enumerate(rows("insurance", *[{}] * 9))
    ]
    deliver(tmp_path / "inbox", "insurance", [*numbered("insurance", 30), *wrong])
    home = Home(tmp_path / "home")
    assert run(tmp_path).attention
    assert counts_of(home) == [("held", (39, 30, 9, 0))]
    allow()
    assert requalify(tmp_path) == journey.Outcome(attention=False, published=True)
    assert counts_of(home) == [("accepted", (39, 39, 0, 0))]
    assert len(facts(home)) == 39


def test_what_the_register_lacks_is_still_told(tmp_path: Path, allow: Callable[[], None]) -> None:
    deliver(tmp_path / "inbox", "institution", rows("institution", {}))
    unknown = rows("insurance", {"settlement_id": "B", "org_code": "D2143569X44010011A1002"})
    allowed = CASES["a code that has become known"][0]
    deliver(tmp_path / "inbox", "insurance", [*numbered("insurance", 30), *unknown, *allowed])
    run(tmp_path)
    allow()
    requalify(tmp_path)
    (path,) = (tmp_path / "home" / "receipts").rglob("insurance/**/*.json")
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["rows"]["accepted"] == 32
    assert [(w["check"], w["rows"]) for w in told["warnings"]] == [("insurance.org_code.register", 1)]


def test_records_that_are_no_rows_stay_refused(tmp_path: Path, allow: Callable[[], None]) -> None:
    text = csv_text([*numbered("insurance", 30), *CASES["a code that has become known"][0]]) + "one,field too few\n"
    deliver(tmp_path / "inbox", "insurance", {"rows.csv": text.encode()})
    home = Home(tmp_path / "home")
    run(tmp_path)
    assert counts_of(home) == [("held", (32, 30, 2, 0))]
    allow()
    requalify(tmp_path)
    assert counts_of(home) == [("accepted", (32, 31, 1, 0))]
    refused = receipt(home)["refused"]
    assert isinstance(refused, list) and [line["check"] for line in refused] == ["record.fields"]
