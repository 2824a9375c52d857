"""Loading: the relations that a warehouse is built from, of the live rows and the registry of some state of a home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from lake.engine import located
from lake.home import Home
from lake.ledger import Build, Delivery, Ledger
from linkage import persons as linked
from pipelines import live
from pipelines.coding.usage import define_decodings
from pipelines.link_error import stated_error
from pipelines.presenting import define_presented, person_feeds
from warehouse import build as warehouse
from warehouse.inputs import content_relation, empty_select

REGISTER = FEEDS["population"]

RowsOf = Callable[[str], str]
"""The live rows of a state: of a feed, the query for their row_id."""


def told_of(build: Build, first_month: date) -> warehouse.Build:
    """Return what the warehouse is told of a build."""
    day = date.fromisoformat(build.as_of)
    return warehouse.Build(build.run_id, build.built_at, day, version("yimatong"), build.fingerprint, first_month)


def define_inputs(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    ledger: Ledger,
    deliveries: list[Delivery],
    rows_of: RowsOf,
    link_version: int,
) -> None:
    """Make `delivery`, `content_<feed>` and what linkage reads: live_row, residence, presented, presentations.

    `deliveries` are those accepted until now, of whose rows `rows_of` says which are live.
    """
    live.define_deliveries(connection, deliveries)
    for feed in FEEDS.values():
        select, batches = empty_select(content_relation(feed)), live.settled_batches(deliveries, feed.name)
        if batches:
            select = f"""
                SELECT content.*, delivery.city_code
                FROM {live.content_rows(home, feed, batches)} AS content
                JOIN delivery ON delivery.delivery_no = content.row_id >> 32
                WHERE content.row_id IN ({rows_of(feed.name)})"""
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {content_relation(feed)} AS {select}")
    of_persons = " UNION ALL ".join(rows_of(feed.name) for feed in person_feeds())
    connection.execute(f"CREATE OR REPLACE TEMP VIEW live_row AS {of_persons}")
    identity = live.identity_rows(home, REGISTER, live.settled_batches(deliveries, REGISTER.name))
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW residence AS
        SELECT content.row_id, content.residence_division, content.residency_type, identity.death_date
        FROM {content_relation(REGISTER)} AS content
        JOIN {identity} AS identity ON identity.row_id = content.row_id
    """)
    define_presented(connection, home, deliveries)
    define_decodings(connection, ledger)
    stated = stated_error(ledger, home, link_version)
    error = f"SELECT * FROM read_parquet({located(stated)})" if stated else empty_select("stated_error")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW stated_error AS {error}")


def define_persons(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path], key: bytes) -> None:
    """Make `person_of_row` and `person` of the live rows, by a registry; without rows where nothing was linked."""
    if folders:
        linked.person_rows(connection, folders, "live_row", key)
        linked.persons(connection)
    else:
        for relation in ("person_of_row", "person"):
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {relation} AS {empty_select(relation)}")
