"""Arrow columns from numpy arrays, by the types of the contract."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from contracts.schema import Feed, Type
from pipelines.simulate.streams import Flags, Ints

DATETIME = pa.timestamp("us")
MONEY = pa.decimal128(18, 2)
_ARROW = {
    Type.STRING: pa.string(), Type.CODE: pa.string(), Type.DATE: pa.date32(), Type.DATETIME: DATETIME,
    Type.INTEGER: pa.int64(), Type.DECIMAL: MONEY, Type.BOOLEAN: pa.bool_(),
}  # fmt: skip


def schema(feed: Feed) -> pa.Schema:
    """Return the feed's columns with their Arrow types."""
    return pa.schema([(column.name, _ARROW[column.type]) for column in feed.columns])


def table(feed: Feed, columns: dict[str, pa.Array]) -> pa.Table:
    """Return the columns as a table in the contract's order and types; KeyError where one is missing."""
    wanted = schema(feed)
    return pa.table([columns[name].cast(wanted.field(name).type) for name in wanted.names], schema=wanted)


def texts(values: list[str]) -> pa.Array:
    """Return a column of text, to be taken from by index."""
    return pa.array(values, pa.string())


def take(values: pa.Array, at: NDArray[np.signedinteger], missing: Flags | None = None) -> pa.Array:
    """Return the values at those indices, null where missing."""
    return values.take(pa.array(at, mask=missing))


def join(*parts: pa.Array | str) -> pa.Array:
    """Return the parts of each row as one text; null where a part is."""
    return pc.binary_join_element_wise(*parts, "")


def blank(values: pa.Array, missing: Flags) -> pa.Array:
    """Return the values, null where missing."""
    return pc.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def choose(condition: Flags, yes: pa.Array, no: pa.Array) -> pa.Array:
    """Return `yes` where the condition holds, otherwise `no`."""
    return pc.if_else(pa.array(condition), yes, no)


def dates(days: Ints, missing: Flags | None = None) -> pa.Array:
    """Return days since 1970 as dates."""
    return pa.array(days.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def instants(seconds: Ints, missing: Flags | None = None) -> pa.Array:
    """Return seconds since 1970 as naive timestamps."""
    return pa.array(seconds * 1_000_000, pa.int64(), mask=missing).cast(DATETIME)


def seconds(timestamps: pa.Array) -> Ints:
    """Return naive timestamps as seconds since 1970, 0 where null."""
    found: Ints = pc.fill_null(timestamps.cast(pa.int64()), 0).to_numpy() // 1_000_000
    return found


def money(fen: Ints) -> pa.Array:
    """Return amounts in fen, not negative, as yuan."""
    words = np.zeros((len(fen), 2), np.int64)
    words[:, 0] = fen
    return pa.Array.from_buffers(MONEY, len(fen), [None, pa.py_buffer(words)])


def fen(amounts: pa.Array) -> Ints:
    """Return amounts in yuan, not negative and none null, in fen."""
    words = np.frombuffer(amounts.buffers()[1], np.int64).reshape(-1, 2)
    return words[amounts.offset : amounts.offset + len(amounts), 0]


def numbers(values: Ints) -> pa.Array:
    """Return whole numbers as text."""
    return pa.array(values, pa.int64()).cast(pa.string())


def fixed_width(characters: NDArray[np.uint8]) -> pa.Array:
    """Return the rows of a matrix of ASCII codes as text."""
    count, width = characters.shape
    offsets = pa.py_buffer(np.arange(count + 1, dtype=np.int32) * np.int32(width))
    return pa.StringArray.from_buffers(count, offsets, pa.py_buffer(np.ascontiguousarray(characters)))


def digits(values: Ints, width: int) -> NDArray[np.uint8]:
    """Return whole numbers as a matrix of ASCII digits, padded with zeros."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values[:, None] // powers % 10 + ord("0")).astype(np.uint8)
