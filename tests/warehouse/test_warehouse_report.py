"""The commission's report: whole, small, harmless, and with no other figures than the exports have."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from contracts.divisions import CITIES, PROVINCE_CODE
from tests.warehouse.conftest import World
from warehouse.exports.amounts import Amount
from warehouse.exports.kpi import write_kpi
from warehouse.exports.relations import define_exported
from warehouse.indicators.catalogue import INDICATORS, NOT_COMPUTABLE
from warehouse.indicators.doubt.replicates import indicators_of_identity
from warehouse.indicators.measure import measure
from warehouse.report.figures import read_report
from warehouse.report.moves import find_moves
from warehouse.report.numbers import change_words, value_words
from warehouse.report.page import write_report
from warehouse.report.texts import SECTIONS, source_words
from warehouse.report.tiles import TILES, breakable
from warehouse.targets.ledger import TARGETS

MOST_BYTES = 3 << 20
HOSTILE = ("<script>alert(1)</script>", "\"'><img/src=x>&amp;", "</script><b>", "=cmd|' /C'!A0\u2028")


class Elements(HTMLParser):
    """Counts elements, and keeps the text of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.held: dict[str, list[str]] = {"script": [], "style": []}
        self.attributes: set[str] = set()
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}
        self.within = tag

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within in self.held:
            self.held[self.within].append(data)


def filled() -> World:
    """Give a world with a month of many visits, one of few, one that isn't over, and names that would do harm."""
    world = World()
    for number, city in enumerate(("440100", "440300", "440600", "442000")):
        place = f"{city[:4]}{'00' if city == '442000' else '04'}"
        row = {"row_id": str(9000 + number), "org_code": f"X{number}", "city_code": city, "name": HOSTILE[number]}
        row |= {"division_code": place, "category": "A", "level": "3", "public": "true", "updated_at": "2018-01-01"}
        world.insert("content_institution", row)
        visits = [
            f"r{city}{n} X{number} {city} 2018-{month}-05 {str(n < 20 - number).lower()} 33.335 10.10"
            for month, count in (("01", 40), ("02", 40 + number), ("03", 1))
            for n in range(count)
        ]
        head = "person org_code city_code start_at booked total_fee drug_fee"
        world.put("content_emr", "\n".join([head, *visits]))
        world.put(
            "content_platform_connection",
            f"org_code city_code month last_upload_at\nX{number} {city} 2018-02 2018-02-0{number + 1}",
        )
    world.build("2018-03-20")
    define_exported(world.connection, measured=False)
    return world


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Path]]:
    """Give a world and its report."""
    world = filled()
    yield world, write_report(world.connection, tmp_path_factory.mktemp("report"))
    world.connection.close()


@pytest.fixture(scope="module")
def text(reported: tuple[World, Path]) -> str:
    """Give the report's text."""
    return reported[1].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(text: str) -> Any:
    """Give the figures that the report carries."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])


def test_the_same_data_give_the_same_bytes_and_no_clock_or_run_shows(reported, text, tmp_path):
    other = filled()
    assert write_report(other.connection, tmp_path).read_bytes() == reported[1].read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    for told in ("run-1", "2019-01-02", "03:04"):
        assert told not in text
    other.connection.close()


def test_nothing_is_asked_of_a_network(text):
    for sign in ("http:", "https:", "url(", "@import", "//cdn", " src=", "fetch(", "XMLHttpRequest", "WebSocket"):
        assert sign not in text.replace(unescape(HOSTILE[1]), "")
    elements = Elements()
    elements.feed(text)
    assert not elements.tags.keys() & {"link", "img", "iframe", "object", "embed", "base", "form"}
    assert not elements.attributes & {"style", "onclick", "onload", "onerror", "src"}


def test_the_policy_allows_this_script_and_this_style_alone(text):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy and policy[1].startswith("default-src 'none'; ")
    elements = Elements()
    elements.feed(text)
    assert len(elements.held["script"]) == 2 and len(elements.held["style"]) == 1
    for held, name in ((elements.held["script"][1], "script"), (elements.held["style"][0], "style")):
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]
    assert "unsafe" not in policy[1]


def test_names_are_text_and_never_markup(reported, text):
    names = reported[0].connection.execute("SELECT DISTINCT name FROM exported_missing").fetchall()
    assert {name for (name,) in names} == set(HOSTILE)
    elements = Elements()
    elements.feed(text)
    assert elements.tags["script"] == 2 and "img" not in elements.tags
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    held = elements.held["script"][0]
    assert not set("<>&\u2028\u2029") & set(held)


def test_everything_is_there_in_both_languages(text, data):
    plain = unescape(text)
    for zh, en in SECTIONS.values():
        assert f'<span lang="zh">{zh}</span><span lang="en">{en}</span>' in text
    for target in TARGETS.values():
        for told in (target.zh, target.en, target.quote, target.ambiguity_zh, target.ambiguity_en, target.why_en):
            assert told in plain
        assert f'<tbody id="{target.code}"' in text
    for indicator in INDICATORS.values():
        for told in (indicator.zh, indicator.en, indicator.meaning_zh, indicator.meaning_en, indicator.numerator_en):
            assert told in plain
        assert f'id="m-{indicator.code}"' in text
    for entry in NOT_COMPUTABLE:
        assert entry.zh in plain and entry.en in plain and entry.why_zh in plain and entry.why_en in plain
    assert [code for code, _, _ in data["places"]] == [PROVINCE_CODE, *CITIES]
    assert [entry["code"] for entry in data["indicators"]] == list(INDICATORS)
    for city in CITIES.values():
        assert f'<span lang="zh">{city.zh}</span><span lang="en">{city.en}</span></h3>' in text
        assert f'<span lang="zh">{city.zh}</span><span lang="en">{breakable(city.en)}</span>' in text


def test_figures_are_those_of_kpi_csv_and_what_is_suppressed_is_not_there(reported, data, tmp_path):
    connection = reported[0].connection
    write_kpi(connection, tmp_path)
    with (tmp_path / "kpi.csv").open(encoding="utf-8", newline="") as file:
        exported = {
            (row["indicator"], row["division_code"], row["period"]): row
            for row in csv.DictReader(file)
            if row["level"] == "all" and row["breakdown"] == ""
        }
    periods = [period for period, *_ in data["periods"]]
    assert set(data["months"]) < set(periods)
    seen = {"suppressed": 0, "told": 0}
    for entry in data["indicators"]:
        for (place, _, _), values, denominators in zip(
            data["places"], entry["values"], entry["denominators"], strict=True
        ):
            for period, value, denominator in zip(periods, values, denominators, strict=True):
                row = exported[entry["code"], place, period]
                assert value == (float(row["value"]) if row["value"] else None)
                if row["suppressed"] == "true":
                    assert value is None and denominator is None
                    seen["suppressed"] += 1
                else:
                    assert denominator == pytest.approx(float(row["denominator"]), abs=0.005)
                    seen["told"] += value is not None
    assert min(seen.values()) > 20


def test_coverage_is_counted_over_all_cells(reported, data):
    at = [period for period, *_ in data["periods"]].index("2018-03")
    booked = next(entry for entry in data["indicators"] if entry["code"] == "H8")
    suppressed, filled_cells = booked["cells"][at]
    assert 0 < suppressed <= filled_cells
    assert data["periods"][at] == ["2018-03", "2018-03（初步）", "2018-03 (preliminary)", True]
    assert data["last"] == "2018-02" and data["before"] == "2018-01"


def test_the_error_of_linkage_is_stated_or_said_not_to_be(reported, data, tmp_path):
    by_code = {entry["code"]: entry["error"] for entry in data["indicators"]}
    assert by_code["H8"] == ["关联误差未估计", "linkage error not stated"]
    assert by_code["A1"] == ["", ""]
    connection = reported[0].connection
    for feed, wrong in (("emr", 0.000074), ("", 0.0001)):
        connection.execute(
            "INSERT INTO link_error VALUES (?, '', '', 1000, 10, ?, 0, 0.001, 0.000024, 0, 0.002, 99, 'm')",
            [feed, wrong],
        )
    told = write_report(connection, tmp_path).read_text(encoding="utf-8")
    connection.execute("DELETE FROM link_error")
    assert "linkage error 74 false, 24 missed per million" in told
    assert "74 [0, 1,000]" in told


def test_a_report_can_be_of_an_earlier_day(reported, tmp_path):
    connection = reported[0].connection
    measure(connection, date(2018, 2, 10))
    define_exported(connection, measured=True)
    told = write_report(connection, tmp_path).read_text(encoding="utf-8")
    define_exported(connection, measured=False)
    assert "数据截至 2018-02-10" in told and '"last":"2018-01","before":""' in told
    assert "2018-03" not in told


def test_a_province_without_data_has_a_report(world, tmp_path):
    define_exported(world.build().connection, measured=False)
    told = write_report(world.connection, tmp_path).read_text(encoding="utf-8")
    assert all(f'<section id="{anchor}"' in told for anchor in SECTIONS)


def test_the_largest_report_stays_small(reported, tmp_path):
    """Two years, every figure there, and as many institutions missing as a real province has."""
    connection = reported[0].connection
    figures = ", ".join(f"('{entry.code}', '{entry.unit}', '{entry.code}@01234567')" for entry in INDICATORS.values())
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW exported_figure AS
        SELECT indicator, period, division_code, 'all' AS level, '' AS breakdown,
          1.5 * hash(indicator, period, division_code) % 1e7 AS numerator,
          hash(period, division_code) % 1e9 + 0.25 AS denominator,
          hash(indicator, period, division_code) % 1000000 / 1e6 AS value,
          CASE WHEN list_contains({list(indicators_of_identity())}, indicator) THEN value - 0.000123 END AS low,
          low + 0.000456 AS high, unit, false AS suppressed,
          period = '2020-09' AS preliminary, definition, DATE '2020-09-20' AS as_of
        FROM (VALUES {figures}) AS entry (indicator, unit, definition)
        CROSS JOIN (SELECT strftime(DATE '2018-10-01' + to_months(n::INTEGER), '%Y-%m') FROM range(24) AS t (n)
                    UNION ALL VALUES ('2018'), ('2019'), ('2020'), ('2020-08 ytd')) AS times (period)
        CROSS JOIN dim_division
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP VIEW exported_missing AS
        SELECT target_id, division_code AS city_code, 'O' || n AS org_code,
          '广东省某某市某某区某某街道社区卫生服务中心第' || n AS name, (3 - n % 4)::VARCHAR AS level,
          DATE '2020-08-01' AS month
        FROM (SELECT DISTINCT target_id FROM target_status WHERE missing IS NOT NULL)
        CROSS JOIN dim_division CROSS JOIN range(200) AS t (n)
        WHERE dim_division.level = 'city'
    """)
    path = write_report(connection, tmp_path)
    define_exported(connection, measured=False)
    told = path.read_text(encoding="utf-8")
    assert path.stat().st_size < MOST_BYTES
    assert "另有 160 家，见该市工作簿" in told
    assert told.count('"values":') == len(INDICATORS) and '"last":"2020-08"' in told


def test_moves_are_sorted_and_few_events_make_none(reported):
    report = read_report(reported[0].connection)
    found = find_moves(report, report.places)
    assert [move.size for move in found] == sorted((move.size for move in found), reverse=True)
    assert ("H8", "440300") in {(move.entry.code, move.division) for move in found}
    assert "H13" not in {move.entry.code for move in found}
    for move in found:
        now = report.figure(move.entry.code, move.division, "2018-02")
        assert now is not None and not now.suppressed and move.change == now.value - move.before


@pytest.mark.parametrize(
    ("amount", "value", "words"),
    [
        (Amount.PERCENT, 0.0625, "6.3%"),
        (Amount.PERCENT, 1.0, "100.0%"),
        (Amount.PERCENT, -0.0004, "−0.0%"),
        (Amount.PERCENT, None, "—"),
        (Amount.QUOTIENT, 11.125, "11.13"),
        (Amount.DAY, 7.25, "7.3"),
        (Amount.COUNT, 1234.0, "1,234"),
    ],
)
def test_numbers_are_rounded_as_the_script_rounds_them(amount, value, words):
    assert value_words(amount, value) == words


def test_changes_have_their_sign_and_unit():
    assert change_words(Amount.PERCENT, 0.0333) == ("+3.3 个百分点", "+3.3 points")
    assert change_words(Amount.PERCENT, -0.0001) == ("±0.0 个百分点", "±0.0 points")
    assert change_words(Amount.MINUTE, -2.61) == ("−2.6 分钟", "−2.6 minutes")
    assert change_words(Amount.COUNT, 1.67, 1) == ("+1.7", "+1.7")


def test_every_city_has_a_tile_of_its_own():
    assert TILES.keys() == CITIES.keys()
    assert len(set(TILES.values())) == len(TILES)
    assert breakable("Guangzhou") == "Guang<wbr>zhou" and breakable("Heyuan") == "He<wbr>yuan"


def test_no_threshold_has_a_source_in_one_language_only():
    for entry in INDICATORS.values():
        zh, en = source_words(entry.threshold_source)
        assert not re.search(r"[a-z]{3}", zh), zh
        assert not re.search(r"[\u4e00-\u9fff]", en), en
