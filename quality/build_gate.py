"""The gate of builds: what figures must be for a build to be published, by design, and against the last one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import duckdb
import pyarrow as pa

from quality.judge import Expectation, Verdict, judge

_WHERE = "{indicator} {period} {place}"
"""What is told of a figure: never the figure itself, which may count few persons."""
FIGURES = (
    Expectation(
        id="build.given",
        column="given",
        zh="每指标、每月（自首月至统计截止月）、省及每地市恰有一个总值：不缺月份，不缺地市，不重复",
        en="One total for each indicator, month up to the as-of date, province and city: no gap, no loss, no double",
        beyond="总值缺失或重复 totals missing or given twice",
        shown=_WHERE,
        least=1,
        most=1,
    ),
    Expectation(
        id="build.not_negative",
        column="lowest",
        zh="分子、分母不为负：所计均为行数、天数或非负金额；增幅除外",
        en="No numerator or denominator below 0, but of a growth: they are rows, days or amounts that aren't negative",
        beyond="分子或分母为负 a numerator or denominator below 0",
        shown=_WHERE,
        least=0,
    ),
    Expectation(
        id="build.part_of_whole",
        column="over",
        zh="占比类指标分子不大于分母：分子所计为分母中的行，大于分母即重复计数",
        en="The numerator of a share at most its denominator: it counts rows among those, so more is a double count",
        beyond="分子大于分母 numerators above their denominators",
        shown=_WHERE,
        most=0,
    ),
    Expectation(
        id="build.cities_in_province",
        column="over_cities",
        zh="可加指标各地市之和不大于全省：大于即有行计入两地",
        en="The cities' sum of an additive indicator at most the province: above it a row counts in two cities",
        beyond="地市之和大于全省 cities add up to more than the province",
        shown="{indicator} {period}",
        least=0,
    ),
    Expectation(
        id="build.placed_in_a_city",
        column="in_no_city",
        zh="全省数中未落到地市的不超过 5%：只写省代码的行应为少数；只提示",
        en="At most 5% of the province in none of its cities: few rows should name the province alone; it warns",
        beyond="未落到地市的超过 {most:.0%} more than {most:.0%} lies in no city",
        shown="{indicator} {period} {in_no_city:.1%}",
        most=0.05,
        refuses=False,
    ),
    Expectation(
        id="build.year_of_months",
        column="apart_from_months",
        zh="可加流量指标的年度数等于各月之和",
        en="The year of an additive flow is the sum of its months",
        beyond="年度数不等于各月之和 years unlike the sum of their months",
        shown=_WHERE,
        most=0,
    ),
    Expectation(
        id="build.base_moved",
        column="times_denominator",
        zh="已结束期间的分母为上次发布的一半至两倍：补报更正通常只动百分之几；只提示，新地市加入亦会如此",
        en="The denominator of a finished period half to twice the last published: corrections move some per cent; it "
        "warns, for a city that joins does the same",
        beyond="分母与上次发布相差悬殊 denominators unlike the last published",
        shown=_WHERE + " × {times_denominator:.2f}",
        least=0.5,
        most=2.0,
        refuses=False,
    ),
    Expectation(
        id="build.value_moved",
        column="times_value",
        zh="已结束期间的指标值为上次发布的一半至两倍；只提示",
        en="The value of a finished period half to twice the last published; it warns",
        beyond="指标值与上次发布相差悬殊 values unlike the last published",
        shown=_WHERE + " × {times_value:.2f}",
        least=0.5,
        most=2.0,
        refuses=False,
    ),
)
CUBES = (
    Expectation(
        id="build.cube_of_fact",
        column="apart",
        zh="汇总立方计入的行数等于其事实表行数：增量重算不漏不重",
        en="A cube counts as many rows as its fact has: counting increments again loses and doubles none",
        beyond="汇总立方与事实表不符 cubes unlike their facts",
        shown="{cube} {apart:+,.0f}",
        least=0,
        most=0,
    ),
)


def judge_figures(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    shares: Sequence[str],
    additive: Sequence[str],
    beside: Sequence[str] = (),
) -> list[Verdict]:
    """Judge the figures in the connection's database, which is the build of that number.

    `shares` are the indicators that count rows among rows, but for the breakdowns `beside`; `additive` those whose
    cities and months add up. Reads the relation former_figure besides, without rows where there is nothing to compare
    with.
    """
    sql = files("quality").joinpath("build_figures.sql").read_text(encoding="utf-8")
    given = {"number": number, "shares": list(shares), "additive": list(additive), "beside": list(beside)}
    return judge(connection.sql(sql, params=given).to_arrow_table(), FIGURES)


def judge_cubes(number: int, apart: Sequence[tuple[str, int]]) -> list[Verdict]:
    """Judge how many more rows each cube counts than its fact has."""
    return judge(pa.Table.from_pylist([{"subject": number, "cube": c, "apart": a} for c, a in apart]), CUBES)
