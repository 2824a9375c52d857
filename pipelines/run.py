"""A run at work on a home: its lock, its entry in the ledger, its scratch folder, its steps."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lake.audit import note_access
from lake.faults import without_values
from lake.home import Home, clear
from lake.ledger import Ledger
from pipelines.progress import Progress, Step

STEP_NAMES = {
    "land": "落地",
    "clean": "清洗",
    "gate": "闸门",
    "requalify": "复核",
    "answer": "回执",
    "settle": "定版",
    "present": "呈现",
    "link": "关联",
    "assess": "估误",
    "load": "入仓",
    "measure": "测算",
}


WAITING = "等待另一运行结束 waiting for another run to end"
"""What is said while another holds the home's write lock."""


@dataclass(frozen=True, slots=True)
class Run:
    """What each step of a run needs."""

    home: Home
    ledger: Ledger
    run_id: str
    progress: Progress

    @property
    def scratch(self) -> Path:
        """Return the folder for temporary files of this run."""
        return self.home.scratch(self.run_id)

    @contextmanager
    def step(self, name: str, total: int = 1) -> Iterator[Step]:
        """Show the step while its block runs, and note in the ledger what it read and wrote."""
        with self.progress.step(f"{STEP_NAMES[name]} {name}", total) as step:
            yield step
        self.ledger.note_step(self.run_id, name, step.read, step.written, step.seconds)


@contextmanager
def open_run(home: Home, progress: Progress) -> Iterator[Run]:
    """Hold the home's write lock and enter a run in the ledger while the block works; a second run waits."""
    run_id = uuid.uuid4().hex
    with without_values(), home.one_writer(lambda: progress.say(WAITING)):
        for left in home.left_aside():  # by runs that were killed
            clear(left)
        ledger = Ledger(home.ledger_url)
        ledger.start_run(run_id, datetime.now())
        status = "failed"
        note_access(home, ledger, "run", run_id, "opened")
        try:
            with home.aside(run_id):
                yield Run(home, ledger, run_id, progress)
            status = "done"
        finally:
            ledger.end_run(run_id, datetime.now(), status)
            ledger.close()
