"""How times and places are told: an age in hours or days, cities by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS

_MOST = 5


def age(since: datetime, now: datetime) -> timedelta:
    """Return how long ago something was; nothing where a clock was set back."""
    return max(now - since, timedelta(0))


def told(span: timedelta) -> tuple[str, str]:
    """Return a span of time in Chinese and English, rounded down."""
    if span >= timedelta(days=2):
        return f"{span.days} 天", f"{span.days} days"
    hours, minutes = int(span.total_seconds() // 3600), int(span.total_seconds() // 60)
    return (f"{hours} 小时", f"{hours} h") if hours else (f"{minutes} 分钟", f"{minutes} min")


def place(city: str, feed: str) -> str:
    """Return a city's feed as people call it on the command line; what isn't in the contract is not repeated."""
    return f"{known_city(city) or '?'}/{known_feed(feed) or '?'}"


def known_city(city: str) -> str:
    """Return a city's code; empty where it is none, for a folder's name may say anything."""
    return city if city in CITIES or city == PROVINCE_CODE else ""


def known_feed(feed: str) -> str:
    """Return a feed's name; empty where it is none."""
    return feed if feed in FEEDS else ""


def some(places: Iterable[str]) -> str:
    """Return the first few of a list, and how many more there are."""
    listed = list(dict.fromkeys(places))
    more = f" +{len(listed) - _MOST}" if len(listed) > _MOST else ""
    return ", ".join(listed[:_MOST]) + more
