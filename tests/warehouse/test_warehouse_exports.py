"""The export files, to the byte."""

from __future__ import annotations

import csv

import pyarrow.parquet as pq
import pytest

from warehouse.exports.kpi import write_kpi
from warehouse.exports.relations import define_exported
from warehouse.exports.safe import safe_text

HEADER = (
    "indicator,period,division_code,level,breakdown,numerator,denominator,value,"
    "unit,suppressed,preliminary,definition,as_of"
)


@pytest.fixture
def filled(world):
    """Give a world from which can be exported."""
    visits = "\n".join(f"r{n} 2018-01-05 {str(n < 20).lower()} 33.335 10.10" for n in range(30))
    world.put("content_emr", f"person start_at booked total_fee drug_fee\n{visits}")
    world.put("content_emr", "person start_at\nr1 2018-02-05")
    define_exported(world.build("2018-02-20").connection, measured=False)
    return world


def test_the_csv_is_as_promised(filled, tmp_path):
    write_kpi(filled.connection, tmp_path)
    raw = (tmp_path / "kpi.csv").read_bytes()
    assert raw.startswith(f"{HEADER}\r\n".encode())
    lines = [line.rsplit(",", 2)[0] for line in raw.decode().split("\r\n")]
    assert "H8,2018-01,440100,all,,20,30,0.666667,ratio,false,false" in lines
    assert "H14,2018-01,440100,all,,303.00,1000.20,0.302939,ratio,false,false" in lines
    assert "H8,2018-02,440100,all,,,,,ratio,true,true" in lines
    assert "H8,2018-02,440300,all,,0,0,,ratio,false,true" in lines
    assert "H14,2018-01,440100,all,setting=outpatient,303.00,1000.20,0.302939,ratio,false,false" in lines


def test_rows_are_sorted_and_the_two_files_agree(filled, tmp_path):
    write_kpi(filled.connection, tmp_path)
    with (tmp_path / "kpi.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [tuple(row.values())[:5] for row in rows]
    assert keys == sorted(keys)
    parquet = pq.read_table(tmp_path / "kpi.parquet")
    assert ",".join(parquet.column_names) == HEADER
    assert [tuple(row.values())[:5] for row in parquet.to_pylist()] == keys
    for row, same in zip(rows, parquet.to_pylist(), strict=True):
        for name in ("numerator", "denominator", "value"):
            assert same[name] == (float(row[name]) if row[name] else None)


def test_the_same_figures_give_the_same_bytes(filled, tmp_path):
    write_kpi(filled.connection, tmp_path / "a")
    filled.build("2018-02-20")
    write_kpi(filled.connection, tmp_path / "b")
    for name in ("kpi.csv", "kpi.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["kpi.csv", "kpi.parquet"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-x", "'-x"),
        ("@a", "'@a"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        ("", ""),
        (None, None),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_harmless(world, text, safe):
    query = f"SELECT {safe_text('t')} FROM (SELECT ?::VARCHAR AS t)"
    assert world.connection.execute(query, [text]).fetchall() == [(safe,)]
