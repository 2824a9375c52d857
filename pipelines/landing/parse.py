"""Fields of framed records: blocks of CSV text as Arrow tables, all strings."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from pipelines.landing.framing import MAX_FIELD_BYTES, Block, Malformed

_BOM = codecs.BOM_UTF8


@dataclass(slots=True)
class Rows:
    """The rows of a block of `count` records, the ordinal and line of each, and the records that are no rows."""

    table: pa.Table
    count: int
    ordinals: NDArray[np.int64]
    lines: NDArray[np.int64]
    malformed: list[Malformed]


def parse(block: Block, columns: list[str], delimiter: str) -> Rows:
    """Return the block's rows under the given column names.

    A record with another number of fields, or with a field over 64 KiB, is malformed.
    """
    if not len(block.ordinals):
        table = pa.table({name: pa.array([], pa.string()) for name in columns})
        return Rows(table, block.count, block.ordinals, block.lines, block.malformed)
    table, wrong = _read(block, columns, delimiter)
    if table.num_rows + len(wrong) != len(block.ordinals):
        raise AssertionError("Arrow sees other records than the framing")
    good = np.ones(len(block.ordinals), bool)
    good[wrong] = False
    numbers = np.flatnonzero(good)
    long = _with_long_fields(table)
    malformed = [*block.malformed, *(_malformed(block, number, "record.fields") for number in wrong)]
    if long.any():
        malformed += [_malformed(block, int(number), "record.field_size") for number in numbers[long]]
        table, numbers = table.filter(pa.array(~long)), numbers[~long]
    return Rows(table, block.count, block.ordinals[numbers], block.lines[numbers], malformed)


def _read(block: Block, columns: list[str], delimiter: str) -> tuple[pa.Table, list[int]]:
    """Return the records of as many fields as there are columns, and the numbers of the others."""
    wrong: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    table = arrow_csv.read_csv(
        pa.BufferReader(_BOM + block.text if block.text.startswith(_BOM) else block.text),  # Arrow takes one away
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=columns, block_size=len(block.text) + 4),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=block.quoted, invalid_row_handler=skip
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in columns}, check_utf8=False, strings_can_be_null=False
        ),
    )
    return table, wrong


def _with_long_fields(table: pa.Table) -> NDArray[np.bool_]:
    long = np.zeros(table.num_rows, bool)
    for column in table.columns:
        lengths = pc.binary_length(column)
        longest = pc.max(lengths).as_py()
        if longest is not None and longest > MAX_FIELD_BYTES:
            long |= pc.greater(lengths, MAX_FIELD_BYTES).to_numpy()
    return long


def _malformed(block: Block, number: int, check: str) -> Malformed:
    return Malformed(int(block.ordinals[number]), int(block.lines[number]), check, block.record(number))
