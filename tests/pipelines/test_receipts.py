"""Receipts: what each judged delivery of a run is answered, once, in JSON and as a page, without values."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lake.home import Home
from lake.ledger import Decision, Ledger
from pipelines import journey
from pipelines.receipts import report
from pipelines.rejection import Reason, RejectedDelivery
from pipelines.run import open_run
from pipelines.scheduling import steps
from pipelines.selection import EVERYTHING

from .small_inbox import PLANTED, QUIET, SOUND, Row, csv_text, deliver, described, numbered, rows


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def answer(home: Home, inbox: Path) -> dict[str, dict[str, Any]]:
    """Take the inbox as far as its receipts and return them by their place."""
    with open_run(home, QUIET) as run:
        journey.land(run, inbox)
        journey.clean(run)
        journey.answer(run)
    return receipts(home)


def receipts(home: Home) -> dict[str, dict[str, Any]]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (home.root / "receipts").glob("*/*/*/*.json")]
    return {"/".join([r["city"], r["feed"], r["period"], f"{r['sequence']:03d}"]): r for r in found}


def pages(home: Home) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((home.root / "receipts").rglob("*.html"))]


def kept(home: Home) -> dict[str, tuple[int, bytes]]:
    files = [path for path in (home.root / "receipts").rglob("*") if path.is_file()]
    return {str(path.relative_to(home.root)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def broken(count: int, **changed: str) -> list[Row]:
    return [row | changed | {"encounter_no": f"x{n}"} for n, row in enumerate(numbered("emr", count))]


def test_the_receipt_of_a_sound_delivery(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", numbered("emr", 3))
    (told,) = answer(home, inbox).values()
    digest = told.pop("digest")
    assert told == {
        "city": "440100", "feed": "emr", "period": "2018-11", "sequence": 1, "state": "accepted", "reason": "",
        "rows": {"delivered": 3, "accepted": 3, "quarantined": 0, "duplicates": 0},
        "unknown_columns": [], "errors": [], "warnings": [],
        "refused_rows": 0, "refused_rows_named": 0, "refused": [],
    }  # fmt: skip
    folder = home.root / "receipts" / "440100" / "emr" / "2018-11"
    assert sorted(path.name for path in folder.iterdir()) == [f"001-{digest[:8]}.html", f"001-{digest[:8]}.json"]
    (page,) = pages(home)
    assert "已接收 accepted" in page
    assert "广州 Guangzhou" in page
    assert "Failed checks" not in page


def test_refused_rows_are_told_by_file_line_check_and_column(home: Home, inbox: Path) -> None:
    sound = csv_text(numbered("emr", 60))
    refused = csv_text(rows("emr", {"encounter_no": "x", "total_fee": "?", "phone": "1", "start_at": "never"}))
    deliver(inbox, "emr", {"a.csv": sound.encode(), "b.csv": refused.encode() + b"alone\n"})
    (told,) = answer(home, inbox).values()
    assert told["refused"] == [
        {"file": "b.csv", "line": 2, "check": "emr.start_at.type", "column": "start_at"},
        {"file": "b.csv", "line": 2, "check": "emr.total_fee.type", "column": "total_fee"},
        {"file": "b.csv", "line": 3, "check": "record.fields", "column": ""},
    ]
    assert (told["refused_rows"], told["refused_rows_named"]) == (2, 2)
    assert [(found["check"], found["rows"], found["places"]) for found in told["errors"]] == [
        ("emr.start_at.type", 1, ["b.csv:2"]),
        ("emr.total_fee.type", 1, ["b.csv:2"]),
        ("record.fields", 1, ["b.csv:3"]),
    ]
    assert [(found["check"], found["rows"]) for found in told["warnings"]] == [("emr.phone.form", 1)]
    (page,) = pages(home)
    assert '<tr><td>b.csv</td><td class="n">2</td><td>emr.total_fee.type</td><td>total_fee</td></tr>' in page
    assert "电话格式有误 phone is malformed" in page


def test_each_delivery_of_a_batch_has_its_own_rows(home: Home, inbox: Path) -> None:
    for city, count in (("440100", 1), ("440200", 0), ("440300", 2)):
        table = csv_text([*broken(count, total_fee="?"), *numbered("emr", 60)]).encode()
        deliver(inbox, "emr", {f"{city}.csv": table}, city=city)
    deliver(inbox, "population", numbered("population", 2))
    told = answer(home, inbox)
    assert {place: [(r["file"], r["line"]) for r in one["refused"]] for place, one in told.items()} == {
        "440100/emr/2018-11/001": [("440100.csv", 2)],
        "440200/emr/2018-11/001": [],
        "440300/emr/2018-11/001": [("440300.csv", 2), ("440300.csv", 3)],
        "440100/population/2018-11/001": [],
    }


def test_a_rejected_delivery_is_told_why(home: Home, inbox: Path) -> None:
    text = csv_text(numbered("emr", 2)).encode()
    deliver(inbox, "emr", {"rows.csv": text}, stated={"files": [described("rows.csv", text, 9)]})
    (told,) = answer(home, inbox).values()
    reason = str(RejectedDelivery(Reason.ROWS, "rows.csv", detail="2 ≠ 9"))
    assert (told["state"], told["reason"]) == ("rejected", reason)
    (page,) = pages(home)
    assert "整份拒收 rejected" in page
    assert reason in page


def test_text_is_escaped(home: Home, inbox: Path) -> None:
    table = csv_text([*broken(1, total_fee="?"), *numbered("emr", 60)]).encode()
    deliver(inbox, "emr", {'<script>"&.csv': table})
    deliver(inbox, "<i>feed", numbered("emr", 1))
    told = answer(home, inbox)
    assert told["440100/emr/2018-11/001"]["errors"][0]["places"] == ['<script>"&.csv:2']
    assert told["440100/<i>feed/2018-11/001"]["state"] == "rejected"
    for page in pages(home):
        assert "<script" not in page
        assert "<i>" not in page
    assert any("&lt;script&gt;&quot;&amp;.csv" in page for page in pages(home))


class _Tags(HTMLParser):
    """Collects the tags left open and what the page would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "action", "style")]
        if tag in ("script", "link", "img", "iframe"):
            self.loads.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_is_whole_and_loads_nothing(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", [*broken(3, total_fee="?", phone="1", nobody="knows"), *numbered("emr", 90)])
    answer(home, inbox)
    (page,) = pages(home)
    tags = _Tags(page)
    assert (tags.open, tags.loads) == ([], [])
    assert not re.search(r"https?:|url\(|@import", page)
    assert '<meta charset="utf-8">' in page
    assert f'<tr><td>rows.csv</td><td class="n">{len(SOUND["emr"]) + 2}</td></tr>' in page


def test_the_same_content_again_is_answered_unchanged(home: Home, inbox: Path) -> None:
    for sequence in (1, 2):
        deliver(inbox, "emr", numbered("emr", 3), sequence=sequence)
    told = answer(home, inbox)
    again = told["440100/emr/2018-11/002"]
    assert again["state"] == "unchanged"
    assert again["rows"] == {"delivered": 3, "accepted": 0, "quarantined": 0, "duplicates": 3}
    assert len(pages(home)) == 2


def test_another_content_under_a_known_sequence_has_a_receipt_of_its_own(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", numbered("emr", 3))
    answer(home, inbox)
    before = kept(home)
    deliver(inbox, "emr", numbered("emr", 4))
    answer(home, inbox)
    assert {name: kept(home)[name] for name in before} == before
    assert len(kept(home)) == 4
    assert any(Reason.SEQUENCE.zh in page for page in pages(home))


def test_refused_rows_are_capped_and_the_total_said(home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_ROWS", 4)
    deliver(inbox, "emr", [*broken(9, total_fee="?", start_at="x"), *numbered("emr", 300)])
    (told,) = answer(home, inbox).values()
    assert (told["refused_rows"], told["refused_rows_named"], len(told["refused"])) == (9, 4, 8)
    assert {found["rows"] for found in told["errors"]} == {9}
    assert "列出 4 行, 共 9 行 · 4 of 9 rows are listed" in pages(home)[0]


def test_a_run_over_an_unchanged_inbox_writes_nothing(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", [*broken(1, total_fee="?"), *numbered("emr", 60)])
    deliver(inbox, "emr", numbered("emr", 1), city="440200", stated={"encoding": "big5"})
    journey.run(home, inbox, None, QUIET)
    before = kept(home)
    assert len(before) == 4
    journey.run(home, inbox, None, QUIET)
    assert kept(home) == before


def test_a_lost_receipt_is_written_as_it_was_though_the_inbox_is_gone(home: Home, inbox: Path, tmp_path: Path) -> None:
    folder = deliver(inbox, "emr", [*broken(1, total_fee="?", nobody="knows"), *numbered("emr", 60)])
    answer(home, inbox)
    before = {name: octets for name, (_, octets) in kept(home).items()}
    (tmp_path / "empty").mkdir()
    assert folder.exists()
    for lost in (".json", ".html"):
        for path in (home.root / "receipts").rglob(f"*{lost}"):
            path.unlink()
        answer(home, tmp_path / "empty")
        assert {name: octets for name, (_, octets) in kept(home).items()} == before


def test_a_scheduled_cleaning_answers_too(home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_HOME", str(home.root))
    monkeypatch.setenv("YIMATONG_INBOX", str(inbox))
    deliver(inbox, "emr", numbered("emr", 1))
    steps.land(EVERYTHING)
    assert not [*(home.root / "receipts").rglob("*")]
    steps.clean(EVERYTHING)
    assert len(receipts(home)) == 1


@pytest.mark.parametrize(("action", "state"), [("release", "accepted"), ("refuse", "rejected")])
def test_a_decision_on_a_held_delivery_is_answered_anew(home: Home, inbox: Path, action: str, state: str) -> None:
    deliver(inbox, "emr", broken(1, total_fee="?"))
    (told,) = answer(home, inbox).values()
    assert (told["state"], told["errors"][0]["rows"]) == ("held", 1)
    ledger = Ledger(home.ledger_url)
    number = ledger.deliveries("held")[0].delivery_no
    ledger.decide(Decision(number, told["reason"], action, "seen", "someone", datetime(2019, 1, 1)), state, "seen")
    ledger.close()
    (told,) = answer(home, inbox).values()
    assert (told["state"], told["reason"], told["errors"][0]["rows"]) == (state, "seen", 1)
    before = kept(home)
    answer(home, inbox)
    assert kept(home) == before


def test_rows_landed_before_names_were_kept_are_told_by_file_number(
    home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "origin", lambda landed: report.Origin())
    deliver(inbox, "emr", [*broken(1, total_fee="?"), *numbered("emr", 60)])
    (told,) = answer(home, inbox).values()
    assert told["errors"][0]["places"] == ["#1:2"]


def test_no_planted_value_is_in_a_receipt(home: Home, inbox: Path) -> None:
    planted = SOUND["emr"] | PLANTED
    table = [
        *numbered("emr", 90, **PLANTED),
        planted | {"start_at": PLANTED["name"]},
        planted | {"total_fee": PLANTED["phone"], PLANTED["name"]: PLANTED["name"]},
        planted | {"birth_date": PLANTED["id_no"]},
    ]
    text = csv_text(table) + ",".join(PLANTED.values()) + "\n"
    deliver(inbox, "emr", {"rows.csv": text.encode()})
    deliver(inbox, "emr", {"rows.csv": text.partition("\n")[2].encode()}, city="440200")
    deliver(inbox, "emr", {"rows.csv": text.encode() + b"\xff" + PLANTED["name"].encode()}, city="440300")
    told = answer(home, inbox)
    assert [(one["state"], one["refused_rows"]) for _, one in sorted(told.items())] == [
        ("accepted", 4), ("rejected", 0), ("rejected", 0),
    ]  # fmt: skip
    files = kept(home)
    assert len(files) == 6
    for name, (_, octets) in files.items():
        assert [value for value in PLANTED.values() if value.encode() in octets or value in name] == []
        assert json.dumps(PLANTED["name"])[1:-1].encode() not in octets
