"""The sheets of the promises, and of the institutions that are missing; for a city, with room to object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from contracts.divisions import PROVINCE_CODE
from warehouse.exports.amounts import NUMBER_FORMATS
from warehouse.exports.target_rows import Missing, TargetRow
from warehouse.exports.words import NONE, level_words, status_words
from warehouse.exports.workbook_formats import (
    CENTRED,
    CODE,
    DATE,
    HEAD_TO_FILL,
    LIGHTS,
    NUMBER,
    TEXT,
    TO_FILL,
    WITHOUT,
)
from warehouse.exports.workbook_sheets import Cell, Column, Sheet

_LEGEND = (
    "✓ 已达标 met　→ 进度正常 on track: 近三月的进度足以按期达标 at the pace of three months　"
    "○ 待完成 due　✗ 未达标 missed　– 不可计算 not computable"
)
_OF_WHOLE = "　约束全省者，值与说明为全省之数 of what binds the province, value and notes are the province's"
_OBJECTION = Column("异议\nObjection", 34, HEAD_TO_FILL)


def target_sheet(
    targets: Sequence[tuple[TargetRow, int | None]], names: Mapping[str, tuple[str, str]], as_of: date, to_object: bool
) -> Sheet:
    """Return the sheet of targets, each with its number of institutions missing."""
    columns = [
        Column("编号\nNo.", 7),
        Column("状态\nStatus", 16),
        Column("目标\nTarget", 32),
        Column("范围\nBinds", 26),
        Column("实现值\nValue", 11),
        Column("目标值\nTo reach", 12),
        Column("期限\nDeadline", 12),
        Column("数据月份\nMonth", 10),
        Column("差距最大\nFurthest", 12),
        Column("本市尚缺\nMissing here" if to_object else "尚缺机构\nMissing", 10),
        Column("说明\nNotes", 56),
        Column("原文\nQuote", 40),
        *([_OBJECTION] if to_object else []),
    ]
    rows = [
        [
            Cell(target.target_id, CODE),
            Cell(status_words(target.status), LIGHTS[target.status]),
            Cell(f"{target.zh}\n{target.en}", TEXT),
            Cell(f"{target.scope_zh}\n{target.scope_en}", TEXT),
            _number(target.value, NUMBER_FORMATS[target.amount]),
            _number(target.target, f'"{"≤" if target.at_most else "≥"} "{NUMBER_FORMATS[target.amount]}'),
            Cell(target.deadline, DATE) if target.deadline else Cell(NONE, CENTRED),
            Cell(f"{target.month:%Y-%m}" if target.month else NONE, CENTRED),
            Cell(" ".join(names[target.furthest]) if target.furthest else NONE, CENTRED),
            _number(missing, "#,##0"),
            Cell("\n".join(filter(None, (target.note_zh, target.note_en))), TEXT),
            Cell(target.quote, TEXT),
            *([Cell(None, TO_FILL)] if to_object else []),
        ]
        for target, missing in targets
    ]
    title = f"承诺台账 the promises · 截至 as of {as_of}"
    legend = _LEGEND + _OF_WHOLE if to_object else _LEGEND
    return Sheet("目标 Targets", title, legend, columns, rows, tab="#C00000")


def missing_sheet(
    missing: Sequence[Missing],
    targets: Sequence[TargetRow],
    names: Mapping[str, tuple[str, str]],
    as_of: date,
    to_object: bool,
) -> Sheet:
    """Return the sheet of the institutions that are missing, one row a target and institution."""
    columns = [
        Column("目标\nNo.", 7),
        Column("目标\nTarget", 46),
        Column("地市\nCity", 18),
        Column("机构代码\nInstitution code", 26),
        Column("机构名称\nName", 44),
        Column("等级\nLevel", 20),
        Column("数据月份\nMonth", 10),
        *([_OBJECTION] if to_object else []),
    ]
    promised = {target.target_id: f"{target.zh} {target.en}" for target in targets if target.whole}
    rows = [
        [
            Cell(each.target_id, CODE),
            Cell(promised.get(each.target_id, ""), TEXT),
            Cell(" ".join(names.get(each.city_code, names.get(PROVINCE_CODE, (NONE,)))), TEXT),
            Cell(each.org_code, TEXT),
            Cell(each.name, TEXT),
            Cell(level_words(each.level) if each.level else NONE, TEXT),
            Cell(f"{each.month:%Y-%m}", CENTRED),
            *([Cell(None, TO_FILL)] if to_object else []),
        ]
        for each in missing
    ]
    title = f"目标尚缺的机构 institutions missing by target · 截至 as of {as_of}"
    legend = "目标的数据月份在营而未达到者 open in the month of the target's value, and not there yet"
    return Sheet("缺口 Missing", title, legend, columns, rows, still=1, tab="#C00000")


def _number(number: float | None, number_format: str) -> Cell:
    return Cell(NONE, WITHOUT) if number is None else Cell(number, {**NUMBER, "num_format": number_format})
