"""The crosswalk: the person of every live row of the person feeds."""

from __future__ import annotations

import uuid
from pathlib import Path

from lake.engine import connect, quoted
from lake.faults import PlainFault, without_values
from lake.home import Home, clear, put
from lake.ledger import Ledger
from linkage import persons as linked
from linkage.pseudonym import KEY_VERSION
from pipelines import live
from pipelines.linking import define_presented, registry_folders


def write_crosswalk(home: Home, out: Path) -> int:
    """Write feed, city_code, source_key, person_key, key_version, tier and probability, all text, a row a live record.

    Returns the number of rows. Raises PlainFault where nothing was linked yet.
    """
    scratch = home.scratch(f"crosswalk-{uuid.uuid4().hex}")
    with without_values():
        ledger = Ledger(home.ledger_url)
        try:
            versions = ledger.link_versions()
            if not versions:
                raise PlainFault("尚未关联; 请先运行 yimatong run · nothing linked yet; run `yimatong run` first")
            now = ledger.link_inputs(versions[-1].version)
            with connect(scratch) as connection:
                deliveries = ledger.deliveries("accepted")
                live.define_deliveries(connection, deliveries)
                define_presented(connection, home, deliveries)
                connection.execute(f"""
                    CREATE OR REPLACE TEMP TABLE live_row AS
                    SELECT row_id, source_key FROM {live.indexes(home, now)} WHERE live
                """)
                linked.person_rows(connection, registry_folders(ledger, home), "live_row", home.key("person key"))
                with put(out) as partial:
                    copied = connection.execute(f"""
                        COPY (
                          SELECT person.feed, delivery.city_code, live_row.source_key, person.person_key,
                            {quoted(KEY_VERSION)} AS key_version, person.tier,
                            person.probability::VARCHAR AS probability
                          FROM person_of_row AS person
                          JOIN live_row ON live_row.row_id = person.row_id
                          JOIN delivery ON delivery.delivery_no = person.row_id >> 32
                          ORDER BY person.feed, delivery.city_code, live_row.source_key
                        ) TO {quoted(partial)} (FORMAT parquet, COMPRESSION zstd)
                    """).fetchall()
                    partial.chmod(0o600)
            return int(copied[0][0])
        finally:
            ledger.close()
            clear(scratch)
