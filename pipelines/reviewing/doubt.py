"""A doubt: two presentations that may be one person or two, and what speaks for either."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from lake.link_decisions import LinkDecision

KINDS = {
    "perhaps known": ("可能是已知的人", "perhaps a known person"),
    "perhaps one": ("可能是同一人", "perhaps one person"),
    "contradiction": ("证据矛盾", "contradiction"),
    "one number, two persons": ("一个证件号码, 两个人", "one number, two persons"),
    "one patient number, two persons": ("一个机构内编号, 两个人", "one patient number, two persons"),
    "in two places at once": ("同时在两处住院", "in two places at once"),
}
"""What each kind of doubt is called in both languages; docs/review.md says what it means."""
VERDICTS = {"same": ("同一人", "same"), "different": ("不同人", "different"), "unsure": ("无法判断", "unsure")}
"""What a reviewer may decide, in both languages."""
_WEIGHED = ("perhaps known", "perhaps one")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two presentations; `records` are the live records of the person that it is part of now."""

    presentation: str
    feed: str
    city: str
    own_key: int
    handle: int
    records: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt of the registry; `l` is who is looked for. `decided` is the latest decision on these two persons.

    `levels` are those of the comparisons, NULL where something is unknown; these and the figures are empty where a rule
    found the doubt and no model weighed it.
    """

    id: str
    kind: str
    l: Side  # noqa: E741
    r: Side
    probability: float | None
    weight: float | None
    name_chance: float | None
    levels: Mapping[str, int | None] | None
    decided: LinkDecision | None = None

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both sides."""
        return self.l, self.r

    @property
    def records(self) -> int:
        """Return how many live records would change their person: those of the smaller side."""
        return min(self.l.records, self.r.records)

    @property
    def importance(self) -> float:
        """Return the records touched, times how open the question is (entropy; 1 where the evidence contradicts)."""
        return self.records * self._uncertainty()

    def _uncertainty(self) -> float:
        p = self.probability
        if p is None or self.kind not in _WEIGHED:
            return 1.0
        return -p * log2(p) - (1 - p) * log2(1 - p) if 0 < p < 1 else 0.0

    @property
    def evidence(self) -> str:
        """Return a digest of what speaks for and against it; a new record that says the same leaves it as it is."""
        levels = sorted((self.levels or {}).items())
        probability = None if self.probability is None else f"{self.probability:.2f}"
        return hashlib.sha256(repr((self.kind, levels, probability)).encode()).hexdigest()[:16]

    @property
    def open(self) -> bool:
        """Say whether it waits for a reviewer: undecided, or nobody could say and the evidence has changed."""
        return self.decided is None or (self.decided.verdict == "unsure" and self.decided.evidence != self.evidence)
