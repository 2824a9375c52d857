"""The files of a review: what reviewers get, what comes back from them, and that neither lets a value out."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from lake.home import Home
from pipelines.reviewing.table import Line, UnsoundVerdicts, neutral, read_verdicts

from .small_inbox import deliver, rows, yimatong
from .small_review import (
    ADDRESS,
    BORN,
    ID_A,
    NAME,
    PATIENT,
    PHONE_A,
    SECRETS,
    copied,
    decisions,
    doubt,
    fill_in,
    inbox,
    listed,
    make,
    read_table,
    review,
    run,
)  # fmt: skip

KNOWN, SHARED = "perhaps known", "one patient number, two persons"
VERDICTS = {"same": "same", "同一人": "same", "Different": "different", "不同人": "different", " unsure ": "unsure",
            "无法判断": "unsure", "同一人 same": "same"}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make(tmp_path_factory.mktemp("review"))


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    return copied(made, tmp_path)


def export(home: Home, folder: Path) -> tuple[Path, Path, str]:
    """Export table and page; return them and what was said."""
    table, page = folder / "doubts.csv", folder / "doubts.html"
    told = review(home, "export", "--out", table, "--page", page)
    assert (told.status, told.out) == (0, "")
    return table, page, told.err


def forms(value: str) -> list[bytes]:
    return [value.encode(encoding) for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")]


def met(octets: bytes) -> list[str]:
    """Return the secrets that are met there."""
    return [value for value in SECRETS for form in forms(value) if form in octets]


def test_the_table_has_both_sides_and_room_for_a_verdict(made: Home, tmp_path: Path) -> None:
    table, _, _ = export(made, tmp_path)
    lines = {line["id"]: line for line in read_table(table)}
    line = lines[doubt(made)]
    assert (line["name_a"], line["name_b"], line["birth_date_a"], line["birth_date_b"]) == (NAME, NAME, BORN, BORN)
    assert (line["id_no_a"], line["id_no_b"]) == ("", f"'{ID_A}")
    assert (line["phone_b"], line["address_b"], line["own_no_a"]) == (f"'{PHONE_A}", ADDRESS, PATIENT)
    assert (line["institution_a"], line["feed_a"], line["feed_b"]) == ("一院", "电子病历 emr", "全员人口 population")
    assert (line["city_code_a"], line["sex_code_a"]) == ("广州 Guangzhou", "女 female")
    assert (line["verdict"], line["because"]) == ("", "")
    assert re.fullmatch(r"\d\d\.\d%", line["probability"]) and "birth date 相同 same +" in line["evidence"]
    shared = lines[doubt(made, SHARED)]
    assert {shared["name_a"], shared["name_b"]} == {"钱多多", "周全福"}
    assert (shared["own_no_a"], shared["own_no_b"], shared["evidence"]) == ("N9", "N9", "")


def test_both_files_are_their_owner_s_alone_and_it_is_said(made: Home, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        table, page, told = export(made, tmp_path)
    finally:
        os.umask(old)
    assert [file.stat().st_mode & 0o777 for file in (table, page)] == [0o600, 0o600]
    assert told.count("holds names and numbers") == 2


def test_a_limit_keeps_the_foremost(made: Home, tmp_path: Path) -> None:
    told = review(made, "export", "--out", tmp_path / "q.csv", "--limit", "1")
    assert told.status == 0 and [line["id"] for line in read_table(tmp_path / "q.csv")] == [doubt(made, SHARED)]


def test_whoever_is_not_the_homes_owner_gets_and_gives_back_by_standard_output_and_input(
    home: Home, tmp_path: Path
) -> None:
    table, page, _ = export(home, tmp_path)
    for option, file in (("--out", table), ("--page", page)):
        told = review(home, "export", option, "-")
        assert (told.status, told.out) == (0, file.read_bytes().decode("utf-8"))
        assert "its keeper is who receives it" in told.err
    fill_in(table, {doubt(home): ("same", "核对了病历")})
    assert review(home, "import", "--file", "-", "--by", "reviewer", given=table.read_bytes()).status == 0
    assert [kept.verdict for kept in decisions(home)] == ["same"]


@pytest.mark.parametrize("options", [(), ("--out", "-", "--page", "-")])
def test_an_export_goes_to_one_place_at_least_and_to_standard_output_once(made: Home, options: tuple[str, ...]) -> None:
    told = review(made, "export", *options)
    assert (told.status, told.out) == (2, "") and "one at least" in told.err


def test_the_page_holds_what_it_needs_and_asks_for_nothing(made: Home, tmp_path: Path) -> None:
    _, page, _ = export(made, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert all(value in text for value in (NAME, ID_A, "2 处存疑待复核", "2 doubts wait", doubt(made)))
    assert not re.search(r"<script|<link|@import|url\(|https?://|src=", text)
    assert text.count("<article") == 2 and text.count('class="way"') == 1
    assert text.count('lang="zh"') == text.count('lang="en"')


def test_verdicts_come_back_by_the_table(home: Home, tmp_path: Path) -> None:
    table, _, _ = export(home, tmp_path)
    fill_in(table, {doubt(home): ("同一人", "核对了病历"), doubt(home, SHARED): ("", "later")})
    told = review(home, "import", "--file", table, "--by", "reviewer")
    assert told.status == 0 and "1 项结论" in told.err
    (kept,) = decisions(home)
    assert (kept.verdict, kept.because, kept.decided_by) == ("same", "核对了病历", "reviewer")
    assert [entry["kind"] for entry in listed(home)] == [SHARED]
    again = review(home, "import", "--file", table, "--by", "reviewer")
    assert again.status == 2 and "第 3 行 line 3: 已有结论" in again.err
    assert decisions(home) == [kept]


BAD: dict[str, tuple[str, str]] = {
    "verdict": ("{known},perhaps,\n", "line 3: 结论须为"),
    "unknown id": ("d0123456789,same,\n", "line 3: 队列中没有"),
    "no id": (",same,\n", "line 3: 队列中没有"),
    "a name for an id": (f"{NAME},same,\n", "line 3: 队列中没有"),
    "a name for a verdict": (f"{{known}},{NAME},\n", "line 3: 结论须为"),
    "twice": ("{known},same,\n{known},same,\n", "line 4: 与第 3 行"),
    "a name in the reason": (f"{{known}},same,this is {NAME[:3]} {NAME[3:]}\n", "line 3: 理由中有个人信息"),
    "a number in the reason": (f"{{known}},same,{ID_A[:6]} {ID_A[6:]}\n", "line 3: 理由中有个人信息"),
    "not CSV": (f'{{known}},"same"{NAME},\n', "line 3: 不是 CSV"),
}


@pytest.mark.parametrize("name", BAD)
def test_of_a_bad_table_nothing_is_entered_and_no_value_told(made: Home, tmp_path: Path, name: str) -> None:
    lines, told_of = BAD[name]
    table = tmp_path / "doubts.csv"
    table.write_text(
        f"id,verdict,because\n{doubt(made, SHARED)},different,\n" + lines.format(known=doubt(made)), encoding="utf-8"
    )
    told = review(made, "import", "--file", table, "--by", "reviewer")
    assert told.status == 2 and told_of in told.err
    assert decisions(made) == [] and met(told.err.encode()) == []


@pytest.mark.parametrize("octets", [b"", b"id,name\n", b"\xff\xff\xff", "编号,结论\n".encode()])
def test_what_is_no_such_table_is_refused(made: Home, tmp_path: Path, octets: bytes) -> None:
    table = tmp_path / "doubts.csv"
    table.write_bytes(octets)
    told = review(made, "import", "--file", table)
    assert told.status == 2 and decisions(made) == []


def test_a_reason_of_a_single_decision_quotes_no_value_either(made: Home) -> None:
    told = review(made, "decide", doubt(made), "same", "--because", f"it is {NAME}", "--by", "reviewer")
    assert told.status == 2 and "quotes a person's value" in told.err
    assert decisions(made) == [] and met(told.err.encode()) == []


def test_a_reason_of_a_changed_decision_quotes_no_value_either(home: Home) -> None:
    name = doubt(home)
    assert review(home, "decide", name, "same", "--because", "seen", "--by", "r").status == 0
    run(home)
    told = review(home, "decide", name, "different", "--because", f"it is {PATIENT}", "--by", "r")
    assert told.status == 2 and [each.verdict for each in decisions(home)] == ["same"]


def test_who_is_alike_to_a_decision_can_t_be_told_apart(tmp_path: Path) -> None:
    from .small_review import resident_id

    shared = {"patient_no": "N9", "name": "钱多多", "sex_code": "1", "id_type": "01"}
    twice = [
        shared | {"encounter_no": f"E{born}", "birth_date": "", "id_no": resident_id(f"440106{born}001")}
        for born in ("19800102", "19770203")
    ]
    deliver(tmp_path / "inbox", "emr", rows("emr", *twice))
    home = Home(tmp_path / "home")
    run(home)
    told = review(home, "decide", doubt(home, SHARED), "different", "--because", "x", "--by", "reviewer")
    assert told.status == 2 and "alike in own number, name and birth date" in told.err
    assert decisions(home) == []


def test_lists_and_ledger_hold_no_value(home: Home, tmp_path: Path) -> None:
    table, _, said = export(home, tmp_path)
    fill_in(table, {doubt(home): ("不同人", "两份病历笔迹不同")})
    commands = [
        review(home, "list"), review(home, "import", "--file", table), review(home, "list", "--all"),
        review(home, "list", "--all", "--json"), yimatong("run", "--home", home.root, "--inbox", inbox(home)),
        review(home, "list", "--all"), yimatong("status", "--home", home.root),
    ]  # fmt: skip
    assert {told.status for told in commands} == {0}
    assert met("".join([said, *(told.out + told.err for told in commands)]).encode()) == []
    searched = [path for path in home.root.rglob("*") if path.is_file() and "vault" not in path.parts]
    assert [path.name for path in searched if met(path.read_bytes()) or met(os.fsencode(path.name))] == []
    assert any(path.name.startswith("ledger.sqlite") for path in searched)


@pytest.mark.parametrize(
    "value", ["=1+1", "+86", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", "440106199003050046", "0012", "1e9"]
)
def test_what_a_spreadsheet_would_evaluate_it_shows(value: str) -> None:
    assert neutral(value) == f"'{value}"


@pytest.mark.parametrize("value", ["", "李梅", "1990-03-05", "44010619900305004X", "天河区1号", "d1234567890"])
def test_other_values_stay_as_they_are(value: str) -> None:
    assert neutral(value) == value


def test_no_cell_of_an_exported_table_is_a_formula(tmp_path: Path) -> None:
    """A patient's name and number may be formulas: names come from cities as they please."""
    base = {"sex_code": "1", "id_type": "01", "patient_no": "@N9"}
    from .small_review import resident_id

    deliver(tmp_path / "inbox", "emr", rows("emr", *(
        base | {"encounter_no": born, "name": f"=cmd|{born}", "id_no": resident_id(f"440106{born}001")}
        for born in ("19800102", "19770203")
    )))  # fmt: skip
    home = Home(tmp_path / "home")
    run(home)
    assert review(home, "export", "--out", tmp_path / "q.csv").status == 0
    with (tmp_path / "q.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert sum("=cmd" in cell for cell in cells) == 2
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_verdicts_are_read_in_both_languages_and_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    lines = [f"d{n},{said},理由\n" for n, said in enumerate(VERDICTS)]
    path = tmp_path / "q.csv"
    path.write_text("".join(["id 编号,verdict 结论,because 理由\n", *lines, "\n", "d99,,\n"]), encoding=encoding)
    assert read_verdicts(path.read_bytes()) == [
        Line(n + 2, f"d{n}", verdict, "理由") for n, verdict in enumerate(VERDICTS.values())
    ]  # fmt: skip


def test_a_line_is_told_by_where_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('because,id,verdict\r\n"a\r\nb",d1,same\r\nx,d2,no\r\n', encoding="utf-8", newline="")
    with pytest.raises(UnsoundVerdicts, match="line 4"):
        read_verdicts(path.read_bytes())


def test_of_many_faults_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("id,verdict\n" + "d1,no\n" * 50, encoding="utf-8")
    with pytest.raises(UnsoundVerdicts, match="另有 30 处 more") as fault:
        read_verdicts(path.read_bytes())
    assert str(fault.value).count("line ") == 20
