"""A home as it was linked last: its registry, and the rows that were live then."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.engine import connect
from lake.faults import PlainFault, without_values
from lake.home import Home, clear
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
def open_linked(home: Home, purpose: str, *let_through: type[Exception]) -> Iterator[Linked]:
    """Give a home as it was linked last, on an engine of its own; `purpose` names its scratch folder.

    Raises PlainFault where nothing was linked yet; exceptions lose their values, but for those that are let through.
    """
    scratch = home.scratch(f"{purpose}-{uuid.uuid4().hex}")
    with without_values(*let_through):
        try:
            with closing(Ledger(home.ledger_url)) as ledger:
                versions = ledger.link_versions()
                if not versions:
                    raise PlainFault("尚未关联; 请先运行 yimatong run · nothing linked yet; run `yimatong run` first")
                deliveries = ledger.deliveries("accepted")
                indexes = live.indexes(home, ledger.link_inputs(versions[-1].version))
                with connect(scratch) as connection:
                    live.define_deliveries(connection, deliveries)
                    define_presented(connection, home, deliveries)
                    connection.execute(
                        f"CREATE OR REPLACE TEMP VIEW live_row AS SELECT row_id, source_key FROM {indexes} WHERE live"
                    )
                    yield Linked(ledger, connection, versions[-1], registry_folders(ledger, home), deliveries)
        finally:
            clear(scratch)
