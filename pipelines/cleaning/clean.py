"""Cleaning of a batch: landed rows typed, checked once, split into identity and content, the refused set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from contracts.schema import Feed
from lake.engine import parquet, quoted
from lake.home import Home, put
from lake.ledger import Delivery
from pipelines.cleaning.typed import folded_select, typed_select
from quality.checks import Severity, error_mask, failed_mask, row_checks, spelling_mask

ROWS_PER_BATCH = 1_000_000


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What came of a batch: row counts by delivery, and how many rows of each delivery each check found."""

    batch: str
    counts: list[dict[str, int]]
    checks: list[dict[str, Any]]


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
    connection.execute("CREATE OR REPLACE TEMP TABLE batch_delivery (delivery_no BIGINT, extracted_at TIMESTAMP)")
    connection.executemany(
        "INSERT INTO batch_delivery VALUES (?, ?)", [[d.delivery_no, d.extracted_at] for d in deliveries]
    )
    connection.execute(f"SET VARIABLE errors = {error_mask(feed)}::BIGINT")
    _clean(connection, feed, [home.landing(feed.name, d.name) for d in deliveries])
    _find_duplicates(connection)
    _write(connection, home, feed, batch)
    malformed = [path for d in deliveries if (path := home.malformed(feed.name, d.name)).exists()]
    _write_quarantine(connection, feed, malformed, home.quarantine(feed.name, batch))
    cleaned = Cleaned(batch, _counts(connection, deliveries), _check_results(connection, feed))
    for table in ("batch_row", "batch_duplicate", "batch_delivery"):
        connection.execute(f"DROP TABLE {table}")
    return cleaned


def _clean(connection: duckdb.DuckDBPyConnection, feed: Feed, paths: list[Path]) -> None:
    files = ", ".join(quoted(path) for path in paths)
    landed = f"""(
      SELECT landed.*, batch_delivery.extracted_at
      FROM read_parquet([{files}]) AS landed
      JOIN batch_delivery ON batch_delivery.delivery_no = landed.row_id >> 32
    )"""
    key = f"concat_ws('|', {', '.join(feed.key)})" if len(feed.key) > 1 else feed.key[0]
    columns = ", ".join(column.name for column in feed.columns)
    id_valid = ", id_valid" if feed.has("id_no") else ""

    def checked(rows: str) -> str:
        return f"""
            SELECT row_id, file_no, line, {columns}{id_valid}, {key} AS source_key, {failed_mask(feed)} AS failed
            FROM ({typed_select(feed, rows)})"""

    connection.execute(f"CREATE OR REPLACE TEMP TABLE batch_row AS {checked(landed)}")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_reread AS
        SELECT row_id FROM batch_row WHERE failed & {spelling_mask(feed)} <> 0
    """)
    if connection.execute("SELECT count(*) FROM batch_reread").fetchall()[0][0]:
        # Full-width forms are rare, and folding every value is dear: only rows that failed are read with them folded.
        connection.execute("DELETE FROM batch_row WHERE row_id IN (SELECT row_id FROM batch_reread)")
        again = f"(SELECT * FROM {landed} WHERE row_id IN (SELECT row_id FROM batch_reread))"
        connection.execute(f"INSERT INTO batch_row {checked(f'({folded_select(feed, again)})')}")
    connection.execute("DROP TABLE batch_reread")


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


def _write(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str) -> None:
    taken = "failed & getvariable('errors') = 0 AND row_id NOT IN (SELECT row_id FROM batch_duplicate)"
    standing = f"{taken} AND op <> 'D'" if feed.has("op") else taken
    op = "op" if feed.has("op") else "'U'"
    _copy(connection, f"SELECT row_id, source_key, updated_at, {op} AS op FROM batch_row WHERE {taken}",
          home.keys(feed.name, batch))  # fmt: skip
    refused = " AND ".join(["failed & getvariable('errors') <> 0", *(f"{name} IS NOT NULL" for name in feed.key)])
    _copy(connection, f"SELECT row_id, source_key FROM batch_row WHERE {refused}", home.refused_keys(feed.name, batch))
    content = ", ".join(column.name for column in feed.content_columns)
    if feed.has("health_code"):
        content += ", health_code IS NOT NULL AS has_health_code"
    _copy(connection, f"SELECT row_id, {content} FROM batch_row WHERE {standing}", home.content(feed.name, batch))
    if feed.is_person:
        identity = ", ".join(column.name for column in feed.identity_columns)
        where = "org_code, " if feed.has("org_code") else ""
        _copy(connection, f"SELECT row_id, {where}{identity}, id_valid, updated_at FROM batch_row WHERE {standing}",
              home.identity(feed.name, batch))  # fmt: skip


def _write_quarantine(connection: duckdb.DuckDBPyConnection, feed: Feed, malformed: list[Path], to: Path) -> None:
    """Write a line for each refused row and check, without the row's values: those stay in landing and malformed."""
    errors = [(bit, c) for bit, c in enumerate(row_checks(feed)) if c.severity is Severity.ERROR]
    values = ", ".join(f"({1 << bit}, {quoted(c.id)}, {quoted(c.column)})" for bit, c in errors)
    records = parquet(malformed, "SELECT 0 AS row_id, 0 AS file_no, 0 AS line, '' AS check_id")
    _copy(connection, f"""
        SELECT row_id, file_no, line, check_id, column_name, 'error' AS severity
        FROM (SELECT row_id, file_no, line, failed FROM batch_row WHERE failed & getvariable('errors') <> 0) AS refused
        JOIN (VALUES {values}) AS error_check(bit, check_id, column_name) ON refused.failed & error_check.bit <> 0
        UNION ALL
        SELECT row_id, file_no, line, check_id, '' AS column_name, 'error' AS severity FROM {records}
    """, to)  # fmt: skip


def _copy(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    with put(path) as partial:
        options = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARQUET_VERSION v2"
        connection.execute(f"COPY ({select}) TO {quoted(partial)} ({options})")


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


def _check_results(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[dict[str, Any]]:
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
