"""Who is insured where, and under which scheme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulate import arrow
from pipelines.simulate.geography import cities, counties
from pipelines.simulate.province import Province
from pipelines.simulate.streams import Flags, Ints, trait

EMPLOYEE, RESIDENT = 310, 390
OUTSIDE = -1
_WORKING_AGE, _RETIREMENT_AGE = 18, 60
# The share of those of working age who are insured as employees; of the retired, half of it.
_EMPLOYED = {
    "440100": 0.72, "440300": 0.86, "440400": 0.74, "440600": 0.7, "441300": 0.52, "441900": 0.8, "442000": 0.72,
}  # fmt: skip
_EMPLOYED_ELSEWHERE = 0.3
_AT_THE_DOMICILE = 0.6  # of the floating who are insured as residents
_INSURED, _VISITORS_INSURED = 0.96, 0.7


@dataclass(frozen=True, slots=True)
class Insured:
    """A value a person: whether insured, in which city (`OUTSIDE` the province), under which scheme and division."""

    covered: Flags
    city: Ints
    scheme: Ints
    division: Ints

    def numbers(self, person: Ints) -> pa.Array:
        """Return the persons' numbers at their insurance, each of its place's own."""
        place = np.array([int(city.code) for city in cities()])[self.city[person]]
        place = np.where(self.city[person] == OUTSIDE, self.division[person], place)
        return arrow.numbers(place * 10**10 + (person * 61_803_397 + 271_828_183) % 10**10)


def draw_insured(province: Province) -> Insured:
    """Return how each person of the province is insured: children and the old mostly as residents."""
    people, seed = province.people, province.seed
    every = np.arange(people.count)
    age = (province.calendar[0].first - people.birth) / 365.25
    employed = np.array([_EMPLOYED.get(city.code, _EMPLOYED_ELSEWHERE) for city in cities()])[people.city]
    share = np.where(age < _RETIREMENT_AGE, employed, 0.5 * employed) * (age >= _WORKING_AGE)
    employee = trait(every, f"employed {seed}") < share
    visitor = every >= people.residents + people.births
    floating = (people.residency == 3) & ~employee & (trait(every, f"insured afar {seed}") < _AT_THE_DOMICILE)
    covered = trait(every, f"insured {seed}") < np.where(visitor, _VISITORS_INSURED, _INSURED)
    # Someone of each city is insured there, however few live in it.
    first = np.unique(people.city, return_index=True)[1]
    covered[first], floating[first] = True, False
    afar = floating | visitor
    codes = np.array([int(county.code) for county in counties()])
    order = np.argsort(codes)
    at = order[np.minimum(np.searchsorted(codes, people.domicile, sorter=order), len(codes) - 1)]
    of_county = np.array([county.city for county in counties()])
    domicile_city = np.where(codes[at] == people.domicile, of_county[at], OUTSIDE)
    return Insured(
        covered, np.where(afar, domicile_city, people.city), np.where(employee, EMPLOYEE, RESIDENT),
        np.where(afar, people.domicile, codes[people.county[0]]),
    )  # fmt: skip
