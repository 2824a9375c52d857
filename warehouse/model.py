"""Models as files: what a .sql file says of the table it makes, and the order in which models are made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

import sqlglot
from sqlglot import exp

from contracts.feeds import FEEDS
from contracts.schema import Column

_COLUMN_COMMENT = re.compile(r"^\[([1-5])\] (.+?) \| (.+)$")
_HEADER = re.compile(r"^-- (zh|en|by|withheld|newborns): (.+)$", re.MULTILINE)
_BY = re.compile(r"^(\w+) from (\w+)\.(row_id|person_key)$")


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A column of the warehouse. `level` is its sensitivity; `origin` the feed column that it is, empty if derived."""

    name: str
    level: int
    zh: str
    en: str
    origin: str

    @property
    def comment(self) -> str:
        """Return its comment in the database."""
        return f"{self.zh} | {self.en}"


@dataclass(frozen=True, slots=True)
class Increment:
    """How a model follows its input row by row: `key` of the table is `source_key` of the relation `source`."""

    key: str
    source: str
    source_key: str


@dataclass(frozen=True, slots=True)
class Model:
    """A table of the warehouse and the SELECT that makes it; without `increment` it is made whole each time.

    `withheld` are columns that aren't published though their level would let them be, `*` for the whole table;
    `newborns` those that are published empty in the year of the person's birth, for they would tell its day.
    """

    name: str
    sql: str
    zh: str
    en: str
    columns: tuple[ModelColumn, ...]
    reads: frozenset[str]
    increment: Increment | None
    withheld: frozenset[str] = frozenset()
    newborns: frozenset[str] = frozenset()

    @property
    def comment(self) -> str:
        """Return its comment in the database."""
        return f"{self.zh} | {self.en}"


@cache
def models() -> tuple[Model, ...]:
    """Return the models of warehouse/models, each after those that it reads."""
    found = {model.name: model for model in _read_folder("warehouse.models")}
    order = TopologicalSorter({name: sorted(model.reads & found.keys()) for name, model in sorted(found.items())})
    return tuple(found[name] for name in order.static_order())


@cache
def published_files() -> tuple[Model, ...]:
    """Return the models of warehouse/published, by name."""
    return tuple(sorted(_read_folder("warehouse.published"), key=lambda model: model.name))


def _read_folder(package: str) -> list[Model]:
    return [
        read_model(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in files(package).iterdir()
        if file.name.endswith(".sql")
    ]


@cache
def figure_models() -> tuple[Model, ...]:
    """Return the models of what measuring leaves: the figures, the state of the targets, who is missing for them."""
    folders = {"indicator_value": "indicators", "target_status": "targets", "target_missing": "targets"}
    texts = {
        name: files(f"warehouse.{folder}").joinpath(f"{name}.sql").read_text(encoding="utf-8")
        for name, folder in folders.items()
    }
    return tuple(read_model(name, text) for name, text in texts.items())


def read_model(name: str, sql: str) -> Model:
    """Read a model's file.

    Its header says what it is (`-- zh:`, `-- en:`), where it can follow its input row by row
    `-- by: <key> from <relation>.<row_id or person_key>`, and which columns are not for analysts (`-- withheld:`, and
    `-- newborns:` of persons born in the row's year).
    A column's comment ends its line in the select list: `-- [sensitivity level] Chinese | English`; a column taken over
    from a feed as it is has the contract's.
    ValueError where a table or column has none.
    """
    tree = sqlglot.parse_one(sql, read="duckdb", into=exp.Select)
    header = dict(_HEADER.findall(sql))
    if not {"zh", "en"} <= header.keys():
        raise ValueError(f"{name}: the header lacks zh or en")
    increment = _BY.match(header["by"]) if "by" in header else None
    if "by" in header and increment is None:
        raise ValueError(f"{name}: cannot read by: {header['by']}")
    sources = {table.alias_or_name: table.name for table in tree.find_all(exp.Table)}
    return Model(
        name=name,
        sql=sql,
        zh=header["zh"],
        en=header["en"],
        columns=tuple(_column(name, item, sources) for item in tree.selects),
        reads=frozenset(table.name for table in tree.find_all(exp.Table)),
        increment=Increment(*increment.groups()) if increment else None,
        withheld=_names(header.get("withheld")),
        newborns=_names(header.get("newborns")),
    )


def _names(listed: str | None) -> frozenset[str]:
    return frozenset(listed.split(", ")) if listed else frozenset()


def _column(model: str, item: exp.Expr, sources: dict[str, str]) -> ModelColumn:
    name = item.alias_or_name
    feed_column = _feed_column(item.unalias(), sources)
    origin = f"{feed_column[0]}.{feed_column[1].name}" if feed_column else ""
    said = _COLUMN_COMMENT.match(" ".join(item.comments or []).strip())
    if said:
        return ModelColumn(name, int(said[1]), said[2], said[3], origin)
    if feed_column is None:
        raise ValueError(f"{model}.{name}: no comment")
    column = feed_column[1]
    return ModelColumn(name, column.level, column.zh, column.meaning or name.replace("_", " "), origin)


def _feed_column(expression: exp.Expr, sources: dict[str, str]) -> tuple[str, Column] | None:
    if not isinstance(expression, exp.Column):
        return None
    feed = FEEDS.get(sources.get(expression.table, "").removeprefix("content_"))
    if feed is None or not feed.has(expression.name):
        return None
    return feed.name, feed.column(expression.name)
