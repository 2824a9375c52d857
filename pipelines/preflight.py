"""A city's own preflight: one delivery taken through landing and cleaning in a home that is removed afterwards."""

from __future__ import annotations

import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

from lake.faults import without_values
from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.progress import Progress
from pipelines.receipts.page import ROWS
from pipelines.receipts.report import Finding, Report, reports
from pipelines.run import Run
from pipelines.sources.inbox import read_delivery

_STATES = {
    "accepted": "将被接收 would be accepted",
    "rejected": "将被整份拒收 would be rejected",
    "held": "将被暂缓 would be held",
}
_DEPTH = 4
_FAILED = 3


def delivery_folder(given: Path) -> Path | None:
    """Return the folder under the name it has in its inbox, or None where it can't be a delivery's."""
    folder = given.resolve() if ".." in given.parts else given.absolute()
    return folder if len(folder.relative_to(folder.anchor).parts) >= _DEPTH else None


def preflight(folder: Path, progress: Progress) -> Report:
    """Say what a run would make of the delivery in that folder, were it alone; nothing is kept."""
    with (
        without_values(),
        _ended_in_order(),
        tempfile.TemporaryDirectory(prefix="yimatong-check-") as temporary,  # mode 0700
    ):
        home = Home(Path(temporary))
        home.create()
        # Its own ledger, whatever the environment names: that one is the province's.
        with closing(Ledger(f"sqlite:///{home.root / 'ledger.sqlite'}")) as ledger:
            run = Run(home, ledger, uuid.uuid4().hex, progress)
            journey.land_found(run, [read_delivery(folder)])
            journey.clean(run)
            ((_, report),) = reports(home, ledger.deliveries(), ledger.check_results(), run.scratch)
    return report


def report_text(report: Report) -> str:
    """Return the report as lines for people."""
    lines = [f"{report.place}  {_STATES[report.state]}"]
    if report.why:
        lines.append(f"  原因 reason  {report.why}")
    lines.append("行数 rows")
    lines += [f"  {zh} {en:12} {report.rows[en]:>14,}" for en, zh in ROWS.items()]
    if report.unknown_columns:
        lines.append("未知列已略去 unknown columns left out (文件#第几列 file#position)")
        lines += [f"  {column}" for column in report.unknown_columns]
    if report.errors:
        lines.append("未通过的检查, 行被隔离 failed checks, rows refused")
        lines += _finding_lines(report.errors)
    if report.warnings:
        lines.append("警告, 不因此隔离 warnings, no row is refused for them")
        lines += _finding_lines(report.warnings)
    lines.append("仅就本次交付判断, 未与此前的交付比较 Judged on its own: not compared with earlier deliveries")
    return "\n".join(lines)


def _finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    for found in findings:
        column = f"  {found.column} {found.column_zh}".rstrip()
        yield f"  {found.check}{column}  {found.zh} {found.en}"
        more = " …" if len(found.places) < found.rows and found.places else ""
        places = f": {', '.join(found.places)}{more}" if found.places else ""
        yield f"    {found.rows:,} 行 rows{places}"


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a polite stop remove what was written: the rows of the delivery lie there."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(_FAILED)

    deadly = [s for s in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) is signal.SIG_DFL]
    for each in deadly:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in deadly:
            signal.signal(each, signal.SIG_DFL)
