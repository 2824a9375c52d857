"""Which deliveries a step takes: all, or those of some feeds, cities and periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MONTH = r"\d{4}-(0[1-9]|1[0-2])"
"""How a period is written, as a regular expression."""


class Placed(Protocol):
    """Whatever has a place by city, feed and period, such as a delivery."""

    @property
    def city(self) -> str: ...
    @property
    def feed(self) -> str: ...
    @property
    def period(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """The deliveries of a feed, a city and a period; None stands for every one of them."""

    feed: str | None = None
    city: str | None = None
    period: str | None = None

    def takes(self, each: Placed) -> bool:
        """Say whether it is one of them."""
        return self.feed in (None, each.feed) and self.city in (None, each.city) and self.period in (None, each.period)


EVERYTHING = Selection()
