"""Whom to erase: a person's rows through all their history, and the values that other rows hold of them."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.feeds import FEEDS
from lake.engine import parquet
from lake.faults import PlainFault
from lake.home import Home
from linkage.register import REGISTER
from linkage.registry import open_registry
from linkage.script import run
from pipelines import live
from pipelines.linked import Linked

_NO_KEYS = "SELECT 0::BIGINT AS row_id, '' AS source_key"
_NO_NUMBERS = "SELECT 0::BIGINT AS row_id, '' AS id_no"
_PERSONS = [feed for feed in FEEDS.values() if feed.is_person]


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows a person has, and in which feeds and cities."""

    rows: int
    sources: tuple[str, ...]


def find_person(linked: Linked, home: Home, number: str) -> Found:
    """Make `erased_number`, `erased_row`, `erased_key` (feed, city_code, source_key) and `erased_presentation`.

    The person is whoever has most of that ID number, the registered first. Raises PlainFault where nobody has it.
    """
    connection = linked.connection
    open_registry(connection, linked.folders)
    run(connection, "normalise")
    number_of = "CREATE OR REPLACE TEMP TABLE erased_number AS SELECT $number::VARCHAR AS number"
    connection.execute(number_of, {"number": number})
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE erased_presentation AS
        WITH claim AS (
          SELECT s.registry_id FROM link_state AS s JOIN presentations AS p USING (presentation_id)
          WHERE p.id_valid AND p.id_no = (FROM erased_number)
          GROUP BY s.registry_id ORDER BY bool_or(p.feed = '{REGISTER}') DESC, count(*) DESC, s.registry_id LIMIT 1
        )
        SELECT presentation_id FROM link_state WHERE registry_id = (FROM claim)
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE erased_row AS
        SELECT row_id FROM presented WHERE presentation_id IN (FROM erased_presentation)
    """)
    deliveries = linked.ledger.deliveries()  # held and refused ones too: their rows lie in the vault
    live.define_deliveries(connection, deliveries)
    for feed in _PERSONS:
        batches = sorted({d.batch for d in deliveries if d.feed == feed.name and d.batch})
        identity = parquet([home.identity(feed.name, batch) for batch in batches], _NO_NUMBERS)
        connection.execute(f"""
            INSERT INTO erased_row
            SELECT row_id FROM {identity}
            WHERE link_number(id_no) = (FROM erased_number) AND row_id NOT IN (SELECT row_id FROM presented)
        """)
        keys = parquet([home.keys(feed.name, batch) for batch in batches], _NO_KEYS)
        connection.execute(f"""
            CREATE OR REPLACE TEMP VIEW key_{feed.name} AS
            SELECT k.row_id, delivery.city_code, k.source_key FROM {keys} AS k
            JOIN delivery ON delivery.delivery_no = k.row_id >> 32
        """)
    every_key = " UNION ALL ".join(f"SELECT '{feed.name}' AS feed, * FROM key_{feed.name}" for feed in _PERSONS)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE erased_key AS
        SELECT DISTINCT feed, city_code, source_key FROM ({every_key}) WHERE row_id IN (FROM erased_row)
    """)
    connection.execute(f"""
        INSERT INTO erased_row
        SELECT every.row_id FROM ({every_key}) AS every
        WHERE (every.feed, every.city_code, every.source_key) IN (FROM erased_key)
          AND every.row_id NOT IN (FROM erased_row)
    """)
    connection.execute("""
        INSERT INTO erased_presentation
        SELECT presentation_id FROM presented GROUP BY presentation_id
        HAVING bool_and(row_id IN (FROM erased_row)) AND presentation_id NOT IN (FROM erased_presentation)
    """)
    rows = connection.execute("SELECT count(*) FROM erased_row").fetchall()[0][0]
    if not rows:
        raise PlainFault("无人有此号码 nobody has this number")
    sources = connection.execute("SELECT DISTINCT feed || '/' || city_code FROM erased_key ORDER BY ALL").fetchall()
    return Found(int(rows), tuple(source for (source,) in sources))
