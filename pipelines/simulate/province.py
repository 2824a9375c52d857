"""The synthetic province: what the writers of the feeds share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.simulate.care import Care
from pipelines.simulate.clock import Month
from pipelines.simulate.geography import cities
from pipelines.simulate.institutions import Institutions, draw_institutions
from pipelines.simulate.noise import Noise
from pipelines.simulate.people import People, draw_people
from pipelines.simulate.streams import Flags, stream
from pipelines.simulate.styles import Style, draw_style


@dataclass(frozen=True, slots=True)
class Province:
    """People, institutions and each city's style.

    `registered` is known once the population feed is written, `care` once the EMR feed is.
    """

    seed: int
    calendar: tuple[Month, ...]
    noise: Noise
    people: People
    institutions: Institutions
    styles: tuple[Style, ...]
    registered: Flags
    care: Care

    def style_of(self, code: str) -> Style:
        """Return the style of the city with that code, or of the province where it delivers itself."""
        return draw_style(self.seed, code)

    def sends_full(self, feed: str, city: int) -> bool:
        """Say whether a city sends whole snapshots of a register every month: a third do, not the largest two."""
        smaller = [i for i in range(len(cities())) if cities()[i].code not in ("440100", "440300")]
        chosen = stream(self.seed, "whole snapshots", feed).permutation(smaller)[: len(cities()) // 3]
        return city in chosen


def draw_province(seed: int, residents: int, calendar: tuple[Month, ...], noise: Noise) -> Province:
    """Return a province of so many residents over the months."""
    people = draw_people(seed, residents, calendar)
    home = np.bincount(people.city[:residents], minlength=len(cities()))
    return Province(
        seed, calendar, noise, people, draw_institutions(seed, home, calendar),
        tuple(draw_style(seed, city.code) for city in cities()), np.zeros(people.count, bool), Care(),
    )  # fmt: skip
