"""The vocabulary of the delivery contract: what a feed and a column are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CONTRACT_VERSION = "1"


class Kind(StrEnum):
    """Whether a feed's rows are about persons or about the running of institutions."""

    PERSON = "person"
    OPERATIONS = "operations"


class Type(StrEnum):
    """The column types of the contract; `contracts.spellings` says which spellings of each are accepted."""

    STRING = "string"
    CODE = "code"
    DATE = "date"
    DATETIME = "datetime"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"

    @property
    def sql(self) -> str:
        """Return its SQL type; times are without offset, in Asia/Shanghai."""
        return _SQL[self]


_SQL = {
    Type.STRING: "VARCHAR",
    Type.CODE: "VARCHAR",
    Type.DATE: "DATE",
    Type.DATETIME: "TIMESTAMP",
    Type.INTEGER: "BIGINT",
    Type.DECIMAL: "DECIMAL(18,2)",
    Type.BOOLEAN: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a feed.

    `level` is its sensitivity by GB/T 39725-2020: 1 public, 2 wide, 3 medium,
    4 direct identifiers, 5 minimal access. `code_set` names an entry of
    `contracts.code_sets`, empty where the column is free.
    """

    name: str
    zh: str
    type: Type
    required: bool
    code_set: str
    level: int
    meaning: str = ""


# What identifies a person besides the direct identifiers of level 4: it is only needed to link.
_LINKING_COLUMNS = frozenset({"sex_code", "birth_date", "id_type"})


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: a table that each city delivers. A row's source key is its key columns joined with `|`."""

    name: str
    zh: str
    kind: Kind
    key: tuple[str, ...]
    scope: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column of that identifier; KeyError where the feed has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def has(self, name: str) -> bool:
        """Say whether the feed has a column of that identifier."""
        return any(column.name == name for column in self.columns)

    @property
    def is_person(self) -> bool:
        """Say whether its rows are about persons."""
        return self.kind is Kind.PERSON

    @property
    def keeps_coming(self) -> bool:
        """Say whether new rows are due at all times: of persons, or of what happened; a register may stand still.

        What happened is told by a month, day or moment that every row states besides the time of its change.
        """
        stated = [column for column in self.columns if column.required and column.name != "updated_at"]
        return self.is_person or any(c.name == "month" or c.type in (Type.DATE, Type.DATETIME) for c in stated)

    @property
    def identity_columns(self) -> tuple[Column, ...]:
        """Return the columns that cleaning keeps in the identity half; none for operations feeds."""
        if not self.is_person:
            return ()
        return tuple(c for c in self.columns if c.level == 4 or c.name in _LINKING_COLUMNS)

    @property
    def content_columns(self) -> tuple[Column, ...]:
        """Return the columns that cleaning keeps in the content half: what happened, where, when, at what cost."""
        identity = set(self.identity_columns)
        return tuple(c for c in self.columns if c not in identity and c.name != "op")
