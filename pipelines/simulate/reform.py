"""How fast each city moves: connection to its platform, the health code, booking."""

from __future__ import annotations

import numpy as np

from pipelines.simulate.clock import Month
from pipelines.simulate.geography import cities
from pipelines.simulate.institutions import Institutions
from pipelines.simulate.streams import Flags, Floats, Ints, trait

_PILOT = ("440300",)
_FIRST = ("440100", "440400", "440600", "442000")
_SECOND = ("441300", "440700", "441900")


def pace(city: int) -> int:
    """Return how many months a city is behind the pilot's."""
    code = cities()[city].code
    behind = 0 if code in _PILOT else 3 if code in _FIRST else 6 if code in _SECOND else 9
    return behind + city % 3


def own_platform(city: int) -> bool:
    """Say whether the city has a platform of its own, or is served by the provincial virtual one."""
    return cities()[city].code in (*_PILOT, *_FIRST, *_SECOND) or city % 4 == 0


def connected(institutions: Institutions, chosen: Ints, city: int, month: Month) -> Flags:
    """Say of institutions whether they are connected in that month; once connected they stay so."""
    favour = 0.12 * institutions.public[chosen] + 0.04 * institutions.rank[chosen]
    share = 0.35 + favour + 0.5 * _rise(month.since_reform - pace(city), 4)
    return trait(chosen, "connected") < share


def code_live(institutions: Institutions, chosen: Ints, city: int, month: Month) -> Flags:
    """Say of institutions whether they take the health code in that month: tertiary ones first."""
    delay = np.select([institutions.rank[chosen] == 3, institutions.rank[chosen] == 2], [1, 4], 9)
    delay = delay + 4 * ~institutions.public[chosen]
    share = _rise(month.since_reform - pace(city) - delay, 1.6)
    return connected(institutions, chosen, city, month) & (trait(chosen, "code") < share)


def scan_share(city: int, month: Month) -> float:
    """Return the share of patients who show their code where it is taken."""
    return float(0.15 + 0.6 * _rise(month.since_reform - pace(city) - 4, 4))


def booked_share(institutions: Institutions, chosen: Ints, month: Month) -> Floats:
    """Return the share of outpatient visits that are booked, by institution."""
    ceiling = np.select([institutions.rank[chosen] == 3, institutions.rank[chosen] == 2], [0.75, 0.5], 0.2)
    own = 0.3 + 0.7 * trait(chosen, "booking")
    return ceiling * own * (0.5 + 0.5 * _rise(month.since_reform - 5, 4))


def _rise(months: int | Ints, slowness: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.asarray(months, np.float64) / slowness)))
