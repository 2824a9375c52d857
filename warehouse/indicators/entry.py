"""What an indicator is: its words, and what it counts in which table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contracts.feeds import FEEDS


class Unit(StrEnum):
    """The unit of a value. A ratio is the plain quotient: 0.9 is 90 %."""

    RATIO = "ratio"
    DAY = "day"
    MINUTE = "minute"
    YUAN_PER_100 = "yuan per 100 yuan"


class Good(StrEnum):
    """Which way is better; `monitor`: neither is, by itself."""

    UP = "up"
    DOWN = "down"
    MONITOR = "monitor"


class Kind(StrEnum):
    """A flow counts the events of a period; a state is as at the end of a period: that of its last month.

    A growth compares a period with the same months a year before, where the figures reach back that far.
    """

    FLOW = "flow"
    STATE = "state"
    GROWTH = "growth"


class Place(StrEnum):
    """Where a record counts: the column that says so."""

    INSTITUTION = "org_code"
    REQUESTER = "requester_org"
    RESIDENCE = "residence_division"
    CITY = "city_code"

    @property
    def is_institution(self) -> bool:
        """Say whether the column names an institution, whose level the figures are split by."""
        return self in (Place.INSTITUTION, Place.REQUESTER)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One way to split a figure: `key` is SQL over a row (`fact`), its values are published as `name=value`."""

    name: str
    key: str

    @property
    def is_fixed(self) -> bool:
        """Say whether all rows of a count have one value, a text: that of their feed, for example."""
        return self.key.startswith("'")

    def label(self, value: str) -> str:
        """Return the SQL for `name=value`; `value` is the SQL for a value that isn't fixed."""
        return f"'{self.name}={self.key[1:]}" if self.is_fixed else f"'{self.name}=' || {value}"


@dataclass(frozen=True, slots=True)
class Count:
    """What an indicator counts in one table, as SQL over its rows (`fact`).

    `fact` is a table of the warehouse, or one of warehouse/indicators/derived that measuring makes. A row counts in the
    month of `event`, if `scope` holds. Without `denominator` the indicator is a share of rows: `numerator` is a
    condition. With it, both are numbers, summed. To rows of persons outside the population register `unregistered` is
    joined; to others it is empty. `of_institution` is a condition on the institution's row in dim_institution
    (`institution`); it is asked of few rows, after these are summed.
    `persons`, where rows are sums already: SQL for how many persons at least stand behind the numerator, and behind the
    rest of the denominator. `alone`: the rows make the figures of their breakdown, and no total. `within`: what the
    numerator counts is among what the denominator counts.
    """

    fact: str
    event: str
    place: Place
    scope: str
    numerator: str
    denominator: str = ""
    breakdowns: tuple[Breakdown, ...] = ()
    of_institution: str = ""
    persons: tuple[str, str] | None = None
    alone: bool = False
    within: bool = True

    @property
    def is_share(self) -> bool:
        """Say whether it counts rows among rows."""
        return not self.denominator


@dataclass(frozen=True, slots=True)
class Median:
    """The median of a whole number, `measure`, over the rows of a fact; published as `statistic=median`."""

    fact: str
    event: str
    place: Place
    scope: str
    measure: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator, counted by `counts`; or, in persons, by the table `persons` of warehouse/indicators/derived.

    That has person, month, org_code, city_code and hit: a person counts once in each figure, and in the
    numerator where any of the rows is a hit. `value` is numerator ÷ denominator × `per`. A growth of counts
    (`grows_in_number`) compares numerators, any other the quotients. `threshold` is in the unit of the value.
    """

    code: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str
    numerator_zh: str
    numerator_en: str
    denominator_zh: str
    denominator_en: str
    unit: Unit
    good: Good
    kind: Kind
    feeds: tuple[str, ...]
    counts: tuple[Count, ...] = ()
    persons: str = ""
    median: Median | None = None
    grows_in_number: bool = False
    money: bool = False
    per: float = 1
    threshold: float | None = None
    threshold_source: str = ""

    @property
    def counts_persons(self) -> bool:
        """Say whether it is made of person records, so that small cells are suppressed."""
        return any(FEEDS[feed].is_person for feed in self.feeds)

    @property
    def is_additive(self) -> bool:
        """Say whether its figures of places and months add up to those of the whole."""
        return bool(self.counts) and self.kind is not Kind.GROWTH

    @property
    def parts_add_up(self) -> bool:
        """Say whether what its two parts count is one whole, and not two things that are set against each other."""
        return self.kind is not Kind.GROWTH and not any(count.numerator == "0" for count in self.counts)

    @property
    def is_share(self) -> bool:
        """Say whether its numerator counts rows or persons among those of its denominator."""
        counts = [count for count in self.counts if not count.alone]
        shares = all(count.within and (count.is_share or count.persons) for count in counts)
        return self.unit is Unit.RATIO and self.kind is not Kind.GROWTH and shares


@dataclass(frozen=True, slots=True)
class NotComputable:
    """An indicator that the feeds can't give, and why."""

    code: str
    zh: str
    en: str
    why_zh: str
    why_en: str
