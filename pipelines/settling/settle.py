"""The live indexes: for each feed and city, which row of each key counts, after corrections, deletions and snapshots.

An index is a pure function of the accepted rows, whatever their order of arrival; a delivery costs its own rows and a
rewriting of its city's index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files

import duckdb

from lake.conservation import conserve
from lake.engine import located, parquet, quoted
from lake.files import put
from lake.home import Home
from lake.ledger import Delivery, Ledger, LiveVersion
from pipelines.selection import EVERYTHING, Selection

_SQL = files("pipelines.settling").joinpath("settle.sql").read_text(encoding="utf-8")
_NO_KEYS = """
    SELECT NULL::BIGINT AS row_id, NULL::VARCHAR AS source_key, NULL::TIMESTAMP AS updated_at, NULL::VARCHAR AS op"""


def joining(ledger: Ledger, selection: Selection) -> list[Delivery]:
    """Return the accepted deliveries that live indexes stand on, and those selected that are to join them.

    One that joins anew is always among them: its former rows are in the index, so its snapshot has to be too.
    """
    return [d for d in ledger.deliveries("accepted") if d.settled is not None or selection.takes(d)]


def settle(
    connection: duckdb.DuckDBPyConnection, home: Home, ledger: Ledger, run_id: str, selection: Selection = EVERYTHING
) -> int:
    """Bring the live indexes up to the accepted deliveries; return how many rows joined them."""
    known = ledger.live_versions()
    cities: dict[str, dict[str, list[Delivery]]] = defaultdict(lambda: defaultdict(list))
    for delivery in joining(ledger, selection):
        cities[delivery.feed][delivery.city].append(delivery)
    joined = 0
    for feed, deliveries in cities.items():
        stale = {city: of_city for city, of_city in deliveries.items() if any(not d.settled for d in of_city)}
        if stale:
            versions = _settle_feed(connection, home, feed, stale, known)
            new = [d for of_city in stale.values() for d in of_city if not d.settled]
            ledger.add_live_versions(versions, [d.delivery_no for d in new], run_id)
            joined += sum(d.accepted for d in new)
    return joined


def _settle_feed(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    feed: str,
    stale: Mapping[str, Sequence[Delivery]],
    known: Mapping[tuple[str, str], LiveVersion],
) -> list[LiveVersion]:
    _gather(connection, home, feed, stale, {city: known[feed, city] for city in stale if (feed, city) in known})
    connection.execute(_SQL)
    counts = connection.execute("SELECT city, count(*), count(*) FILTER (live) FROM settled GROUP BY city").fetchall()
    counted = {city: (winners, live) for city, winners, live in counts}
    versions = []
    for city, deliveries in sorted(stale.items()):
        version = known[feed, city].version + 1 if (feed, city) in known else 1
        with put(home.live(feed, city, version)) as partial:
            connection.execute(f"""
                COPY (SELECT * EXCLUDE (city) FROM settled WHERE city = {quoted(city)})
                TO {located(partial)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
            """)
        winners, live = counted.get(city, (0, 0))
        accepted = sum(delivery.accepted for delivery in deliveries)
        versions.append(LiveVersion(feed, city, version, accepted, live, accepted - winners, winners - live))
    connection.execute("DROP VIEW settled")
    for table in ("settle_row", "settle_snapshot", "settle_refused", "settle_suspect", "settle_winner", "settle_gone"):
        connection.execute(f"DROP TABLE {table}")
    return versions


def _gather(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    feed: str,
    stale: Mapping[str, Sequence[Delivery]],
    indexes: Mapping[str, LiveVersion],
) -> None:
    """Make `settle_row` of the former indexes and the new deliveries' keys, and `settle_snapshot`."""
    new = [d for deliveries in stale.values() for d in deliveries if not d.settled]
    connection.execute("CREATE OR REPLACE TEMP TABLE settle_delivery (delivery_no BIGINT, city VARCHAR, place BIGINT)")
    connection.executemany(
        "INSERT INTO settle_delivery VALUES (?, ?, ?)", [[d.delivery_no, d.city, d.place] for d in new]
    )
    keys = parquet(sorted({home.keys(feed, d.batch) for d in new if d.batch is not None}), _NO_KEYS)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE settle_row AS
        SELECT delivery.city, keys.source_key, keys.row_id, keys.updated_at, keys.op, delivery.place,
          CASE WHEN keys.op = 'D' THEN 0 ELSE delivery.place END AS last_seen
        FROM {keys} AS keys
        JOIN settle_delivery AS delivery ON delivery.delivery_no = keys.row_id >> 32
    """)
    gathered = connection.execute("SELECT count(*) FROM settle_row").fetchall()[0][0]
    conserve(f"settle {feed}", sum(delivery.accepted for delivery in new), gathered)
    for city, version in indexes.items():
        connection.execute(f"""
            INSERT INTO settle_row
            SELECT {quoted(city)}, source_key, row_id, updated_at, op, place, last_seen
            FROM read_parquet({located(home.live(feed, city, version.version))})
        """)
    connection.execute("DROP TABLE settle_delivery")
    _gather_snapshots(connection, home, feed, [d for of_city in stale.values() for d in of_city if d.mode == "full"])


def _gather_snapshots(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: str, snapshots: Sequence[Delivery]
) -> None:
    """Make `settle_snapshot` and `settle_refused`."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE settle_snapshot (
          delivery_no BIGINT, city VARCHAR, place BIGINT, extracted_at TIMESTAMP
        )
    """)
    if snapshots:
        rows = [[d.delivery_no, d.city, d.place, d.extracted_at] for d in snapshots]
        connection.executemany("INSERT INTO settle_snapshot VALUES (?, ?, ?, ?)", rows)
    keys = parquet(sorted({home.refused_keys(feed, d.batch) for d in snapshots if d.batch is not None}), _NO_KEYS)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE settle_refused AS
        SELECT snapshot.city, keys.source_key, snapshot.place
        FROM {keys} AS keys
        JOIN settle_snapshot AS snapshot ON snapshot.delivery_no = keys.row_id >> 32
    """)
