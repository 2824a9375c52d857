"""The steps of Dags: what they emit follows from the ledger, and a month redone touches that month alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lake import ledger_tables as t
from lake.audit import accesses
from lake.faults import PassingFault, PlainFault
from lake.home import Home
from lake.ledger import Ledger
from lake.pull_outcomes import pull_outcomes
from pipelines.scheduling import places, steps
from pipelines.selection import EVERYTHING, Selection
from tests.pipelines.small_inbox import PLANTED, SOUND, deliver

ANCIENT = datetime(2000, 1, 1, tzinfo=UTC)
OCTOBER, NOVEMBER = "2018-10", "2018-11"


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("home", "inbox", "exports"):
        monkeypatch.setenv(f"YIMATONG_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("YIMATONG_SECRET", "5e" * 32)
    monkeypatch.delenv("YIMATONG_SOURCES", raising=False)
    for feed in ("population", "institution"):
        for period in (OCTOBER, NOVEMBER):
            deliver(tmp_path / "inbox", feed, [SOUND[feed]], period=period)
    return tmp_path / "inbox"


def take_in(selection: Selection) -> list[str]:
    steps.land(selection)
    steps.clean(selection)
    return steps.settle(selection)


def touched() -> dict[tuple[str, str], str]:
    with closing(Ledger(places.home().ledger_url)) as ledger:
        return {(d.feed, d.period): "settled" if d.settled else d.state for d in ledger.deliveries()}


def rows_by_step() -> dict[str, int]:
    with closing(Ledger(places.home().ledger_url)) as ledger, ledger.engine.connect() as db:
        read = select(t.step.c.step, func.sum(t.step.c.read)).group_by(t.step.c.step)
        return {step: int(rows) for step, rows in db.execute(read)}


def test_a_backfill_touches_its_month_and_what_depends_on_it(inbox: Path) -> None:
    assert take_in(EVERYTHING) == [OCTOBER, NOVEMBER]
    steps.link()
    assert steps.publish(None, ANCIENT)
    before, rows = touched(), rows_by_step()
    deliver(inbox, "population", [SOUND["population"] | {"population_no": "P9"}], period=OCTOBER, sequence=2)
    deliver(inbox, "population", [SOUND["population"] | {"population_no": "P8"}], period=NOVEMBER, sequence=2)
    late = Selection("population", "440100", OCTOBER)
    assert take_in(late) == [OCTOBER]
    steps.link()
    published = steps.publish(None, ANCIENT)
    assert published and published["build"] == 2
    with closing(Ledger(places.home().ledger_url)) as ledger:
        after = {(d.feed, d.period, d.sequence): d.settled or d.state for d in ledger.deliveries()}
        versions = {place: of.version for place, of in ledger.live_versions().items()}
    assert after["population", OCTOBER, 2] == 2
    assert after["population", NOVEMBER, 2] == "found"
    assert {after[feed, period, 1] for feed, period in before} == {1}
    assert versions == {("population", "440100"): 2, ("institution", "440100"): 1}
    more = {step: now - rows[step] for step, now in rows_by_step().items()}
    assert {step: more[step] for step in ("land", "clean", "settle", "link")} == dict.fromkeys(
        ("land", "clean", "settle", "link"), 1
    )


def test_a_step_that_was_cut_off_before_it_told_tells_the_same_again(inbox: Path) -> None:
    population, institution = Selection("population"), Selection("institution")
    assert take_in(population) == steps.settle(population) == [OCTOBER, NOVEMBER]
    assert take_in(institution) == steps.settle(institution) == [OCTOBER, NOVEMBER]
    assert steps.link() == steps.link() == [NOVEMBER]
    assert steps.settle(population) == []  # the registry stands on them
    assert steps.settle(institution) == [OCTOBER, NOVEMBER]
    began = datetime.now(UTC) - timedelta(seconds=1)
    published = steps.publish(None, began)
    assert published == steps.publish(None, began) == steps.newest_build()
    assert published and (published["build"], published["month"]) == (1, published["as_of"][:7])
    assert steps.settle(institution) == []


def test_the_quality_page_is_drawn_with_the_publication_or_where_none_follows(inbox: Path) -> None:
    page = places.home().quality_page
    take_in(EVERYTHING)
    assert not page.exists()
    steps.link()
    assert steps.publish(None, ANCIENT)
    drawn = page.read_bytes()
    deliver(inbox, "population", [SOUND["population"] | {"birth_date": "someday"}], sequence=2)  # quarantined
    assert take_in(EVERYTHING) == []
    assert page.read_bytes() != drawn


def test_a_run_that_changes_nothing_publishes_nothing(inbox: Path) -> None:
    take_in(EVERYTHING)
    steps.link()
    assert steps.publish(None, ANCIENT)
    assert steps.publish(None, datetime.now(UTC) + timedelta(seconds=1)) is None


def test_publishing_waits_for_rows_to_be_linked(inbox: Path) -> None:
    take_in(EVERYTHING)
    assert steps.publish(None, ANCIENT) is None
    with pytest.raises(PlainFault, match="nothing is published yet"):
        steps.newest_build()
    steps.link()
    assert steps.publish(None, ANCIENT)


def test_an_approval_of_a_former_build_exports_nothing(inbox: Path, tmp_path: Path) -> None:
    take_in(EVERYTHING)
    steps.link()
    assert steps.publish(None, ANCIENT)
    assert steps.export(7, "decides") is None
    assert not (tmp_path / "exports").exists()


def test_only_the_run_of_the_newest_build_asks(inbox: Path) -> None:
    take_in(EVERYTHING)
    steps.link()
    assert steps.publish(None, ANCIENT)
    assert steps.newest_build({7}) is None
    newest = steps.newest_build()
    assert newest and steps.newest_build({1, 7}) == newest


def test_a_partition_that_is_no_month_is_refused_and_not_repeated(inbox: Path) -> None:
    with pytest.raises(PlainFault, match="YYYY-MM") as fault:
        steps.link(PLANTED["id_no"])
    assert PLANTED["id_no"] not in str(fault.value)


def test_the_access_log_keeps_who_approved_an_export(inbox: Path, tmp_path: Path) -> None:
    take_in(EVERYTHING)
    steps.link()
    assert steps.publish(None, ANCIENT)
    assert steps.export(1, "decides")
    assert (tmp_path / "exports" / "000001" / "kpi.csv").exists()
    assert [place.name for place in (tmp_path / "exports").iterdir()] == ["000001"]
    kept = [(line["action"], line["what"], line["outcome"]) for line in accesses(places.home())]
    assert ("export", "build 1", "approved by decides") in kept


def test_a_pull_that_fails_says_whether_it_may_pass(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert steps.cities_to_pull("emr", None) == []
    listed = tmp_path / "sources.toml"
    listed.write_text(
        "".join(
            f'[[source]]\ncity = "{city}"\nurl = "postgresql+psycopg://reader@127.0.0.1:1/db"\n'
            f'feeds = ["emr"]\nattempts = 1\n{extra}\n'
            for city, extra in (("440100", ""), ("440300", 'password_env = "NOT_SET"'))
        ),
        encoding="utf-8",
    )
    monkeypatch.setenv("YIMATONG_SOURCES", str(listed))
    assert steps.cities_to_pull("emr", None) == ["440100", "440300"]
    assert steps.cities_to_pull("emr", "440300") == ["440300"]
    assert steps.cities_to_pull("ehr", None) == []
    with pytest.raises(PassingFault):
        steps.pull("emr", "440100")
    with pytest.raises(PlainFault, match="NOT_SET") as lasting:
        steps.pull("emr", "440300")
    assert not isinstance(lasting.value, PassingFault)
    with closing(Ledger(places.home().ledger_url)) as ledger:
        kept = {each.city: each for each in pull_outcomes(ledger)}
    assert {(each.feed, each.state, each.done_at) for each in kept.values()} == {("emr", "failed", None)}
    with pytest.raises(PassingFault):
        steps.pull("emr", "440100")
    with closing(Ledger(places.home().ledger_url)) as ledger:
        (again,) = [each for each in pull_outcomes(ledger) if each.city == "440100"]
    assert again.failing_since == kept["440100"].failing_since and again.tried_at > kept["440100"].tried_at


def test_steps_ask_whether_their_user_may(inbox: Path) -> None:
    home = Home(places.home().root)
    home.create()
    (home.root / "access.toml").write_text('analyst = ["nobody-here"]', encoding="utf-8")
    for step in (lambda: steps.land(EVERYTHING), steps.link, steps.newest_build, steps.train):
        with pytest.raises(PlainFault, match="may not give this command"):
            step()


def test_nothing_told_holds_a_value(inbox: Path, capfd: pytest.CaptureFixture[str]) -> None:
    planted = {name: PLANTED[name] for name in ("name", "id_no", "phone")}
    deliver(inbox, "population", [SOUND["population"] | planted | {"birth_date": PLANTED["name"]}], sequence=3)
    told = [take_in(EVERYTHING), steps.link(), steps.publish(None, ANCIENT), steps.doubts(5), steps.sweep(True)]
    captured = capfd.readouterr()
    for value in PLANTED.values():
        assert value not in repr(told) + captured.out + captured.err
