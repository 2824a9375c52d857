"""A feed's table or view in a city's database, read in one read-only snapshot."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
from sqlalchemy import Column as SqlColumn
from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    MetaData,
    NullPool,
    Table,
    create_engine,
    func,
    inspect,
    or_,
    select,
)
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql import ColumnElement

from contracts.schema import Column, Feed
from lake.faults import PlainFault
from lake.watermarks import Profile
from pipelines.sources.dialects import Dialect, dialect_of
from pipelines.sources.listed import Source
from pipelines.sources.spelled import spelled

logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # it would quote the driver on a lost connection

UPDATED = "updated_at"
NO_DAY = ""
_CHINA = timezone(timedelta(hours=8))
_LEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Rows by `updated_at`, naive, in Asia/Shanghai: from `low` on and before `high`; or those of a day by its text."""

    low: datetime | None = None
    high: datetime | None = None
    day: str | None = None


EVERYTHING = Span()


class SourceTable:
    """The table of a feed while its snapshot lasts."""

    def __init__(self, connection: Connection, dialect: Dialect, source: Source, feed: Feed) -> None:
        self._connection = connection
        self._dialect = dialect
        self._batch_rows = source.batch_rows
        self._columns, self._shown, self._table = _reflected(connection, dialect, source, feed)
        self._updated = self._shown_of(UPDATED)

    def _shown_of(self, name: str) -> SqlColumn[Any]:
        at = next(n for n, column in enumerate(self._columns) if column.name == name)
        return self._table.columns.values()[at]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the contract's columns that the table has, in the contract's order."""
        return self._columns

    def extracted_at(self) -> datetime:
        """Return the database's time; a clock that runs more than an hour ahead of this machine's isn't believed."""
        here = datetime.now(_CHINA).replace(tzinfo=None)
        there = self._dialect.now(self._connection)
        return (there if there <= here + _LEAD else here).replace(microsecond=0)

    def profile(self) -> Profile:
        """Return the table's history by day of `updated_at`; an index on that column answers it alone."""
        days = select(
            self._dialect.day(self._updated).label("day"), self._dialect.seconds(self._updated).label("seconds")
        ).subquery()
        query = select(days.c.day, func.count(), func.sum(days.c.seconds)).group_by(days.c.day)
        found = self._connection.execute(query)
        return {day or NO_DAY: (rows, int(seconds or 0)) for day, rows, seconds in found}

    def batches(self, span: Span) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a span as text, in batches, from a cursor of the server's."""
        query = select(*self._shown).where(*self._conditions(span))
        options = {"stream_results": True, "yield_per": self._batch_rows}
        names = [column.name for column in self._columns]
        with self._connection.execution_options(**options).execute(query) as result:
            cursor = result.cursor
            try:
                for rows in result.partitions():
                    values = zip(*rows, strict=True)
                    arrays = [spelled(v, column.type) for v, column in zip(values, self._columns, strict=True)]
                    yield pa.record_batch(arrays, names=names)
            except BaseException:  # GeneratorExit too: whoever reads has failed
                self._dialect.after_error(cursor)
                raise

    def _conditions(self, span: Span) -> Sequence[ColumnElement[bool]]:
        if span.day is not None:
            day = self._dialect.day(self._updated)
            return [or_(day.is_(None), day == NO_DAY) if span.day == NO_DAY else day == span.day]
        low = [] if span.low is None else [self._updated >= span.low]
        return low if span.high is None else [*low, self._updated < span.high]


@contextmanager
def open_table(source: Source, feed: Feed) -> Iterator[SourceTable]:
    """Open the feed's table in a snapshot of its own; nothing can be written in it.

    PlainFault where the table or a required column is missing; SQLAlchemy's DBAPIError where the database fails.
    """
    named = dialect_of(source.url.get_backend_name())
    options = named.engine_options(source.statement_timeout)
    engine = create_engine(source.url_with_password(), poolclass=NullPool, hide_parameters=True, **options)
    try:
        with engine.connect() as connection:
            dialect = dialect_of(engine.dialect.name, getattr(engine.dialect, "is_mariadb", False))
            connection = connection.execution_options(**dialect.connection_options())
            for statement in dialect.opening(source.statement_timeout):
                connection.exec_driver_sql(statement)
            yield SourceTable(connection, dialect, source, feed)
    finally:
        engine.dispose()


def days_as_spans(days: Sequence[str]) -> list[Span]:
    """Return spans for the days, those that follow each other in one."""
    spans: list[Span] = []
    for text in sorted(days):
        try:
            low = datetime.combine(date.fromisoformat(text), datetime.min.time())
            high = low + timedelta(days=1)
        except (ValueError, OverflowError):  # no day of the calendar: 0000-00-00, or none
            spans.append(Span(day=text))
            continue
        if spans and spans[-1].high == low:
            low = spans.pop().low or low
        spans.append(Span(low, high))
    return spans


def _reflected(
    connection: Connection, dialect: Dialect, source: Source, feed: Feed
) -> tuple[tuple[Column, ...], list[ColumnElement[Any]], Table]:
    """Return the contract's columns that the table has, what to select for each, and the table of these columns."""
    name = source.table(feed)
    told = f"{source.name}: {feed.name}"
    try:
        found = inspect(connection).get_columns(name, schema=source.schema)
    except NoSuchTableError:
        found = []
    if not found:
        raise PlainFault(f"{told}: 没有此表或视图, 或无权读取 no such table or view, or no right to read it")
    by_name = {column["name"].casefold(): column for column in found}
    missing = [column.name for column in feed.columns if column.required and column.name not in by_name]
    if missing:
        raise PlainFault(f"{told}: 缺少必填列 required column is missing: {', '.join(missing)}")
    columns = tuple(column for column in feed.columns if column.name in by_name)
    real = [by_name[column.name] for column in columns]
    table: Table = Table(name, MetaData(), *(SqlColumn(c["name"], c["type"]) for c in real), schema=source.schema)
    if not isinstance(by_name[UPDATED]["type"], (DateTime, Date)):
        raise PlainFault(
            f"{told}: {UPDATED} 须为日期时间类型 must be of a date-time type; 可用视图转换 a view can cast it"
        )
    shown: list[ColumnElement[Any]] = [
        dialect.shown(c, reflected["type"], column.type).label(column.name)
        for column, reflected, c in zip(columns, real, table.columns.values(), strict=True)
    ]
    return columns, shown, table
