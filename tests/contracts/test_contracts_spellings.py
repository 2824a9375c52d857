"""Accepted spellings: as tables, and both forms, Python and SQL, against each other."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import spellings
from lake.engine import connect

DATES = {
    "2018-11-05": date(2018, 11, 5),
    "20181105": date(2018, 11, 5),
    "2018/11/05": date(2018, 11, 5),
    " 20181105\t": date(2018, 11, 5),
    "2018-1-5": None,
    "2018-02-29": None,
    "2018-11/05": None,
    "0000-01-01": None,
    "infinity": None,
    "20181105 (BC)": None,
    "": None,
}
DATETIMES = {
    "2018-11-05 08:09:10": datetime(2018, 11, 5, 8, 9, 10),
    "20181105080910": datetime(2018, 11, 5, 8, 9, 10),
    "2018-11-05T08:09:10": datetime(2018, 11, 5, 8, 9, 10),
    "2018-11-05T08:09": datetime(2018, 11, 5, 8, 9),
    "2018-11-05T08:09:10.987": datetime(2018, 11, 5, 8, 9, 10),
    "2018-11-05T00:09:10Z": datetime(2018, 11, 5, 8, 9, 10),
    "2018-11-05T08:09:10+08:00": datetime(2018, 11, 5, 8, 9, 10),
    "2018-11-05T08:09:10-0330": datetime(2018, 11, 5, 19, 39, 10),
    "1988-07-01T12:00:00+08:00": datetime(1988, 7, 1, 12, 0, 0),
    "2018-11-05": datetime(2018, 11, 5),
    "2018/11/05": datetime(2018, 11, 5),
    "2018-11-05 08:09": None,
    "2018-11-05 24:00:00": None,
    "2018-11-05 08:09:60": None,
    "2018-11-05 08:09:10+08:00": None,
    "2018-11-05T08:09:10+25:00": None,
}
BOOLEANS = {
    "1": True,
    "0": False,
    "是": True,
    "否": False,
    "Y": True,
    "n": False,
    "true": True,
    "2": None,
    "": None,
}
DECIMALS = {
    "12": Decimal("12.00"),
    "12.345": Decimal("12.35"),
    "-0.005": Decimal("-0.01"),
    "1,234.50": Decimal("1234.50"),
    "123.45": Decimal("123.45"),
    "+3": Decimal("3.00"),
    "1e5": None,
    "0x1F": None,
    "1_000": None,
    "12,34": None,
    ".5": None,
    "5.": None,
    "nan": None,
    "1234567890123456": None,
}
INTEGERS = {"12": 12, "-1": -1, "1,200": 1200, "1.0": None, "1_0": None, " 7 ": 7, "": None}
SPELLINGS = {
    "as_date": (spellings.parse_date, DATES),
    "as_datetime": (spellings.parse_datetime, DATETIMES),
    "as_boolean": (spellings.parse_boolean, BOOLEANS),
    "as_decimal": (spellings.parse_decimal, DECIMALS),
    "as_integer": (spellings.parse_integer, INTEGERS),
}
EMPTY = {
    "is_blank(without_white_ends(s))": spellings.is_blank,
    "is_missing(without_white_ends(s))": spellings.is_missing,
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(Path(tmp_path_factory.mktemp("engine"))) as connection:
        yield connection


def in_sql(engine: duckdb.DuckDBPyConnection, expression: str, texts: list[str]) -> list[object]:
    engine.register("given_text", pa.table({"nth": range(len(texts)), "s": pa.array(texts, pa.string())}))
    return [row[0] for row in engine.execute(f"SELECT {expression} FROM given_text ORDER BY nth").fetchall()]


@pytest.mark.parametrize("macro", SPELLINGS)
def test_spellings_of_a_type(engine: duckdb.DuckDBPyConnection, macro: str) -> None:
    parse, table = SPELLINGS[macro]
    assert {text: parse(text) for text in table} == table
    assert dict(zip(table, in_sql(engine, f"{macro}(fold_width(s))", list(table)), strict=True)) == table


def test_empty_spellings(engine: duckdb.DuckDBPyConnection) -> None:
    blank = ["", " ", "\u3000", "NULL", r"\N", "无", "不详", "-", "/", " 无 "]
    not_blank = ["0", "无名", "null", "--", "N/A"]
    assert all(spellings.is_blank(text) for text in blank)
    assert not any(spellings.is_blank(text) for text in not_blank)
    texts = blank + not_blank
    for macro, rule in EMPTY.items():
        assert in_sql(engine, macro, texts) == [rule(text) for text in texts]


pieces = st.sampled_from(
    [
        *"0123456789",
        *"-/: TZ+.,eE_ 日１２：－",
        "2018",
        "1987",
        "11",
        "05",
        "08:09:10",
        "是",
        "Y",
        "NULL",
        "\u3000",
        "\t",
        "、",
        "！",
    ]
)
nearly = st.one_of(
    st.dates(date(1000, 1, 1), date(9999, 12, 30)).map(str),
    st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)).map(lambda t: t.isoformat(" ")),
    st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)).map(lambda t: t.strftime("%Y%m%d%H%M%S")),
    st.builds(lambda t, h, m: f"{t:%Y-%m-%dT%H:%M:%S}{h:+03d}:{m:02d}",
              st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1)), st.integers(-23, 23), st.integers(0, 59)),
    st.decimals(-(10**14), 10**14, allow_nan=False, allow_infinity=False, places=3).map(str),
    st.integers(-(10**16), 10**16).map(lambda n: f"{n:,}"),
    st.lists(pieces, max_size=20).map("".join),
    st.text(max_size=12),
)  # fmt: skip


def broken(text: str, at: int, piece: str) -> str:
    at = at % (len(text) + 1)
    return text[:at] + piece + text[at + 1 :]


texts = st.lists(st.one_of(nearly, st.builds(broken, nearly, st.integers(0, 30), pieces)), min_size=200, max_size=400)


@settings(max_examples=15, deadline=None)
@given(texts)
def test_both_forms_agree(engine: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    texts = [text for text in texts if "\0" not in text]
    for macro, (parse, _) in SPELLINGS.items():
        assert in_sql(engine, f"{macro}(fold_width(s))", texts) == [parse(text) for text in texts], macro
    assert in_sql(engine, "fold_width(s)", texts) == [spellings.fold_width(text) for text in texts]
    for macro, rule in EMPTY.items():
        assert in_sql(engine, macro, texts) == [rule(text) for text in texts], macro
