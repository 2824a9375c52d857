"""Deliveries: what a city sends of a feed for a month, written as files with a manifest."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from cryptography.hazmat.primitives import hashes

from contracts.schema import CONTRACT_VERSION, Feed
from pipelines.simulate.clock import DAY, Month, as_iso
from pipelines.simulate.streams import Ints, stream
from pipelines.simulate.styles import Style, as_text, column_order

ROWS_A_FILE = 200_000
_ROWS_A_BLOCK = 50_000
_FAST = 1
_LATE, _LATE_BY = 0.04, 38 * DAY
_NEVER_LATE = ("population", "emr", "institution", "platform_connection")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One feed of one city for one month; `rows` typed as the contract says, `extracted` seconds since 1970."""

    feed: Feed
    city: str
    month: Month
    sequence: int
    mode: str
    extracted: int
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Live:
    """Rows of a feed that no later delivery touches; `person` holds the index of each row's person."""

    feed: Feed
    city: str
    rows: pa.Table
    person: Ints | None = None


def with_op(rows: pa.Table, op: str) -> pa.Table:
    """Return the rows with that operation."""
    at = rows.schema.get_field_index("op")
    return rows.set_column(at, rows.schema.field(at), pa.repeat(op, len(rows)))


def deletions(rows: pa.Table, feed: Feed, bare: bool) -> pa.Table:
    """Return deletions of the rows, where bare with nothing but key, operation and time."""
    rows = with_op(rows, "D")
    if not bare:
        return rows
    kept = {*feed.key, "op", "updated_at"}
    return pa.table(
        [rows[f.name] if f.name in kept else pa.nulls(len(rows), f.type) for f in rows.schema], schema=rows.schema
    )


def as_sent(rng: np.random.Generator, rows: pa.Table, repeated: float) -> pa.Table:
    """Return the rows in the order in which they happen to be sent, some of them twice."""
    order = rng.permutation(len(rows))
    again = rng.choice(order, int(rng.binomial(len(rows), repeated)), replace=False)
    return rows.take(pa.array(np.concatenate([order, again])))


def as_late_as_it_is(seed: int, delivery: Delivery, last: Month) -> Delivery:
    """Return the delivery with the time of its extraction: some months come after the one that follows them.

    What such a delivery says is as old as ever, so that the next month's has newer rows. A snapshot isn't late, nor is
    a delivery of the last two months: what is known at the end is all that is to be known.
    """
    feed, month = delivery.feed.name, delivery.month
    if delivery.mode == "full" or feed in _NEVER_LATE or month.index > last.index - 2:
        return delivery
    if stream(seed, "late", delivery.city, feed, month.index).random() >= _LATE:
        return delivery
    return replace(delivery, extracted=delivery.extracted + _LATE_BY)


def write_delivery(seed: int, delivery: Delivery, style: Style, inbox: Path) -> int:
    """Write the files, then the manifest, and return the number of bytes."""
    city, feed, period = delivery.city, delivery.feed, delivery.month.period
    folder = inbox / city / feed.name / period / f"{delivery.sequence:03}"
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{feed.name}_{city}_{period}_{delivery.sequence:03}"
    suffix = ".csv.gz" if style.compressed else ".csv"
    order = column_order(seed, city, feed)
    starts = range(0, max(1, len(delivery.rows)), ROWS_A_FILE)
    files = []
    for number, start in enumerate(starts, 1):
        rows = delivery.rows.slice(start, ROWS_A_FILE)
        name = f"{stem}{f'_{number}' if len(starts) > 1 else ''}{suffix}"
        size, sm3 = _write_file(folder / name, _blocks(rows, feed, style, order), style.compressed)
        files.append({"name": name, "rows": len(rows), "bytes": size, "sm3": sm3})
    manifest = {
        "contract": CONTRACT_VERSION, "city": city, "feed": feed.name, "period": period,
        "sequence": delivery.sequence, "mode": delivery.mode, "encoding": style.stated_encoding,
        "delimiter": style.delimiter, "extracted_at": as_iso(delivery.extracted), "files": files,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return sum(int(str(file["bytes"])) for file in files)


def _blocks(rows: pa.Table, feed: Feed, style: Style, order: list[str]) -> Iterator[bytes]:
    """Yield the file's text in its encoding, the header with the first block."""
    options = arrow_csv.WriteOptions(
        include_header=False, delimiter=style.delimiter, quoting_style="needed" if style.quoted else "none"
    )
    headers = [feed.column(name).zh if style.chinese else name for name in order]
    yield (style.delimiter.join(headers) + "\n").encode(style.encoding)
    for start in range(0, len(rows), _ROWS_A_BLOCK):
        block = io.BytesIO()
        arrow_csv.write_csv(as_text(rows.slice(start, _ROWS_A_BLOCK), feed, style, order), block, options)
        text = block.getbuffer()
        yield bytes(text) if style.stated_encoding == "utf-8" else str(text, "utf-8").encode(style.encoding)


def _write_file(path: Path, blocks: Iterator[bytes], compressed: bool) -> tuple[int, str]:
    """Write the blocks and return size and SM3 of the file as it lies there."""
    with path.open("wb") as raw:
        if compressed:
            with gzip.GzipFile("", "wb", _FAST, raw, mtime=0) as packed:
                for block in blocks:
                    packed.write(block)
        else:
            raw.writelines(blocks)
    digest = hashes.Hash(hashes.SM3())
    size = 0
    with path.open("rb") as written:
        while chunk := written.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.finalize().hex()
