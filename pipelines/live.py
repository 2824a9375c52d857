"""Relations over the lake for the rooms above it: live rows, and what changed among them since an earlier state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import parquet
from lake.home import Home
from lake.ledger import Delivery, Ledger

Versions = Mapping[tuple[str, str], int]
"""Live indexes by (feed, city): the version of each."""

_NO_INDEX = "SELECT 0::BIGINT AS row_id, '' AS source_key, false AS live"


def current_versions(ledger: Ledger) -> dict[tuple[str, str], int]:
    """Return the newest live index of each feed and city."""
    return {place: version.version for place, version in ledger.live_versions().items()}


def only_persons(versions: Versions) -> dict[tuple[str, str], int]:
    """Return those of the versions that belong to feeds about persons."""
    return {place: version for place, version in versions.items() if FEEDS[place[0]].is_person}


def indexes(home: Home, versions: Versions) -> str:
    """Return a relation over live indexes: row_id, source_key, live and the rest of the index."""
    return parquet([home.live(feed, city, version) for (feed, city), version in sorted(versions.items())], _NO_INDEX)


def rows_of_feed(home: Home, versions: Versions, feed: str) -> str:
    """Return a query for the row_id of a feed's live rows by these indexes."""
    of_feed = {place: version for place, version in versions.items() if place[0] == feed}
    return f"SELECT row_id FROM {indexes(home, of_feed)} WHERE live"


def define_changes(
    connection: duckdb.DuckDBPyConnection, home: Home, before: Versions, now: Versions
) -> tuple[int, int]:
    """Make `added_row` and `removed_row` (row_id): rows that became or ceased to be live; return how many of each."""
    changed = [place for place, version in now.items() if before.get(place) != version]
    old = indexes(home, {place: before[place] for place in changed if place in before})
    new = indexes(home, {place: now[place] for place in changed})
    for name, rows, others in (("added_row", new, old), ("removed_row", old, new)):
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE {name} AS
            SELECT row_id FROM {rows} WHERE live
            EXCEPT ALL
            SELECT row_id FROM {others} WHERE live
        """)
    return _count(connection, "added_row"), _count(connection, "removed_row")


def define_deliveries(connection: duckdb.DuckDBPyConnection, deliveries: Iterable[Delivery]) -> None:
    """Make `delivery`: delivery_no, city_code, feed, period, sequence, mode, extracted_at."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE delivery (
          delivery_no BIGINT, city_code VARCHAR, feed VARCHAR, period VARCHAR, sequence INTEGER, mode VARCHAR,
          extracted_at TIMESTAMP
        )
    """)
    rows = [[d.delivery_no, d.city, d.feed, d.period, d.sequence, d.mode, d.extracted_at] for d in deliveries]
    if rows:
        connection.executemany("INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def settled_batches(deliveries: Iterable[Delivery], feed: str) -> list[str]:
    """Return the cleaned batches of a feed that hold settled rows."""
    return sorted({d.batch for d in deliveries if d.feed == feed and d.batch is not None and d.settled is not None})


def content_rows(home: Home, feed: Feed, batches: Iterable[str]) -> str:
    """Return a relation over the content halves of these batches, live or not; without batches, one without rows."""
    return parquet([home.content(feed.name, batch) for batch in batches], empty_content(feed))


def identity_rows(home: Home, feed: Feed, batches: Iterable[str]) -> str:
    """Return a relation over the identity halves of these batches, live or not."""
    columns = ", ".join(f"NULL::{column.type.sql} AS {column.name}" for column in feed.identity_columns)
    return parquet([home.identity(feed.name, batch) for batch in batches], f"SELECT NULL::BIGINT AS row_id, {columns}")


def empty_content(feed: Feed) -> str:
    """Return a SELECT with the columns of a feed's content half."""
    columns = [f"NULL::{column.type.sql} AS {column.name}" for column in feed.content_columns]
    flags = ["NULL::BOOLEAN AS has_health_code"] if feed.has("health_code") else []
    return ", ".join(["SELECT NULL::BIGINT AS row_id", *columns, *flags])


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
