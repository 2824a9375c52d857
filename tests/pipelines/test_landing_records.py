"""Records and fields of CSV text: what is a row, on which line, and what can't be one."""

import csv
import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.landing.framing import MAX_FIELD_BYTES, MAX_RECORD_BYTES, blocks
from pipelines.landing.parse import parse
from pipelines.landing.utf8 import UndecodableText

from .fuzz_landing import fuzz, reference


def records(
    text: bytes, width: int, chunk: int = 1 << 20
) -> tuple[list[tuple[int, int, list[str]]], list[tuple[int, int, str]]]:
    """Return the rows as (ordinal, line, fields) and the malformed records as (ordinal, line, check)."""
    rows: list[tuple[int, int, list[str]]] = []
    bad: list[tuple[int, int, str]] = []
    before = 0
    for block in blocks(text[at : at + chunk] for at in range(0, len(text), chunk)):
        parsed = parse(block, [str(n) for n in range(width)], ",")
        assert parsed.table.num_rows + len(parsed.malformed) == parsed.count
        fields = [list(row.values()) for row in parsed.table.to_pylist()]
        rows += zip((parsed.ordinals + before).tolist(), parsed.lines.tolist(), fields, strict=True)
        bad += [(m.ordinal + before, m.line, m.check) for m in parsed.malformed]
        before += parsed.count
    return rows, bad


SPECIFICATIONS = {
    # text: rows as ordinal, line, fields; malformed as ordinal, line, check
    "a,b\nc,d\n": ([(0, 1, ["a", "b"]), (1, 2, ["c", "d"])], []),
    "a,b\r\nc,d": ([(0, 1, ["a", "b"]), (1, 2, ["c", "d"])], []),
    "a,b\n\n\r\nc,d\n\n": ([(0, 1, ["a", "b"]), (1, 4, ["c", "d"])], []),
    '"a\nb",c\nd,e\n': ([(0, 1, ["a\nb", "c"]), (1, 3, ["d", "e"])], []),
    '"a,""b""",c\n': ([(0, 1, ['a,"b"', "c"])], []),
    "a\nb,c\nd,e,f\n": ([(1, 2, ["b", "c"])], [(0, 1, "record.fields"), (2, 3, "record.fields")]),
    "a,b\nc,\0d\ne,f\n": ([(0, 1, ["a", "b"]), (2, 3, ["e", "f"])], [(1, 2, "record.nul")]),
    # quotes that don't follow RFC 4180: each line for itself
    'a,5" pipe\nb,6" pipe\n': ([(0, 1, ["a", '5" pipe']), (1, 2, ["b", '6" pipe'])], []),
    'a,"b\nc,d\n': ([(1, 2, ["c", "d"])], [(0, 1, "record.fields")]),
    'a,"b\n\n"c\nd,e\n': ([(2, 4, ["d", "e"])], [(0, 1, "record.fields"), (1, 3, "record.fields")]),
    '"a"b,c\nd,e\n': ([(1, 2, ["d", "e"])], [(0, 1, "record.fields")]),
    'a,5" pipe\nb,"x\ny"\n': ([(0, 1, ["a", '5" pipe']), (1, 2, ["b", "x\ny"])], []),
    'a,"x\ny",z\nb,6" pipe\n': ([(1, 3, ["b", '6" pipe'])], [(0, 1, "record.fields")]),
    # a return that ends no line
    "a\rb,c\nd,e\r": ([(1, 2, ["d", "e"])], [(0, 1, "record.fields")]),
    "a,b\r\r\nc,d\n": ([(1, 2, ["c", "d"])], [(0, 1, "record.fields")]),
    'a,"b\rc"\r\nd,e\n': ([(0, 1, ["a", "b\rc"]), (1, 2, ["d", "e"])], []),
    # a byte order mark is text
    "\ufeffa,b\n": ([(0, 1, ["\ufeffa", "b"])], []),
    "": ([], []),
    "\n\n": ([], []),
}


@pytest.mark.parametrize("text", SPECIFICATIONS)
def test_records_of_a_text(text: str) -> None:
    rows, bad = SPECIFICATIONS[text]
    seen_rows, seen_bad = records(text.encode(), 2)
    assert sorted(seen_rows) == rows
    assert sorted(seen_bad) == bad


fields = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(fields, min_size=3, max_size=3), max_size=12), st.integers(1, 60), st.sampled_from(["\n", "\r\n"])
)
def test_what_the_csv_module_writes_is_read_back(table: list[list[str]], chunk: int, ending: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ending, quoting=csv.QUOTE_ALL if chunk % 2 else csv.QUOTE_MINIMAL).writerows(table)
    rows, bad = records(out.getvalue().encode(), 3, chunk)
    assert bad == []
    assert [row[2] for row in rows] == table


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["a", '"', ",", "\n", "\r", "\0", "张", "x,y,z\n", "\ufeff"]), max_size=40),
    st.integers(1, 30),
)
def test_any_text_is_read_as_the_rule_says_however_it_comes_in_chunks(parts: list[str], chunk: int) -> None:
    text = "".join(parts).encode()
    rows, bad = records(text, 3, chunk)
    expected = reference(text, 3, ord(","), 64 << 10, 8 << 20, 256 << 20)
    assert {(ordinal, line): values for ordinal, line, values in rows} == expected.rows
    assert {(ordinal, line): check for ordinal, line, check in bad} == {
        place: check for place, (check, _) in expected.malformed.items()
    }
    assert len(rows) + len(bad) == len(expected.rows) + len(expected.malformed)


@pytest.mark.e2e
def test_hostile_files_are_read_as_the_rule_says() -> None:
    files, _, wrong = fuzz(30, random.randrange(1 << 30))
    assert files
    assert wrong == []


def test_a_field_over_64_kib_is_malformed() -> None:
    long = "x" * (MAX_FIELD_BYTES + 1)
    rows, bad = records(f"a,b\nc,{long}\nd,e\n".encode(), 2)
    assert [row[2] for row in rows] == [["a", "b"], ["d", "e"]]
    assert bad == [(1, 2, "record.field_size")]


def test_a_record_too_long_to_be_held_comes_in_parts() -> None:
    long = b'"' + b"x\n" * MAX_RECORD_BYTES + b'",c\n'
    text = b"a,b\n" + long + b"d,e\n"
    found = list(blocks(text[at : at + (1 << 20)] for at in range(0, len(text), 1 << 20)))
    assert [block.count for block in found if block.count] == [1, 1, 1]
    parts = [bad for block in found for bad in block.malformed]
    assert b"".join(part.raw for part in parts) == long
    assert [(part.ordinal, part.check) for part in parts[:2]] == [(0, "record.field_size"), (-1, "")]
    assert found[-1].lines.tolist() == [3 + MAX_RECORD_BYTES]


def test_an_open_quote_costs_its_line_alone() -> None:
    count = MAX_RECORD_BYTES // 1000
    many = ("c" * 1000 + ",d\n") * count
    rows, bad = records(f'a,"b\n{many}'.encode(), 2)
    assert bad == [(0, 1, "record.fields")]
    assert len(rows) == count
    assert np.all(np.array([row[1] for row in rows]) == np.arange(len(rows)) + 2)


@pytest.mark.parametrize(
    ("text", "line"), [(b"a,b\nc,\xff\n", 2), (b'"a\n",b\nc,d\ne,\xe5\xbc\n', 4), (b"a,\0\xff\n", 1)]
)
def test_undecodable_text_is_found_with_its_line(text: bytes, line: int) -> None:
    with pytest.raises(UndecodableText) as fault:
        records(text, 2)
    assert fault.value.line == line
