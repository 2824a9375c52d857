"""The export files, from the published warehouse."""

from __future__ import annotations

import uuid
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb

from contracts.divisions import CITIES
from lake.engine import connect, located
from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.ledger import Ledger
from warehouse.exports.brief import write_brief
from warehouse.exports.city_workbooks import write_city_workbooks
from warehouse.exports.intervals import write_intervals
from warehouse.exports.kpi import write_kpi
from warehouse.exports.relations import define_exported
from warehouse.exports.targets import write_targets
from warehouse.exports.workbook import write_workbook
from warehouse.indicators.measure import measure
from warehouse.report.page import write_report

FILES = ("report.html", "brief.pdf", "kpi.xlsx", "kpi.csv", "kpi.parquet", "intervals.csv", "targets.csv")
"""What an export writes, beside a workbook for each city in the folder `cities`."""
_WRITERS = (
    write_kpi, write_intervals, write_targets, write_workbook, write_city_workbooks, write_brief, write_report,
)  # fmt: skip


def export_kpis(home: Home, out: Path, as_of: date | None) -> list[Path]:
    """Write the export files and return their paths.

    With `as_of`, the figures are measured again from the published facts, up to and including that day. Raises
    PlainFault where nothing is published.
    """
    with (
        without_values(),
        home.aside(f"export-{uuid.uuid4().hex}") as scratch,
        connect(scratch, vault=False) as connection,
    ):
        _open_build(connection, home)
        if as_of is not None:
            measure(connection, as_of)
        define_exported(connection, measured=as_of is not None)
        for write in _WRITERS:
            write(connection, out)
    return [*(out / name for name in FILES), *(out / "cities" / f"{code}.xlsx" for code in CITIES)]


def _open_build(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    with closing(Ledger(home.ledger_url)) as ledger:
        last = ledger.last_build()
    if last is None or not home.build(last.build_no).exists():
        raise PlainFault("尚未发布; 请先运行 yimatong run · nothing published yet; run `yimatong run` first")
    connection.execute(f"ATTACH {located(home.build(last.build_no))} AS published (READ_ONLY)")
    connection.execute("USE published")
