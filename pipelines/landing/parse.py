"""Fields of framed records: blocks of CSV text as Arrow tables, all strings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from pipelines.landing.framing import MAX_FIELD_BYTES, Block, Malformed, quotes


class UndecodableText(Exception):
    """A block that is not UTF-8, with the line of the first undecodable byte; it carries no text."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


@dataclass(slots=True)
class Rows:
    """The rows of a block of `count` records, the ordinal and line of each, and the records that are no rows."""

    table: pa.Table
    count: int
    ordinals: NDArray[np.int64]
    lines: NDArray[np.int64]
    malformed: list[Malformed]


def check_utf8(block: Block) -> None:
    """Raise UndecodableText unless the block is UTF-8."""
    offsets = pa.py_buffer(np.array([0, len(block.text)], np.int32))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(block.text)).validate(full=True)
        for bad in block.malformed:
            bad.raw.decode("utf-8")
        return
    except (pa.ArrowInvalid, UnicodeDecodeError):
        pass
    lines = [bad.line for bad in block.malformed if not _is_utf8(bad.raw)]
    try:
        block.text.decode("utf-8")
    except UnicodeDecodeError as error:
        record = block.text.count(b"\n", 0, error.start)
        lines.append(int(block.lines[min(record, len(block.lines) - 1)]) if len(block.lines) else 1)
    raise UndecodableText(min(lines))


def parse(block: Block, columns: list[str], delimiter: str) -> Rows:
    """Return the block's rows under the given column names.

    A record with another number of fields, a stray quote or a field over 64 KiB is malformed.
    """
    rows = None
    if not block.quoted or quotes(block.text) % 2 == 0:  # Arrow would take an open quote's record as whole
        rows = _parse_by_arrow(block, columns, delimiter)
    if rows is None:
        rows = _parse_one_by_one(block, columns, delimiter)
    return _without_long_fields(rows, delimiter)


def _parse_by_arrow(block: Block, columns: list[str], delimiter: str) -> Rows | None:
    """Return the rows, or None where Arrow saw other records than the framing did."""
    wrong: list[tuple[int, str]] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        wrong.append((row.number - 1, row.text))
        return "skip"

    if not len(block.ordinals):
        table = pa.table({name: pa.array([], pa.string()) for name in columns})
        return Rows(table, block.count, block.ordinals, block.lines, block.malformed)
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block.text),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=columns, block_size=len(block.text) + 1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=block.quoted, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in columns}, check_utf8=False, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # its text quotes the row
        return None
    if table.num_rows + len(wrong) != len(block.ordinals):
        return None
    if not wrong:
        return Rows(table, block.count, block.ordinals, block.lines, block.malformed)
    at = np.array([number for number, _ in wrong])
    good = np.ones(len(block.ordinals), bool)
    good[at] = False
    bad = [
        Malformed(int(block.ordinals[number]), int(block.lines[number]), "record.fields", text.encode())
        for number, text in wrong
    ]
    return Rows(table, block.count, block.ordinals[good], block.lines[good], block.malformed + bad)


def _parse_one_by_one(block: Block, columns: list[str], delimiter: str) -> Rows:
    """Parse record by record, for the rare block whose quotes don't follow RFC 4180.

    Framing joined lines between stray quotes: a record that is no row is tried again line by line.
    """
    values: list[list[str]] = []
    good: list[tuple[int, int]] = []
    bad: list[Malformed] = []
    ordinal = 0
    for line, record in _records(block):
        fields = _fields(record, delimiter)
        pieces = [(line, record, fields)]
        if len(fields) != len(columns) and "\n" in record:
            pieces = [(line + n, piece, _fields(piece, delimiter)) for n, piece in enumerate(record.split("\n"))]
        for at, piece, fields in pieces:
            if not piece.strip("\r"):
                continue
            if len(fields) == len(columns):
                good.append((ordinal, at))
                values.append(fields)
            else:
                bad.append(Malformed(ordinal, at, "record.fields", piece.encode()))
            ordinal += 1
    renumbered = [Malformed(ordinal + n, m.line, m.check, m.raw) for n, m in enumerate(block.malformed)]
    by_column = zip(*values, strict=True) if values else [[] for _ in columns]
    table = pa.table({name: pa.array(list(v), pa.string()) for name, v in zip(columns, by_column, strict=True)})
    places = np.array(good, np.int64).reshape(-1, 2)
    return Rows(table, ordinal + len(renumbered), places[:, 0], places[:, 1], bad + renumbered)


def _fields(record: str, delimiter: str) -> list[str]:
    """Return the fields of one record; none where it isn't exactly one."""
    try:
        rows = list(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []


def _records(block: Block) -> Iterator[tuple[int, str]]:
    """Yield line and text of the block's records; as in framing, a record ends with a line of an even quote count."""
    lines = iter(block.lines.tolist())
    pending: list[str] = []
    quotes = 0
    for line in block.text.decode("utf-8").split("\n"):
        pending.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            record = "\n".join(pending)
            if record.strip("\r"):
                yield next(lines), record
            pending = []
    if pending:
        yield next(lines), "\n".join(pending)


def _without_long_fields(rows: Rows, delimiter: str) -> Rows:
    long = np.zeros(rows.table.num_rows, bool)
    for column in rows.table.columns:
        lengths = pc.binary_length(column)
        longest = pc.max(lengths).as_py()
        if longest is not None and longest > MAX_FIELD_BYTES:
            long |= pc.greater(lengths, MAX_FIELD_BYTES).to_numpy()
    if not long.any():
        return rows
    bad = [
        Malformed(
            int(rows.ordinals[i]),
            int(rows.lines[i]),
            "record.field_size",
            delimiter.join(rows.table.slice(i, 1).to_pylist()[0].values()).encode(),
        )
        for i in np.flatnonzero(long)
    ]
    good = rows.table.filter(pa.array(~long))
    return Rows(good, rows.count, rows.ordinals[~long], rows.lines[~long], rows.malformed + bad)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
