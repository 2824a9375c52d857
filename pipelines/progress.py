"""What a run tells while it works: a bar on a terminal, plain lines elsewhere; counts and steps, never values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from pipelines.log_lines import json_line, wants_json


class Step:
    """One step in progress: the flow says how far it is, what rows it read and wrote, and what came of it."""

    def __init__(self, bars: Bars | None, name: str, total: int) -> None:
        self._bars = bars
        self._task = bars.add_task(name, total=total) if bars else None
        self.outcome = ""
        self.read = 0
        self.written = 0
        self.seconds = 0.0

    def advance(self, by: int = 1) -> None:
        """Say that so many more of the step's parts are done."""
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, by)


class Progress:
    """Progress of a run: on standard error, as JSON where `YIMATONG_LOG_FORMAT` asks for that, or by `tell`."""

    def __init__(self, quiet: bool = False, tell: Callable[[str], None] | None = None) -> None:
        self._console = Console(stderr=True, quiet=quiet or tell is not None, highlight=False, soft_wrap=True)
        self._tell = tell
        self._json = tell is None and wants_json()

    def say(self, line: str) -> None:
        """Print a line."""
        self._print(json_line("info", line) if self._json else line)

    @contextmanager
    def step(self, name: str, total: int = 1) -> Iterator[Step]:
        """Show a step while its block runs, and a line with its outcome and time afterwards."""
        began = time.monotonic()
        if self._console.is_terminal and not self._console.quiet and not self._json:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            with Bars(*columns, console=self._console, transient=True) as bars:
                step = Step(bars, name, total)
                yield step
        else:
            step = Step(None, name, total)
            yield step
        step.seconds = time.monotonic() - began
        if self._json:
            seconds, called = round(step.seconds, 3), name.partition(" ")[2] or name
            figures: dict[str, str | float] = {
                "step": called,
                "read": step.read,
                "written": step.written,
                "seconds": seconds,
            }
            self._print(json_line("info", f"{name}  {step.outcome}", **figures))
        else:
            self._print(f"{name}  {step.outcome}  {step.seconds:.1f} s")

    def _print(self, line: str) -> None:
        if self._tell is not None:
            self._tell(line)
        else:
            self._console.print(line, markup=False)
