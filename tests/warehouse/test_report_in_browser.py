"""The commission's report in Chromium, with networking off: whole, in both languages, on paper, for every reader."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from contracts.divisions import CITIES
from tests import chromium
from tests.chromium import found_browser
from tests.simulated_truth import simulate_truth
from tests.warehouse.conftest import World
from tests.warehouse.truth_rows import fill
from warehouse.exports.relations import define_exported
from warehouse.indicators.catalogue import INDICATORS
from warehouse.report.page import write_report
from warehouse.report.texts import TITLE

pytestmark = pytest.mark.e2e

_AXE = """
for (const folded of document.querySelectorAll("details")) folded.open = true;
axe.run(document, {resultTypes: ["violations"]}).then((result) => found(result.violations.map(
  ({id, impact, nodes}) => ({id, impact, where: nodes.slice(0, 3).map((node) => node.html)}))));
"""
_ACTIONS = """
const told = {};
const at = () => decodeURIComponent(location.hash);
const set = (selector, value) => {
  const element = document.querySelector(selector);
  element.value = value;
  element.dispatchEvent(new Event("change", {bubbles: true}));
};
document.querySelector("#language").click();
told.english = [document.documentElement.lang, document.title, at(), document.querySelector("nav").ariaLabel];
set("#indicator", "R7");
told.indicator = [document.querySelector("#facts h3").textContent, at()];
set("#period-compare", document.querySelector("#period-compare option:last-child").value);
told.periods = document.querySelector("#period-cities").value === document.querySelector("#period-compare").value;
document.querySelector('.chips [data-city="440300"]').click();
told.city = [[...document.querySelectorAll(".city.on")].map((city) => city.id).join(), at()];
set("#overlay", "440600");
told.overlay = document.querySelectorAll(".trend .chosen").length > 20;
const count = () => [...document.querySelectorAll(".promises tbody")].filter((body) => !body.hidden).length;
const buttons = [...document.querySelectorAll(".statuses button")];
const button = buttons.find((each) => each.querySelector("b").textContent !== "0");
button.click();
told.filtered = count() === Number(button.querySelector("b").textContent) && button.ariaPressed === "true";
button.click();
told.unfiltered = count();
document.querySelector('nav a[href="#trends"]').click();
told.went = [document.activeElement.id, at()];
const figures = document.querySelector(".panel .values");
figures.open = true;
setTimeout(() => {
  told.rows = figures.querySelectorAll("tbody tr").length;
  location.hash = "#lang=zh";
  setTimeout(() => {
    told.chinese = [document.documentElement.lang, document.querySelector("#overlay option").textContent];
    found(told);
  }, 100);
}, 100);
"""
_OVERFLOW = """
setTimeout(() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  setTimeout(() => parent.found([document.documentElement.clientWidth, document.scrollingElement.scrollWidth]), 500);
}, 100);
"""


@pytest.fixture(scope="module")
def browser() -> str:
    return found_browser()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the report of a simulated province."""
    folder = tmp_path_factory.mktemp("province")
    world = World()
    fill(world, simulate_truth(1500, 7, 4, folder))
    world.build("2019-04-06", first_month="2018-10")
    define_exported(world.connection, measured=False)
    yield write_report(world.connection, folder)
    world.connection.close()


def opened(browser: str, file: Path, profile: Path, *asked: str, at: str = "") -> tuple[str, str]:
    """Open the page, wide and with time for its scripts; return what was asked of the browser, and its log."""
    wide = ("--window-size=1920,1080", "--virtual-time-budget=60000")
    return chromium.opened(browser, file, profile, *wide, *asked, at=at)


def asked_of_network(browser: str, file: Path, folder: Path, at: str = "") -> tuple[str, str, list[str]]:
    """Open the page; return what it shows, the log, and what the page, and not the browser, asked of a network."""
    net = folder / "net.json"
    shown, log = opened(browser, file, folder / "profile", "--dump-dom", f"--log-net-log={net}", at=at)
    events = json.loads(net.read_text(encoding="utf-8"))["events"]
    starts = [event["params"] for event in events if "initiator" in event.get("params", {})]
    return shown, log, [start["url"] for start in starts if start["initiator"] != "not an origin"]


def asked_within(browser: str, text: str, folder: Path, script: str, at: str = "") -> Any:
    """Run a script in a copy of a page without its policy; return what it finds."""
    relaxed = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    tell = (
        'globalThis.found = (what) => { const told = document.createElement("pre"); told.id = "found"; '
        "told.textContent = JSON.stringify(what); document.body.append(told); };"
    )
    before, end, after = relaxed.rpartition("</body>")
    file = folder / "copy.html"
    file.write_text(f"{before}<script>{tell}\n{script}</script>{end}{after}", encoding="utf-8")
    shown, log = opened(browser, file, folder / "profile", "--dump-dom", at=at)
    assert "CONSOLE" not in log, log
    told = re.search(r'<pre id="found">(.*?)</pre>', shown, re.S)
    assert told, log
    return json.loads(html.unescape(told[1]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_opens_whole_in_either_language(browser, report, tmp_path, language):
    shown, log, asked = asked_of_network(browser, report, tmp_path, f"#lang={language}")
    assert "CONSOLE" not in log
    assert asked == []
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}" class="js drawn">' in shown
    assert f">{TITLE[language == 'en']} · 2019-04-06</title>" in shown
    assert shown.count('class="panel"') == len(INDICATORS)
    assert shown.count('<svg class="trend"') > 30
    assert len(re.findall(r'<li class="t44\d{4}[^"]*(?:s\d|hidden|empty|none)"', shown)) == len(CITIES) + 1
    ranking = re.search(r'<div id="ranking".*?</table>', shown, re.S)
    assert ranking and ranking[0].count("<tr") == len(CITIES) + 2
    matrix = re.search(r'<div id="matrix">.*?</table>', shown, re.S)
    assert matrix and matrix[0].count("<tr") == len(INDICATORS) + 1
    first = re.search(r'<article class="city on".*?</article>', shown, re.S)
    assert first and first[0].count('<svg class="spark"') > 20 and first[0].count("<tr") > len(INDICATORS)


def test_the_policy_stops_whatever_else_would_run_or_ask(browser, report, tmp_path):
    file = tmp_path / "hostile.html"
    added = "<script>document.body.id = 'owned'</script><img src='http://example.org/a.png' alt=''>"
    hostile = report.read_text(encoding="utf-8").replace("</main>", f"{added}</main>")
    file.write_text(hostile, encoding="utf-8")
    shown, log, asked = asked_of_network(browser, file, tmp_path)
    assert '<body id="owned">' not in shown and "Content Security Policy" in log and asked == []
    file.write_text(hostile.replace('http-equiv="Content-Security-Policy"', 'name="none"'), encoding="utf-8")
    shown, _, asked = asked_of_network(browser, file, tmp_path)
    assert '<body id="owned">' in shown and asked == ["http://example.org/a.png"]


def test_it_prints_with_a_page_for_every_city(browser, report, tmp_path):
    printed = tmp_path / "report.pdf"
    opened(browser, report, tmp_path / "profile", "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", printed.read_bytes())
    assert len(pages) > 2 * len(CITIES)


def test_what_a_reader_chooses_is_shown_and_kept_in_the_address(browser, report, tmp_path):
    told = asked_within(browser, report.read_text(encoding="utf-8"), tmp_path, _ACTIONS)
    assert told["english"] == ["en", f"{TITLE[1]} · 2019-04-06", "#lang=en", "Contents"]
    assert "Health-record coverage" in told["indicator"][0] and "indicator=R7" in told["indicator"][1]
    assert told["city"][0] == "city-440300" and "city=440300" in told["city"][1] and "lang=en" in told["city"][1]
    assert told["periods"] and told["overlay"] and told["filtered"] and told["unfiltered"] == 28
    assert told["went"][0] == "trends" and told["went"][1].startswith("#trends&lang=en")
    assert told["rows"] == 7
    assert told["chinese"] == ["zh-Hans", "不叠加"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_accessible(browser, report, tmp_path, language):
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    text = report.read_text(encoding="utf-8")
    violations = asked_within(browser, text, tmp_path, f"{axe}\n{_AXE}", at=f"#lang={language}")
    assert [each for each in violations if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_is_wider_than_the_window(browser, report, tmp_path, width):
    text = report.read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    within = text.replace("</body>", f"<script>{_OVERFLOW}</script></body>")
    frame = f'<iframe width="{width}" height="900" srcdoc="{html.escape(within)}"></iframe>'
    outer = f'<!DOCTYPE html><html lang="zh"><meta charset="utf-8"><body>{frame}</body></html>'
    visible, needed = asked_within(browser, outer, tmp_path, "")
    assert needed <= visible <= width
