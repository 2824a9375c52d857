"""Putting files in place whole: a file is there as it was meant, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def put(path: Path) -> Iterator[Path]:
    """Give a temporary path beside the target to write to, and move it into place when the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def link_in_place(file: Path, at: Path) -> None:
    """Make `at` a hard link to the file, in one step for whoever opens it; nothing where it is one already."""
    if at.exists() and at.samefile(file):
        return
    with put(at) as partial:
        partial.hardlink_to(file)
