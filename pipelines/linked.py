"""A home as it was linked last: its registry, and the rows that were live then."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from lake.audit import note_access
from lake.engine import connect
from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.ledger import Delivery, Ledger, LinkVersion
from pipelines import live
from pipelines.linking import registry_folders
from pipelines.presenting import define_presented
from pipelines.restating.known import require, state_at


@dataclass(frozen=True, slots=True)
class Linked:
    """What a reader of the registry needs: `folders` say it together, `version` is its newest.

    The connection has delivery, presented, presentations and live_row (row_id, source_key).
    """

    ledger: Ledger
    connection: duckdb.DuckDBPyConnection
    version: LinkVersion
    folders: Sequence[Path]
    deliveries: list[Delivery]


@contextmanager
def open_linked(
    home: Home, purpose: str, *let_through: type[Exception], known_at: datetime | None = None
) -> Iterator[Linked]:
    """Give a home as it was linked last, or as it was known at a time, on an engine of its own.

    `purpose` names its scratch folder. Raises PlainFault where nothing was linked yet, or what was is swept; exceptions
    lose their values, but for those that are let through.
    """
    with (
        without_values(*let_through),
        home.aside(f"{purpose}-{uuid.uuid4().hex}") as scratch,
        closing(Ledger(home.ledger_url)) as ledger,
    ):
        note_access(home, ledger, purpose, "vault", "opened")
        version = _version(home, ledger, known_at)
        folders = registry_folders(ledger, home, version.version)
        inputs = ledger.link_inputs(version.version)
        deliveries = ledger.deliveries("accepted")
        indexes = live.indexes(home, inputs)
        with connect(scratch) as connection:
            live.define_deliveries(connection, deliveries)
            define_presented(connection, home, deliveries)
            connection.execute(
                f"CREATE OR REPLACE TEMP VIEW live_row AS SELECT row_id, source_key FROM {indexes} WHERE live"
            )
            yield Linked(ledger, connection, version, folders, deliveries)


def _version(home: Home, ledger: Ledger, known_at: datetime | None) -> LinkVersion:
    versions = {version.version: version for version in ledger.link_versions()}
    last = max(versions, default=0)
    if known_at is not None:
        state = state_at(home, ledger, known_at)
        require(home, ledger, state)
        last = state.build.link_version
    if not last:
        raise PlainFault("尚未关联; 请先运行 yimatong run · nothing linked yet; run `yimatong run` first")
    return versions[last]
