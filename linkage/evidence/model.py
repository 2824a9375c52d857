"""The model: how probable each level of agreement is for one person, for kin and for strangers, with its provenance."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from math import log2
from pathlib import Path

from lake.vault import read_text, write_text


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one comparison, a probability a level: between records of one person, of kin, of strangers."""

    match: tuple[float, ...]
    kin: tuple[float, ...]
    chance: tuple[float, ...]

    def match_weights(self) -> list[float]:
        """Return log2 of how much likelier each level is for one person than for strangers."""
        return [log2(m / u) for m, u in zip(self.match, self.chance, strict=True)]

    def kin_weights(self) -> list[float]:
        """Return log2 of how much likelier each level is for kin than for strangers."""
        return [log2(k / u) for k, u in zip(self.kin, self.chance, strict=True)]


@dataclass(frozen=True)
class Model:
    """A trained model. Shares are of persons; thresholds are probabilities.

    `unseen` is how many persons outside there are for each one known; `unseen_kin` how many of a person's kin are
    unknown. `surname_shared` is how often kin share the surname; `surnames` and `given` are log2 frequencies of
    characters, `rare` of those that are missing there.
    """

    provenance: dict[str, str]
    evidence: dict[str, Evidence]
    unseen: float
    unseen_kin: float
    surname_shared: float
    accept: float
    review: float
    keep: float
    rare: float
    compound: tuple[str, ...]
    surnames: dict[str, float]
    given: dict[str, float]

    @cached_property
    def version(self) -> str:
        """Return the digest of all that decides, 12 hex characters."""
        content = {name: value for name, value in asdict(self).items() if name != "provenance"}
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]

    def save(self, path: Path) -> None:
        """Write the model as JSON."""
        text = json.dumps({"version": self.version} | asdict(self), ensure_ascii=False, indent=1)
        write_text(path, text + "\n")


def load_model(path: Path | None = None) -> Model:
    """Read a model file; by default the one that is shipped."""
    shipped = resources.files("linkage").joinpath("model.json")
    said = json.loads(read_text(path) if path else shipped.read_text(encoding="utf-8"))
    said.pop("version")
    said["evidence"] = {
        name: Evidence(**{kind: tuple(values) for kind, values in of_one.items()})
        for name, of_one in said["evidence"].items()
    }
    return Model(**said | {"compound": tuple(said["compound"])})
