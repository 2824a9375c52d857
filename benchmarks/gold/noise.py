"""Slips of the pen as pseudopeople makes them by default, from the tables of its wheel.

Its sample is clean, for its functions noise it on the way out; they want a whole simulation framework, so this does the
same by their documentation: of each kind of noise that a column may suffer one cell in a hundred, of a cell that is
typed, misheard or misread every tenth place that may go wrong. No row is lost or doubled, as there some are.
"""

from __future__ import annotations

import ast
import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random

_CELL, _PLACE, _DOUBLED = 0.01, 0.1, 0.1

WORD = ("blank", "phonetic", "ocr", "typo")
KINDS = {
    "first_name": ("blank", "nickname", "fake first", "phonetic", "ocr", "typo"),
    "last_name": ("blank", "fake last", "phonetic", "ocr", "typo"),
    "middle_initial": WORD,
    "date_of_birth": ("blank", "household", "swapped", "digits", "ocr", "typo"),
    "sex": ("blank", "option"),
    "street_number": ("blank", "digits", "ocr", "typo"),
    "street_name": WORD,
    "unit_number": ("blank", "digits", "ocr", "typo"),
    "employer_name": WORD,
}
"""The kinds of noise of each column, in the order in which they come."""


class Noise:
    """Noise on cells; `times` is how many times the default rate. The same cell comes out the same each time."""

    def __init__(self, package: Path, times: float) -> None:
        data = package / "data"
        self._times = times
        self._nicknames = {
            name: [one.strip().title() for one in nicknames if one.strip()]
            for name, *nicknames in _rows(data / "nicknames.csv")
        }
        self._tokens = {
            "ocr": _grouped(_rows(data / "ocr_errors.csv")),
            "phonetic": _grouped([row[1], row[2].replace("@", "")] for row in _rows(data / "phonetic_variations.csv")),
            "typo": _keyboard(data / "qwerty_errors.yaml"),
        }
        self._fake = _lists(data / "fake_names.py")

    def noised(self, column: str, text: str | None, seed: str, household: str | None = None) -> str | None:
        """Return a cell with the noise of its column; `household` is the same of another member, where there is one."""
        if text is None:
            return None
        random = Random(f"{column} {seed}")
        for kind in KINDS[column]:
            if text and random.random() < self._times * _CELL * self._scale(kind):
                text = self._one(kind, text, random, household)
        return text or None

    def _scale(self, kind: str) -> float:
        """Return how much likelier a kind is where it is possible, so that so many cells have it as of other kinds."""
        return {"nickname": 1.8, "household": 1.6, "option": 2.0}.get(kind, 1.0)

    def _one(self, kind: str, text: str, random: Random, household: str | None) -> str:
        if kind == "blank":
            return ""
        if kind == "nickname":
            return random.choice(self._nicknames.get(text.lower()) or [text])
        if kind.startswith("fake"):
            return random.choice(self._fake[f"fake_{kind.split()[1]}_names"]).title()
        if kind == "household":
            return household or text
        if kind == "swapped":
            return text[:4] + text[6:8] + text[4:6]
        if kind == "digits":
            return "".join(
                random.choice("0123456789") if one.isdigit() and random.random() < _PLACE else one for one in text
            )
        if kind == "option":
            return random.choice(("Female", "Male"))
        return self._mistaken(kind, text, random)

    def _mistaken(self, kind: str, text: str, random: Random) -> str:
        """Return a text with some of its places replaced, the longest that may be first."""
        tokens = self._tokens[kind]
        longest = max(map(len, tokens))
        said: list[str] = []
        at = 0
        while at < len(text):
            for length in range(longest, 0, -1):
                token = text[at : at + length]
                if len(token) == length and token in tokens and random.random() < _PLACE:
                    wrong = random.choice(tokens[token])
                    said.append(wrong + token if kind == "typo" and random.random() < _DOUBLED else wrong)
                    at += length
                    break
            else:
                said.append(text[at])
                at += 1
        return "".join(said)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.reader(lines) if row and not row[0].startswith("#")]


def _grouped(pairs: Iterable[list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for right, wrong in pairs:
        found[right].append(wrong)
    return dict(found)


def _keyboard(path: Path) -> dict[str, list[str]]:
    """Return the neighbours of each key, from a YAML file of lists."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.endswith(":"):
            key = line[:-1].strip("'\"")
            found[key] = []
        elif line.startswith("- "):
            found[key].append(line[2:].strip("'\""))
    return found


def _lists(path: Path) -> dict[str, list[str]]:
    """Return the lists of words that a Python file writes out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.List)
    }
