"""The cubes: one scan of a fact for all that is additive on it, to the finest grain that any figure needs.

A cube is a table of the warehouse. An increment counts again only where rows came, went or changed persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import duckdb

from warehouse.indicators.catalogue import DERIVED, INDICATORS
from warehouse.indicators.entry import Breakdown, Count, Place
from warehouse.model import Model, ModelColumn, models

_PERSON_BIT = "1::UBIGINT << (hash(fact.person_key) % 64)"
"""A person's bit among 64: as many bits as are set in a union, so many persons at least stand behind it."""

UNREGISTERED = """LEFT JOIN (SELECT person_key FROM dim_person WHERE NOT registered) AS unregistered
  ON unregistered.person_key = fact.person_key"""
"""The join that tells the rows of persons outside the population register."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One of an indicator's counts, in a fact; `of_persons` where its small cells are to be suppressed."""

    indicator: str
    number: int
    count: Count
    of_persons: bool

    def column(self, name: str) -> str:
        """Return the cube's column for one of its numbers: hits, rest, numerator, denominator, persons of these."""
        return f"{self.indicator.lower()}_{self.number}_{name}"

    @property
    def has_bits(self) -> bool:
        """Say whether the cube holds bits of the persons behind its parts."""
        return self.of_persons and self.count.persons is None

    @property
    def measures(self) -> dict[str, tuple[str, str, str]]:
        """Return its columns: name to SQL over rows of the fact, Chinese and English meaning."""
        found = {}
        for part, rows in parts(self.count).items():
            zh, en = ("计入", "counted") if part == "hits" else ("未计入分子的", "outside the numerator")
            found[self.column(part)] = (
                f"count(*) FILTER (WHERE {rows})",
                f"{self.indicator} {zh}记录数",
                f"{self.indicator}: records {en}",
            )
            if self.has_bits:
                found[self.column(f"{part}_persons")] = (
                    f"bit_or({_PERSON_BIT}) FILTER (WHERE {rows})",
                    f"{self.indicator} {zh}人的散列位",
                    f"{self.indicator}: persons {en}, as bits of 64: at least as many persons as bits are set",
                )
        if not self.count.is_share:
            sums = {"numerator": (self.count.numerator, "分子"), "denominator": (self.count.denominator, "分母")}
            if self.count.persons:
                hits, rest = self.count.persons
                sums |= {"hits_least": (hits, "分子至少人数"), "rest_least": (rest, "其余至少人数")}
            for name, (sql, zh) in sums.items():
                found[self.column(name)] = (
                    f"sum({sql}) FILTER (WHERE {self.count.scope})",
                    f"{self.indicator} {zh}",
                    f"{self.indicator}: {name}",
                )
        return found


@dataclass(frozen=True)
class Cube:
    """All counts on one fact: a row is a place, the delivering city, the months of its events, the breakdowns' values.

    `cut`: events after the variable as_of have no month, in a temporary table beside the published one; a derived table
    has no other.
    """

    fact: str
    counted: tuple[Counted, ...]
    cut: bool = False

    @property
    def table(self) -> str:
        """Return the name of its table."""
        name = f"cube_{self.fact.removeprefix('fact_')}"
        return f"{name}_as_of" if self.cut else name

    @property
    def place(self) -> Place:
        """Return where its rows count: one way for all counts on a fact."""
        (place,) = {counted.count.place for counted in self.counted}
        return place

    @cached_property
    def events(self) -> list[str]:
        """Return the fact's columns that say when something counts."""
        return sorted({counted.count.event for counted in self.counted})

    @cached_property
    def breakdowns(self) -> list[Breakdown]:
        """Return the breakdowns of all counts, each once."""
        return list(dict.fromkeys(b for counted in self.counted for b in counted.count.breakdowns))

    @property
    def cell(self) -> dict[str, str]:
        """Return the key columns that say where and when, each with its SQL over a row of the fact."""
        return {"place": f"fact.{self.place}", "delivering_city": "fact.city_code"} | {
            month_of(event): self._month(event) for event in self.events
        }

    @property
    def keys(self) -> dict[str, str]:
        """Return all key columns of the table, each with its SQL over a row of the fact."""
        return self.cell | {breakdown.name: breakdown.key for breakdown in self.breakdowns}

    @property
    def tells_registered(self) -> bool:
        """Say whether any count asks if the person is in the population register."""
        return any("unregistered." in counted.count.numerator for counted in self.counted)

    @property
    def source(self) -> str:
        """Return the rows that it counts, as SQL; the few persons outside the register are cheaper to join than all."""
        if not self.tells_registered:
            return f"FROM {self.fact} AS fact"
        return f"FROM {self.fact} AS fact {UNREGISTERED}"

    def select(self, of_rows: str = "") -> str:
        """Return the SELECT that makes its rows; `of_rows` narrows the fact's rows by a join or condition."""
        columns = [f"{sql} AS {name}" for name, sql in self.keys.items()]
        columns += [f"{sql} AS {name}" for counted in self.counted for name, (sql, _, _) in counted.measures.items()]
        return f"SELECT {', '.join(columns)} {self.source} {of_rows} GROUP BY ALL"

    def _month(self, event: str) -> str:
        month = f"date_trunc('month', fact.{event})::DATE"
        return f"CASE WHEN fact.{event} < getvariable('as_of') + INTERVAL 1 DAY THEN {month} END" if self.cut else month


@cache
def cubes() -> tuple[Cube, ...]:
    """Return a cube for each fact that the catalogue counts in."""
    return tuple(_cube(fact, cut=False) for fact in _facts() if fact not in DERIVED)


@cache
def derived_cubes() -> dict[str, Cube]:
    """Return a cube for each derived table that the catalogue counts in, in the order in which the tables are made."""
    counted = _facts()
    return {name: _cube(name, cut=True) for name in DERIVED if name in counted}


def _facts() -> list[str]:
    return sorted({count.fact for entry in INDICATORS.values() for count in entry.counts})


def _cube(fact: str, cut: bool) -> Cube:
    return Cube(
        fact,
        tuple(
            Counted(entry.code, number, count, entry.counts_persons)
            for entry in INDICATORS.values()
            for number, count in enumerate(entry.counts, start=1)
            if count.fact == fact
        ),
        cut,
    )


def month_of(event: str) -> str:
    """Return the cube's column for the month of an event."""
    return f"month_of_{event}"


def parts(count: Count) -> dict[str, str]:
    """Return the rows whose persons a figure would show, as SQL conditions: those it counts, and its complement.

    Of a count that only the denominator is made of, its rows are the complement.
    """
    if count.is_share:
        hits = f"({count.scope}) AND ({count.numerator})"
        return {"hits": hits, "rest": f"({count.scope}) AND ({count.numerator}) IS NOT TRUE"}
    return {"rest" if count.numerator == "0" else "hits": count.scope}


def cube_model(cube: Cube) -> Model:
    """Return the cube as a table of the warehouse, with its comments."""
    (fact,) = (model for model in models() if model.name == cube.fact)
    places = {
        Place.INSTITUTION: ("机构代码", "institution"),
        Place.REQUESTER: ("申请机构代码", "institution that asks"),
        Place.RESIDENCE: ("现住地区划代码", "division of residence"),
        Place.CITY: ("地市代码", "city"),
    }
    said = {"place": places[cube.place], "delivering_city": ("报送地市代码", "delivering city")}
    said |= {month_of(e): (f"{e} 所在月 (当月1日)", f"first day of the month of {e}") for e in cube.events}
    said |= {b.name: (f"分列 {b.name}", f"value of the breakdown {b.name}") for b in cube.breakdowns}
    said |= {name: (zh, en) for counted in cube.counted for name, (_, zh, en) in counted.measures.items()}
    return Model(
        name=cube.table,
        sql=cube.select(),
        zh=f"{fact.zh.split('：')[0]}的汇总：每机构或现住地、月份、分列一行；指标由此相加",
        en=f"{cube.fact} counted once, to the finest grain; figures are sums of it",
        columns=tuple(ModelColumn(name, 2, zh, en, "") for name, (zh, en) in said.items()),
        reads=frozenset({cube.fact, "dim_person"} if cube.tells_registered else {cube.fact}),
        increment=None,
        withheld=frozenset({"*"}),
    )


def cut_at_as_of(connection: duckdb.DuckDBPyConnection, cube: Cube) -> Cube:
    """Return the cube whose table has no month after the variable as_of: the published one, where that has none."""
    later = " OR ".join(f"max({event}) >= getvariable('as_of') + INTERVAL 1 DAY" for event in cube.events)
    if not connection.execute(f"SELECT coalesce({later}, false) FROM {cube.fact}").fetchall()[0][0]:
        return cube
    cut = Cube(cube.fact, cube.counted, cut=True)
    count_derived(connection, cut)
    return cut


def count_derived(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Make a cut cube's temporary table."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {cube.table} AS {cube.select()}")
