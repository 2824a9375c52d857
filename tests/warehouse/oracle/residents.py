"""Who lives where: what the counting rules say of residents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tests.warehouse.oracle.grains import month_of
from tests.warehouse.truth_rows import Row, Truth


def residents_at(truth: Truth, month: str) -> Iterator[tuple[str, str]]:
    """Yield the residents of the province at a month's end, each with the division of residence."""
    for person_id, person in truth.persons.items():
        division = truth.residence_of(person_id)
        if division is not None and _is_alive(person, month):
            yield person_id, division


def _is_alive(person: Row, month: str) -> bool:
    birth, death = person["birth_date"], person["death_date"]
    return month_of(birth) <= month and (death is None or month_of(death) > month)


def is_65(truth: Truth, person_id: str | None, end: date) -> bool:
    """Say whether a person is 65, by month: from that of the birthday on; who isn't registered counts as younger."""
    person = truth.persons.get(person_id or "")
    if person is None:
        return False
    birth = person["birth_date"]
    return (end.year * 12 + end.month) - (birth.year * 12 + birth.month) >= 65 * 12
