"""The sheets that say how to read the others: notes, and how each figure is counted."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from warehouse.exports.amounts import NUMBER_FORMATS, UNITS
from warehouse.exports.csv_text import DECIMALS
from warehouse.exports.figure_cells import Entry
from warehouse.exports.shown import Shown
from warehouse.exports.words import GOOD, NONE, feeds_words
from warehouse.exports.workbook_formats import CODE, NUMBER, TEXT, WITHOUT
from warehouse.exports.workbook_sheets import Cell, Column, Sheet

Note = tuple[str, str, str]
"""What it is about, and what there is to know, in Chinese and English."""

_READING: tuple[Note, ...] = (
    ("期间\nPeriods", "YYYY-MM 为月，YYYY 为年，YYYY-MM ytd 为当年1月至该月。",
     "YYYY-MM is a month, YYYY a year, YYYY-MM ytd January up to that month."),
    ("初步\nPreliminary", "截至日时尚未结束的期间，列头标“初步”，数字为斜体；月底前会大变，不宜比较。",
     "A period that is not over at the as-of date: its column says prelim., its figures are in italics. They will "
     "change much, and are not to be compared."),
    ("终值\nFinal", "截至日时已结束的期间；尚待交付的（见数据质量页），交齐前视同初步。",
     "A period that is over at the as-of date; while deliveries are awaited (see the quality page), take it as "
     "preliminary."),
    ("修订\nRevised", "终值仍会因地市补报、更正、删除或身份关联的改进而修订，以最近一次导出为准；旧值留在旧文件中，"
     "也可按当时所知重出；两次导出之间哪些数变了、为何，另可列出。已结束期间的数变动达一半或一倍者，发布前提示核对。",
     "A final figure is revised where cities deliver late, correct or delete, or records are linked better. The newest "
     "export holds; former values stay in former files, which can be made again as known then, and what changed from "
     "one export to another, and why, can be listed. Before publication a warning tells of figures of finished "
     "periods that halve or double."),
    ("抑制\nSuppressed", "涉及个人的指标，分子、分母或二者之差为1至9人或1至9条记录者，以及可由此推出这类数的，"
     "只写“抑制”二字，不写数；未抑制的合计仍含其数。",
     "Where 1 to 9 persons or records stand behind the numerator, the denominator or the difference, or the figure "
     "would give such a one away, the cell has the word 抑制 and no number. Totals that are shown include it."),
    ("无数 –\nNo figure", "分母为零、无此类机构，或尚无上年同期可比。",
     "The denominator is 0, there are no such institutions, or no year before to compare with."),
    ("数值\nValues", f"与 kpi.csv 同一数，四舍五入到{DECIMALS}位小数；单元格格式只影响显示。",
     f"The same numbers as in kpi.csv, rounded to {DECIMALS} decimals; formats change how they look alone."),
    ("区间\nInterval",
     "取决于“谁是谁”的指标，末个已结束月份的值附 95 % 区间：身份关联的存疑记录可能使其变动的范围；"
     "不含漏报、错报等其他误差。– 为与身份关联无关或误差未估计。全部区间见 intervals.csv。",
     "Of indicators that depend on who is who, the last finished month has a 95 % interval: what doubtful links may "
     "have done to it, and no other error. – where it doesn't depend on linkage, or no error is stated. All are in "
     "intervals.csv."),
    ("达标标记\nThreshold",
     "末个已结束月份的值与目标值相比；目标点名某市者，以该目标为准（如 A2 在惠州、江门为 60 %）。来源见“口径”表。",
     "The value of the last finished month against the threshold; where a target names a city, against that target "
     "(A2 in Huizhou and Jiangmen: 60 %). The sheet of definitions says where thresholds come from."),
    ("承诺状态\nStatus",
     "达到即“已达标”，逾期达到亦同；期限已过而未达到、或现行要求未做到为“未达标”；"
     "期限前按近三月进度足以达到为“进度正常”，否则为“待完成”。",
     "Reached is met, even late. Not reached by the deadline, or in force and not kept, is missed. Before the deadline "
     "a target is on track if the pace of three months is enough, else due."),
    ("口径版本\nDefinitions",
     "如 A1@5f0c2a91；统计规则一变，版本即变，前后不可直接比较。"
     "各指标的版本见“口径”表，与 kpi.csv 的 definition 列一致。",
     "Such as A1@5f0c2a91: it changes when what is counted changes, and figures of two versions are not to be compared "
     "as they are. The sheet of definitions has the version of each, as the column definition of kpi.csv."),
)  # fmt: skip
OBJECTION: Note = (
    "异议\nObjection",
    "在黄色“异议”列逐行写明：贵市的数、出处、理由，公布前交回。更正须由贵市平台重新交付，不在此表改数。",
    "Write into the yellow column, row by row, what your number is, where it comes from and why, and send it back "
    "before publication. Corrections come by a new delivery of your platform, and not by changing this table.",
)
"""What a city is told to do."""


def notes_sheet(
    connection: duckdb.DuckDBPyConnection, entries: Mapping[str, Entry], shown: Shown, more: tuple[Note, ...] = ()
) -> Sheet:
    """Return the notes: as of when, what preliminary and suppressed mean, which versions counted."""
    ((contract, code, model),) = connection.execute(
        "SELECT contract_version, code_version, model_version FROM build_info"
    ).fetchall()
    versions = ", ".join(entry.definition for entry in entries.values())
    notes: list[Note] = [
        *more,
        ("截至\nAs of", f"{shown.as_of}：该日及以前的事件计入。",
         f"{shown.as_of}: events up to and including that day count."),
        ("起始\nBegin", f"数据始于 {shown.first or NONE}；起始年份的年度值、累计值只含此后各月。",
         f"Figures begin with {shown.first or NONE}; the year in which they begin has the months from there alone."),
        *_READING,
        ("所用版本\nVersions", versions, "Definitions of the figures in this workbook."),
        ("构建\nBuild", f"交付合同 {contract}，程序 {code}，模型 {model}",
         f"delivery contract {contract}, program {code}, models {model}"),
    ]  # fmt: skip
    columns = [Column("事项\nAbout", 16), Column("说明", 70), Column("Note", 80)]
    rows = [[Cell(about, CODE), Cell(zh, TEXT), Cell(en, TEXT)] for about, zh, en in notes]
    title = f"说明 Notes · 截至 as of {shown.as_of}"
    return Sheet("说明 Notes", title, "一码通 Yimatong", columns, rows, still=1, tab="#7F8C99")


def definition_sheet(entries: Mapping[str, Entry], shown: Shown) -> Sheet:
    """Return how each figure is counted, of which feeds, in which version."""
    columns = [
        Column("编号\nCode", 8),
        Column("指标\nIndicator", 26),
        Column("含义\nMeaning", 64),
        Column("分子\nNumerator", 34),
        Column("分母\nDenominator", 34),
        Column("单位\nUnit", 11),
        Column("导向\nBetter", 12),
        Column("目标值\nThreshold", 10),
        Column("目标来源\nThreshold source", 24),
        Column("来源数据\nFeeds", 24),
        Column("口径版本\nDefinition", 15),
    ]
    rows = [
        [
            Cell(entry.code, CODE),
            Cell(f"{entry.zh}\n{entry.en}", TEXT),
            Cell(f"{entry.meaning_zh}\n{entry.meaning_en}", TEXT),
            Cell(f"{entry.numerator_zh}\n{entry.numerator_en}", TEXT),
            Cell(f"{entry.denominator_zh}\n{entry.denominator_en}", TEXT),
            Cell(UNITS[entry.amount], TEXT),
            Cell(GOOD[entry.good], TEXT),
            Cell(NONE, WITHOUT)
            if entry.threshold is None
            else Cell(entry.threshold, {**NUMBER, "num_format": NUMBER_FORMATS[entry.amount]}),
            Cell(entry.threshold_source, TEXT),
            Cell(feeds_words(entry.feeds), TEXT),
            Cell(entry.definition, TEXT),
        ]
        for entry in entries.values()
    ]
    title = f"口径 definitions: 每个数如何统计 how each figure is counted · 截至 as of {shown.as_of}"
    legend = "数值 = 分子 ÷ 分母（有换算的再乘之）value = numerator ÷ denominator, times the scale where there is one"
    return Sheet("口径 Definitions", title, legend, columns, rows, tab="#7F8C99")
