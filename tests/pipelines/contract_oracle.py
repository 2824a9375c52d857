"""The contract's judgement of a row once more, in plain Python and row by row, as the contract's text has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from contracts.code_sets import CODE_SETS
from contracts.divisions import known_codes
from contracts.schema import Column, Feed, Type
from contracts.standards import credit_code, icd10, institution_code

Value = str | date | datetime | Decimal | bool | None
Texts = Mapping[str, str | None]

_BOOLEANS = {"1": True, "是": True, "Y": True, "TRUE": True, "0": False, "否": False, "N": False, "FALSE": False}
_NOTHING = ("", "NULL", r"\N")
_NOTHING_OPTIONAL = (*_NOTHING, "无", "不详", "-", "/")
_STANDARDS = {
    "GB/T 2260": lambda code: code in known_codes(),
    "WS 218": institution_code.is_valid,
    "GB 32100": credit_code.is_valid,
    "ICD-10": icd10.is_valid,
}
_AHEAD = ("slot_start", "slot_end")
_RANGES = {
    "systolic_bp": (40, 300), "diastolic_bp": (20, 200), "fasting_glucose": (1, 50), "beds": (0, None),
    "scans": (0, None), "failures": (0, None), "activated": (0, None), "total_fee": (0, None), "drug_fee": (0, None),
    "consumables_fee": (0, None), "exam_fee": (0, None), "medfee_sumamt": (0, None), "inscp_scp_amt": (0, None),
    "fund_pay_sumamt": (0, None), "acct_pay": (0, None), "psn_cash_pay": (0, None),
}  # fmt: skip
_AT_MOST = [
    ("drug_fee", "total_fee"), ("consumables_fee", "total_fee"), ("exam_fee", "total_fee"),
    ("inscp_scp_amt", "medfee_sumamt"), ("failures", "scans"),
]  # fmt: skip
_ORDER = [
    ("start_at", "end_at"), ("begin_at", "end_at"), ("opened_on", "closed_on"), ("slot_start", "slot_end"),
    ("requested_at", "arranged_at"), ("requested_at", "completed_at"),
]  # fmt: skip
_EVENTS = {"population": "death_date", "ehr": "created_on", "emr": "start_at", "insurance": "begin_at"}


class Misspelt(Exception):
    """A text that is not an accepted spelling of its column."""


def half_width(text: str) -> str:
    """Return the text with full-width forms in half width, without blanks around it."""
    return "".join(
        " " if c == "\u3000" else chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text
    ).strip(" \t\r\n")


def value_of(column: Column, text: str | None) -> Value:
    """Return what a delivered text means, None where nothing is given; Misspelt where it is not accepted."""
    given = (text or "").strip(" \t\u3000") if column.type is Type.STRING else half_width(text or "")
    if given in (_NOTHING if column.required else _NOTHING_OPTIONAL):
        return None
    if column.type is Type.STRING:
        return given
    if column.type is Type.CODE:
        return _code(column, given.upper())
    if column.type is Type.DATE:
        return _date(given)
    if column.type is Type.DATETIME:
        return _datetime(given)
    if column.type is Type.BOOLEAN:
        if given.upper() not in _BOOLEANS:
            raise Misspelt
        return _BOOLEANS[given.upper()]
    return _number(given, whole=column.type is Type.INTEGER)


def _code(column: Column, code: str) -> str:
    code_set = CODE_SETS[column.code_set]
    if not (_STANDARDS[column.code_set](code) if column.code_set in _STANDARDS else code in code_set):
        raise Misspelt
    return code


def _date(text: str) -> date:
    for form in ("%Y%m%d", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            found = datetime.strptime(text, form)
        except ValueError:
            continue
        if found.strftime(form) == text:
            return found.date()
    raise Misspelt


def _datetime(text: str) -> datetime:
    offset = timedelta()
    plain = text
    if match := re.fullmatch(r"(.*T.*)(Z|[+-]\d\d:\d\d)", text):
        plain, told = match.groups()
        if told != "Z":
            offset = timedelta(hours=int(told[:3]), minutes=int(told[0] + told[4:]))
        offset = timedelta(hours=8) - offset
    for form in ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            found = datetime.strptime(plain, form)
        except ValueError:
            continue
        if found.strftime(form) == plain:
            return found + offset
    return datetime.combine(_date(text), datetime.min.time())


def _number(text: str, whole: bool) -> Decimal:
    if "," in text and not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        raise Misspelt
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text.replace(",", ""), re.ASCII):
        raise Misspelt
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise Misspelt from None
    if whole and "." in text:
        raise Misspelt
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


def key_of(feed: Feed, texts: Texts) -> str:
    """Return the source key of a row that is not refused."""
    return "|".join(str(value_of(feed.column(name), texts.get(name))) for name in feed.key)


def updated_at(feed: Feed, texts: Texts) -> datetime:
    """Return when a row that is not refused was updated."""
    found = value_of(feed.column("updated_at"), texts.get("updated_at"))
    assert isinstance(found, datetime)
    return found


def is_deletion(feed: Feed, texts: Texts) -> bool:
    """Say whether a row is a deletion."""
    try:
        return feed.has("op") and value_of(feed.column("op"), texts.get("op")) == "D"
    except Misspelt:
        return False


def refused_for(feed: Feed, texts: Texts, extracted_at: datetime) -> set[str]:
    """Return the columns for which a row is refused; none where it is accepted."""
    deletion = is_deletion(feed, texts)
    values: dict[str, Value] = {}
    wrong: set[str] = set()
    for column in feed.columns:
        if deletion and column.name not in (*feed.key, "op", "updated_at"):
            continue
        try:
            values[column.name] = value_of(column, texts.get(column.name))
        except Misspelt:
            values[column.name] = None
            wrong.add(column.name)
        else:
            if column.required and values[column.name] is None:
                wrong.add(column.name)
    return wrong | _of_values(feed, values, extracted_at)


def _of_values(feed: Feed, values: Mapping[str, Value], extracted_at: datetime) -> set[str]:
    wrong: set[str] = set()
    for name, value in values.items():
        if isinstance(value, (date, datetime)) and name not in _AHEAD and _day_or_time(value, extracted_at):
            wrong.add(name)
        low, high = _RANGES.get(name, (None, None))
        if isinstance(value, Decimal) and not (low is None or low <= value) & (high is None or value <= (high or 0)):
            wrong.add(name)
    for part, whole in _AT_MOST:
        a, b = values.get(part), values.get(whole)
        if isinstance(a, Decimal) and isinstance(b, Decimal) and a > b:
            wrong.add(part)
    for first, then in _ORDER:
        earlier, later = values.get(first), values.get(then)
        if isinstance(earlier, date) and isinstance(later, date) and later < earlier:
            wrong.add(then)
    birth, event = values.get("birth_date"), values.get(_EVENTS.get(feed.name, ""))
    if isinstance(birth, date):
        day = event.date() if isinstance(event, datetime) else event
        if birth < date(1880, 1, 1) or (isinstance(day, date) and birth > day):
            wrong.add("birth_date")
    return wrong | _of_feed(feed, values, extracted_at)


def _of_feed(feed: Feed, values: Mapping[str, Value], extracted_at: datetime) -> set[str]:
    month, function, card = (values.get(name) for name in ("month", "function_code", "health_code"))
    is_month = isinstance(month, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) is not None
    if isinstance(month, str) and (not is_month or month > f"{extracted_at:%Y-%m}"):
        return {"month"}
    if isinstance(function, str) and function not in {f"F{n:02d}" for n in range(1, 61)}:
        return {"function_code"}
    if isinstance(card, str) and not re.fullmatch("[0-9A-F]{64}", card):
        return {"health_code"}
    if feed.name == "insurance":
        parts = [values.get(name) for name in ("fund_pay_sumamt", "acct_pay", "psn_cash_pay", "medfee_sumamt")]
        fund, account, cash, total = parts
        if isinstance(fund, Decimal) and isinstance(cash, Decimal) and isinstance(total, Decimal):
            paid = fund + cash + (account if isinstance(account, Decimal) else 0)
            if abs(paid - total) > Decimal("0.01"):
                return {"medfee_sumamt"}
    return set()


def _day_or_time(value: date, extracted_at: datetime) -> bool:
    return value > extracted_at if isinstance(value, datetime) else value > extracted_at.date()
