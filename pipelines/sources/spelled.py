"""A database's values as the texts that the contract accepts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contracts.schema import Type
from lake.faults import PlainFault

_CHINA = timezone(timedelta(hours=8))
_DAY, _MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"


def spelled(values: Sequence[Any], type_: Type) -> pa.Array:
    """Return a column's values as text, null where there is none; times are told in Asia/Shanghai.

    Text stays as it is, whatever the contract's type. PlainFault where a value has no text, such as a picture.
    """
    try:
        return _by_arrow(pa.array(values), type_)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_spelled_one(value, type_) for value in values], pa.string())


def _by_arrow(array: pa.Array, type_: Type) -> pa.Array:
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_boolean(kind):
        return array.cast(pa.int8()).cast(pa.string())
    if pa.types.is_integer(kind) or pa.types.is_null(kind):
        return array.cast(pa.string())
    if pa.types.is_timestamp(kind):
        local = array.cast(pa.timestamp("us", "Asia/Shanghai")) if kind.tz else array
        return pc.strftime(local, _DAY if type_ is Type.DATE else _MOMENT)
    if pa.types.is_date(kind):
        return pc.strftime(array, _DAY)
    raise TypeError(str(kind))


def _spelled_one(value: Any, type_: Type) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        local = (value.astimezone(_CHINA) if value.tzinfo else value).replace(tzinfo=None)
        return local.date().isoformat() if type_ is Type.DATE else local.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return _number(Decimal(repr(value)), type_)
    if isinstance(value, Decimal):
        return _number(value, type_)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _octets(bytes(value), type_)
    return str(value)


def _number(value: Decimal, type_: Type) -> str:
    """Return plain digits: no exponent; no zeros at the end where they would be too many, or of a whole number."""
    text = f"{value:f}"
    whole, point, places = text.partition(".")
    if point and (type_ is Type.INTEGER or len(places) > 9):
        text = f"{whole}.{places.rstrip('0')}".rstrip(".")
    return text


def _octets(value: bytes, type_: Type) -> str:
    if type_ is Type.BOOLEAN and len(value) == 1 and value[0] in (0, 1):  # BIT(1) of MySQL
        return str(value[0])
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise PlainFault("列为二进制, 无法转为文本 a column is binary and holds no text") from None
