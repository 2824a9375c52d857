"""The director's brief: two pages, the numbers of kpi.csv and targets.csv, what is urgent first."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from reportlab import rl_config

from contracts.divisions import CITIES, PROVINCE_CODE
from tests.warehouse.conftest import World
from tests.warehouse.exported_world import exported_rows, exported_world
from warehouse.exports.amounts import change_in_words, in_words
from warehouse.exports.brief import write_brief
from warehouse.exports.brief_figures import KEY_FIGURES, ends
from warehouse.exports.brief_promises import obstacle
from warehouse.exports.figure_cells import Figure, read_divisions, read_entries
from warehouse.exports.relations import define_exported
from warehouse.exports.shown import Shown
from warehouse.exports.target_rows import TargetRow, read_targets
from warehouse.exports.words import URGENCY
from warehouse.targets.ledger import TARGETS

LAST, THREE, TWELVE = "2019-01", "2018-10", "2018-01"


@pytest.fixture(scope="module")
def exported():
    """Give a small province of fourteen months."""
    world = exported_world(months=14)
    yield world
    world.connection.close()


@pytest.fixture
def pages(exported, tmp_path, monkeypatch) -> list[bytes]:
    """Give the content of each page of the brief, as it is drawn."""
    return drawn(exported, tmp_path, monkeypatch)


def drawn(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    write_brief(world.connection, folder)
    raw = (folder / "brief.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", raw)) == 2
    contents = re.findall(rb"stream\r?\n(.*?)endstream", raw, re.DOTALL)
    assert len(contents) == 2
    return contents


def latin(page: bytes) -> list[str]:
    """Return the runs of Latin text of a page, in the order in which they were drawn."""
    return [run.decode() for run in re.findall(rb"\(([ -'*-\[\]-~]*)\) Tj", page)]


def chinese(text: str) -> bytes:
    """Return the bytes by which Chinese text is drawn."""
    raw = text.encode("utf-16-be")
    return b"".join(b"\\%03o" % byte if byte > 126 or byte < 32 else bytes([byte]) for byte in raw)


def test_page_one_has_every_promise_the_urgent_first(exported, pages):
    targets = {target.target_id: target for target in read_targets(exported.connection) if target.whole}
    order = [run.strip() for run in latin(pages[0]) if re.fullmatch(r"T\d\d ?", run)]
    assert sorted(order) == list(TARGETS)
    statuses = [targets[code].status for code in order]
    assert statuses == sorted(statuses, key=URGENCY.index) and len(set(statuses)) >= 3
    for target in targets.values():
        if target.value is not None:
            assert in_words(target.amount, target.value) in latin(pages[0])
    for status in URGENCY:
        assert str(statuses.count(status)) in latin(pages[0])


def test_page_two_has_the_key_figures_of_kpi_csv(exported, pages, tmp_path):
    rows = exported_rows(exported, tmp_path)
    entries, runs = read_entries(exported.connection), latin(pages[1])
    assert [run.split()[0] for run in runs if run.strip() in KEY_FIGURES][: len(KEY_FIGURES)] == list(KEY_FIGURES)
    told = 0
    for code in KEY_FIGURES:
        entry = entries[code]
        row, *before = (rows[code, month, PROVINCE_CODE, "all", ""] for month in (LAST, THREE, TWELVE))
        if entry.threshold is not None:
            assert in_words(entry.amount, entry.threshold) in runs
        if not row["value"]:
            continue
        told += 1
        value = float(row["value"])
        assert in_words(entry.amount, value).removesuffix("天") in runs
        for earlier in before:
            change = change_in_words(entry.amount, value - float(earlier["value"]))
            assert change.removesuffix("点").removesuffix("天") in runs
    assert told >= 6


def test_what_is_suppressed_is_said_to_be(exported, pages, tmp_path):
    rows = exported_rows(exported, tmp_path)
    hidden = [code for code in KEY_FIGURES if rows[code, LAST, PROVINCE_CODE, "all", ""]["suppressed"] == "true"]
    assert hidden and pages[1].count(b"(" + chinese("抑制") + b") Tj") == len(hidden)


def test_the_same_figures_give_the_same_bytes(exported, tmp_path):
    for name in ("a", "b"):
        write_brief(exported.connection, tmp_path / name)
    assert (tmp_path / "a" / "brief.pdf").read_bytes() == (tmp_path / "b" / "brief.pdf").read_bytes()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["brief.pdf"]


def test_it_has_two_pages_without_any_data(tmp_path, monkeypatch):
    world = World().build()
    define_exported(world.connection, measured=False)
    promises, _ = drawn(world, tmp_path, monkeypatch)
    assert sorted(run.strip() for run in latin(promises) if re.fullmatch(r"T\d\d ?", run)) == list(TARGETS)
    world.connection.close()


def ranked(exported, values: dict[str, float | None], indicator: str = "A1"):
    """Return the cities at both ends, where these have a value."""
    shown = Shown(date(2019, 2, 20), TWELVE, (LAST,), LAST, (), frozenset())
    figures = {
        (indicator, city, "all", ""): {LAST: Figure(value, None, None, value is None)} for city, value in values.items()
    }
    return ends(read_entries(exported.connection)[indicator], figures, shown)


def test_the_best_and_the_worst_cities_are_ranked_and_none_is_both(exported):
    codes = list(CITIES)
    best, worst, without = ranked(exported, {code: number / 20 for number, code in enumerate(codes)})
    assert [city for city, _ in best.cities] == codes[:-6:-1] and [city for city, _ in worst.cities] == codes[:5]
    assert (best.tied, worst.tied, without) == (0, 0, 0)
    best, worst, without = ranked(exported, {code: number / 20 for number, code in enumerate(codes)}, "H14")
    assert [city for city, _ in best.cities] == codes[:5]


def test_ties_are_told_and_who_is_as_low_as_the_lowest_is_not_among_the_best(exported):
    codes = list(CITIES)
    values: dict[str, float | None] = {code: 0.0 for code in codes[:10]} | {codes[10]: 0.5, codes[11]: None}
    best, worst, without = ranked(exported, values)
    assert best.cities == ((codes[10], 0.5),) and [value for _, value in worst.cities] == [0.0] * 5
    assert (best.tied, worst.tied, without) == (0, 5, 10)


@pytest.mark.parametrize("values", [{}, {"440100": 0.5}, {"440100": 0.5, "440300": 0.5}])
def test_few_cities_are_at_one_end_alone(exported, values):
    best, worst, without = ranked(exported, values)
    assert dict(best.cities) == values and not worst.cities and without == len(CITIES) - len(values)


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        ({}, "缺 58 家；每月需 +33.3，现 +1.0 点；广州差距最大",
         "58 missing; needs +33.3 a month, has +1.0; Guangzhou furthest"),
        ({"pace_needed": None, "missing": None, "furthest": None}, "近三月每月 +1.0 点", "+1.0 a month"),
        ({"status": "met"}, "", ""),
        ({"status": "met", "deadline": date(2019, 6, 30), "reached_on": date(2019, 8, 1)}, "逾期达标", "reached late"),
        ({"status": "not computable", "note_zh": "未写数；歧义：甲；乙", "note_en": "no figure; ambiguous: a; b"},
         "未写数", "no figure"),
    ],
)  # fmt: skip
def test_it_says_what_stands_in_the_way(exported, changed, zh, en):
    given = {
        "target_id": "T03", "scope": "", "whole": True, "zh": "", "en": "", "scope_zh": "", "scope_en": "",
        "target": 1.0, "at_most": False, "deadline": None, "value": 0.0, "month": None, "furthest": "440100",
        "reached_on": None, "pace": 0.01, "pace_needed": 0.3333, "missing": 58, "status": "due",
        "note_zh": "", "note_en": "", "quote": "",
    }  # fmt: skip
    assert obstacle(TargetRow(**(given | changed)), read_divisions(exported.connection)) == (zh, en)
