"""How each city stands with each feed, by the ledger: what is held, refused, or due and not delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files

import duckdb
import pyarrow as pa
from sqlalchemy import select

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from lake import ledger_tables as t
from lake.ledger import JUDGED, Delivery, Ledger
from pipelines.quality_page.tables import Row, make_table, rows_of

_SQL = files("pipelines.quality_page").joinpath("standing.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of the tables of these names in standing.sql, and the month that is due, as YYYY-MM; empty for none."""

    due: str
    held: Sequence[Row]
    rejected: Sequence[Row]
    standing: Sequence[Row]

    @property
    def overdue(self) -> list[Row]:
        """Return where the month that is due hasn't come."""
        return [row for row in self.standing if row["overdue"]]


def standing_of(ledger: Ledger) -> Standing:
    """Return how the cities stand, by the rule of the quality page, from the ledger alone."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        define_standing(connection, ledger, ledger.deliveries(*JUDGED))
        found = {name: rows_of(connection, f"FROM {name}") for name in ("held", "rejected", "standing")}
        return Standing(due_of(connection), **found)


def define_standing(connection: duckdb.DuckDBPyConnection, ledger: Ledger, judged: Sequence[Delivery]) -> None:
    """Make the tables judged, city, feed, and those of standing.sql."""
    since = _since(ledger)
    make_table(connection, "judged", _JUDGED, (
        asdict(d) | {"folder": d.folder, "since": since.get(d.delivery_no)} for d in judged
    ))  # fmt: skip
    places = [PROVINCE_CODE, *CITIES]
    make_table(connection, "city", _CITY, (
        {"city": code, "place": at, "is_city": code in CITIES} for at, code in enumerate(places)
    ))  # fmt: skip
    make_table(connection, "feed", _FEED, ({"feed": name, "place": at} for at, name in enumerate(FEEDS)))
    connection.execute(_SQL)


def due_of(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the month that is due, by the tables of standing.sql."""
    return str(connection.execute("SELECT coalesce(strftime(month, '%Y-%m'), '') FROM due").fetchall()[0][0])


def _since(ledger: Ledger) -> dict[int, date]:
    """Return for each delivery the day on which the run began that met it first."""
    query = select(t.delivery.c.delivery_no, t.run.c.started_at).join(t.run, t.run.c.run_id == t.delivery.c.run_id)
    with ledger.engine.connect() as db:
        return {number: at.date() for number, at in db.execute(query)}


_JUDGED = {
    "delivery_no": pa.int64(), "city": pa.string(), "feed": pa.string(), "period": pa.string(),
    "sequence": pa.int64(), "mode": pa.string(), "extracted_at": pa.timestamp("us"), "state": pa.string(),
    "reason": pa.string(), "delivered": pa.int64(), "accepted": pa.int64(), "quarantined": pa.int64(),
    "duplicates": pa.int64(), "folder": pa.string(), "since": pa.date32(),
}  # fmt: skip
_CITY = {"city": pa.string(), "place": pa.int64(), "is_city": pa.bool_()}
_FEED = {"feed": pa.string(), "place": pa.int64()}
