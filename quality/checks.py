"""The row checks as data: generated from the contract where it can say them, listed here where it can't.

A check is an SQL condition that is true for the rows that violate it. It reads the relation that cleaning gives it:
every column typed under its identifier, its delivered text under `text_<identifier>` (without white ends, NULL where
nothing is given), the verdict on a code that a standard's rule validates as `<identifier>_is_valid`, and the delivery's
`extracted_at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from contracts.code_sets import CODE_SETS, sql_code_is_valid
from contracts.schema import Column, Feed, Type


class Severity(StrEnum):
    """Whether a violating row is refused, or kept and counted."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """One row check: `violated` is its SQL condition; its id is kept with every row that it refuses.

    `of_spelling` says that it judges how a value is written, so that folding full-width forms may heal it.
    """

    id: str
    column: str
    severity: Severity
    zh: str
    en: str
    violated: str
    of_spelling: bool = False


_EARLIEST_BIRTH = "DATE '1880-01-01'"
_MAY_LIE_AHEAD = {("booking", "slot_start"), ("booking", "slot_end")}
_NOT_NEGATIVE = {
    "emr": ("total_fee", "drug_fee", "consumables_fee", "exam_fee"),
    "insurance": (
        "medfee_sumamt",
        "inscp_scp_amt",
        "fund_pay_sumamt",
        "acct_pay",
        "psn_cash_pay",
        "drug_fee",
    ),
    "institution": ("beds",),
    "code_usage": ("scans", "failures"),
    "code_activation": ("activated",),
}
_RANGES = {
    ("ehr", "systolic_bp"): (40, 300),
    ("ehr", "diastolic_bp"): (20, 200),
    ("ehr", "fasting_glucose"): (1, 50),
}
_AT_MOST = {
    "emr": (("drug_fee", "total_fee"), ("consumables_fee", "total_fee"), ("exam_fee", "total_fee")),
    "insurance": (("inscp_scp_amt", "medfee_sumamt"),),
    "code_usage": (("failures", "scans"),),
}
_IN_ORDER = {
    "emr": (("start_at", "end_at"),),
    "insurance": (("begin_at", "end_at"),),
    "institution": (("opened_on", "closed_on"),),
    "booking": (("slot_start", "slot_end"),),
    "telemedicine": (("requested_at", "arranged_at"), ("requested_at", "completed_at")),
}
_EVENTS = {"population": "death_date", "ehr": "created_on", "emr": "start_at", "insurance": "begin_at"}
_PATTERNS = {
    ("platform_connection", "month"): r"\d{4}-(0[1-9]|1[0-2])",
    ("platform_function", "function_code"): r"F(0[1-9]|[1-5]\d|60)",
    ("emr", "health_code"): r"[0-9A-F]{64}",
}


@cache
def row_checks(feed: Feed) -> tuple[Check, ...]:
    """Return the feed's row checks, errors first; their order is the order of the bits in a row's `failed` mask."""
    checks = [check for column in feed.columns for check in _column_checks(feed, column)]
    checks += _relation_checks(feed)
    checks += _identity_warnings(feed)
    if len(checks) > 62:
        raise AssertionError(f"{feed.name} has more checks than a mask holds")
    return tuple(checks)


@cache
def register_checks(feed: Feed) -> tuple[Check, ...]:
    """Return the warnings on institutions that the register lacks; `violated` reads `register` (org_code).

    They judge a delivery and not a row alone: the register is what other deliveries said.
    """
    if feed.name == "institution":
        return ()
    zh, en = "机构不在名录中", "institution is not in the register"
    return tuple(
        Check(
            f"{feed.name}.{column.name}.register",
            column.name,
            Severity.WARNING,
            zh,
            en,
            f"{column.name} IS NOT NULL AND {column.name} NOT IN (SELECT org_code FROM register)",
        )
        for column in feed.columns
        if column.code_set == "WS 218"
    )


def all_checks(feed: Feed) -> tuple[Check, ...]:
    """Return what is checked of the feed's rows: each by itself, then those that the register judges."""
    return (*row_checks(feed), *register_checks(feed))


def failed_mask(feed: Feed) -> str:
    """Return the SQL of a row's failed checks as a BIGINT, a bit a check.

    A deletion needs its key and `updated_at` alone to be right: other checks don't apply to it.
    """
    terms = []
    for bit, check in enumerate(row_checks(feed)):
        condition = check.violated
        if feed.has("op") and check.column not in (*feed.key, "op", "updated_at"):
            condition = f"(op IS DISTINCT FROM 'D') AND ({condition})"
        terms.append(f"CASE WHEN {condition} THEN {1 << bit} ELSE 0 END")
    return "(" + "\n + ".join(terms) + ")::BIGINT"


def error_mask(feed: Feed) -> int:
    """Return the bits of the checks that refuse a row."""
    return sum(1 << bit for bit, check in enumerate(row_checks(feed)) if check.severity is Severity.ERROR)


def spelling_mask(feed: Feed) -> int:
    """Return the bits of the checks that judge how a value is written."""
    return sum(1 << bit for bit, check in enumerate(row_checks(feed)) if check.of_spelling)


def _error(feed: Feed, column: str, what: str, zh: str, en: str, violated: str, of_spelling: bool = False) -> Check:
    return Check(f"{feed.name}.{column}.{what}", column, Severity.ERROR, zh, en, violated, of_spelling)


def _column_checks(feed: Feed, column: Column) -> list[Check]:
    name, checks = column.name, []
    if column.required:
        zh, en = "必填值缺失", "required value missing"
        checks.append(_error(feed, name, "required", zh, en, f"text_{name} IS NULL"))
    if column.type is Type.CODE:
        listed = CODE_SETS[column.code_set].macro == ""
        valid = sql_code_is_valid(column.code_set, name) if listed else f"{name}_is_valid"
        zh, en = f"代码不在 {column.code_set} 中", f"code outside {column.code_set}"
        violated = f"CASE WHEN {name} IS NOT NULL THEN NOT ({valid}) ELSE false END"
        checks.append(_error(feed, name, "code", zh, en, violated, of_spelling=listed))  # ruled codes come folded
    elif column.type is not Type.STRING:
        zh, en = f"不是 {column.type} 的合规写法", f"not an accepted spelling of a {column.type}"
        checks.append(_error(feed, name, "type", zh, en, f"{name} IS NULL AND text_{name} IS NOT NULL", True))
    if (feed.name, name) in _PATTERNS:
        pattern = _PATTERNS[feed.name, name]
        zh, en = "格式有误", "wrong form"
        checks.append(_error(feed, name, "form", zh, en, f"NOT coalesce(regexp_full_match({name}, '{pattern}'), true)"))
    if column.type in (Type.DATE, Type.DATETIME) and (feed.name, name) not in _MAY_LIE_AHEAD:
        limit = "extracted_at" if column.type is Type.DATETIME else "extracted_at::DATE"
        checks.append(
            _error(
                feed, name, "future", "晚于提取时间", "later than the extraction", f"coalesce({name} > {limit}, false)"
            )
        )
    if name == "birth_date":
        zh, en = "出生早于 1880 年", "born before 1880"
        checks.append(_error(feed, name, "range", zh, en, f"coalesce({name} < {_EARLIEST_BIRTH}, false)"))
    if name in _NOT_NEGATIVE.get(feed.name, ()):
        checks.append(_error(feed, name, "range", "为负数", "negative", f"coalesce({name} < 0, false)"))
    if (feed.name, name) in _RANGES:
        low, high = _RANGES[feed.name, name]
        zh, en = f"不在 {low} 至 {high} 之间", f"not between {low} and {high}"
        checks.append(_error(feed, name, "range", zh, en, f"coalesce({name} NOT BETWEEN {low} AND {high}, false)"))
    return checks


def _relation_checks(feed: Feed) -> list[Check]:
    checks = []
    for part, whole in _AT_MOST.get(feed.name, ()):
        zh, en = f"大于 {whole}", f"more than {whole}"
        checks.append(_error(feed, part, f"most_{whole}", zh, en, f"coalesce({part} > {whole}, false)"))
    for first, then in _IN_ORDER.get(feed.name, ()):
        zh, en = f"早于 {first}", f"before {first}"
        checks.append(_error(feed, then, f"order_{first}", zh, en, f"coalesce({then} < {first}, false)"))
    if feed.name in _EVENTS:
        event = _EVENTS[feed.name]
        zh, en = f"出生晚于 {event}", f"born after {event}"
        checks.append(_error(feed, "birth_date", "after_event", zh, en, f"coalesce(birth_date > {event}::DATE, false)"))
    if feed.name == "insurance":
        account = "CASE WHEN text_acct_pay IS NULL THEN 0 ELSE acct_pay END"
        total = f"fund_pay_sumamt + {account} + psn_cash_pay - medfee_sumamt"
        zh, en = "基金、账户与现金之和不等于总额", "fund, account and cash don't add up to the total"
        checks.append(_error(feed, "medfee_sumamt", "sum", zh, en, f"coalesce(abs({total}) > 0.01, false)"))
    if feed.name == "platform_connection":
        violated = "coalesce(month > strftime(extracted_at, '%Y-%m'), false)"
        checks.append(_error(feed, "month", "future", "晚于提取时间", "later than the extraction", violated))
    return checks


def _identity_warnings(feed: Feed) -> list[Check]:
    def warning(column: str, what: str, zh: str, en: str, violated: str) -> Check:
        return Check(f"{feed.name}.{column}.{what}", column, Severity.WARNING, zh, en, violated)

    checks = []
    if feed.has("id_no"):
        is_id = "id_no IS NOT NULL AND coalesce(id_type, '01') = '01'"
        checks += [
            warning("id_no", "invalid", "身份证号无效", "ID number is invalid", f"{is_id} AND NOT id_number_valid"),
            warning("id_no", "sex", "与性别不符", "ID number disagrees with sex", "id_sex_disagrees"),
            warning("id_no", "birth", "与出生日期不符", "ID number disagrees with birth date", "id_birth_disagrees"),
        ]
    if feed.has("phone"):
        violated = "CASE WHEN phone IS NOT NULL THEN NOT phone_is_valid(phone) ELSE false END"
        checks.append(warning("phone", "form", "电话格式有误", "phone is malformed", violated))
    return checks
