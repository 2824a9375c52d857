"""Housekeeping: what no step needs any longer is removed, and the ledger notes how much of what and why."""

from __future__ import annotations

import shutil
import uuid
from collections import defaultdict
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lake.faults import without_values
from lake.files import put
from lake.home import Home
from lake.ledger import Ledger
from lake.swept import Swept, note_swept
from lake.vault import open_to_read, open_to_write
from pipelines.progress import Progress
from pipelines.sweeping.find import Rubbish, inbox_rubbish, rubbish
from pipelines.sweeping.kinds import size
from pipelines.sweeping.rules import Retention

_OF_ARROW = b"ARROW:schema"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sweep removed, or would remove, by kind and reason; `failed` counts what it could not."""

    dry_run: bool
    swept: tuple[Swept, ...]
    failed: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def sweep(home: Home, inbox: Path | None, rules: Retention, dry_run: bool, progress: Progress) -> Outcome:
    """Remove what may go from a home, and from an inbox where one is given; with `dry_run` only say what would.

    No run works meanwhile. Raises PlainFault, with nothing removed, where the home's files are not its ledger's.
    """
    waiting = "等待另一运行结束 waiting for another run to end"
    with without_values(), home.one_writer(lambda: progress.say(waiting)), closing(Ledger(home.ledger_url)) as ledger:
        now = datetime.now()
        found = rubbish(home, ledger, rules, now)
        found += inbox_rubbish(inbox, ledger, rules, now) if inbox else []
        grouped: dict[tuple[str, str], list[Rubbish]] = defaultdict(list)
        for each in found:
            grouped[each.kind, each.because].append(each)
        if dry_run or not grouped:
            swept = [_counted(kind, because, [size(r.path) for r in some]) for (kind, because), some in grouped.items()]
            return Outcome(dry_run, tuple(swept), 0)
        return _remove(ledger, grouped, now)


def outcome_text(outcome: Outcome) -> str:
    """Return the outcome as lines for people."""
    lines = [f"  {s.kind:14} {s.because:22} {s.files:>8,}  {s.bytes:>16,} B" for s in outcome.swept]
    files, room = sum(s.files for s in outcome.swept), sum(s.bytes for s in outcome.swept)
    told = "可清理 would be swept" if outcome.dry_run else "已清理 swept"
    lines.append(f"{told}  {files:,} 个文件 files, {room:,} B")
    if outcome.failed:
        lines.append(f"! 未能删除 could not be removed  {outcome.failed:,}")
    return "\n".join(lines)


def _remove(ledger: Ledger, grouped: dict[tuple[str, str], list[Rubbish]], now: datetime) -> Outcome:
    run_id = uuid.uuid4().hex
    ledger.start_run(run_id, now)
    swept, failed, status = [], 0, "failed"
    try:
        for (kind, because), some in grouped.items():
            rooms = []
            for each in some:
                room = size(each.path)
                try:
                    _remove_one(each)
                except OSError:  # such as a folder of the inbox that belongs to someone else
                    failed += 1
                else:
                    rooms.append(room)
            if rooms:
                swept.append(_counted(kind, because, rooms))
                note_swept(ledger, run_id, now, swept[-1])
        status = "done"
    finally:
        ledger.end_run(run_id, datetime.now(), status)
    return Outcome(False, tuple(swept), failed)


def _remove_one(what: Rubbish) -> None:
    if what.rows_only:
        with open_to_read(what.path) as file:
            kept = pq.read_metadata(file).metadata or {}
            empty = pq.read_schema(file).empty_table()
        with put(what.path) as partial, open_to_write(partial) as file:
            pq.write_table(empty.replace_schema_metadata({k: v for k, v in kept.items() if k != _OF_ARROW}), file)
    elif what.path.is_dir() and not what.path.is_symlink():
        shutil.rmtree(what.path)
    else:
        what.path.unlink()


def _counted(kind: str, because: str, rooms: list[tuple[int, int]]) -> Swept:
    return Swept(kind, because, sum(files for files, _ in rooms), sum(room for _, room in rooms))
