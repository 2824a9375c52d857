"""Institution codes held against the register: what it lacks is a warning of the delivery that names it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from contracts.feeds import FEEDS
from lake.engine import connect, parquet, quoted
from lake.ledger import Delivery
from pipelines.run import Run
from quality.checks import register_checks

_NO_KEYS = "SELECT '' AS source_key, '' AS op"


def note_unregistered(run: Run, deliveries: Sequence[Delivery]) -> None:
    """Enter in the ledger how many rows of cleaned deliveries name an institution that no register's delivery had.

    The register is that of all cities, as far as it was cleaned by now; without one nothing is compared.
    """
    by_feed: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if register_checks(FEEDS[delivery.feed]):
            by_feed[delivery.feed].append(delivery)
    registers = run.ledger.deliveries("accepted", "cleaned", feed="institution")
    keys = [run.home.keys("institution", batch) for batch in sorted({d.batch for d in registers if d.batch})]
    if not keys or not by_feed:
        return
    with connect(run.scratch) as connection:
        connection.execute(f"""
            CREATE TEMP TABLE register AS
            SELECT DISTINCT source_key AS org_code FROM {parquet(keys, _NO_KEYS)} WHERE op <> 'D'
        """)
        for feed, of_feed in by_feed.items():
            checks = register_checks(FEEDS[feed])
            content = parquet([run.home.content(feed, batch) for batch in sorted({d.batch or "" for d in of_feed})], "")
            found = connection.execute(" UNION ALL ".join(
                f"SELECT row_id >> 32, {quoted(check.id)}, count(*) FROM {content} WHERE {check.violated} GROUP BY ALL"
                for check in checks
            )).fetchall()  # fmt: skip
            numbers = {delivery.delivery_no for delivery in of_feed}
            rows = [{"delivery_no": n, "check_id": check, "rows": rows} for n, check, rows in found if n in numbers]
            run.ledger.replace_check_results(sorted(numbers), [check.id for check in checks], rows)
