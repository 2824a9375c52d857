"""The promises as the workbooks and the brief take them, and the institutions that are missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import duckdb

from contracts.divisions import PROVINCE_CODE
from warehouse.exports.amounts import Amount, amount_of_target
from warehouse.exports.csv_text import plain_number
from warehouse.targets.status import is_late


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A row of `exported_target`; numbers rounded as in targets.csv."""

    target_id: str
    scope: str
    whole: bool
    zh: str
    en: str
    scope_zh: str
    scope_en: str
    target: float | None
    at_most: bool
    deadline: date | None
    value: float | None
    month: date | None
    furthest: str | None
    reached_on: date | None
    pace: float | None
    pace_needed: float | None
    missing: int | None
    status: str
    note_zh: str
    note_en: str
    quote: str

    @property
    def is_late(self) -> bool:
        """Say whether it was first reached after its deadline."""
        return is_late(self.deadline, self.reached_on)

    @property
    def amount(self) -> Amount:
        """Return what its value is of."""
        return amount_of_target(self.target_id)


@dataclass(frozen=True, slots=True)
class Missing:
    """An institution that is missing for a target, in the month of the target's value."""

    target_id: str
    city_code: str
    org_code: str
    name: str
    level: str
    month: date


def read_targets(connection: duckdb.DuckDBPyConnection) -> list[TargetRow]:
    """Return every row: of the targets as a whole, and of each city where one binds several."""
    found = connection.execute(f"""
        SELECT target_id, scope, whole, zh, en, scope_zh, scope_en, {plain_number("target")}::DOUBLE, at_most, deadline,
          {plain_number("value")}::DOUBLE, month, furthest, reached_on, pace, pace_needed, missing, status, note_zh,
          note_en, quote
        FROM exported_target
        ORDER BY target_id, whole DESC, scope
    """)
    return [TargetRow(*row) for row in found.fetchall()]


def read_missing(connection: duckdb.DuckDBPyConnection) -> list[Missing]:
    """Return the institutions that are missing, by target, city and code."""
    found = connection.execute("""
        SELECT target_id, coalesce(city_code, ''), org_code, coalesce(name, ''), coalesce(level, ''), month
        FROM exported_missing
        ORDER BY ALL
    """)
    return [Missing(*row) for row in found.fetchall()]


def targets_of_city(targets: list[TargetRow], missing: list[Missing], city: str) -> list[tuple[TargetRow, int | None]]:
    """Return the targets that bind a city, by name or as part of the province, each with its institutions missing."""
    counts = Counter(each.target_id for each in missing if each.city_code == city)
    return [
        (target, None if target.missing is None else counts[target.target_id])
        for target in targets
        if target.scope in (city, PROVINCE_CODE)
    ]
