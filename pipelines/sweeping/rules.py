"""The rules of retention: how long what the ledger has taken note of is kept."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from lake.faults import PlainFault


class UnusableRules(PlainFault):
    """A file of rules that can't be taken, and why."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days each kind of file is kept.

    `landing_days`: the rows of a delivery as they came, once it joined the live index or was refused, unless a row of
    it is quarantined: those are kept, for they may be judged again. `inbox_days` and `inbox_rejected_days`: its folder
    in the inbox. `inbox_unfinished_days`: a folder there without a manifest. `unreferenced_days`: files of the home
    that the ledger doesn't know. `history_days`: versions of the registry, and the live indexes that they stand for,
    since another took their place: so long the crosswalk can be asked as it was known then. Ages are the ledger's, but
    for those of unfinished and unreferenced files, which it knows nothing of: there the newest file's.
    """

    landing_days: int = 365
    inbox_days: int = 90
    inbox_rejected_days: int = 365
    inbox_unfinished_days: int = 30
    unreferenced_days: int = 1
    history_days: int = 1096


def read_rules(path: Path) -> Retention:
    """Return the rules of a TOML file: days by name, the others by default. Raises UnusableRules."""
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise UnusableRules(f"无法读取规则 the rules can't be read: {path}") from None
    known = {field.name for field in fields(Retention)}
    for name, days in stated.items():
        if name not in known:
            raise UnusableRules(f"未知规则 unknown rule: {name}; 可用 known: {', '.join(sorted(known))}")
        if not isinstance(days, int) or isinstance(days, bool) or days < 0:
            raise UnusableRules(f"应为天数, 0 或以上 a number of days, 0 or more: {name}")
    return Retention(**stated)
