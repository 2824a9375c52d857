"""What a target is: who promised what, where, by when, and how it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OfIndicator:
    """Measured by an indicator, at one level of institutions; `each` city of the scope, or the province as a whole."""

    indicator: str
    level: str = "all"


@dataclass(frozen=True, slots=True)
class OfInstitutions:
    """Measured as a share of open institutions: SQL over rows of institution_month (`fact`)."""

    scope: str
    hit: str


@dataclass(frozen=True, slots=True)
class OfQuery:
    """Measured by warehouse/targets/measures/<name>.sql: month, division_code, numerator, denominator.

    `counts`: the value is the numerator, a number of things, and not a share.
    """

    name: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `target` is what the value must reach, from above where `at_most`.

    `cities` are those that it binds, each of them: the value is that of the one furthest from it. Without any it binds
    the province as a whole. Without `deadline` it stands, or is `in_force` already. `ambiguity` says what the text of
    the announcement leaves open, and how it is read. Without `measure` it can't be computed, for the reason `why`.
    """

    code: str
    zh: str
    en: str
    scope_zh: str
    scope_en: str
    quote: str
    target: float | None
    deadline: date | None
    measure: OfIndicator | OfInstitutions | OfQuery | None
    cities: tuple[str, ...] = ()
    at_most: bool = False
    in_force: bool = False
    ambiguity_zh: str = ""
    ambiguity_en: str = ""
    why_zh: str = ""
    why_en: str = ""

    @property
    def scope(self) -> str:
        """Return the divisions that it binds, codes apart by spaces."""
        return " ".join(self.cities) or "440000"
