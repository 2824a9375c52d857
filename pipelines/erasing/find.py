"""Whom to erase: a person's rows through all their history, wherever they wait, and what is known of them elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from lake.engine import parquet
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Delivery
from linkage.register import REGISTER
from linkage.registry import open_registry
from linkage.script import count, run
from pipelines import live
from pipelines.linked import Linked
from pipelines.presenting import identity_rows, person_feeds

TABLES = ("erased_number", "erased_row", "erased_key", "erased_own", "erased_presentation", "erased_person",
          "others_row")  # fmt: skip
"""What `find_person` makes, and the scrubbing reads."""
_NO_KEYS = "SELECT 0::BIGINT AS row_id, '' AS source_key"
_NO_ROWS = """
    SELECT '' AS feed, '' AS city_code, 0::BIGINT AS row_id, '' AS number, '' AS org_code, '' AS own_no WHERE false"""


def find_person(linked: Linked, home: Home, number: str) -> None:
    """Make the TABLES: number, rows, keys, own numbers, presentations and registry id of a person; others' rows.

    It is whoever of the living has most of it, the registered first; and rows that no living person has, such as
    deleted, refused and held ones, by that number, by the person's own numbers or by their keys. Raises PlainFault
    where there are none.
    """
    connection = linked.connection
    open_registry(connection, linked.folders)
    run(connection, "normalise")
    deliveries = linked.ledger.deliveries()  # held and refused ones too: their rows lie in the vault
    live.define_deliveries(connection, deliveries)
    connection.execute("CREATE OR REPLACE TEMP TABLE erased_number AS SELECT $n::VARCHAR AS number", {"n": number})
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE erased_person AS
        SELECT s.registry_id FROM link_state AS s JOIN presentations AS p USING (presentation_id)
        WHERE p.id_valid AND p.id_no = (FROM erased_number)
        GROUP BY s.registry_id ORDER BY bool_or(p.feed = '{REGISTER}') DESC, count(*) DESC, s.registry_id LIMIT 1
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE erased_row AS
        SELECT row_id FROM presented
        WHERE presentation_id IN (SELECT presentation_id FROM link_state WHERE registry_id IN (FROM erased_person))
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP VIEW others_row AS
        SELECT row_id FROM presented JOIN link_state USING (presentation_id)
        WHERE registry_id NOT IN (FROM erased_person)
    """)
    _define_rows(connection, home, deliveries)
    every = "row_id NOT IN (FROM others_row) AND row_id NOT IN (FROM erased_row)"
    connection.execute(f"""
        INSERT INTO erased_row SELECT row_id FROM any_row WHERE number = (FROM erased_number) AND {every}
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE erased_own AS
        SELECT DISTINCT feed, city_code, org_code, own_no FROM any_row
        WHERE row_id IN (FROM erased_row) AND own_no IS NOT NULL
    """)
    connection.execute(f"""
        INSERT INTO erased_row SELECT row_id FROM any_row AS a
        WHERE {every} AND EXISTS (
          SELECT 1 FROM erased_own AS o
          WHERE o.feed = a.feed AND o.city_code = a.city_code AND o.own_no = a.own_no
            AND o.org_code IS NOT DISTINCT FROM a.org_code)
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE erased_key AS
        SELECT DISTINCT feed, city_code, source_key FROM any_key WHERE row_id IN (FROM erased_row)
    """)
    connection.execute(f"""
        INSERT INTO erased_row SELECT row_id FROM any_key AS k
        WHERE {every} AND EXISTS (
          SELECT 1 FROM erased_key AS e
          WHERE e.feed = k.feed AND e.city_code = k.city_code AND e.source_key = k.source_key)
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE erased_presentation AS
        SELECT presentation_id FROM presented GROUP BY presentation_id HAVING bool_and(row_id IN (FROM erased_row))
    """)
    if not count(connection, "SELECT count(*) FROM erased_row"):
        raise PlainFault("无人有此号码 nobody has this number")


def sources(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return the feeds and cities that told of the person."""
    found = connection.execute("SELECT DISTINCT feed || '/' || city_code FROM erased_key ORDER BY ALL").fetchall()
    return tuple(source for (source,) in found)


def _define_rows(connection: duckdb.DuckDBPyConnection, home: Home, deliveries: Sequence[Delivery]) -> None:
    """Make `any_row` (feed, city_code, row_id, number, org_code, own_no) and `any_key` (…, source_key)."""
    rows, keys = [_NO_ROWS], [f"SELECT '' AS feed, '' AS city_code, * FROM ({_NO_KEYS}) WHERE false"]
    for feed in person_feeds():
        batches = sorted({d.batch for d in deliveries if d.feed == feed.name and d.batch})
        if batches:
            rows.append(f"""
                SELECT feed, city_code, row_id, link_number(id_no) AS number, org_code, own_no
                FROM ({identity_rows(home, feed, batches)})""")
        for kind in (home.keys, home.refused_keys):
            files = [path for batch in batches if (path := kind(feed.name, batch)).exists()]
            keys.append(f"""
                SELECT '{feed.name}' AS feed, delivery.city_code, k.row_id, k.source_key
                FROM {parquet(files, _NO_KEYS)} AS k JOIN delivery ON delivery.delivery_no = k.row_id >> 32""")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE any_row AS {' UNION ALL '.join(rows)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE any_key AS {' UNION ALL '.join(keys)}")
