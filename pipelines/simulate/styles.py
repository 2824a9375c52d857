"""Each city's own way of writing what it delivers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.schema import Feed, Type
from pipelines.simulate import arrow
from pipelines.simulate.clock import DAY
from pipelines.simulate.streams import stream

_FIRST_DAY = -40_000  # 1860
_DAYS = np.arange(_FIRST_DAY, 40_000).astype("datetime64[D]").astype(str)
_DATES = ("", "-", "/")
_DATETIMES = (("-", " ", ":", ""), ("", "", "", ""), ("-", "T", ":", ""), ("-", "T", ":", "+08:00"))
_BOOLEANS = (("1", "0"), ("是", "否"), ("Y", "N"), ("true", "false"))
_EMPTIES = ("", "NULL", "\\N")
_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk")


@dataclass(frozen=True, slots=True)
class Style:
    """How a city writes its files: see feeds.md for what is accepted.

    `encoding` is Python's name, `utf-8-sig` where a BOM stands in front; `date` the separator of a date, `datetime`
    the separators of date, of date and time, of time, and the offset; `quoted` whether texts are quoted (otherwise
    they hold nothing that would need it); `bare_deletions` whether a deletion has its key alone.
    """

    encoding: str
    delimiter: str
    compressed: bool
    chinese: bool
    date: str
    datetime: tuple[str, str, str, str]
    boolean: tuple[str, str]
    empty: str
    quoted: bool
    bare_deletions: bool

    @property
    def stated_encoding(self) -> str:
        """Return the encoding as a manifest states it."""
        return self.encoding.removesuffix("-sig")


def draw_style(seed: int, city: str) -> Style:
    """Return the style of that city."""
    rng = stream(seed, "style", city)
    at = rng.integers(0, 1 << 30, 10)
    return Style(
        _ENCODINGS[at[0] % 4], (",", ",", "\t", "|")[at[1] % 4], bool(at[2] % 2), bool(at[3] % 2), _DATES[at[4] % 3],
        _DATETIMES[at[5] % 4], _BOOLEANS[at[6] % 4], _EMPTIES[at[7] % 3], bool(at[8] % 3), bool(at[9] % 2),
    )  # fmt: skip


def column_order(seed: int, city: str, feed: Feed) -> list[str]:
    """Return the identifiers of the feed's columns in the order in which the city sends them."""
    order = stream(seed, "columns", city, feed.name).permutation(len(feed.columns))
    return [feed.columns[i].name for i in order]


def as_text(rows: pa.Table, feed: Feed, style: Style, order: list[str]) -> pa.Table:
    """Return typed rows as texts in the style, under its headers, in that order of columns."""
    columns, headers = [], []
    for name in order:
        column = feed.column(name)
        written = _written(rows[name].combine_chunks(), column.type, style)
        if written.null_count and style.empty:
            written = pc.fill_null(written, style.empty)
        columns.append(written)
        headers.append(column.zh if style.chinese else name)
    return pa.table(columns, names=headers)


def _written(values: pa.Array, kind: Type, style: Style) -> pa.Array:
    if kind is Type.DATE:
        return _days(style.date).take(pc.subtract(values.cast(pa.int32()), _FIRST_DAY))
    if kind is Type.DATETIME:
        return _written_instants(values, style.datetime)
    if kind is Type.BOOLEAN:
        return pc.if_else(values, *style.boolean)
    return values.cast(pa.string())


def _written_instants(values: pa.Array, form: tuple[str, str, str, str]) -> pa.Array:
    between_days, middle, between_times, offset = form
    missing = None
    if values.null_count:
        missing = values.is_null().to_numpy(zero_copy_only=False)
        values = pc.fill_null(values, pa.scalar(0, values.type))
    second = values.cast(pa.int64()).to_numpy() // 1_000_000
    day = _days(between_days).take(pa.array(second // DAY - _FIRST_DAY, mask=missing))
    time = _times(between_times).take(pa.array(second % DAY))
    return pc.binary_join_element_wise(day, time, middle) if not offset else arrow.join(day, middle, time, offset)


@cache
def _days(separator: str) -> pa.Array:
    return arrow.texts([day.replace("-", separator) for day in _DAYS.tolist()])


@cache
def _times(separator: str) -> pa.Array:
    return arrow.texts([f"{s // 3600:02}{separator}{s // 60 % 60:02}{separator}{s % 60:02}" for s in range(DAY)])
