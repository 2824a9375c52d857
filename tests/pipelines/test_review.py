"""Review: doubts are listed without values, decided by people, and what these decide holds whatever comes after."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from lake.home import Home
from lake.ledger import Ledger
from lake.link_decisions import LinkDecision, enter_link_decisions
from pipelines.reviewing.queue import open_queue

from .small_inbox import HOSPITAL, deliver, rows, yimatong
from .small_review import (
    PHONE_B,
    VISIT,
    WOMAN,
    copied,
    crosswalk,
    decide,
    decisions,
    doubt,
    inbox,
    listed,
    make,
    relink,
    review,
    run,
)  # fmt: skip

KNOWN, SHARED = "perhaps known", "one patient number, two persons"
VISITED, LOCAL, OTHER = f"{HOSPITAL}|E1", "PLANTED-9A", "PLANTED-9B"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make(tmp_path_factory.mktemp("review"))


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    return copied(made, tmp_path)


def whose(home: Home, tmp_path: Path) -> tuple[str, str, str]:
    """Return whose the visit is (the local namesake's, the other's, nobody's), its tier and its probability."""
    found = crosswalk(home, tmp_path)
    visit = found[VISITED]
    owners = [who for who in (LOCAL, OTHER) if who in found and found[who]["person_key"] == visit["person_key"]]
    return "".join(owners), visit["tier"], visit["probability"]


def correct_visit(home: Home, sequence: int, **changed: str) -> None:
    """Deliver the visit again with other values."""
    again = {"op": "U", "updated_at": f"2018-11-{6 + sequence:02d} 08:00:00"}
    deliver(inbox(home), "emr", rows("emr", VISIT | again | changed), sequence=sequence)


def remove_other(home: Home) -> None:
    """Let the other namesake leave the register."""
    gone = WOMAN | {"population_no": OTHER, "op": "D", "updated_at": "2018-11-07 08:00:00"}
    deliver(inbox(home), "population", rows("population", gone), city="440200", sequence=2)


def test_the_list_says_what_waits_and_where(made: Home) -> None:
    entries = {entry["kind"]: entry for entry in listed(made)}
    assert entries.keys() == {KNOWN, SHARED}
    assert 0.5 < entries[KNOWN]["probability"] < 0.99
    assert (entries[KNOWN]["feeds"], entries[KNOWN]["cities"]) == (["emr", "population"], ["440100", "440100"])
    assert entries[SHARED]["probability"] is None
    assert [entry["records"] for entry in entries.values()] == [1, 1]
    assert len({entry["id"] for entry in entries.values()}) == 2


def test_what_is_more_open_comes_first_and_a_limit_cuts_the_rest(made: Home) -> None:
    assert [entry["kind"] for entry in listed(made)] == [SHARED, KNOWN]
    assert [entry["kind"] for entry in listed(made, "--limit", "1")] == [SHARED]


def test_the_same_registry_gives_the_same_ids(made: Home) -> None:
    assert listed(made) == listed(made)


def test_undecided_the_visit_is_nobody_s(made: Home, tmp_path: Path) -> None:
    assert whose(made, tmp_path)[:2] == ("", "new")


def test_same_joins_what_the_model_would_not_and_holds(home: Home, tmp_path: Path) -> None:
    decide(home, "same")
    assert [entry["kind"] for entry in listed(home)] == [SHARED]  # before the run that replays it
    run(home)
    assert whose(home, tmp_path) == (LOCAL, "review", "1.0")
    assert [entry["kind"] for entry in listed(home)] == [SHARED]
    correct_visit(home, 2, phone=PHONE_B)
    run(home)
    assert whose(home, tmp_path) == (LOCAL, "review", "1.0")
    relink(home)
    assert whose(home, tmp_path) == (LOCAL, "review", "1.0")
    assert [entry["kind"] for entry in listed(home)] == [SHARED]


def test_without_a_decision_the_model_would_follow_the_other_s_telephone(home: Home, tmp_path: Path) -> None:
    correct_visit(home, 2, phone=PHONE_B)
    run(home)
    assert whose(home, tmp_path)[:2] == (OTHER, "model")


def test_different_splits_what_the_model_would_join_and_holds(home: Home, tmp_path: Path) -> None:
    decide(home, "different")
    run(home)
    assert whose(home, tmp_path)[0] != LOCAL
    assert [entry["kind"] for entry in listed(home)] == [SHARED]
    remove_other(home)
    run(home)
    assert whose(home, tmp_path)[:2] == ("", "new")
    relink(home)
    assert whose(home, tmp_path)[:2] == ("", "new")
    assert [entry["kind"] for entry in listed(home)] == [SHARED]


def test_without_a_decision_the_model_would_join_the_one_who_is_left(home: Home, tmp_path: Path) -> None:
    remove_other(home)
    run(home)
    assert whose(home, tmp_path)[:2] == (LOCAL, "model")


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_a_doubt_that_a_rule_found_goes_by_a_decision_too(home: Home, verdict: str) -> None:
    decide(home, verdict, SHARED)
    assert [entry["kind"] for entry in listed(home)] == [KNOWN]
    run(home)
    assert [entry["kind"] for entry in listed(home)] == [KNOWN]


def test_unsure_waits_until_the_evidence_changes(home: Home, tmp_path: Path) -> None:
    name = decide(home, "unsure")
    for _ in range(2):
        assert [entry["kind"] for entry in listed(home)] == [SHARED]
        assert [(e["id"], e["verdict"]) for e in listed(home, "--all") if "verdict" in e] == [(name, "unsure")]
        deliver(inbox(home), "emr", rows("emr", VISIT | {"encounter_no": "again"}), sequence=2)
        run(home)
    correct_visit(home, 3, phone="13655512345")
    run(home)
    assert {entry["kind"] for entry in listed(home)} == {KNOWN, SHARED}
    assert whose(home, tmp_path)[0] == ""


def test_a_decision_is_kept_with_name_time_reason_and_what_was_shown(home: Home) -> None:
    before, probability = datetime.now(), listed(home)[1]["probability"]
    name = decide(home, "same")
    (kept,) = decisions(home)
    assert (kept.doubt, kept.kind, kept.verdict, kept.because, kept.decided_by) == (
        name, KNOWN, "same", "seen the file", "reviewer",
    )  # fmt: skip
    assert kept.probability == pytest.approx(probability, abs=1e-4)
    assert before <= kept.decided_at <= datetime.now()
    (entry,) = (entry for entry in listed(home, "--all") if "verdict" in entry)
    assert (entry["id"], entry["verdict"], entry["by"], entry["because"]) == (name, "same", "reviewer", "seen the file")


def test_who_decided_wrongly_decides_again(home: Home, tmp_path: Path) -> None:
    name = decide(home, "same")
    run(home)
    again = review(home, "decide", name, "different", "--because", "the other's file", "--by", "second reviewer")
    assert again.status == 0, again.err
    run(home)
    assert whose(home, tmp_path)[0] != LOCAL
    (entry,) = (entry for entry in listed(home, "--all") if "verdict" in entry)
    assert (entry["id"], entry["verdict"], entry["by"]) == (name, "different", "second reviewer")
    assert [each.verdict for each in decisions(home)] == ["same", "different"]


def test_decisions_that_contradict_each_other_bring_the_doubt_back(home: Home) -> None:
    decide(home, "same")
    with open_queue(home) as queue, closing(Ledger(home.ledger_url)) as ledger:
        found = queue.connection.execute("""
            SELECT city_code, own_key, link_handle(own_key, name_key, birth_date) FROM presentations
            WHERE feed = 'population' UNION ALL
            SELECT 'visit', own_key, link_handle(own_key, name_key, birth_date) FROM presentations
            WHERE feed = 'emr' AND NOT id_valid
        """).fetchall()
        key = {who: (own, handle) for who, own, handle in found}
        now = datetime.now()
        enter_link_decisions(ledger, [
            LinkDecision(verdict, *key[one], *key[other], "d", KNOWN, None, "", "", "reviewer", now)
            for verdict, one, other in (("same", "visit", "440200"), ("different", "440100", "440200"))
        ])  # fmt: skip
    run(home)
    assert KNOWN in {entry["kind"] for entry in listed(home)}


@pytest.mark.parametrize("name", ["d0123456789", "nonsense", "欧阳奇葩绝密"])
def test_an_unknown_id_is_refused_without_repeating_it(home: Home, name: str) -> None:
    told = review(home, "decide", name, "same", "--because", "x", "--by", "reviewer")
    assert told.status == 2
    assert "no doubt of that id is open" in told.err and name not in told.err
    assert decisions(home) == []


def test_before_anything_is_linked_there_is_nothing_to_review(tmp_path: Path) -> None:
    Home(tmp_path / "home").create()
    told = yimatong("review", "list", "--home", tmp_path / "home")
    assert told.status == 3 and "nothing linked yet" in told.err


def test_where_nothing_is_in_doubt_the_files_are_empty_tables(tmp_path: Path) -> None:
    deliver(tmp_path / "inbox", "population", rows("population", {}))
    home = Home(tmp_path / "home")
    run(home)
    assert listed(home) == []
    told = review(home, "export", "--out", tmp_path / "q.csv", "--page", tmp_path / "q.html")
    assert told.status == 0, told.err
    assert len((tmp_path / "q.csv").read_text(encoding="utf-8-sig").splitlines()) == 1
    assert review(home, "import", "--file", tmp_path / "q.csv").status == 0


def test_an_id_is_short_and_no_number_to_a_spreadsheet(made: Home) -> None:
    assert all(len(name) == 11 and name.startswith("d") for name in (doubt(made), doubt(made, SHARED)))
