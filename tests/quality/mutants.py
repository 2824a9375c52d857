"""Mutants of the row checks: each check switched off, loosened or made over-strict, one at a time.

`python -m tests.quality.mutants` writes docs/quality.md with what became of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from contracts.code_sets import CODE_SETS
from contracts.schema import Column, Feed, Type
from quality.checks import Check, Severity, register_checks, row_checks


@dataclass(frozen=True, slots=True)
class Mutant:
    """A check and what stands in its place; `change` tells it from the check's other mutants of the kind."""

    kind: str
    change: str
    check: Check
    mutated: Check


KINDS = {
    "off": ("关闭", "switched off"),
    "loosened": ("放宽一个单位、一类字符或一个条件", "looser by a unit, a class of characters or a condition"),
    "null": ("空值判断反转", "NULL judged the other way"),
    "tightened": ("收紧一个单位或一个允许值", "over-strict by a unit or an allowed value"),
    "severity": ("错误与警告互换", "error and warning swapped"),
    "spelling": ("是否折叠全角后重读反转", "read again with full-width forms folded, or not"),
    "deletion": ("删除行是否适用反转", "deletions judged, or spared"),
}
"""The kinds of mutants, in both languages."""

_UNIT = {Type.DATE: "1", Type.DATETIME: "INTERVAL 1 SECOND", Type.INTEGER: "1", Type.DECIMAL: "0.01"}
_LOOKS_RIGHT = {
    "GB/T 2260": r"regexp_full_match({0}, '\d{{6}}')", "WS 218": "length({0}) = 22", "GB 32100": "length({0}) = 18",
    "ICD-10": r"regexp_matches({0}, '[A-Z]\d')",
}  # fmt: skip


def mutants(feed: Feed) -> Iterator[Mutant]:
    """Yield the mutants of the feed's checks, each check's together."""
    for check in row_checks(feed):
        swapped = Severity.WARNING if check.severity is Severity.ERROR else Severity.ERROR
        yield Mutant("off", "", check, replace(check, violated="false"))
        yield Mutant("severity", swapped, check, replace(check, severity=swapped))
        yield Mutant("spelling", str(not check.of_spelling), check, replace(check, of_spelling=not check.of_spelling))
        if feed.has("op"):
            elsewhere = next(c.name for c in feed.columns if c.name not in (*feed.key, "op", "updated_at"))
            column = elsewhere if check.column in (*feed.key, "op", "updated_at") else "op"
            yield Mutant("deletion", "", check, replace(check, column=column))
        for kind, change, violated in _conditions(feed, check):
            assert violated != check.violated, (check.id, kind, change)
            yield Mutant(kind, change, check, replace(check, violated=violated))


def register_mutants(feed: Feed) -> Iterator[Mutant]:
    """Yield the mutants of the feed's checks against the register."""
    for check in register_checks(feed):
        name = check.column
        for kind, change, violated in (
            ("off", "", "false"),
            ("loosened", "the organisation alone", f"{name}[:9] NOT IN (SELECT org_code[:9] FROM register)"),
            ("null", "", check.violated.replace(f"{name} IS NOT NULL AND ", "")),
            ("tightened", "always", "true"),
        ):
            yield Mutant(kind, change, check, replace(check, violated=violated))


def _conditions(feed: Feed, check: Check) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, what is changed, condition) of a check's mutated conditions, by what its condition says."""
    sql, column = check.violated, feed.column(check.column)
    yield "tightened", "always", "true"
    for says, otherwise in (("ELSE false END", "ELSE true END"), (", false)", ", true)"), (", true)", ", false)")):
        if sql.endswith(says):
            yield "null", "", sql.removesuffix(says) + otherwise
    rule = check.id.rpartition(".")[2]
    if rule == "required":
        if column.type not in (Type.STRING, Type.CODE):
            yield "tightened", "what doesn't parse is missing", f"{sql} OR {column.name} IS NULL"
        yield "loosened", "an empty text is given", f"text_{column.name} = ''"
    elif rule == "type":
        yield "loosened", "any text with a digit", rf"{sql} AND NOT regexp_matches(text_{column.name}, '\d')"
        yield "loosened", "any text without a digit", rf"{sql} AND regexp_matches(text_{column.name}, '\d')"
        yield "null", "", f"{column.name} IS NULL"
    elif rule == "code":
        yield from _codes(check, column)
    elif "regexp_full_match" in sql:
        yield from _patterns(sql)
    elif rule == "sum":
        yield from _sums(sql)
    elif column.name == "id_no" or column.name == "phone":
        yield from _warnings(sql)
    else:
        yield from _bounds(sql, column)


def _codes(check: Check, column: Column) -> Iterator[tuple[str, str, str]]:
    name, code_set = column.name, CODE_SETS[column.code_set]
    codes = [code.code for code in (*code_set.codes, *code_set.extensions)]
    if not codes:
        alike = _LOOKS_RIGHT[column.code_set].format(name)
    else:
        alike = f"length({name}) = {len(codes[0])}"
        for code in codes:
            listed = re.sub(rf"'{code}'(, )?", "", check.violated).replace(", )", ")")
            yield "tightened", f"without {code}", listed
    yield "loosened", "any code of that shape", f"({check.violated}) AND NOT ({alike})"
    yield "loosened", "any code of another shape", f"({check.violated}) AND ({alike})"


def _patterns(sql: str) -> Iterator[tuple[str, str, str]]:
    yield "loosened", "part of the text matches", sql.replace("regexp_full_match", "regexp_matches")
    wider = {
        r"\d{4}": r"\d{2,4}", "(0[1-9]|1[0-2])": r"\d\d", "0[1-9]|1[0-2]": "0[0-9]|1[0-2]", "1[0-2]": "1[0-3]",
        "0[1-9]|[1-5]": "[0-5]", "60": r"6\d", "0-9A-F": "0-9A-G", "{64}": "{63,64}",
    }  # fmt: skip
    narrower = {"1[0-2]": "1[01]", "0[1-9]": "0[2-9]", "|60": "", "0-9A-F": "0-9A-E", "{64}": "{65}", "[1-5]": "[1-4]"}
    for kind, parts in (("loosened", wider), ("tightened", narrower)):
        for part, other in parts.items():
            if part in sql:
                yield kind, f"`{part}` → `{other}`".replace("|", "\\|"), sql.replace(part, other)


def _sums(sql: str) -> Iterator[tuple[str, str, str]]:
    account = "CASE WHEN text_acct_pay IS NULL THEN 0 ELSE acct_pay END"
    yield "loosened", "0.02", sql.replace("> 0.01", "> 0.02")
    yield "loosened", "too little passes", sql.replace("abs(", "(")
    yield "loosened", "too much passes", sql.replace("abs(", "-(")
    yield "loosened", "no account, no sum", sql.replace(account, "acct_pay")
    yield "tightened", "0.00", sql.replace("> 0.01", "> 0.00")
    yield "tightened", "without the account", sql.replace(f" + {account}", "")
    yield "null", "", sql.replace(account, "coalesce(acct_pay, 0)")
    yield "tightened", "without the fund", sql.replace("fund_pay_sumamt + ", "")
    yield "tightened", "without the cash", sql.replace(" + psn_cash_pay", "")


def _warnings(sql: str) -> Iterator[tuple[str, str, str]]:
    if "id_type" in sql:
        yield "loosened", "a number without its type", sql.replace("'01') = '01'", "'03') = '01'")
        yield "tightened", "a number of any type", sql.replace(" AND coalesce(id_type, '01') = '01'", "")
        yield "null", "", sql.replace("id_no IS NOT NULL AND ", "")
    if "phone" in sql:
        yield "loosened", "any text with a digit", sql.replace("phone_is_valid(phone)", r"regexp_matches(phone, '\d')")
        yield "tightened", "mobile numbers alone", sql.replace("phone_is_valid(phone)", "length(phone) = 11")


def _bounds(sql: str, column: Column) -> Iterator[tuple[str, str, str]]:
    """Yield the mutants of `a > b`, `a < b` and `a NOT BETWEEN b AND c`."""
    if between := re.search(r"NOT BETWEEN (\d+) AND (\d+)", sql):
        low, high, unit = int(between[1]), int(between[2]), float(_UNIT[column.type])
        for kind, by in (("loosened", unit), ("tightened", -unit)):
            yield kind, "lowest", sql.replace(between[0], f"NOT BETWEEN {low - by:g} AND {high}")
            yield kind, "highest", sql.replace(between[0], f"NOT BETWEEN {low} AND {high + by:g}")
        return
    compared = re.search(r"\((\w+) ([<>]) (.+), false\)$", sql)
    assert compared, sql
    left, sign, right = compared.groups()
    beyond = "+" if sign == ">" else "-"
    if column.name == "month":
        further = "strftime(extracted_at + INTERVAL 1 MONTH, '%Y-%m')"
    else:
        further = f"{right} {beyond} {_UNIT[column.type]}"
    yield "loosened", f"{beyond} 1", f"coalesce({left} {sign} {further}, false)"
    yield "tightened", f"{sign}=", f"coalesce({left} {sign}= {right}, false)"


if __name__ == "__main__":
    from tests.quality.quality_page import write_page

    write_page()
