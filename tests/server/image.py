"""The image of the Dockerfile without Docker: what its build gets to see, and what it copies of that."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.server.compose_file import ROOT

PLACE = "/opt/yimatong"
"""Where the project is, in the image."""


def let_in() -> list[str]:
    """Return the files and folders that .dockerignore lets the build see; all others it keeps out."""
    everything, *lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert everything == "*"
    return [line[1:] for line in lines if line.startswith("!")]


def copied() -> list[str]:
    """Return what the Dockerfile copies from there, in its order."""
    lines = [line.split() for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()]
    return [source for line in lines if line[:1] == ["COPY"] and not line[1].startswith("--from")
            for source in line[1:-1]]  # fmt: skip


def lay_out(folder: Path) -> None:
    """Lay out in a folder what the image holds of the project."""
    for name in let_in():
        at = folder / name
        at.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, at, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, at)
