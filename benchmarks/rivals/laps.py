"""The time that the phases of a rival take."""

from __future__ import annotations

import time


class Laps:
    """Seconds by phase, from the end of one to the end of the next."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at = time.monotonic()

    def end(self, phase: str) -> None:
        """Note that a phase ended now."""
        now = time.monotonic()
        self.seconds[phase] = now - self._at
        self._at = now
