"""Numbers in words: values, changes and rates, rounded as the page's script rounds them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from warehouse.exports.amounts import SHOWN_DECIMALS, Amount
from warehouse.report.parts import Text

UNITS: dict[Amount, Text] = {
    Amount.PERCENT: ("%", "%"),
    Amount.QUOTIENT: ("比值", "ratio"),
    Amount.DAY: ("天", "days"),
    Amount.MINUTE: ("分钟", "minutes"),
    Amount.YUAN: ("元/百元", "yuan per 100"),
    Amount.COUNT: ("次", "number"),
}
"""The unit that stands with the name of what is counted."""
_MILLION = 1_000_000


def value_words(amount: Amount, value: float | None) -> str:
    """Return a value without its unit, but for the sign of per cent; a dash where there is none."""
    if value is None:
        return "—"
    if amount is Amount.PERCENT:
        return f"{_fixed(100 * value, 1)}%"
    return _fixed(value, SHOWN_DECIMALS[amount])


def change_words(amount: Amount, change: float, decimals: int | None = None) -> Text:
    """Return a change of a value with its sign and unit."""
    percent = amount is Amount.PERCENT
    told = _fixed(100 * change if percent else change, SHOWN_DECIMALS[amount] if decimals is None else decimals)
    if not any(digit in told for digit in "123456789"):
        told = f"±{told.lstrip('−')}"
    elif change > 0:
        told = f"+{told}"
    unit = ("个百分点", "points") if percent else UNITS[amount]
    return (told, told) if amount in (Amount.COUNT, Amount.QUOTIENT) else (f"{told} {unit[0]}", f"{told} {unit[1]}")


def share_words(part: int, whole: int) -> str:
    """Return a share as a per cent; a dash where there is nothing."""
    return f"{_fixed(100 * part / whole, 1)}%" if whole else "—"


def per_million(rate: float) -> str:
    """Return a rate as so many of a million."""
    return _fixed(rate * _MILLION, 0)


def grouped(number: float | None) -> str:
    """Return a count with its thousands apart; a dash where there is none."""
    return "—" if number is None else f"{Decimal(number).quantize(Decimal(1), ROUND_HALF_UP):,}"


def _fixed(number: float, decimals: int) -> str:
    """Return a number of so many decimals, halves away from zero, as the script's toFixed does."""
    told = f"{Decimal(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"
    return told.replace("-", "−")
