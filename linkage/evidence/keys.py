"""The keys under which presentations meet others that may be the same person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A value, or two together, that one person's presentations share: columns of link_placed, all of them known."""

    name: str
    columns: tuple[str, ...]

    def known(self, row: str) -> str:
        """Return the condition that a row has the key."""
        return " AND ".join(f"{row}.{column} IS NOT NULL" for column in self.columns)

    def value(self, row: str) -> str:
        """Return the expression of the key, a number of 64 bits."""
        return f"hash('{self.name}', {', '.join(f'{row}.{column}' for column in self.columns)})"


KEYS = (
    Key("own", ("own_key",)),
    Key("code", ("code_key",)),
    Key("number", ("number_key",)),
    Key("near birth", ("near_key", "birth_date")),
    Key("sound birth", ("sound_key", "birth_date")),
    Key("sound phone", ("sound_key", "phone_key")),
    Key("sound address", ("sound_key", "address_key")),
    Key("phone birth", ("phone_key", "birth_date")),
    Key("address birth", ("address_key", "birth_date")),
    Key("mother birth", ("mother_key", "birth_date")),
)
"""One strong value, or two weaker ones together."""

CROWD = 200
"""More units than this under one key, and the key tells nobody from anybody."""
