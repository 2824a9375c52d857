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


class PassingFault(UnexpectedFault):
    """A fault of the surroundings, such as a lock, a connection or room: it may be gone at the next attempt."""


_PASSING = frozenset({
    "builtins.MemoryError", "concurrent.futures.process.BrokenProcessPool", "sqlalchemy.exc.OperationalError",
    "sqlalchemy.exc.InterfaceError", "sqlalchemy.exc.TimeoutError", "_duckdb.IOException",
    "_duckdb.OutOfMemoryException",
})  # fmt: skip
_LASTING = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)


@contextmanager
def without_values(*let_through: type[Exception]) -> Iterator[None]:
    """Turn any exception but a PlainFault, or one to let through, into an UnexpectedFault, its cause cut off.

    It is a PassingFault where another attempt may fare better.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (PlainFault, *let_through)):
            raise
        raise (PassingFault if _may_pass(error) else UnexpectedFault)(_told(error)) from None


def _may_pass(error: Exception) -> bool:
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    return bool(kinds & _PASSING) or (isinstance(error, OSError) and not isinstance(error, _LASTING))


def _told(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = " ← ".join(
        f"{Path(f.filename).parent.name}/{Path(f.filename).name}:{f.lineno}" for f in reversed(frames[-6:])
    )
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__} @ {places}"
