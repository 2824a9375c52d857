"""The quality page of a province in Chromium, with networking off."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.divisions import CITIES
from contracts.feeds import FEEDS
from pipelines.cleaning.completeness import optional_columns
from pipelines.quality_page.figures import PERIODS, Figures
from pipelines.quality_page.page import page
from pipelines.quality_page.write import write_quality_page
from tests import chromium
from tests.chromium import found_browser

MOST_BYTES = 3 << 20
pytestmark = pytest.mark.usefixtures("drawn")


@pytest.fixture
def browser() -> str:
    return found_browser()


def opened(browser: str, file: Path, *asked: str) -> tuple[str, str]:
    """Open the page; return what was asked of the browser, and its log."""
    return chromium.opened(browser, file, file.parent / "profile", *asked)


@pytest.mark.e2e
def test_the_page_of_a_province_opens_whole_without_a_network(province: Any, browser: str, tmp_path: Path) -> None:
    file = tmp_path / "quality.html"
    write_quality_page(province.home, file)
    assert file.stat().st_size < MOST_BYTES
    shown, log = opened(browser, file, "--dump-dom")
    assert "CONSOLE" not in log
    for anchor in ("attention", "timeliness", "volumes", "completeness", "checks", "decisions"):
        assert f'<h2 id="{anchor}">' in shown
    assert shown.count("<svg") > 5
    assert len(re.findall(r"<tr", shown)) > 100


@pytest.mark.e2e
def test_the_page_prints(province: Any, browser: str, tmp_path: Path) -> None:
    file, printed = tmp_path / "quality.html", tmp_path / "quality.pdf"
    write_quality_page(province.home, file)
    opened(browser, file, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    assert printed.read_bytes().startswith(b"%PDF")
    assert printed.stat().st_size > 50_000


def years_of_deliveries() -> Figures:
    """Return the figures of a province that delivered every feed for as many periods as are shown."""
    periods = [f"{2018 + at // 12}-{at % 12 + 1:02d}" for at in range(PERIODS)]
    feeds = [(feed, at, period) for feed in FEEDS for at, period in enumerate(periods)]
    counted = {
        "accepted": 9_000,
        "quarantined": 40,
        "duplicates": 7,
        "delivered": 9_047,
        "deliveries": 21,
        "cities": 21,
    }
    days = {"days_least": 1, "days_median": 3, "days_most": 9, "quarantined_share": 0.004}
    trend = [{"feed": feed, "period": period, **counted, **days} for feed, _, period in feeds]
    volume = [
        {"city": city, "feed": feed, "period": period, "delivered": 900 + 37 * (at * n % 11), "state": "accepted",
         "low": 450.5 + at * n, "high": 1801.5 + at * n, "most_drawn": 2700}
        for feed, at, period in feeds for n, city in enumerate(CITIES)
    ]  # fmt: skip
    columns = [(feed.name, column.name) for feed in FEEDS.values() for column in optional_columns(feed)]
    shares = [
        {"city": c, "feed": f, "column_name": n, "share": 0.5, "earlier": 0.9} for f, n in columns for c in CITIES
    ]
    whole = [{"feed": f, "column_name": n, "share": 0.5, "earlier": 0.9} for f, n in columns]
    return Figures("/home", date(2020, 1, 2), "2019-12", [], trend=trend, volume=volume, column_city=shares,
                   column_province=whole)  # fmt: skip


@pytest.mark.e2e
def test_two_years_of_all_feeds_and_cities_stay_small() -> None:
    assert len(page(years_of_deliveries(), "").encode()) < MOST_BYTES
