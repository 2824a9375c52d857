"""Chromium, headless and with networking off."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_NO_NETWORK = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--disable-component-update")


def found_browser() -> str:
    """Return the browser's path; AssertionError where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "make e2e installs chromium"
    return found


def opened(browser: str, file: Path, profile: Path, *asked: str, at: str = "") -> tuple[str, str]:
    """Open a page, at a place in it; return what was asked of the browser, and its log."""
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        *_NO_NETWORK, f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0", *asked, file.as_uri() + at,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout, done.stderr
