"""What a city is told of a delivery: its state, its rows, what the checks found and where; never a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import connect, located
from lake.home import Home
from lake.ledger import Delivery
from pipelines.landing.land import Origin, origin, unknown_remark
from quality.checks import Check, Severity, all_checks

MOST_ROWS = 10_000
"""Refused rows that a report names one by one."""

_PLACES = 5
_AT_ONCE = 10_000
RECORD_CHECKS = {
    "record.fields": ("字段数与表头不符, 或引号有误", "not as many fields as the header, or a stray quote"),
    "record.nul": ("含有 NUL 字节", "holds a NUL byte"),
    "record.field_size": ("字段超过 64 KiB", "a field is over 64 KiB"),
}
"""What is found of a record before it is read as a row: text in Chinese, in English."""

_Line = tuple[int, int, int, str, str]
_Found = tuple[str, str, int, list[dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: how many rows, and for refused ones the first few places as `file:line`."""

    check: str
    column: str
    column_zh: str
    zh: str
    en: str
    rows: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A check that refused a row, and where that row is."""

    file: str
    line: int
    check: str
    column: str


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to a delivery. `refused` names the first `MOST_ROWS` refused rows, a line a row and check."""

    city: str
    feed: str
    period: str
    sequence: int
    digest: str
    state: str
    reason: str
    rows: dict[str, int]
    unknown_columns: tuple[str, ...]
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    refused_rows: int
    refused_rows_named: int
    refused: tuple[Refusal, ...]

    @property
    def place(self) -> str:
        """Return the delivery's folder in the inbox."""
        return f"{self.city}/{self.feed}/{self.period}/{self.sequence:03d}"

    @property
    def why(self) -> str:
        """Return the reason, unless it only repeats the columns left out."""
        return "" if self.reason == unknown_remark(self.unknown_columns) else self.reason

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return asdict(self)


def reports(
    home: Home, deliveries: Iterable[Delivery], results: Iterable[Mapping[str, Any]], scratch: Path
) -> Iterator[tuple[Delivery, Report]]:
    """Yield the report of each judged delivery; `results` are the ledger's check results.

    The quarantine is read once a feed, and not where no row was refused; one delivery's rows are held at a time.
    """
    by_feed: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_feed[delivery.feed].append(delivery)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for result in results:
        found[result["delivery_no"]][result["check_id"]] = result["rows"]
    for feed, of_feed in by_feed.items():
        refused = [d for d in of_feed if d.quarantined and d.batch]
        for delivery in of_feed:
            if not (delivery.quarantined and delivery.batch):
                yield delivery, _report(delivery, found[delivery.delivery_no], _origin(home, delivery))
        if refused:
            yield from _with_refused(home, feed, refused, found, scratch)


def _with_refused(
    home: Home, feed: str, deliveries: Sequence[Delivery], found: Mapping[int, Mapping[str, int]], scratch: Path
) -> Iterator[tuple[Delivery, Report]]:
    by_number = {delivery.delivery_no: delivery for delivery in deliveries}
    with connect(scratch) as connection:
        _read_quarantine(connection, home, feed, deliveries)
        counted: dict[int, list[_Found]] = defaultdict(list)
        for number, *what in connection.execute("""
            SELECT delivery_no, check_id, column_name, count(*),
              arg_min({'file_no': file_no, 'line': line}, place, $places)
            FROM refused GROUP BY ALL ORDER BY ALL
        """, {"places": _PLACES}).fetchall():  # fmt: skip
            counted[number].append((what[0], what[1], what[2], what[3]))
        lines = connection.execute(
            "SELECT delivery_no, file_no, line, place, check_id, column_name FROM refused WHERE place <= ? "
            "ORDER BY delivery_no, place, check_id",
            [MOST_ROWS],
        )
        for number, of_delivery in groupby(_fetched(lines), key=lambda line: int(line[0])):
            delivery = by_number.pop(number)
            told: list[_Line] = [(line[1], line[2], line[3], line[4], line[5]) for line in of_delivery]
            yield delivery, _report(delivery, found[number], _origin(home, delivery), counted[number], told)
    for number, delivery in by_number.items():  # their lines were lost: the counts stand in the ledger
        yield delivery, _report(delivery, found[number], _origin(home, delivery))


def _read_quarantine(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: str, deliveries: Sequence[Delivery]
) -> None:
    """Gather the refused rows of the deliveries; `place` numbers the rows of each by file and line."""
    files = ", ".join(located(home.quarantine(feed, batch)) for batch in sorted({d.batch or "" for d in deliveries}))
    connection.execute(
        f"""
        CREATE TEMP TABLE refused AS
        SELECT row_id >> 32 AS delivery_no, file_no, line, check_id, column_name,
          dense_rank() OVER (PARTITION BY row_id >> 32 ORDER BY file_no, line, row_id) AS place
        FROM read_parquet([{files}])
        WHERE row_id >> 32 IN (SELECT unnest(?)) AND severity = 'error'
        """,
        [[delivery.delivery_no for delivery in deliveries]],
    )


def _origin(home: Home, delivery: Delivery) -> Origin:
    return origin(home.landing(delivery.feed, delivery.name)) if delivery.batch else Origin()


def _fetched(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := connection.fetchmany(_AT_ONCE):
        yield from rows


def _report(
    delivery: Delivery,
    found: Mapping[str, int],
    came_in: Origin,
    counted: Sequence[_Found] = (),
    refused: Sequence[_Line] = (),
) -> Report:
    def name(file_no: int) -> str:
        return came_in.files[file_no] if file_no < len(came_in.files) else f"#{file_no + 1}"

    feed = FEEDS.get(delivery.feed)
    checks = {check.id: check for check in all_checks(feed)} if feed else {}
    errors = [
        _finding(feed, checks.get(check), check, column, rows, [f"{name(p['file_no'])}:{p['line']}" for p in places])
        for check, column, rows, places in counted
    ]
    warnings = [
        _finding(feed, check, check.id, check.column, found[check.id], [])
        for check in checks.values()
        if check.severity is Severity.WARNING and check.id in found
    ]
    return Report(
        city=delivery.city,
        feed=delivery.feed,
        period=delivery.period,
        sequence=delivery.sequence,
        digest=delivery.digest,
        state=delivery.state,
        reason=delivery.reason,
        rows={kind: getattr(delivery, kind) for kind in ("delivered", "accepted", "quarantined", "duplicates")},
        unknown_columns=came_in.unknown_columns,
        errors=tuple(errors),
        warnings=tuple(warnings),
        refused_rows=delivery.quarantined,
        refused_rows_named=refused[-1][2] if refused else 0,
        refused=tuple(Refusal(name(file), line, check, column) for file, line, _, check, column in refused),
    )


def _finding(
    feed: Feed | None, check: Check | None, check_id: str, column: str, rows: int, places: Sequence[str]
) -> Finding:
    zh, en = (check.zh, check.en) if check else RECORD_CHECKS.get(check_id, ("", ""))
    column_zh = feed.column(column).zh if feed and feed.has(column) else ""
    return Finding(check_id, column, column_zh, zh, en, rows, tuple(places))
