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
    """Give a home as it was linked last, or at a time by this machine's clock, on an engine of its own.

    `purpose` names its scratch folder. Raises PlainFault where nothing was linked yet, or what was is swept; exceptions
    lose their values, but for those that are let through.
    """
    with (
        without_values(*let_through),
        home.aside(f"{purpose}-{uuid.uuid4().hex}") as scratch,
        closing(Ledger(home.ledger_url)) as ledger,
    ):
        note_access(home, ledger, purpose, "vault", "opened")
        version = _version(ledger, known_at)
        folders = registry_folders(ledger, home, version.version)
        inputs = ledger.link_inputs(version.version)
        files = [*folders, *(home.live(feed, city, number) for (feed, city), number in inputs.items())]
        if not all(path.exists() for path in files):
            raise PlainFault("当时的登记已按保留规则清理 the registry of that time was swept; see docs/retention.md")
        deliveries = ledger.deliveries("accepted")
        indexes = live.indexes(home, inputs)
        with connect(scratch) as connection:
            live.define_deliveries(connection, deliveries)
            define_presented(connection, home, deliveries)
            connection.execute(
                f"CREATE OR REPLACE TEMP VIEW live_row AS SELECT row_id, source_key FROM {indexes} WHERE live"
            )
            yield Linked(ledger, connection, version, folders, deliveries)


def _version(ledger: Ledger, known_at: datetime | None) -> LinkVersion:
    versions = ledger.link_versions()
    if not versions:
        raise PlainFault("尚未关联; 请先运行 yimatong run · nothing linked yet; run `yimatong run` first")
    if known_at is None:
        return versions[-1]
    then = [version for version in versions if version.linked_at and version.linked_at <= known_at]
    if not then:
        first = next((v.linked_at for v in versions if v.linked_at), None)
        since = f"{first:%Y-%m-%d %H:%M}" if first else "-"
        raise PlainFault(f"当时尚未关联 nothing was linked by then; 最早 the earliest: {since}")
    return then[-1]
