"""The ledger's database opened to read alone: nothing is written, no lock is waited for longer than a moment."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine, make_url

_SECONDS = 3


def engine_to_read(url: str) -> Engine:
    """Return an engine that can't write; SQLite's file must be there, PostgreSQL is asked for a few seconds at most."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = address.set(database=f"file:{quote(address.database or '')}", query={"mode": "ro", "uri": "true"})
        engine = create_engine(address, hide_parameters=True, connect_args={"timeout": _SECONDS})
        event.listen(engine, "connect", _query_only)
        return engine
    options = f"-c default_transaction_read_only=on -c statement_timeout={_SECONDS * 1000}"
    within = {"connect_timeout": _SECONDS, "options": options}
    return create_engine(address, hide_parameters=True, connect_args=within)


def _query_only(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only = 1")
