"""Lineage: from a figure back to the columns of the feeds that it is made of, and to its records."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

from contracts.feeds import FEEDS
from warehouse.indicators.catalogue import DERIVED, derived_text
from warehouse.indicators.cube import UNREGISTERED
from warehouse.indicators.entry import Indicator
from warehouse.model import models


def feed_columns(indicator: Indicator) -> frozenset[str]:
    """Return the columns of the feeds that an indicator's figures depend on, as `feed.column`.

    They are read off the SQL: what it counts, the derived tables between, and the models behind. A derived table stands
    for all that it reads. Who a person is comes from linkage, which isn't traced.
    """
    found: set[str] = set()
    for count in indicator.counts:
        texts = [count.scope, count.numerator, count.denominator, f"fact.{count.event}", f"fact.{count.place}"]
        texts += [breakdown.key for breakdown in count.breakdowns]
        for text in filter(None, texts):
            for column in sqlglot.parse_one(text, read="duckdb").find_all(exp.Column):
                if column.table == "fact":
                    found |= _behind(count.fact, column.name)
        for column in sqlglot.parse_one(count.of_institution or "true", read="duckdb").find_all(exp.Column):
            found |= _behind("dim_institution", column.name)
    if indicator.persons:
        found |= _of_derived(indicator.persons)
    if indicator.persons or any(count.place.is_institution for count in indicator.counts):
        found |= _behind("dim_institution", "division_code") | _behind("dim_institution", "level")
    return frozenset(found)


def records_query(indicator: Indicator) -> str:
    """Return SQL for the records behind a cell of an indicator, in the internal build; empty where it has no records.

    Parameters: $month, the first day of a month, and $org_code. Derived tables exist while measuring alone.
    """
    selects = []
    for count in indicator.counts:
        if count.fact in DERIVED or not count.place.is_institution:
            continue
        hit = f"({count.numerator})" if count.is_share else f"{count.numerator}"
        selects.append(
            f"SELECT {hit} AS numerator, {count.denominator or 1} AS denominator, fact.*\n"
            f"FROM {count.fact} AS fact\n"
            + (f"{UNREGISTERED}\n" if "unregistered." in count.numerator else "")
            + f"WHERE {count.scope} AND date_trunc('month', fact.{count.event}) = $month"
            f" AND fact.{count.place} = $org_code"
        )
    return ";\n\n".join(selects)


def _behind(table: str, column: str) -> frozenset[str]:
    """Return the feed columns behind a column of a model, or of a derived table, which stands for all it reads."""
    if table in DERIVED:
        return _of_derived(table)
    model = next((model for model in models() if model.name == table), None)
    found = next((c for c in model.columns if c.name == column), None) if model else None
    if model is None or found is None:
        return frozenset()
    return frozenset({found.origin}) if found.origin else _origins(model.sql, column)


@cache
def _of_derived(name: str) -> frozenset[str]:
    """Return the feed columns behind a derived table: those of every model's column that its SQL names."""
    found: set[str] = set()
    for statement in sqlglot.parse(derived_text(name), read="duckdb"):
        if statement is None:
            continue
        tables = {table.name for table in statement.find_all(exp.Table)} - {name}
        for other in tables & set(DERIVED):
            found |= _of_derived(other)
        names = {column.name for column in statement.find_all(exp.Column)}
        for model in models():
            if model.name in tables:
                for column in model.columns:
                    if column.name in names:
                        found |= _behind(model.name, column.name)
    return frozenset(found)


@cache
def _origins(sql: str, column: str) -> frozenset[str]:
    """Return the feed columns that a derived column of a model is made of; or, if it names none, is joined by."""
    tree = sqlglot.parse_one(sql, read="duckdb", into=exp.Select)
    sources = {table.alias_or_name: table.name for table in tree.find_all(exp.Table)}
    item = next(item for item in tree.selects if item.alias_or_name == column)
    joins = [part for join in tree.args.get("joins") or [] for part in join.find_all(exp.Column)]
    return _named(list(item.find_all(exp.Column)), sources) or _named(joins, sources)


def _named(columns: list[exp.Column], sources: dict[str, str]) -> frozenset[str]:
    found = set()
    for part in columns:
        source = sources.get(part.table, "").removeprefix("content_")
        feed = FEEDS.get("population" if source == "person" else source)
        name = "health_code" if part.name == "has_health_code" else part.name
        if feed is not None and feed.has(name):
            found.add(f"{feed.name}.{name}")
    return frozenset(found)
