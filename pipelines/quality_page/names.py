"""What cities and feeds are called on the quality page."""

from __future__ import annotations

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS


def city_names(code: str) -> tuple[str, str]:
    """Return a city in Chinese and in English; its code where it is none."""
    if code == PROVINCE_CODE:
        return "省级", "Province"
    return (CITIES[code].zh, CITIES[code].en) if code in CITIES else (code, code)


def feed_names(name: str) -> tuple[str, str]:
    """Return a feed in Chinese, and its identifier, in words, for English."""
    return (FEEDS[name].zh if name in FEEDS else name), name.replace("_", " ")


def city_name(code: str) -> str:
    """Return a city in both languages."""
    return " ".join(dict.fromkeys(city_names(code)))


def feed_name(name: str) -> str:
    """Return a feed in both languages."""
    return " ".join(dict.fromkeys(feed_names(name)))


def column_names(feed: str, column: str) -> tuple[str, str]:
    """Return a feed's column in Chinese, and its identifier, in words, for English."""
    known = feed in FEEDS and FEEDS[feed].has(column)
    return (FEEDS[feed].column(column).zh if known else column), column.replace("_", " ")


def column_name(feed: str, column: str) -> str:
    """Return a feed's column in both languages."""
    return " ".join(dict.fromkeys(column_names(feed, column)))
