"""What a monitor is told: checks with a state and a sentence in both languages, and figures behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WELL, UNSEEN, ATTENTION, BROKEN = "well", "unseen", "attention", "broken"
"""All is well; this process may not or can't look; somebody should act; nothing works, or figures can't be trusted."""
STATES = (WELL, UNSEEN, ATTENTION, BROKEN)


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure: its metric without the prefix, its value, and of which city and feed it is."""

    metric: str
    value: float
    city: str = ""
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what to do about it, and where; no value of a person."""

    name: str
    state: str
    zh: str
    en: str
    samples: tuple[Sample, ...] = ()
    where: str = ""

    @property
    def text(self) -> str:
        """Return the sentence in both languages, and where."""
        return f"{self.zh} {self.en}{' · ' if self.where else ''}{self.where}"

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        figures = [
            {"metric": each.metric, "value": each.value}
            | {name: value for name in ("city", "feed") if (value := getattr(each, name))}
            for each in self.samples
        ]
        told = {name: getattr(self, name) for name in ("name", "state", "zh", "en", "where")}
        return told | {"figures": figures}


def worst(checks: list[Check]) -> str:
    """Return the state of them all; what can't be seen counts as well."""
    state = max((check.state for check in checks), key=STATES.index)
    return WELL if state == UNSEEN else state
