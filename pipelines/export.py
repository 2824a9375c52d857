"""The export files, from a build of the warehouse: the published one, or one of what was known at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path

from contracts.divisions import CITIES
from lake.engine import connect, located
from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.ledger import Ledger
from lake.states import State, published, state_of
from pipelines.progress import Progress
from pipelines.restating.known import NOTHING_YET, state_at
from pipelines.restating.provenance import write_provenance
from pipelines.restating.rebuild import opened
from warehouse.build import model_version
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
"""What an export writes, beside export.json and a workbook for each city in the folder `cities`."""
_WRITERS = (
    write_kpi, write_intervals, write_targets, write_workbook, write_city_workbooks, write_brief, write_report,
)  # fmt: skip
_BY_OTHER_MODELS = (
    "仓库由另一版本的程序构建; 请先运行 yimatong run · "
    "the warehouse was built by another version of the program; run `yimatong run` first"
)


def export_kpis(
    home: Home,
    out: Path,
    as_of: date | None,
    known_at: datetime | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the export files and return their paths.

    With `as_of`, the figures are measured again from the facts, up to and including that day. With `known_at`, in
    Asia/Shanghai, they are of the last published state all of whose deliveries were extracted by then, and `as_of` is
    by default the day of the latest of these. Raises PlainFault where nothing is published or by another version's
    models, nothing was known by then, or what was is swept.
    """
    with (
        without_values(),
        closing(Ledger(home.ledger_url)) as ledger,
        _state(home, ledger, known_at, progress or Progress()) as (state, build),
        home.aside(f"export-{uuid.uuid4().hex}") as scratch,
        connect(scratch, vault=False) as connection,
    ):
        connection.execute(f"ATTACH {located(build)} AS published (READ_ONLY)")
        connection.execute("USE published")
        day = state.extent.known_at.date() if known_at and as_of is None else as_of
        if day is not None:
            measure(connection, day)
        define_exported(connection, measured=day is not None)
        for write in _WRITERS:
            write(connection, out)
        written = [*(out / name for name in FILES), *(out / "cities" / f"{code}.xlsx" for code in CITIES)]
        return [*written, write_provenance(connection, out, state, written)]


@contextmanager
def _state(home: Home, ledger: Ledger, known_at: datetime | None, progress: Progress) -> Iterator[tuple[State, Path]]:
    """Give what is to be exported, and the file of its build."""
    if known_at is not None:
        state = state_at(home, ledger, known_at)
        with opened(home, ledger, state, progress) as build:
            yield state, build
        return
    all_published = published(ledger)
    build = home.build(all_published[-1].build.build_no if all_published else 0)
    if not build.exists():
        raise PlainFault(NOTHING_YET)
    if all_published[-1].build.models != model_version():
        raise PlainFault(_BY_OTHER_MODELS)
    yield state_of(ledger, all_published[-1]), build
