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

_CUT_MONTH = "date_trunc('month', getvariable('as_of') + INTERVAL 1 DAY)"
"""The first month that has days after the variable as_of."""

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
        """Return the name of one of its numbers: hits, rest, numerator, denominator, persons of these."""
        return f"{self.indicator.lower()}_{self.number}_{name}"

    @property
    def has_bits(self) -> bool:
        """Say whether the cube holds bits of the persons behind its parts."""
        return self.of_persons and self.count.persons is None

    @property
    def hit(self) -> str:
        """Return the condition of the rows that a share counts, as SQL over a row of the fact."""
        return f"({self.count.scope}) AND ({self.count.numerator})"

    @property
    def conditions(self) -> tuple[str, ...]:
        """Return what it asks of a row of the fact, as SQL."""
        return (self.count.scope, self.hit) if self.count.is_share else (self.count.scope,)

    @property
    def sums(self) -> dict[str, str]:
        """Return the numbers that it sums up over the rows in its scope: name to SQL over a row of the fact."""
        if self.count.is_share:
            return {}
        found = {"numerator": self.count.numerator, "denominator": self.count.denominator}
        if self.count.persons:
            found |= dict(zip(("hits_least", "rest_least"), self.count.persons, strict=True))
        return found


@dataclass(frozen=True)
class Cube:
    """All counts on one fact.

    A row is a place, the delivering city, the months of its events, the breakdowns' values, and `holds`: which of the
    counts' conditions hold, as bits. So few sums are made of many rows, and the counts are told apart afterwards.
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
        """Return the breakdowns of all counts whose value differs from row to row, each once."""
        return list(dict.fromkeys(b for c in self.counted for b in c.count.breakdowns if not b.is_fixed))

    @cached_property
    def conditions(self) -> list[str]:
        """Return what the counts ask of a row of the fact, as SQL: the bits of `holds`, from the lowest."""
        return list(dict.fromkeys(sql for c in self.counted for sql in c.conditions if sql != "true"))

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Return what is summed up: SQL over a row of the fact to the column of its sum; a constant needs none."""
        summed = dict.fromkeys(sql for c in self.counted for sql in c.sums.values() if not sql.isdigit())
        return {sql: f"sum_{number}" for number, sql in enumerate(summed, start=1)}

    @property
    def has_bits(self) -> bool:
        """Say whether it holds bits of the persons behind its rows."""
        return any(counted.has_bits for counted in self.counted)

    @property
    def cell(self) -> dict[str, str]:
        """Return the key columns that say where and when, each with its SQL over a row of the fact."""
        return {"place": f"fact.{self.place}", "delivering_city": "fact.city_code"} | {
            month_of(event): self._month(event) for event in self.events
        }

    @property
    def keys(self) -> dict[str, str]:
        """Return all key columns of the table, each with its SQL over a row of the fact."""
        bits = [f"CASE WHEN {sql} THEN {1 << number} ELSE 0 END" for number, sql in enumerate(self.conditions)]
        values = {breakdown.name: breakdown.key for breakdown in self.breakdowns}
        return self.cell | values | {"holds": f"({' + '.join(['0', *bits])})::INTEGER"}

    @property
    def measures(self) -> dict[str, str]:
        """Return the other columns, each with its SQL over the rows of the fact."""
        bits = {"persons": f"bit_or({_PERSON_BIT})"} if self.has_bits else {}
        return {"records": "count(*)"} | bits | {name: f"sum({sql})" for sql, name in self.numbers.items()}

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
        columns = [f"{sql} AS {name}" for name, sql in (self.keys | self.measures).items()]
        return f"SELECT {', '.join(columns)} {self.source} {of_rows} GROUP BY ALL"

    def parts(self, counted: Counted) -> dict[str, str]:
        """Return the cube's rows whose persons a figure would show, as SQL: those it counts, and its complement.

        Of a count that only the denominator is made of, its rows are the complement.
        """
        scope = self._bits(counted.count.scope)
        if not counted.count.is_share:
            return {"rest" if counted.count.numerator == "0" else "hits": _holding(scope, scope)}
        hit = self._bits(counted.hit)
        return {"hits": _holding(hit, hit), "rest": _holding(scope | hit, scope)}

    def _bits(self, condition: str) -> int:
        return 0 if condition == "true" else 1 << self.conditions.index(condition)

    def _month(self, event: str) -> str:
        month = f"date_trunc('month', fact.{event})::DATE"
        return f"CASE WHEN fact.{event} < getvariable('as_of') + INTERVAL 1 DAY THEN {month} END" if self.cut else month


def _holding(mask: int, bits: int) -> str:
    return f"holds & {mask} = {bits}" if mask else "true"


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
    said["holds"] = (
        "所满足的条件（按位）",
        "which conditions hold, as bits from the lowest: " + "; ".join(cube.conditions),
    )
    said["records"] = ("记录数", "records")
    if cube.has_bits:
        said["persons"] = ("人的散列位", "persons as bits of 64: at least as many persons as bits are set")
    said |= {name: (f"{sql} 之和", f"sum of {sql}") for sql, name in cube.numbers.items()}
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
    """Return the cube whose table has no month after the variable as_of: the published one, where that has none.

    Only the month that as_of cuts is counted again; of later ones the months are left out.
    """
    months = [month_of(event) for event in cube.events]
    later = " OR ".join(f"max({month}) >= {_CUT_MONTH}" for month in months)
    if not connection.execute(f"SELECT coalesce({later}, false) FROM {cube.table}").fetchall()[0][0]:
        return cube
    cut = Cube(cube.fact, cube.counted, cut=True)
    earlier = ", ".join(f"CASE WHEN {month} < {_CUT_MONTH} THEN {month} END AS {month}" for month in months)
    untouched = " AND ".join(f"{month} IS DISTINCT FROM {_CUT_MONTH}" for month in months)
    touched = " OR ".join(
        f"(fact.{event} >= {_CUT_MONTH} AND fact.{event} < {_CUT_MONTH} + INTERVAL 1 MONTH)" for event in cube.events
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {cut.table} AS
        SELECT * REPLACE ({earlier}) FROM {cube.table} WHERE {untouched}
        UNION ALL
        {cut.select(f"WHERE {touched}")}
    """)
    return cut


def count_derived(connection: duckdb.DuckDBPyConnection, cube: Cube) -> None:
    """Make a cut cube's temporary table."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {cube.table} AS {cube.select()}")
