"""A delivery on its way into an inbox: written aside, then brought to its place whole, by one rename."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as arrow_csv
from cryptography.hazmat.primitives import hashes

from contracts.schema import Column
from pipelines.sources.manifest import NAME, File, Manifest, manifest_text

ENCODING, DELIMITER = "utf-8", ","
_LEVEL = 1
_PLAIN, _QUOTED = (
    arrow_csv.WriteOptions(include_header=False, quoting_style=style, delimiter=DELIMITER)
    for style in ("none", "needed")
)


class CsvFile:
    """A compressed CSV under the identifiers of its columns, written by batches; its bytes are hashed on the way."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self.rows = 0
        self._columns = columns
        self._path = path
        self._raw = _Hashing(path.open("wb"))
        self._packed = gzip.GzipFile("", "wb", _LEVEL, self._raw, mtime=0)

    def __enter__(self) -> CsvFile:
        self._packed.write((DELIMITER.join(column.name for column in self._columns) + "\n").encode())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._packed.close()
        self._raw.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows; their text is quoted only in a batch that needs it, for plain lines are quicker to land."""
        self.rows += batch.num_rows
        try:
            self._packed.write(_csv(batch, _PLAIN))
        except pa.ArrowInvalid:
            self._packed.write(_csv(batch, _QUOTED))

    def described(self) -> File:
        """Return the closed file's entry in the manifest."""
        return File(self._path.name, self.rows, self._path.stat().st_size, self._raw.digest.finalize().hex())


def state(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into the folder, last of its files."""
    with (folder / NAME).open("wb") as file:
        file.write(manifest_text(manifest))
        file.flush()
        os.fsync(file.fileno())


def bring_in(folder: Path, place: Path) -> None:
    """Make the folder the delivery at `place`, at once; OSError where another delivery is there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(place)


def last_sequence(inbox: Path, city: str, feed: str, period: str) -> int:
    """Return the highest sequence number that a folder of the inbox has, with a manifest or without; 0 for none."""
    folders = (inbox / city / feed / period).glob("*")
    return max((int(f.name) for f in folders if f.name.isdecimal() and any(f.iterdir())), default=0)


class _Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashes.Hash(hashes.SM3())

    def write(self, octets: bytes) -> int:
        self.digest.update(octets)
        return self._file.write(octets)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def _csv(batch: pa.RecordBatch, options: arrow_csv.WriteOptions) -> memoryview:
    out = pa.BufferOutputStream()
    arrow_csv.write_csv(batch, out, options)
    return memoryview(out.getvalue())
