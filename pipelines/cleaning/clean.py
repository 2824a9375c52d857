"""Cleaning of a batch: landed rows typed, checked once, split into identity and content, the refused set aside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from contracts.macros import sql_macros
from contracts.schema import Feed
from lake.completeness import Filled
from lake.engine import located, parquet, quoted
from lake.files import put
from lake.home import Home
from lake.ledger import Delivery
from pipelines.cleaning.completeness import filled_columns
from pipelines.cleaning.typed import folded_select, typed_select
from quality.checks import Severity, error_mask, failed_mask, row_checks, spelling_mask

ROWS_PER_BATCH = 1_000_000


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of a batch: row counts by delivery, and how many rows of each delivery each check found.

    `rules` is a digest of what judged it.
    """

    batch: str
    rules: str
    counts: list[dict[str, int]]
    checks: list[dict[str, Any]]
    filled: list[Filled]


def batches(deliveries: Sequence[Delivery]) -> list[list[Delivery]]:
    """Return landed deliveries of one feed in batches of about `ROWS_PER_BATCH` rows, in the order of their numbers."""
    grouped: list[list[Delivery]] = []
    rows = ROWS_PER_BATCH
    for delivery in deliveries:
        if rows >= ROWS_PER_BATCH:
            grouped.append([])
            rows = 0
        grouped[-1].append(delivery)
        rows += delivery.delivered
    return grouped


def clean_batch(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, deliveries: Sequence[Delivery]
) -> Cleaned:
    """Write the halves, keys and quarantine of a batch of landed deliveries.

    Each row of `landing` is accepted, quarantined or a duplicate; the counts add up to the delivered.
    """
    batch = f"{deliveries[0].delivery_no:08d}-{deliveries[-1].delivery_no:08d}"
    judge_rows(connection, home, feed, deliveries)
    _find_duplicates(connection)
    write_parts(connection, home, feed, batch)
    write_quarantine(connection, home, feed, deliveries, batch)
    counts, filled = _counts(connection, deliveries), filled_columns(connection, feed)
    cleaned = Cleaned(batch, rules_digest(feed), counts, check_results(connection, feed), filled)
    for table in ("batch_row", "batch_duplicate", "batch_delivery"):
        connection.execute(f"DROP TABLE {table}")
    return cleaned


@cache
def rules_digest(feed: Feed) -> str:
    """Return a digest of all that types and judges a row of the feed: checks, code sets, spellings, standards."""
    folded = _checked(feed, f"({folded_select(feed, 'landed')})")
    text = "\n".join([_checked(feed, "landed"), folded, f"{error_mask(feed)} {spelling_mask(feed)}", sql_macros()])
    return hashlib.sha256(text.encode()).hexdigest()


def judge_rows(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, deliveries: Sequence[Delivery], only: str = ""
) -> None:
    """Make `batch_row`: the landed rows of the deliveries, typed, each with the mask of the checks that it failed.

    `only` is a relation of the row ids to read; by default all. Sets the variable `errors`.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE batch_delivery (delivery_no BIGINT, extracted_at TIMESTAMP)")
    connection.executemany(
        "INSERT INTO batch_delivery VALUES (?, ?)", [[d.delivery_no, d.extracted_at] for d in deliveries]
    )
    connection.execute(f"SET VARIABLE errors = {error_mask(feed)}::BIGINT")
    files = ", ".join(located(home.landing(feed.name, d.name)) for d in deliveries)
    chosen = f"WHERE landed.row_id IN (SELECT row_id FROM {only})" if only else ""
    landed = f"""(
      SELECT landed.*, batch_delivery.extracted_at
      FROM read_parquet([{files}]) AS landed
      JOIN batch_delivery ON batch_delivery.delivery_no = landed.row_id >> 32
      {chosen}
    )"""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE batch_row AS {_checked(feed, landed)}")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_reread AS
        SELECT row_id FROM batch_row WHERE failed & {spelling_mask(feed)} <> 0
    """)
    if connection.execute("SELECT count(*) FROM batch_reread").fetchall()[0][0]:
        # Full-width forms are rare, and folding every value is dear: only rows that failed are read with them folded.
        connection.execute("DELETE FROM batch_row WHERE row_id IN (SELECT row_id FROM batch_reread)")
        again = f"(SELECT * FROM {landed} WHERE row_id IN (SELECT row_id FROM batch_reread))"
        connection.execute(f"INSERT INTO batch_row {_checked(feed, f'({folded_select(feed, again)})')}")
    connection.execute("DROP TABLE batch_reread")


def _checked(feed: Feed, landed: str) -> str:
    key = f"concat_ws('|', {', '.join(feed.key)})" if len(feed.key) > 1 else feed.key[0]
    columns = ", ".join(column.name for column in feed.columns)
    id_valid = ", id_valid" if feed.has("id_no") else ""
    return f"""
        SELECT row_id, file_no, line, {columns}{id_valid}, {key} AS source_key, {failed_mask(feed)} AS failed
        FROM ({typed_select(feed, landed)})"""


def _find_duplicates(connection: duckdb.DuckDBPyConnection) -> None:
    """Find the rows that another of the same delivery and key outdoes; hashes narrow the search, keys decide."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE batch_duplicate AS
        WITH suspect AS (
          SELECT hash(row_id >> 32, source_key) AS key_hash
          FROM batch_row GROUP BY ALL HAVING count(*) > 1
        )
        SELECT row_id
        FROM batch_row
        WHERE hash(row_id >> 32, source_key) IN (SELECT key_hash FROM suspect)
          AND failed & getvariable('errors') = 0
        QUALIFY row_number() OVER (
          PARTITION BY row_id >> 32, source_key ORDER BY updated_at DESC, row_id DESC
        ) > 1
    """)


def write_parts(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str, earlier: str | None = None
) -> None:
    """Write keys, halves and refused keys of the rows in `batch_row` but not in `batch_duplicate`.

    With the rows of an `earlier` batch that aren't in `batch_duplicate` either, but for the refused keys.
    """
    taken = "failed & getvariable('errors') = 0 AND row_id NOT IN (SELECT row_id FROM batch_duplicate)"
    standing = f"{taken} AND op <> 'D'" if feed.has("op") else taken
    op = "op" if feed.has("op") else "'U'"
    content = ", ".join(column.name for column in feed.content_columns)
    if feed.has("health_code"):
        content += ", health_code IS NOT NULL AS has_health_code"
    parts: list[tuple[Callable[[str, str], Path], str, str]] = [
        (home.keys, f"source_key, updated_at, {op} AS op", taken),
        (home.content, content, standing),
    ]
    if feed.is_person:
        identity = ", ".join(column.name for column in feed.identity_columns)
        where = "org_code, " if feed.has("org_code") else ""
        parts.append((home.identity, f"{where}{identity}, id_valid, updated_at", standing))
    for path_of, columns, rows in parts:
        select = f"SELECT row_id, {columns} FROM batch_row WHERE {rows}"
        if earlier is not None:
            former = f"SELECT * FROM read_parquet({located(path_of(feed.name, earlier))})"
            select = f"{former} WHERE row_id NOT IN (SELECT row_id FROM batch_duplicate) UNION ALL BY NAME {select}"
        _copy(connection, select, path_of(feed.name, batch))
    refused = " AND ".join(["failed & getvariable('errors') <> 0", *(f"{name} IS NOT NULL" for name in feed.key)])
    _copy(connection, f"SELECT row_id, source_key FROM batch_row WHERE {refused}", home.refused_keys(feed.name, batch))


def write_quarantine(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, deliveries: Sequence[Delivery], batch: str
) -> None:
    """Write a line for each refused row and check, without the row's values: those stay in landing and malformed."""
    malformed = [path for d in deliveries if (path := home.malformed(feed.name, d.name)).exists()]
    errors = [(bit, c) for bit, c in enumerate(row_checks(feed)) if c.severity is Severity.ERROR]
    values = ", ".join(f"({1 << bit}, {quoted(c.id)}, {quoted(c.column)})" for bit, c in errors)
    records = parquet(malformed, "SELECT 0 AS row_id, 0 AS file_no, 0 AS line, '' AS check_id")
    _copy(connection, f"""
        SELECT row_id, file_no, line, check_id, column_name, 'error' AS severity
        FROM (SELECT row_id, file_no, line, failed FROM batch_row WHERE failed & getvariable('errors') <> 0) AS refused
        JOIN (VALUES {values}) AS error_check(bit, check_id, column_name) ON refused.failed & error_check.bit <> 0
        UNION ALL
        SELECT row_id, file_no, line, check_id, '' AS column_name, 'error' AS severity FROM {records}
        WHERE check_id IS NOT NULL
    """, home.quarantine(feed.name, batch))  # fmt: skip


def _copy(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    with put(path) as partial:
        options = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2"
        connection.execute(f"COPY ({select}) TO {located(partial)} ({options})")


def _counts(connection: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> list[dict[str, int]]:
    rows = connection.execute("""
        SELECT row_id >> 32 AS delivery_no,
          count(*) FILTER (failed & getvariable('errors') <> 0) AS refused,
          count(*) FILTER (row_id IN (SELECT row_id FROM batch_duplicate)) AS duplicates,
          count(*) AS total
        FROM batch_row GROUP BY ALL
    """).fetchall()
    by_delivery = {no: (refused, duplicates, total) for no, refused, duplicates, total in rows}
    counts = []
    for delivery in deliveries:
        refused, duplicates, total = by_delivery.get(delivery.delivery_no, (0, 0, 0))
        malformed = delivery.delivered - total
        counts.append(
            {
                "delivery_no": delivery.delivery_no,
                "accepted": total - refused - duplicates,
                "quarantined": refused + malformed,
                "duplicates": duplicates,
            }
        )
    return counts


def check_results(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[dict[str, Any]]:
    """Return how many rows of each delivery in `batch_row` each check found."""
    bits = ", ".join(f"({1 << bit}, {quoted(check.id)})" for bit, check in enumerate(row_checks(feed)))
    found = connection.execute(f"""
        SELECT delivery_no, check_id, sum(rows)::BIGINT
        FROM (
          SELECT row_id >> 32 AS delivery_no, failed, count(*) AS rows FROM batch_row WHERE failed <> 0 GROUP BY ALL
        )
        JOIN (VALUES {bits}) AS row_check(bit, check_id) ON failed & bit <> 0
        GROUP BY ALL
    """).fetchall()
    return [{"delivery_no": number, "check_id": check_id, "rows": rows} for number, check_id, rows in found]
