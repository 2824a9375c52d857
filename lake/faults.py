"""Faults told without values: an unexpected exception keeps its type and place, and loses its text."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class PlainFault(Exception):
    """A fault whose text was written by this project and holds no value of the data: it may be shown as it is."""


class UnexpectedFault(PlainFault):
    """An exception of a library, told by its type and the places it passed; its own text may quote the data."""


@contextmanager
def without_values(*let_through: type[Exception]) -> Iterator[None]:
    """Turn any exception but a PlainFault, or one to let through, into an UnexpectedFault, its cause cut off."""
    try:
        yield
    except Exception as error:
        if isinstance(error, (PlainFault, *let_through)):
            raise
        raise UnexpectedFault(_told(error)) from None


def _told(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = " ← ".join(
        f"{Path(f.filename).parent.name}/{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-6:])
    )
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__} @ {places}"
