"""The review page in Chromium, with networking off."""

from __future__ import annotations

from pathlib import Path

import pytest

from .small_review import NAME, make, review
from .test_quality_page_in_browser import browser, opened

__all__ = ["browser"]


@pytest.mark.e2e
def test_the_page_opens_whole_without_a_network_and_prints(browser: str, tmp_path: Path) -> None:
    file, printed = tmp_path / "doubts.html", tmp_path / "doubts.pdf"
    home = make(tmp_path)
    assert review(home, "export", "--out", tmp_path / "doubts.csv", "--page", file).status == 0
    shown, log = opened(browser, file, "--dump-dom")
    assert "CONSOLE" not in log
    assert shown.count("<article") == 2 and NAME in shown and shown.count('class="track"') > 5
    opened(browser, file, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    assert printed.read_bytes().startswith(b"%PDF")
