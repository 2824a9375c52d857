"""What the warehouse is made from: the relations that must exist on the connection before a build."""

from __future__ import annotations

from contracts.feeds import FEEDS
from contracts.schema import Feed

_OTHER_INPUTS = {
    "person_of_row": {"row_id": "BIGINT", "feed": "VARCHAR", "person_key": "VARCHAR", "tier": "VARCHAR",
                      "probability": "DOUBLE"},
    "person": {"person_key": "VARCHAR", "registered": "BOOLEAN", "sex_code": "VARCHAR", "birth_date": "DATE",
               "residence_division": "VARCHAR", "residency_type": "VARCHAR", "death_date": "DATE",
               "city_code": "VARCHAR"},
    "stated_error": {"feed": "VARCHAR", "city_code": "VARCHAR", "age": "VARCHAR", "records": "BIGINT",
                   "without_number": "BIGINT", "false_rate": "DOUBLE", "false_low": "DOUBLE", "false_high": "DOUBLE",
                   "missed_rate": "DOUBLE", "missed_low": "DOUBLE", "missed_high": "DOUBLE", "held_out": "BIGINT",
                   "model": "VARCHAR"},
    "redirect": {"former_key": "VARCHAR", "key_version": "SMALLINT", "person_key": "VARCHAR"},
    "decoding": {"org_code": "VARCHAR", "day": "DATE", "scene": "VARCHAR", "outcome": "VARCHAR", "decodings": "BIGINT"},
}  # fmt: skip


def content_relation(feed: Feed) -> str:
    """Return the name of the relation that holds a feed's live content rows."""
    return f"content_{feed.name}"


def input_schemas() -> dict[str, dict[str, str]]:
    """Return the input relations: name to columns to DuckDB types.

    `content_<feed>` are the live content halves with the delivering `city_code`; `person_of_row`, `person`,
    `redirect` and `stated_error` come from linkage, `decoding` from the terminals that decode health codes.
    """
    contents = {}
    for feed in FEEDS.values():
        columns = {"row_id": "BIGINT", "city_code": "VARCHAR"}
        columns |= {column.name: column.type.sql for column in feed.content_columns}
        if feed.has("health_code"):
            columns["has_health_code"] = "BOOLEAN"
        contents[content_relation(feed)] = columns
    return contents | _OTHER_INPUTS


def empty_select(relation: str) -> str:
    """Return a SELECT of an input relation's columns without a row: what a view is where nothing came."""
    columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in input_schemas()[relation].items())
    return f"SELECT {columns} WHERE false"
