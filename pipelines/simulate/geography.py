"""The cities of the province, the counties in which residents live, and the counties they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from contracts.divisions import CITIES, Level, divisions, known_codes

PROVINCE = "广东省"
# Jiangxi, Henan, Hubei, Hunan, Guangxi, Sichuan, Guizhou: from there most newcomers come.
_NEWCOMERS_FROM = ("36", "41", "42", "43", "45", "51", "52")


@dataclass(frozen=True, slots=True)
class County:
    """A county, or one of the two cities without counties (its name is empty); `city` is an index into the cities."""

    code: str
    name: str
    city: int


@dataclass(frozen=True, slots=True)
class City:
    """A city with its residents at the end of 2018 and the indices of its counties."""

    code: str
    name: str
    residents: int
    counties: tuple[int, ...]


@cache
def counties() -> tuple[County, ...]:
    """Return Guangdong's counties of the 2018 edition, city by city."""
    found = []
    for index, code in enumerate(CITIES):
        below = [d for d in divisions().values() if d.level is Level.COUNTY and d.parent == code]
        found += [County(d.code, d.zh, index) for d in below] or [County(code, "", index)]
    return tuple(found)


@cache
def cities() -> tuple[City, ...]:
    """Return the 21 cities in the order of their codes."""
    return tuple(
        City(code, f"{city.zh}市", city.residents, tuple(i for i, c in enumerate(counties()) if c.city == index))
        for index, (code, city) in enumerate(CITIES.items())
    )


@cache
def elsewhere() -> tuple[int, ...]:
    """Return codes of counties of the provinces from which most newcomers come."""
    return tuple(sorted(int(c) for c in known_codes() if c.startswith(_NEWCOMERS_FROM) and _is_county(c)))


@cache
def abolished() -> tuple[int, ...]:
    """Return codes of Guangdong's counties that old ID numbers still bear and the 2018 edition has no more."""
    return tuple(sorted(int(c) for c in known_codes() - set(divisions()) if c.startswith("44") and _is_county(c)))


def _is_county(code: str) -> bool:
    """Say whether a code is a county's: not a city's or a prefecture's, nor that of 市辖区."""
    return code[4:] not in ("00", "01")
