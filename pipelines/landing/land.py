"""Landing of one delivery: verified, parsed, written as Parquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.schema import Feed, Type
from lake.files import put
from lake.vault import open_to_read, open_to_write
from pipelines.landing.decode import utf8_chunks
from pipelines.landing.framing import MAX_FIELD_BYTES, Block, Malformed, blocks
from pipelines.landing.parse import Rows, parse
from pipelines.landing.rule import fields_of, rule_of
from pipelines.landing.utf8 import UndecodableText
from pipelines.rejection import Reason, RejectedDelivery
from pipelines.sources.manifest import File, Manifest

ROWS_PER_GROUP = 1 << 17
_FEW_VALUES = (Type.CODE, Type.DATE, Type.BOOLEAN)
_PLACE = [("row_id", pa.int64()), ("file_no", pa.int16()), ("line", pa.int64())]
_ORIGIN = b"yimatong.origin"
_MALFORMED = pa.schema([*_PLACE, ("check_id", pa.string()), ("raw", pa.binary())])


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of a landing: records delivered, how many of them are malformed, columns the contract doesn't know."""

    delivered: int
    malformed: int
    unknown_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What landed rows came in: the files by their number, and the columns left out, each told by file and place."""

    files: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()


def unknown_remark(columns: Sequence[str]) -> str:
    """Return what the ledger keeps of the columns left out."""
    return f"未知列已略去 unknown columns left out: {', '.join(columns)}" if columns else ""


def origin(landed: Path) -> Origin:
    """Return what the rows of a landed file came in, as far as it is kept there."""
    with open_to_read(landed) as file:
        kept = (pq.read_metadata(file).metadata or {}).get(_ORIGIN)
    return Origin(*(tuple(names) for names in json.loads(kept))) if kept else Origin()


def row_id(delivery_no: int, ordinal: int) -> int:
    """Return the row id of a delivery's record, its ordinal counted from 1 over all its files."""
    return (delivery_no << 32) + ordinal


def land(folder: Path, manifest: Manifest, delivery_no: int, rows_to: Path, malformed_to: Path) -> Landed:
    """Write the delivery's rows as Parquet, each with its id, file and line; malformed records, if any, beside them.

    Nothing is written where RejectedDelivery is raised. Memory is bounded whatever the size of a file.
    """
    with put(rows_to) as rows_path, _Sink(manifest.feed, rows_path, malformed_to, row_id(delivery_no, 1)) as sink:
        for number, file in enumerate(manifest.files):
            _land_file(folder, manifest, number, file, sink)
        unknown = tuple(sorted(sink.unknown))
        sink.keep_origin(Origin(tuple(file.name for file in manifest.files), unknown))
    return Landed(sink.delivered, sink.malformed, unknown)


def _land_file(folder: Path, manifest: Manifest, number: int, file: File, sink: _Sink) -> None:
    header: list[str] | None = None
    before = sink.delivered
    chunks = utf8_chunks(folder, file, manifest.encoding)
    decoded = manifest.encoding != "utf-8"
    try:
        for block in blocks(chunks, manifest.delimiter, sink.folder, decoded):
            if header is None:
                if block.count == 0:
                    continue
                header, block = _header(block, manifest, file, sink)
            rows = parse(block, header, manifest.delimiter)
            known = rows.table.select([name for name in header if manifest.feed.has(name)])
            sink.add(known, rows, number)
    except UndecodableText as fault:
        raise RejectedDelivery(Reason.ENCODING, file.name, fault.line) from None
    if header is None:
        raise RejectedDelivery(Reason.HEADER, file.name, 1)
    if sink.delivered - before != file.rows:
        raise RejectedDelivery(Reason.ROWS, file.name, detail=f"{sink.delivered - before} ≠ {file.rows}")


def _header(block: Block, manifest: Manifest, file: File, sink: _Sink) -> tuple[list[str], Block]:
    """Return the identifiers of the file's columns in their order, and the block without the header."""
    if not len(block.ordinals) or block.ordinals[0] != 0:
        raise RejectedDelivery(Reason.HEADER, file.name, block.malformed[0].line)
    if len(block.record(0)) > MAX_FIELD_BYTES:
        raise RejectedDelivery(Reason.HEADER, file.name, int(block.lines[0]))
    names = [name.decode("utf-8") for name in fields_of(block.record(0), rule_of(manifest.delimiter))]
    by_spelling = {spelling.lower(): c.name for c in manifest.feed.columns for spelling in (c.name, c.zh)}
    header = [by_spelling.get(name.strip().lower(), f"?{at}") for at, name in enumerate(names)]
    known = [name for name in header if not name.startswith("?")]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        raise RejectedDelivery(Reason.HEADER_TWICE, file.name, int(block.lines[0]), twice)
    missing = [c.name for c in manifest.feed.columns if c.required and c.name not in known]
    if missing:
        raise RejectedDelivery(Reason.HEADER, file.name, int(block.lines[0]), ", ".join(missing))
    sink.unknown.update(f"{file.name}#{at + 1}" for at, name in enumerate(header) if name.startswith("?"))
    end = int(block.ends[0])
    rest = Block(
        block.text[end:],
        block.count - 1,
        block.ordinals[1:] - 1,
        block.lines[1:],
        block.ends[1:] - end,
        block.quoted,
        [Malformed(bad.ordinal - 1, bad.line, bad.check, bad.raw) for bad in block.malformed],
    )
    return header, rest


class _Sink:
    """Collects a delivery's rows into Parquet row groups, its malformed records into a file of their own, if any."""

    def __init__(self, feed: Feed, rows_path: Path, malformed_path: Path, first_row_id: int) -> None:
        self.folder = rows_path.parent
        self.delivered = 0
        self.malformed = 0
        self.unknown: set[str] = set()
        self._first = first_row_id
        self._rows: list[pa.Table] = []
        self._schema = pa.schema([*_PLACE, *((column.name, pa.string()) for column in feed.columns)])
        few = [column.name for column in feed.columns if column.type in _FEW_VALUES]
        self._files = ExitStack()
        rows_file = self._files.enter_context(open_to_write(rows_path))
        self._writer = pq.ParquetWriter(
            rows_file, self._schema, compression="lz4", use_dictionary=["file_no", *few],
            column_encoding={"row_id": "DELTA_BINARY_PACKED", "line": "DELTA_BINARY_PACKED"},
            write_statistics=["row_id"],
        )  # fmt: skip
        self._bad: list[dict[str, object]] = []
        self._malformed_path = malformed_path
        self._malformed_writer: pq.ParquetWriter | None = None

    def __enter__(self) -> _Sink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._flush_rows()
            self._flush_malformed()
        self._writer.close()
        self._files.__exit__(kind, error, at)

    def add(self, rows: pa.Table, parsed: Rows, file_no: int) -> None:
        """Add a block's rows (the columns of `parsed` that the contract knows) and its malformed records."""
        first = self._first + self.delivered
        self.delivered += parsed.count
        self.malformed += sum(m.check != "" for m in parsed.malformed)
        self._bad += [
            {"row_id": first + m.ordinal, "file_no": file_no, "line": m.line, "check_id": m.check or None, "raw": m.raw}
            for m in parsed.malformed
        ]
        self._flush_malformed()
        columns: list[pa.Array | pa.ChunkedArray] = [
            pa.array(first + parsed.ordinals),
            pa.array(np.full(rows.num_rows, file_no, np.int16)),
            pa.array(parsed.lines),
        ]
        present = set(rows.column_names)
        absent = pa.nulls(rows.num_rows, pa.string())
        columns += [rows[name] if name in present else absent for name in self._schema.names[len(_PLACE) :]]
        self._rows.append(pa.table(columns, schema=self._schema))
        if sum(table.num_rows for table in self._rows) >= ROWS_PER_GROUP:
            self._flush_rows()

    def keep_origin(self, origin: Origin) -> None:
        """Keep beside the rows what they came in, for whoever tells where a row is."""
        self._writer.add_key_value_metadata({_ORIGIN: json.dumps([origin.files, origin.unknown_columns]).encode()})

    def _flush_rows(self) -> None:
        if self._rows:
            self._writer.write_table(pa.concat_tables(self._rows).combine_chunks())
            self._rows = []

    def _flush_malformed(self) -> None:
        if not self._bad:
            return
        if self._malformed_writer is None:
            partial = self._files.enter_context(put(self._malformed_path))
            self._malformed_writer = self._files.enter_context(
                pq.ParquetWriter(self._files.enter_context(open_to_write(partial)), _MALFORMED, compression="zstd")
            )
        self._malformed_writer.write_table(pa.Table.from_pylist(self._bad, schema=_MALFORMED))
        self._bad = []
