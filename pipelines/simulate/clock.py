"""Months and instants, as days and seconds since 1970 on the wall clock of Asia/Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from pipelines.simulate.streams import stream

DAY = 86_400
NEVER = 1 << 40
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the simulation: `first` is its first day, `following` the first day of the next."""

    index: int
    period: str
    first: int
    following: int

    @property
    def since_reform(self) -> int:
        """Return the months since October 2018, when the announcement's clock starts."""
        return int(self.period[:4]) * 12 + int(self.period[5:]) - (2018 * 12 + 10)


def months(start: str, count: int) -> tuple[Month, ...]:
    """Return the months from `start` (YYYY-MM); ValueError where it isn't one."""
    year, month = (int(part) for part in start.split("-"))
    numbers = [year * 12 + month - 1 + offset for offset in range(count + 1)]
    firsts = [_first(number) for number in numbers]
    return tuple(
        Month(i, f"{numbers[i] // 12}-{numbers[i] % 12 + 1:02}", firsts[i], firsts[i + 1]) for i in range(count)
    )


def extracted_at(seed: int, city: str, feed: str, month: Month, sequence: int) -> int:
    """Return when a delivery is extracted: within three days of the month's end, a correction three days later."""
    rng = stream(seed, "extraction", city, feed, month.index)
    day, second = int(rng.integers(0, 3)), int(rng.integers(1, 6)) * 3600
    return (month.following + day + 3 * (sequence - 1)) * DAY + second


def correction_window(month: Month) -> tuple[int, int]:
    """Return when rows known already are touched: after every extraction of the month before."""
    return (month.first + 8) * DAY, month.following * DAY


def as_iso(second: int) -> str:
    """Return the instant as ISO 8601 with its offset."""
    wall = datetime(1970, 1, 1, tzinfo=_CHINA) + timedelta(seconds=second)
    return wall.isoformat()


def _first(month_number: int) -> int:
    return (date(month_number // 12, month_number % 12 + 1, 1) - date(1970, 1, 1)).days
