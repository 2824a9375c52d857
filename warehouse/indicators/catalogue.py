"""The catalogue: each indicator is one entry, from which its SQL, its documentation and its lineage come."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from types import MappingProxyType

from warehouse.indicators.entries.access import ACCESS
from warehouse.indicators.entries.hospital import HOSPITAL
from warehouse.indicators.entries.insurance import INSURANCE
from warehouse.indicators.entries.reconciliation import RECONCILIATION
from warehouse.indicators.entries.reform import REFORM
from warehouse.indicators.entry import Indicator, NotComputable

INDICATORS: MappingProxyType[str, Indicator] = MappingProxyType(
    {entry.code: entry for entry in (*ACCESS, *REFORM, *HOSPITAL, *INSURANCE, *RECONCILIATION)}
)
"""Every indicator by its code."""

DERIVED = (
    "institution_month",
    "function_month",
    "resident_encounter",
    "resident_state",
    "activation_state",
    "record_state",
    "discharge",
    "settled_encounter",
    "reconciled_settlement",
    "reconciled_encounter",
    "person_treated",
    "person_examined",
)
"""The tables that measuring makes of the facts, in this order; each has a .sql file of its name in `derived`."""

SAME_TOTALS = (
    ("A14", "setting=outpatient", "H8", ""),
    ("A14", "setting=outpatient", "H1", ""),
    ("A10", "feed=emr", "A14", ""),
    ("A10", "feed=insurance", "X1", ""),
    ("A10", "feed=insurance", "C1", ""),
)
"""Indicators and breakdowns whose denominators count the same records as another's; of H1 it is the numerator."""

NOT_COMPUTABLE = (
    NotComputable("H2", "日间手术占比", "Day surgery", "病历未标明日间手术", "the EMR does not mark day surgery"),
    NotComputable("H4", "微创手术占比", "Minimally invasive surgery", "病历不含手术操作编码，无从识别微创",
                  "the EMR has no procedure codes, so that minimal invasion does not show"),
    NotComputable("H6", "手术并发症发生率", "Complications of surgery", "病历只有主要诊断，不含并发症",
                  "the EMR has the main diagnosis alone"),
    NotComputable("H7", "低风险组病例死亡率", "Low-risk mortality", "无 DRG 分组所需的其他诊断和手术操作",
                  "other diagnoses and procedures, which DRG groups need, are not delivered"),
    NotComputable("I5", "检查检验结果互认率", "Mutual recognition of results", "交付数据不含结果互认记录",
                  "no feed tells which results were recognised elsewhere"),
    NotComputable("F", "三级医院绩效手册中的财务类指标", "The finance-only items of the tertiary manual",
                  "交付数据不含医院财务报表", "hospitals' accounts are in no feed"),
)  # fmt: skip
"""What the commission asks for and the feeds can't give."""


def derived_text(name: str) -> str:
    """Return the SQL that makes a derived table."""
    return files("warehouse.indicators.derived").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def derived_of(indicator: Indicator) -> list[str]:
    """Return the derived tables that an indicator is counted in or that these read, in the order of DERIVED."""
    tables = {count.fact for count in indicator.counts} | {indicator.persons}
    for name in reversed(DERIVED):  # a derived table may read one before it
        if name in tables:
            tables |= {other for other in DERIVED if re.search(rf"\b{other}\b", derived_text(name))}
    return [name for name in DERIVED if name in tables]


def definition(indicator: Indicator) -> str:
    """Return the version of the counting rule, such as `A1@5f0c2a91`: it changes when what is counted changes."""
    rule = [str(indicator.kind), str(indicator.unit), str(indicator.per), str(indicator.grows_in_number)]
    rule += [*map(repr, indicator.counts), repr(indicator.median), indicator.persons]
    rule += [derived_text(name) for name in reversed(derived_of(indicator))]
    return f"{indicator.code}@{hashlib.sha256(chr(10).join(rule).encode()).hexdigest()[:8]}"
