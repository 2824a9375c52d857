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
_SERVICES_LEAD = ("440100", "440300", "440400", "440600", "441300", "442000", "440700")


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


def direct_share(month: Month) -> float:
    """Return the share of stays away from the place of insurance that are settled directly, at the institution."""
    return float(0.35 + 0.6 * _rise(month.since_reform - 4, 4))


def activations(city: int, month: Month) -> float:
    """Return the share of residents who activate their code in that month."""
    behind = month.since_reform - pace(city) - 5
    return float(0.8 * (_rise(behind + 1, 4) - _rise(behind, 4)))


def fine_slots(institutions: Institutions, chosen: Ints, month: Month) -> Flags:
    """Say of hospitals whether they book as precisely as is asked of their level: tertiary ones first."""
    tertiary = institutions.rank[chosen] == 3
    share = np.where(tertiary, _rise(month.since_reform - 2, 3), _rise(month.since_reform - 7, 4))
    return trait(chosen, "precision") < 0.3 + 0.67 * share


def releases_at_night(chosen: Ints, month: Month) -> Flags:
    """Say of hospitals whether they release their slots at night in that month, which ever fewer do."""
    return trait(chosen, "releases at night") < 0.02 + 0.16 * (1 - _rise(month.since_reform - 5, 3))


def platform_books(month: Month) -> float:
    """Return the share of bookings that the provincial platform takes, which is being built in 2019."""
    return float(0.4 * _rise(month.since_reform - 13, 3))


def asks_remotely(institutions: Institutions, month: Month) -> Flags:
    """Say of each institution whether it is on the telemedicine platform: below tertiary, and public."""
    every = np.arange(len(institutions.city))
    below = institutions.public & (institutions.rank < 3)
    return below & (trait(every, "remote") < 0.25 + 0.65 * _rise(month.since_reform - 12, 8))


def services_come(
    city: int, tertiary: Flags, public: Flags, of_tertiary: Flags, emergency: Flags
) -> tuple[Floats, Floats]:
    """Return between which months since the reform services go live, by whose and which they are.

    `tertiary` are public ones. They have the ten by the middle of 2019 but for a few; of the secondary ones the
    leading cities' are ahead.
    """
    leads = cities()[city].code in _SERVICES_LEAD
    begins = np.select([of_tertiary, emergency, tertiary], [-6.0, -8.0, -14.0], -10.0)
    done = np.select([of_tertiary, emergency, tertiary], [30.0, 26.0, 9.5], 19.0 if leads else 28.0)
    return begins, np.where(public, done, done + 8)


def functions_come(city: int) -> tuple[float, float]:
    """Return between which months since the reform the functions of a city's platform go live."""
    code = cities()[city].code
    if code in (*_PILOT, *_FIRST):
        return -6.0, 19.0
    if code in _SECOND:
        return -6.0, 27.0
    return -4.0, 36.0 if own_platform(city) else 44.0


def _rise(months: int | Ints, slowness: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.asarray(months, np.float64) / slowness)))
