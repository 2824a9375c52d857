"""Re-qualification: refused rows judged again, once a check, a code set or a spelling has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.conservation import conserve
from lake.engine import located
from lake.home import Home
from lake.ledger import Delivery, Ledger
from pipelines.cleaning.clean import check_results, judge_rows, rules_digest, write_parts, write_quarantine
from quality.checks import Severity, all_checks, row_checks

_PASSED = "failed & getvariable('errors') = 0"


@dataclass(frozen=True, slots=True)
class Requalified:
    """A batch that takes the place of another: the deliveries' new counts, and what the errors now find in them."""

    batch: str
    rows: int
    counts: list[dict[str, int]]
    found: list[dict[str, Any]]


def judged_otherwise(ledger: Ledger) -> dict[str, list[Delivery]]:
    """Return the batches that other rules judged than today's, each with those of its deliveries with refused rows."""
    rules = ledger.batch_rules()
    stale: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in ledger.deliveries():
        if delivery.batch and delivery.quarantined and rules.get(delivery.batch) != rules_digest(FEEDS[delivery.feed]):
            stale[delivery.batch].append(delivery)
    return stale


def requalify_batch(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str, deliveries: Sequence[Delivery]
) -> Requalified | None:
    """Judge the refused rows of these deliveries of a batch again, and write a batch that holds those that now pass.

    The rest of it is as it was, row ids too. None, with nothing written, where no row passes. Records that could not be
    read as rows stay refused.
    """
    quarantine = located(home.quarantine(feed.name, batch))
    refused = f"(SELECT row_id FROM read_parquet({quarantine}) WHERE check_id NOT LIKE 'record.%')"
    judge_rows(connection, home, feed, deliveries, refused)
    passed = _by_delivery(connection, f"batch_row WHERE {_PASSED}")
    if not passed:
        return None
    _find_duplicates(connection, home, feed, batch)
    first, last = batch.split("-")[:2]
    after = f"{first}-{last}-{rules_digest(feed)[:8]}"
    write_parts(connection, home, feed, after, earlier=batch)
    write_quarantine(connection, home, feed, deliveries, after)
    outdone = _by_delivery(connection, "batch_duplicate")
    accepted = _by_delivery(connection, f"read_parquet({located(home.keys(feed.name, after))})")
    counts = []
    for delivery in deliveries:
        number = delivery.delivery_no
        count = {
            "accepted": accepted.get(number, 0),
            "quarantined": delivery.quarantined - passed.get(number, 0),
            "duplicates": delivery.duplicates + outdone.get(number, 0),
        }
        conserve(f"requalify {delivery.name}", delivery.delivered, *count.values())
        counts.append({"delivery_no": number, **count})
    errors = {check.id for check in row_checks(feed) if check.severity is Severity.ERROR}
    found = [result for result in check_results(connection, feed) if result["check_id"] in errors]
    return Requalified(after, sum(passed.values()), counts, found)


def enter_requalified(
    ledger: Ledger, feed: Feed, batch: str, deliveries: Sequence[Delivery], now: Requalified | None
) -> None:
    """Enter in the ledger what came of judging a batch's refused rows again."""
    if now is None:
        ledger.confirm_rules(batch, rules_digest(feed))
        return
    warnings = {check.id for check in all_checks(feed) if check.severity is Severity.WARNING}
    known = {result["check_id"] for result in ledger.check_results(min(d.delivery_no for d in deliveries))}
    ledger.replace_batch((batch, now.batch), rules_digest(feed), now.counts, sorted(known - warnings), now.found)


def _find_duplicates(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str) -> None:
    """Find the rows that another of the same delivery and key outdoes, now that more rows pass."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE batch_duplicate AS
        WITH qualified AS (
          SELECT row_id, source_key, updated_at FROM batch_row WHERE {_PASSED}
        ), contested AS (
          SELECT row_id, source_key, updated_at FROM qualified
          UNION ALL
          SELECT former.row_id, former.source_key, former.updated_at
          FROM read_parquet({located(home.keys(feed.name, batch))}) AS former
          SEMI JOIN qualified
            ON qualified.row_id >> 32 = former.row_id >> 32 AND qualified.source_key = former.source_key
        )
        SELECT row_id FROM contested
        QUALIFY row_number() OVER (PARTITION BY row_id >> 32, source_key ORDER BY updated_at DESC, row_id DESC) > 1
    """)


def _by_delivery(connection: duckdb.DuckDBPyConnection, rows: str) -> Mapping[int, int]:
    return dict(connection.execute(f"SELECT row_id >> 32, count(*) FROM {rows} GROUP BY ALL").fetchall())
