"""How a figure is shown: as a per cent, in days, as a number; in a cell of a workbook and in words."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from warehouse.exports.csv_text import DECIMALS
from warehouse.indicators.catalogue import INDICATORS
from warehouse.indicators.entry import Kind, Unit
from warehouse.targets.entry import OfQuery
from warehouse.targets.ledger import TARGETS


class Amount(StrEnum):
    """What a number is of; a quotient is of two things that are set against each other, such as visits per stay."""

    PERCENT = "percent"
    QUOTIENT = "quotient"
    DAY = "day"
    MINUTE = "minute"
    YUAN = "yuan"
    COUNT = "count"


NUMBER_FORMATS = {
    Amount.PERCENT: "0.0 %",
    Amount.QUOTIENT: "0.00",
    Amount.DAY: '0.0" 天"',
    Amount.MINUTE: '0.0" 分钟"',
    Amount.YUAN: '0.00" 元"',
    Amount.COUNT: "#,##0",
}
"""The number format of a cell."""
UNITS = {
    Amount.PERCENT: "%",
    Amount.QUOTIENT: "比值\nratio",
    Amount.DAY: "天\ndays",
    Amount.MINUTE: "分钟\nminutes",
    Amount.YUAN: "元/百元\nyuan",
    Amount.COUNT: "个\nnumber",
}
"""The unit in both languages."""
SHOWN_DECIMALS = {
    Amount.PERCENT: 1, Amount.QUOTIENT: 2, Amount.DAY: 1, Amount.MINUTE: 1, Amount.YUAN: 2, Amount.COUNT: 0,
}  # fmt: skip
"""How many decimals are shown; of a per cent, those of its hundredths."""
_UNITS_IN_WORDS = {
    Amount.PERCENT: (" %", " 点"),
    Amount.QUOTIENT: ("", ""),
    Amount.DAY: (" 天", " 天"),
    Amount.MINUTE: (" 分钟", " 分钟"),
    Amount.YUAN: (" 元", " 元"),
    Amount.COUNT: ("", ""),
}
"""The unit of a value and that of a change."""


def amount_of(indicator: str, unit: str) -> Amount:
    """Return what an indicator's values are of."""
    if unit != Unit.RATIO:
        return {Unit.DAY: Amount.DAY, Unit.MINUTE: Amount.MINUTE}.get(Unit(unit), Amount.YUAN)
    entry = INDICATORS.get(indicator)
    set_against = entry is not None and entry.kind is not Kind.GROWTH and not entry.parts_add_up
    return Amount.QUOTIENT if set_against else Amount.PERCENT


def amount_of_target(target_id: str) -> Amount:
    """Return what a target's values are of."""
    target = TARGETS.get(target_id)
    measure = target.measure if target else None
    return Amount.COUNT if isinstance(measure, OfQuery) and measure.counts else Amount.PERCENT


def in_words(amount: Amount, value: float) -> str:
    """Return a value as text, with its unit."""
    return f"{_rounded(value * _times(amount), SHOWN_DECIMALS[amount]):,}{_UNITS_IN_WORDS[amount][0]}"


def change_in_words(amount: Amount, change: float) -> str:
    """Return a change of a value as text, with its sign; 点 are points of a per cent."""
    decimals = max(SHOWN_DECIMALS[amount], 1)
    return f"{_rounded(change * _times(amount), decimals):+,}{_UNITS_IN_WORDS[amount][1]}"


def _times(amount: Amount) -> int:
    return 100 if amount is Amount.PERCENT else 1


def _rounded(value: float, decimals: int) -> Decimal:
    """Round as spreadsheets do, halves away from zero, so that the brief says what the workbook shows."""
    exact = Decimal(str(round(value, DECIMALS)))
    # Plus zero has no minus sign.
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0
