"""Presenting: from the identity halves of settled batches to presentations, which linkage reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.engine import parquet, quoted, side_by_side
from lake.home import Home
from lake.ledger import Delivery
from linkage.present import Presented, present
from pipelines import live
from pipelines.run import Run

OWN_NUMBER = {"population": "population_no", "ehr": "ehr_no", "emr": "patient_no", "insurance": "psn_no"}
"""The column by which a feed's source knows a person."""
_NEAR_NUMBER = {"population": "mother_id_no", "ehr": "guardian_id_no"}
NUMBERED_BY_INSTITUTION = {"emr"}
"""Feeds in which each institution gives numbers of its own."""
_ENCOUNTER = {
    "emr": "encounter_no, start_at::DATE AS started_on, total_fee AS fee",
    # A settlement that names its encounter is told from others by that alone.
    "insurance": """encounter_no, CASE WHEN encounter_no IS NULL THEN begin_at::DATE END AS started_on,
          medfee_sumamt AS fee""",
}
_NO_ENCOUNTER = "NULL::VARCHAR AS encounter_no, NULL::DATE AS started_on, NULL::DECIMAL(18, 2) AS fee"
_NOTHING_PRESENTED = """
    SELECT NULL::BIGINT AS row_id, NULL::UUID AS presentation_id, '' AS feed, NULL::TIMESTAMP AS updated_at,
      NULL::UBIGINT AS encounter_key, NULL::UBIGINT AS stay_key"""


def presentation_files(home: Home, deliveries: list[Delivery]) -> list[Path]:
    """Return the files of the presentations of all settled batches."""
    return [home.presentations(feed, batch) for feed, batch in _settled_batches(deliveries)]


def _settled_batches(deliveries: list[Delivery]) -> list[tuple[str, str]]:
    return [(feed.name, batch) for feed in person_feeds() for batch in live.settled_batches(deliveries, feed.name)]


def define_presented(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    """Make the views `presented` (row → presentation) and `presentations` over all settled batches."""
    batches = _settled_batches(deliveries)
    rows = parquet([home.presented(feed, batch) for feed, batch in batches], _NOTHING_PRESENTED)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW presented AS SELECT * FROM {rows}")
    if batches:  # without any, nothing is linked and no one asks for their columns
        distinct = parquet(presentation_files(home, deliveries), "")
        connection.execute(f"CREATE OR REPLACE TEMP VIEW presentations AS SELECT * FROM {distinct}")


def define_stays(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: list[Delivery]) -> None:
    """Make the view `stay` (row_id, org_code, started_on, ended_on): nights in hospital, of all settled batches."""
    rows = live.content_rows(home, FEEDS["emr"], live.settled_batches(deliveries, "emr"))
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW stay AS
        SELECT row_id, org_code, start_at::DATE AS started_on, end_at::DATE AS ended_on
        FROM {rows} WHERE encounter_type = '3' AND end_at::DATE > start_at::DATE
    """)


def present_batch(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, batch: str) -> Presented:
    """Write the presentations of a batch: a pure function of its two halves. Reads `delivery`."""
    rows = identity_rows(home, feed, [batch])
    if feed.name in _ENCOUNTER:
        told = f"SELECT row_id, {_ENCOUNTER[feed.name]} FROM {live.content_rows(home, feed, [batch])}"
        rows = f"SELECT * FROM ({rows}) JOIN ({told}) USING (row_id)"
    else:
        rows = f"SELECT *, {_NO_ENCOUNTER} FROM ({rows})"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW identity_rows AS {rows}")
    return present(connection, "identity_rows", home.presented(feed.name, batch), home.presentations(feed.name, batch))


def present_new_batches(run: Run) -> None:
    """Write the presentations of the settled batches that have none, side by side."""
    deliveries = run.ledger.deliveries()  # a batch may hold rows that wait at the gate
    todo = [
        (FEEDS[feed], batch)
        for feed, batch in _settled_batches(deliveries)
        if not run.home.presentations(feed, batch).exists()
    ]
    if not todo:
        return

    def present_one(connection: duckdb.DuckDBPyConnection, task: tuple[Feed, str]) -> Presented:
        live.define_deliveries(connection, [d for d in deliveries if d.batch == task[1]])
        return present_batch(connection, run.home, *task)

    with run.step("present", len(todo)) as step:
        for presented in side_by_side(run.scratch, present_one, todo):
            step.read += presented.rows
            step.written += presented.presentations
            step.advance()
        step.outcome = f"{step.read:,} 行 rows, {step.written:,} 种呈现 presentations"


def identity_rows(home: Home, feed: Feed, batches: Sequence[str]) -> str:
    """Return a query for the identity rows of batches (one at least) as `present` reads them, and their `institution`.

    Reads `delivery`.
    """
    near = _NEAR_NUMBER.get(feed.name, "NULL::VARCHAR")
    org = "identity.org_code" if feed.name in NUMBERED_BY_INSTITUTION else "NULL::VARCHAR"
    code = "health_code" if feed.has("health_code") else "NULL::VARCHAR"
    address = "address" if feed.has("address") else "NULL::VARCHAR"
    institution = "identity.org_code" if feed.has("org_code") else "NULL::VARCHAR"
    return f"""
        SELECT {quoted(feed.name)} AS feed, delivery.city_code, row_id, {OWN_NUMBER[feed.name]} AS own_no,
          {org} AS org_code, name, sex_code, birth_date, id_type, id_no, id_valid, phone, {address} AS address,
          {near} AS near_id_no, {code} AS health_code, updated_at, {institution} AS institution
        FROM {parquet([home.identity(feed.name, batch) for batch in batches], "")} AS identity
        JOIN delivery ON delivery.delivery_no = identity.row_id >> 32"""


def person_feeds() -> list[Feed]:
    """Return the feeds whose rows are about persons."""
    return [feed for feed in FEEDS.values() if feed.is_person]
