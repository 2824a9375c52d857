"""The pages that come from the catalogue and the models: `python -m warehouse.docs` writes them into docs/."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb

from contracts.macros import sql_macros
from warehouse.build import Build, build_full, publish_figures
from warehouse.indicators.catalogue import DERIVED, INDICATORS, NOT_COMPUTABLE, definition
from warehouse.indicators.entry import Count, Indicator, Place
from warehouse.indicators.lineage import feed_columns, records_query
from warehouse.inputs import empty_select, input_schemas
from warehouse.model import Model
from warehouse.publish import publish, publish_figures_tables, published_models

DOCS = Path(__file__).parent.parent / "docs"

_GENERATED = "<!-- Made by `python -m warehouse.docs`; change {source}, not this page. -->"
_PLACE = {
    Place.INSTITUTION: "机构所在地；未登记机构计入报送地市"
    " · where the institution stands; an unregistered one counts in the delivering city",
    Place.REQUESTER: "申请机构所在地 · where the requesting institution stands",
    Place.RESIDENCE: "现住地 · residence",
    Place.CITY: "地市 · city",
}
_GOOD = {"up": "越高越好 · higher is better", "down": "越低越好 · lower is better", "monitor": "监测 · to be watched"}
_KIND = {
    "flow": "期间内事件 · events of the period",
    "state": "期末状态 · state at the end of the period",
    "growth": "比上年同期 · on the same months of the year before",
}
_UNIT = {
    "ratio": "比值，0.9 即 90 % · ratio, 0.9 is 90 %",
    "day": "天 · days",
    "minute": "分钟 · minutes",
    "yuan per 100 yuan": "元/百元 · yuan per 100 yuan",
}


def pages() -> dict[str, str]:
    """Return the generated pages: file name to text."""
    return {"indicators.md": indicator_page(), "dictionary.md": dictionary_page()}


def indicator_page() -> str:
    """Return the methodology page: what each indicator means and counts, in Chinese and English."""
    head = f"""{_GENERATED.format(source="warehouse/indicators/entries")}

# 指标 · Indicators

数值为分子除以分母（有换算的再乘之），分母为零时为空。期间为 `YYYY-MM`、`YYYY`、`YYYY-MM ytd`（当年1月至该月）。
统计截止日当天及以前的事件计入；截止日时尚未结束的期间标为初步 (`preliminary`)。
涉及个人的指标，分子、分母或二者之差为 1–9 条记录或 1–9 人时，在导出中抑制。

A value is numerator ÷ denominator (times the scale, where there is one), empty where the denominator is 0. A period is
`YYYY-MM`, `YYYY`, or `YYYY-MM ytd` for January up to that month. Events up to and including the as-of date count; a
period that is not over by then is `preliminary`. Figures about persons are suppressed in exports where 1 to 9 records,
or 1 to 9 persons, stand behind the numerator, the denominator, or the difference of the two.

取决于“谁是谁”者附 95 % 区间，见[区间](uncertainty.md)。What depends on who is who has a 95 % interval:
[intervals](uncertainty.md).
"""
    sections = "".join(_indicator_section(entry) for entry in INDICATORS.values())
    return head + sections + _not_computable()


def _not_computable() -> str:
    lines = ["\n## 不可计算 · Not computable\n", "| | | 原因 | why |", "|---|---|---|---|"]
    lines += [f"| {e.code} | {e.zh} · {e.en} | {e.why_zh} | {e.why_en} |" for e in NOT_COMPUTABLE]
    return "\n".join(lines) + "\n"


def _indicator_section(entry: Indicator) -> str:
    threshold = f"{entry.threshold:g} ({entry.threshold_source})" if entry.threshold is not None else "无 · none"
    lines = [
        f"\n## {entry.code} {entry.zh} · {entry.en}\n",
        f"{entry.meaning_zh}\n",
        f"{entry.meaning_en}\n",
        "| | |",
        "|---|---|",
        f"| 分子 · numerator | {entry.numerator_zh} · {entry.numerator_en} |",
        f"| 分母 · denominator | {entry.denominator_zh} · {entry.denominator_en} |",
        f"| 单位 · unit | {_UNIT[entry.unit]} |",
        f"| 导向 · direction | {_GOOD[entry.good]} |",
        f"| 目标 · threshold | {threshold} |",
        f"| 类型 · kind | {_KIND[entry.kind]} |",
        f"| 小数抑制 · suppression | {'是 · yes' if entry.counts_persons else '否 · no'} |",
        f"| 来源 · feeds | {', '.join(entry.feeds)} |",
        f"| 口径版本 · definition | `{definition(entry)}` |",
    ]
    lines += [f"| 计数 · counted | {_count(count)} |" for count in entry.counts]
    if entry.persons:
        lines.append(f"| 计数 · counted | {_table(entry.persons)}, 按人 · by person |")
    if entry.median:
        lines.append(f"| 中位数 · median | `{entry.median.fact}`, `{entry.median.scope}`: `{entry.median.measure}` |")
    if entry.per != 1:
        lines.append(f"| 换算 · scale | 商 × {entry.per:.6g} · quotient × {entry.per:.6g} |")
    lines.append(f"| 列 · columns | {', '.join(f'`{name}`' for name in sorted(feed_columns(entry)))} |")
    records = records_query(entry)
    if records:
        lines.append(f"\n<details><summary>记录 · records</summary>\n\n```sql\n{records}\n```\n\n</details>")
    return "\n".join(lines) + "\n"


def _count(count: Count) -> str:
    what = f"`{count.numerator}`" + ("" if count.is_share else f" ÷ `{count.denominator}`")
    where = "" if count.scope == "true" else f", `{count.scope}`"
    split = f"; 分列 · by {', '.join(b.name for b in count.breakdowns)}" if count.breakdowns else ""
    where += f", `{count.of_institution}`" if count.of_institution else ""
    return f"{_table(count.fact)}{where}: {what}; `{count.event}`; {_PLACE[count.place]}{split}"


def _table(name: str) -> str:
    return f"[{name}](../warehouse/indicators/derived/{name}.sql)" if name in DERIVED else f"`{name}`"


def dictionary_page() -> str:
    """Return the data dictionary of the warehouse: every table and column, with type, sensitivity and origin."""
    types = _types()
    head = f"""{_GENERATED.format(source="warehouse/models and contracts/feeds.py")}

# 数据字典 · Data dictionary

`HOME/warehouse/current.duckdb` 的全部表和列。
级别按 GB/T 39725-2020：1 公开、2 较宽、3 中；库中没有 4 级（直接标识）和 5 级（最小范围）。

All tables and columns of `HOME/warehouse/current.duckdb`. Levels follow GB/T 39725-2020: 1 public, 2 wide, 3 medium;
there is no column of levels 4 (direct identifiers) and 5 (minimal access).
"""
    return head + "".join(_table_section(model, types) for model in published_models())


def _table_section(model: Model, types: dict[tuple[str, str], str]) -> str:
    lines = [f"\n## {model.name}\n", f"{model.zh}\n", f"{model.en}\n"]
    lines += [
        "| 列 · column | 类型 · type | 级别 · level | 含义 | meaning | 来源 · from |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.name} | {types[model.name, c.name]} | {c.level} | {c.zh} | {c.en} | {c.origin} |" for c in model.columns
    ]
    return "\n".join(lines) + "\n"


def _types() -> dict[tuple[str, str], str]:
    """Return the type of every column, as a warehouse made from nothing has them."""
    with duckdb.connect() as connection:
        connection.execute(sql_macros())
        for relation in input_schemas():
            connection.execute(f"CREATE TEMP VIEW {relation} AS {empty_select(relation)}")
        build_full(connection, Build("", datetime(2019, 1, 1), date(2018, 12, 31), "", ""))
        connection.execute("ATTACH ':memory:' AS published")
        publish(connection, following=False)
        publish_figures(connection, date(2018, 12, 31))
        publish_figures_tables(connection)
        found = connection.execute("""
            SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = 'published'
        """)
        return {(table, column): kind for table, column, kind in found.fetchall()}


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
