"""Searching files for many values at once: every byte of them, and what archives, Parquet and databases hold."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq

ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
SHORTEST = 8
"""Bytes of a form that is searched for: shorter ones would be met by chance in sealed text."""
_PART = 1 << 22


class Searched:
    """Forms of values to search for: each value in every encoding, found by its first eight bytes."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {value.encode(encoding, "ignore") for value in values for encoding in ENCODINGS}
        self.forms = {form for form in forms if len(form) >= SHORTEST}
        self._by_head: dict[int, list[bytes]] = defaultdict(list)
        for form in self.forms:
            self._by_head[int.from_bytes(form[:SHORTEST], "big")].append(form)
        self._heads = np.array(sorted(self._by_head), np.uint64)

    def found_in(self, octets: bytes) -> list[bytes]:
        """Return the forms that are in some bytes."""
        found = []
        for start in range(0, len(octets) - SHORTEST + 1, _PART):
            part = np.frombuffer(octets[start : start + _PART + SHORTEST - 1], np.uint8).astype(np.uint64)
            windows = np.zeros(len(part) - SHORTEST + 1, np.uint64)
            for at in range(SHORTEST):
                windows = (windows << np.uint64(8)) | part[at : len(part) - SHORTEST + 1 + at]
            nearest = self._heads[np.minimum(np.searchsorted(self._heads, windows), len(self._heads) - 1)]
            for hit in np.flatnonzero(nearest == windows):
                at = start + int(hit)
                found += [form for form in self._by_head[int(windows[hit])] if octets[at : at + len(form)] == form]
        return found


def said_by(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, and what it holds where it is an archive, a Parquet file or a database that opens."""
    octets = path.read_bytes()
    yield octets
    if octets.startswith(b"\x1f\x8b"):
        yield gzip.decompress(octets)
    if zipfile.is_zipfile(io.BytesIO(octets)):
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if octets.startswith(b"PAR1"):
        yield repr(pq.read_table(io.BytesIO(octets)).to_pylist()).encode()
    if octets[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as database:
            for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield repr(database.execute(f"FROM {table}").fetchall()).encode()
