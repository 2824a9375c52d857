"""Cases that the contract itself gives: each column missing, misspelt, in full width, later than the extraction.

And for each code of a closed set that it is taken, for each case that a deletion is spared what isn't its key's.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.code_sets import CODE_SETS
from contracts.feeds import FEEDS
from contracts.schema import Column, Feed, Type

from .quality_cases import CASES, HOSPITAL, OF_PERSONS, SOUND

Row = dict[str, str]
Case = tuple[Row, frozenset[str]]
"""A whole row, and the checks that it fails, without the feed's name."""

AHEAD = {("booking", "slot_start"), ("booking", "slot_end")}
"""The times that may lie ahead."""

_BORN_AFTER = {("ehr", "birth_date"), ("emr", "birth_date"), ("insurance", "birth_date")}
_LATEST = {Type.DATE: ("2018-12-01", "2018-12-02"), Type.DATETIME: ("2018-12-01 02:00:00", "2018-12-01 02:00:01")}
"""The latest that the extraction allows, and what comes next."""

_SAMPLE = {
    Type.DATE: "2018-11-05", Type.DATETIME: "2018-11-05 08:00:00", Type.INTEGER: "60", Type.DECIMAL: "5.6",
    Type.BOOLEAN: "1",
}  # fmt: skip
_MISSPELT = {
    Type.DATE: ("?", "2018-02-30"), Type.DATETIME: ("?", "2018-11-05 24:00:00"), Type.INTEGER: ("?", "1.5"),
    Type.DECIMAL: ("?", "10,00"), Type.BOOLEAN: ("?", "2"),
}  # fmt: skip
_RULED = {
    "GB/T 2260": ("440106", "449999"),
    "WS 218": (HOSPITAL, "D2143569944010011A1001"),
    "GB 32100": ("91350100M000100Y43", "91350100M000100Y44"),
    "ICD-10": ("I10.X00X002", "I1-"),
}
"""Of each code set that a standard's rule validates: a code, and what only looks like one."""

_MAN = {"sex_code": "1", "birth_date": "1990-03-07"}
_FULL_WIDTH = {ord(" "): 0x3000} | {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def cases(feed: Feed) -> list[Case]:
    """Return all cases of a feed: those written by hand, those of the contract, and their deletions."""
    sound = SOUND[feed.name]
    by_hand = [(sound | changed, frozenset(found.split())) for changed, found in CASES.get(feed.name, [])]
    given = [*by_hand, *_contract_cases(feed)]
    if feed.is_person:
        given += [(sound | _MAN | changed, frozenset(found.split())) for changed, found in OF_PERSONS]
    deletions = [_deletion(feed, case) for case in given if feed.has("op") and case[0].get("op") == sound.get("op")]
    return [*given, *deletions]


def all_cases() -> dict[str, list[Case]]:
    """Return the cases of every feed."""
    return {name: cases(feed) for name, feed in FEEDS.items()}


def _contract_cases(feed: Feed) -> Iterator[Case]:
    sound = SOUND[feed.name]
    yield {}, frozenset(f"{column.name}.required" for column in feed.columns if column.required)
    for column in feed.columns:
        name = column.name
        if column.required:
            yield sound | {name: ""}, frozenset({f"{name}.required"})
        if column.type is Type.STRING:
            continue
        taken = _taken(column)
        yield sound | {name: f" {sound.get(name) or taken[0]}\t".translate(_FULL_WIDTH)}, frozenset()
        if column.type is Type.CODE:
            yield from ((sound | {name: code}, frozenset()) for code in taken)
        rule = "code" if column.type is Type.CODE else "type"
        yield from ((sound | {name: text}, frozenset({f"{name}.{rule}"})) for text in _refused(column))
        if column.type in _LATEST and (feed.name, name) not in AHEAD:
            latest, later = _LATEST[column.type]
            also = {f"{name}.after_event"} if (feed.name, name) in _BORN_AFTER else set()
            yield sound | {name: latest}, frozenset(also)
            yield sound | {name: later}, frozenset({f"{name}.future"} | also)


def _taken(column: Column) -> list[str]:
    if column.type is not Type.CODE:
        return [_SAMPLE[column.type]]
    code_set = CODE_SETS[column.code_set]
    return [code.code for code in (*code_set.codes, *code_set.extensions)] or [_RULED[column.code_set][0]]


def _refused(column: Column) -> tuple[str, ...]:
    if column.type is not Type.CODE:
        return _MISSPELT[column.type]
    if column.code_set in _RULED:
        return ("????", _RULED[column.code_set][1])
    shape = CODE_SETS[column.code_set].codes[0].code
    return ("????", next(code for code in ("8", "特", "S", "08", "888", "T04") if len(code) == len(shape) and
                      code not in CODE_SETS[column.code_set]))  # fmt: skip


def _deletion(feed: Feed, case: Case) -> Case:
    """Return the same row as a deletion: its key, `op` and `updated_at` alone are judged."""
    row, found = case
    judged = {*feed.key, "op", "updated_at"}
    return row | {"op": "D"}, frozenset(check for check in found if check.split(".")[0] in judged)
