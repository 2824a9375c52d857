"""The crosswalk: the person of every live row of the person feeds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lake.engine import located
from lake.files import put
from lake.home import Home
from lake.keyring import PERSON_KEY
from linkage import persons
from pipelines.linked import open_linked


def write_crosswalk(home: Home, out: Path, known_at: datetime | None = None) -> int:
    """Write feed, city_code, source_key, person_key, key_version, tier and probability, all text, a row a live record.

    `known_at`, in Asia/Shanghai: of what was live, and as it was linked, in the last published state all of whose
    deliveries were extracted by then; by default now. Returns the number of rows. Raises PlainFault where nothing was
    linked yet, or what was is swept.
    """
    version = home.keyring.newest(PERSON_KEY)
    with open_linked(home, "crosswalk", known_at=known_at) as linked:
        persons.person_rows(linked.connection, linked.folders, "live_row", home.keyring.key(PERSON_KEY, version))
        with put(out) as partial:
            copied = linked.connection.execute(f"""
                COPY (
                  SELECT person.feed, delivery.city_code, live_row.source_key, person.person_key,
                    '{version}' AS key_version, person.tier,
                    person.probability::VARCHAR AS probability
                  FROM person_of_row AS person
                  JOIN live_row ON live_row.row_id = person.row_id
                  JOIN delivery ON delivery.delivery_no = person.row_id >> 32
                  ORDER BY person.feed, delivery.city_code, live_row.source_key
                ) TO {located(partial)} (FORMAT parquet, COMPRESSION zstd)
            """).fetchall()
            partial.chmod(0o600)
        return int(copied[0][0])
