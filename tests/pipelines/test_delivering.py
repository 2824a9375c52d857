"""The guide for cities: current, in both languages, and true of what reads a delivery."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest

from contracts import spellings
from contracts.feeds import FEEDS
from contracts.schema import Type
from pipelines.delivering import guide, prose
from pipelines.delivering.chinese import MEANINGS, SCOPES
from pipelines.receipts.report import Finding, Report
from pipelines.sources.manifest import parse_manifest
from quality.checks import all_checks

PARSERS = {
    Type.DATE: spellings.parse_date,
    Type.DATETIME: spellings.parse_datetime,
    Type.BOOLEAN: spellings.parse_boolean,
    Type.INTEGER: spellings.parse_integer,
    Type.DECIMAL: spellings.parse_decimal,
}


@pytest.mark.parametrize("name", guide.PAGES)
def test_the_page_is_current(name: str) -> None:
    assert (guide.DOCS / name).read_text(encoding="utf-8") == guide.pages()[name], "run `make docs`"


@pytest.mark.parametrize("name", guide.PAGES)
def test_the_page_has_every_column_and_check(name: str) -> None:
    page = guide.pages()[name]
    for feed in FEEDS.values():
        section = page.partition(f"### {feed.name} {feed.zh}\n")[2].partition("\n### ")[0]
        rows = {row[1].strip(): row for line in section.splitlines() if (row := line.split("|"))[1:]}
        for column in feed.columns:
            _, _, zh, kind, _, code_set, level, rules, _, _ = rows[f"`{column.name}`"]
            assert (zh.strip(), kind.strip(), code_set.strip()) == (column.zh, column.type, column.code_set)
            assert int(level) == column.level
            of_column = [c for c in all_checks(feed) if c.column == column.name]
            assert re.findall(r"`(\w+)`", rules) == [check.id.split(".")[2] for check in of_column]


def test_the_example_is_a_manifest_and_names_every_field_that_the_guide_explains() -> None:
    parse_manifest(json.dumps(guide.EXAMPLE).encode())
    (file,) = guide.EXAMPLE["files"]
    assert list(prose.FIELDS) == [*guide.EXAMPLE, *(f"files[].{name}" for name in file)]


@pytest.mark.parametrize("kind", prose.SPELLINGS)
def test_every_spelling_that_the_guide_shows_is_accepted(kind: Type) -> None:
    examples, _ = prose.SPELLINGS[kind]
    assert [text for text in examples if PARSERS[kind](text) is None] == []


def test_the_fields_of_a_receipt_are_all_explained() -> None:
    assert list(prose.RECEIPT) == [field.name for field in fields(Report)]
    assert list(prose.FINDING) == [field.name for field in fields(Finding)]


def test_every_note_of_the_contract_has_its_chinese() -> None:
    assert set(SCOPES) == set(FEEDS)
    notes = {line.rsplit("|", 2)[1].strip() for line in guide.pages()["delivering.zh-CN.md"].splitlines()
             if line.count("|") == 9}  # fmt: skip
    english = {note for note in notes if re.fullmatch(r"[\x00-\x7f]*[a-z]{2,} [a-z]{2,}[\x00-\x7f]*", note)}
    assert english == set()
    assert {column.meaning for feed in FEEDS.values() for column in feed.columns} >= set(MEANINGS)
