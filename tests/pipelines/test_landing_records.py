"""Records and fields of CSV text: what is a row, on which line, and what can't be one."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.landing.framing import MAX_FIELD_BYTES, MAX_OPEN_QUOTE_BYTES, blocks
from pipelines.landing.parse import UndecodableText, check_utf8, parse


def records(
    text: bytes, width: int, chunk: int = 1 << 20
) -> tuple[list[tuple[int, int, list[str]]], list[tuple[int, int, str]]]:
    """Return the rows as (ordinal, line, fields) and the malformed records as (ordinal, line, check)."""
    rows: list[tuple[int, int, list[str]]] = []
    bad: list[tuple[int, int, str]] = []
    before = 0
    for block in blocks(text[at : at + chunk] for at in range(0, len(text), chunk)):
        check_utf8(block)
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
@given(st.lists(st.sampled_from(["a", '"', ",", "\n", "\r", "\0", "张", "x,y,z\n"]), max_size=40), st.integers(1, 30))
def test_any_text_gives_each_ordinal_once(parts: list[str], chunk: int) -> None:
    rows, bad = records("".join(parts).encode(), 3, chunk)
    ordinals = sorted([row[0] for row in rows] + [record[0] for record in bad])
    assert ordinals == list(range(len(ordinals)))


def test_a_field_over_64_kib_is_malformed() -> None:
    long = "x" * (MAX_FIELD_BYTES + 1)
    rows, bad = records(f"a,b\nc,{long}\nd,e\n".encode(), 2)
    assert [row[2] for row in rows] == [["a", "b"], ["d", "e"]]
    assert bad == [(1, 2, "record.field_size")]


def test_an_open_quote_costs_its_line_alone() -> None:
    count = MAX_OPEN_QUOTE_BYTES // 1000
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
