"""The quality page: what a home's ledger holds, said to a director on one page, without a value or a network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts.divisions import CITIES
from contracts.feeds import FEEDS
from lake.completeness import Filled, completeness
from lake.home import Home
from lake.ledger import Decision, Ledger
from pipelines import journey
from pipelines.cli import commands
from pipelines.progress import Progress
from pipelines.quality_page.figures import Figures, figures_of
from pipelines.quality_page.write import refresh_quality_page, write_quality_page
from pipelines.run import open_run
from quality.checks import row_checks

from .small_inbox import PLANTED, QUIET, Row, csv_text, deliver, numbered

MOST_BYTES = 3 << 20
pytestmark = pytest.mark.usefixtures("drawn")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def take_in(home: Home, inbox: Path) -> str:
    """Take the inbox as far as its answers and return the home's quality page."""
    with open_run(home, QUIET) as run:
        journey.land(run, inbox)
        journey.clean(run)
        journey.answer(run)
        refresh_quality_page(run)
    return home.quality_page.read_text(encoding="utf-8")


def figures(home: Home, tmp_path: Path) -> Figures:
    ledger = Ledger(home.ledger_url)
    try:
        return figures_of(home, ledger, tmp_path / "scratch")
    finally:
        ledger.close()


def month(number: int) -> tuple[str, str]:
    """Return a period of 2018 and when it was extracted: on the second day of the next month."""
    return f"2018-{number:02d}", f"2018-{number + 1:02d}-02T02:00:00+08:00"


def deliver_month(inbox: Path, number: int, count: int, city: str = "440100", **changed: str) -> None:
    """Deliver so many rows of emr for a month of 2018."""
    period, extracted = month(number)
    at = {"start_at": f"{period}-01 08:00:00", "updated_at": f"{period}-02 08:00:00"}
    table = numbered("emr", count, **at, **changed)
    deliver(inbox, "emr", table, city=city, period=period, stated={"extracted_at": extracted})


def deliver_months(inbox: Path, counts: Sequence[int], city: str = "440100", **changed: str) -> None:
    """Deliver so many rows of emr a month, from January of 2018 on."""
    for number, count in enumerate(counts, 1):
        deliver_month(inbox, number, count, city, **changed)


def broken(count: int, **changed: str) -> list[Row]:
    return [row | changed | {"encounter_no": f"x{n}"} for n, row in enumerate(numbered("emr", count))]


def text_of(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page[page.index("<body>") :])


def test_a_held_delivery_is_told_with_its_reason_and_the_commands_that_decide(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", [*broken(2, total_fee="?"), *numbered("emr", 8)])
    page = take_in(home, inbox)
    ledger = Ledger(home.ledger_url)
    (held,) = ledger.deliveries("held")
    ledger.close()
    assert held.reason and held.reason in page
    for action in ("release", "refuse"):
        command = f"yimatong gate {action} 440100/emr/2018-11/001 --home {home.root} --because"
        assert command in page
    assert "1 份暂缓待决" in page
    assert "1 wait for a decision" in page


def test_the_command_told_decides(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", [*broken(2, total_fee="?"), *numbered("emr", 8)])
    told = re.search(r"yimatong (gate release \S+ --home \S+)", take_in(home, inbox))
    assert told is not None
    done = CliRunner().invoke(commands, [*told[1].split(), "--because", "核实", "--by", "李主任"])
    assert done.exit_code == 0
    page = take_in(home, inbox)
    assert "份暂缓待决" not in page
    assert "李主任" in page


def test_rejected_deliveries_are_told_until_something_stands_in_their_place(home: Home, inbox: Path) -> None:
    deliver(inbox, "emr", numbered("emr", 2), count=9)
    page = take_in(home, inbox)
    assert "1 份拒收尚未更正" in page
    assert "2 ≠ 9" in page
    deliver(inbox, "emr", numbered("emr", 2), sequence=2)
    page = take_in(home, inbox)
    assert "份拒收尚未更正" not in page
    assert "已更正的拒收: 1 份" in page


def test_a_city_that_lags_is_overdue_and_what_nobody_asks_for_is_not(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [3, 3, 3])
    deliver_months(inbox, [3, 3], city="440200")
    deliver_months(inbox, [3], city="440300")
    page = take_in(home, inbox)
    found = figures(home, tmp_path)
    assert found.due == "2018-03"
    assert {(row["city"], row["feed"]): row["behind"] for row in found.standing if row["overdue"]} == {
        ("440200", "emr"): 1, ("440300", "emr"): 2,
    }  # fmt: skip
    assert "2 个地市有 2 项逾期未交" in page
    days = [row["days"] for row in found.standing if row["period"]]
    assert days == [2, 2, 2]


def test_a_feed_that_most_cities_deliver_is_asked_of_all(home: Home, inbox: Path, tmp_path: Path) -> None:
    for city in list(CITIES)[:11]:
        deliver(inbox, "emr", numbered("emr", 1), city=city)
    take_in(home, inbox)
    asked = [row for row in figures(home, tmp_path).standing if row["is_expected"]]
    assert len(asked) == 21
    assert {row["feed"] for row in asked} == {"emr"}
    assert sum(row["overdue"] for row in asked) == 10


def test_a_held_delivery_is_not_overdue(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [20, 20])
    period, extracted = month(3)
    deliver(inbox, "emr", broken(3, total_fee="?"), period=period, stated={"extracted_at": extracted})
    take_in(home, inbox)
    found = figures(home, tmp_path)
    assert [row["folder"] for row in found.held] == ["440100/emr/2018-03/001"]
    assert [row for row in found.standing if row["overdue"]] == []


def test_the_band_is_that_in_which_the_gate_lets_pass(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [10, 20, 30, 40, 41, 9])
    take_in(home, inbox)
    assert [(row["period"], row["delivered"], row["state"], row["low"], row["high"])
            for row in figures(home, tmp_path).volume] == [
        ("2018-01", 10, "accepted", None, None), ("2018-02", 20, "accepted", None, None),
        ("2018-03", 30, "accepted", None, None), ("2018-04", 40, "accepted", 10, 40),
        ("2018-05", 41, "accepted", 15, 60), ("2018-06", 9, "held", 20, 80),
    ]  # fmt: skip


def test_filled_columns_are_counted_in_sound_rows_alone(home: Home, inbox: Path) -> None:
    sound = [row | {"phone": "13912345678" if n < 3 else ""} for n, row in enumerate(numbered("emr", 60))]
    gone = {"op": "D", "phone": "13912345678", "encounter_no": "gone"}
    deliver(inbox, "emr", [*sound, sound[0] | gone, *broken(1, total_fee="?", phone="13912345678")])
    take_in(home, inbox)
    ledger = Ledger(home.ledger_url)
    found = {each.column_name: each for each in completeness(ledger)}
    ledger.close()
    assert found["phone"] == Filled(1, "phone", 60, 3)
    assert set(found) == {column.name for column in FEEDS["emr"].columns if not column.required}


def test_a_column_that_went_empty_is_told(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [120, 120, 120], phone="13912345678")
    deliver_month(inbox, 4, 120)
    page = take_in(home, inbox)
    (phone,) = [row for row in figures(home, tmp_path).column_city if row["column_name"] == "phone"]
    assert (phone["share"], phone["earlier"]) == (0, 1)
    assert "填写率骤降: 1 列" in page


def test_few_rows_tell_nothing_of_a_column(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [20, 20, 20], phone="13912345678")
    deliver_month(inbox, 4, 20)
    take_in(home, inbox)
    assert {row["earlier"] for row in figures(home, tmp_path).column_city} == {None}


def test_checks_are_told_with_their_meaning_and_where_they_find_most(home: Home, inbox: Path, tmp_path: Path) -> None:
    table = csv_text([*broken(2, total_fee="?", phone="1"), *numbered("emr", 97)]) + "alone\n"
    deliver(inbox, "emr", {"rows.csv": table.encode()}, city="440200")
    deliver(inbox, "emr", [*broken(1, total_fee="?"), *numbered("emr", 99)])
    page = take_in(home, inbox)
    assert [(row["check_id"], row["severity"], row["rows"], row["cities"], row["worst_city"], row["worst_rate"])
            for row in figures(home, tmp_path).check_found] == [
        ("emr.total_fee.type", "error", 3, 2, "440200", 200), ("record.fields", "error", 1, 1, "440200", 100),
        ("emr.phone.form", "warning", 2, 1, "440200", 200),
    ]  # fmt: skip
    for check in row_checks(FEEDS["emr"]):
        if check.id in ("emr.total_fee.type", "emr.phone.form"):
            assert check.zh in text_of(page) and check.en in text_of(page)


def test_texts_are_escaped(home: Home, inbox: Path) -> None:
    deliver(inbox, "<i>feed", numbered("emr", 1))
    deliver(inbox, "emr", [*broken(2, total_fee="?"), *numbered("emr", 8)])
    take_in(home, inbox)
    ledger = Ledger(home.ledger_url)
    (held,) = ledger.deliveries("held")
    decision = Decision(held.delivery_no, held.reason, "release", "<script>&", 'a"<b>', datetime(2019, 1, 1))
    assert ledger.decide(decision, "accepted", "")
    ledger.close()
    page = take_in(home, inbox)
    assert "<script" not in page and "<i>feed" not in page and 'a"<b>' not in page
    assert "&lt;script&gt;&amp;" in page and "440100/&lt;i&gt;feed" in page


class _Tags(HTMLParser):
    """Collects the tags left open, what the page would load, the headings and the tables without headers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.headings: list[int] = []
        self.tables = self.headers = self.unnamed = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [
            f"{tag} {n}" for n, v in attrs if n in ("src", "href", "action") and not (v or "").startswith("#")
        ]
        self.loads += [tag] if tag in ("script", "link", "img", "iframe", "object", "image", "use") else []
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.tables += tag == "table"
        self.headers += tag == "thead"
        self.unnamed += given.get("role") == "img" and not given.get("aria-label")
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("deliveries", [0, 1, 5])
def test_a_page_is_whole_loads_nothing_and_can_be_read_out(home: Home, inbox: Path, deliveries: int) -> None:
    inbox.mkdir()
    deliver_months(inbox, [9] * deliveries)
    page = take_in(home, inbox)
    tags = _Tags(page)
    assert (tags.open, tags.loads, tags.unnamed) == ([], [], 0)
    assert not re.search(r"https?:|url\(|@import|xmlns", page)
    assert tags.headers == tags.tables
    assert tags.headings[0] == 1
    assert all(then - first <= 1 for first, then in zip(tags.headings, tags.headings[1:], strict=False))
    assert len(page.encode()) < MOST_BYTES


def test_the_same_ledger_gives_the_same_bytes(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [9, 9, 9, 9])
    deliver_months(inbox, [5, 5], city="440200")
    page = take_in(home, inbox)
    for name in ("a.html", "b.html"):
        write_quality_page(home, tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == page


def test_a_run_draws_anew_only_what_has_changed(home: Home, inbox: Path) -> None:
    deliver_months(inbox, [9])
    take_in(home, inbox)
    drawn = home.quality_page.stat().st_mtime_ns
    take_in(home, inbox)
    assert home.quality_page.stat().st_mtime_ns == drawn
    deliver_months(inbox, [9, 9])
    assert "2018-02" in take_in(home, inbox)


def test_a_lost_or_foreign_page_is_drawn_again(home: Home, inbox: Path) -> None:
    deliver_months(inbox, [9])
    page = take_in(home, inbox)
    home.quality_page.unlink()
    assert take_in(home, inbox) == page
    home.quality_page.write_bytes(b"\xff")
    assert take_in(home, inbox) == page


def test_a_run_goes_on_without_a_page_that_cannot_be_drawn(
    home: Home, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(inbox, "emr", numbered("emr", 1))
    home.quality_page.mkdir(parents=True)
    with open_run(home, Progress()) as run:
        journey.land(run, inbox)
        journey.clean(run)
        journey.answer(run)
        refresh_quality_page(run)
    assert "the quality page could not be drawn" in capsys.readouterr().err
    assert (home.root / "receipts").is_dir()


def test_the_command_draws_where_it_is_told(home: Home, inbox: Path, tmp_path: Path) -> None:
    deliver_months(inbox, [9])
    page = take_in(home, inbox)
    out = tmp_path / "deep" / "quality.html"
    done = CliRunner().invoke(commands, ["quality", "--home", str(home.root), "--out", str(out)])
    assert (done.exit_code, out.read_text(encoding="utf-8")) == (0, page)


def test_no_planted_value_is_on_the_page(home: Home, inbox: Path) -> None:
    planted = numbered("emr", 1)[0] | PLANTED
    table = [
        *numbered("emr", 90, **PLANTED),
        planted | {"start_at": PLANTED["name"]},
        planted | {"total_fee": PLANTED["phone"] + "x", PLANTED["name"]: PLANTED["name"]},
        planted | {"birth_date": PLANTED["id_no"], "diagnosis_code": PLANTED["patient_no"]},
    ]
    text = csv_text(table) + ",".join(PLANTED.values()) + "\n"
    deliver(inbox, "emr", {"rows.csv": text.encode()})
    deliver(inbox, "emr", {"rows.csv": text.partition("\n")[2].encode()}, city="440200")
    deliver(inbox, "emr", {"rows.csv": text.encode() + b"\xff" + PLANTED["name"].encode()}, city="440300")
    page = take_in(home, inbox)
    assert "+ 4" in page  # the rows that hold them in the wrong place were read
    assert [value for value in PLANTED.values() if value in page] == []
