"""The layout of a home: where each kind of file lies, and how a file comes to be there."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lake.keyring import KeyRing

_PRIVATE_DIRECTORY = 0o700
_PASSABLE_DIRECTORY = 0o711
"""The home itself: who knows where the warehouse lies may pass."""
_SHARED_DIRECTORY = 0o2750
"""The warehouse: read by its group, which new builds take over."""
_PRIVATE = ("vault", "content", "tmp", "builds", "receipts", "audit")


@dataclass(frozen=True, slots=True)
class Home:
    """One installation's folder. All files but the ledger are written once; the ledger says which of them count."""

    root: Path

    @property
    def ledger_url(self) -> str:
        """Return the ledger's database: `YIMATONG_LEDGER_URL`, or SQLite in the home."""
        return os.environ.get("YIMATONG_LEDGER_URL") or f"sqlite:///{self.root / 'ledger.sqlite'}"

    def landing(self, feed: str, delivery: str) -> Path:
        """Return the Parquet file of a delivery as it came, all text, a row a record."""
        return self.root / "vault" / "landing" / feed / f"{delivery}.parquet"

    def pulled(self, feed: str, pull: str) -> Path:
        """Return the Parquet file of the marks of a pull's rows, by which the next one knows them again."""
        return self.root / "vault" / "pulled" / feed / f"{pull}.parquet"

    def malformed(self, feed: str, delivery: str) -> Path:
        """Return the Parquet file of a delivery's records that could not be read as rows, with their raw text."""
        return self.root / "vault" / "malformed" / feed / f"{delivery}.parquet"

    def identity(self, feed: str, batch: str) -> Path:
        """Return the identity half of a cleaned batch."""
        return self.root / "vault" / "identity" / feed / f"{batch}.parquet"

    def keys(self, feed: str, batch: str) -> Path:
        """Return the source keys of a cleaned batch, with `op` and `updated_at`."""
        return self.root / "vault" / "keys" / feed / f"{batch}.parquet"

    def refused_keys(self, feed: str, batch: str) -> Path:
        """Return the source keys of the refused rows of a cleaned batch: a snapshot that holds one does not lack it."""
        return self.root / "vault" / "refused" / feed / f"{batch}.parquet"

    def quarantine(self, feed: str, batch: str) -> Path:
        """Return the refused rows of a cleaned batch by row id, without values: one line a row and check."""
        return self.root / "vault" / "quarantine" / feed / f"{batch}.parquet"

    def content(self, feed: str, batch: str) -> Path:
        """Return the content half of a cleaned batch."""
        return self.root / "content" / feed / f"{batch}.parquet"

    def live(self, feed: str, city: str, version: int) -> Path:
        """Return the live index of a city's feed: which row of each key counts."""
        return self.root / "vault" / "live" / feed / city / f"{version:06d}.parquet"

    def presented(self, feed: str, batch: str) -> Path:
        """Return which presentation of a person each row of a batch is."""
        return self.root / "vault" / "presented" / feed / f"{batch}.parquet"

    def presentations(self, feed: str, batch: str) -> Path:
        """Return the distinct presentations of persons in a batch."""
        return self.root / "vault" / "presentations" / feed / f"{batch}.parquet"

    def links(self, version: int) -> Path:
        """Return the folder of one version of the registry."""
        return self.root / "vault" / "links" / f"{version:06d}"

    def link_error(self, version: int) -> Path:
        """Return the file of the stated error of a version of the registry: rates without values of persons."""
        return self.root / "vault" / "link_error" / f"{version:06d}.parquet"

    def codes(self, version: int) -> Path:
        """Return the health codes as one issue left them."""
        return self.root / "vault" / "codes" / f"{version:06d}.parquet"

    @property
    def model(self) -> Path:
        """Return the file of the home's own model of linkage, where one was trained."""
        return self.root / "vault" / "model.json"

    def receipts(self, city: str, feed: str, period: str) -> Path:
        """Return the folder of the answers to a city's deliveries of a feed and period."""
        return self.root / "receipts" / city / feed / period

    @property
    def quality_page(self) -> Path:
        """Return the page on what came from the cities: volumes, timeliness, completeness, checks; without values."""
        return self.root / "quality.html"

    @property
    def warehouse(self) -> Path:
        """Return the published warehouse: a link to what was published last."""
        return self.root / "warehouse" / "current.duckdb"

    def build(self, number: int) -> Path:
        """Return the file of one build of the warehouse, with all that figures are counted from: not for analysts."""
        return self.root / "builds" / f"{number:06d}.duckdb"

    def published(self, number: int) -> Path:
        """Return the file of what is published of a build."""
        return self.root / "warehouse" / "builds" / f"{number:06d}.duckdb"

    def scratch(self, run: str) -> Path:
        """Return the folder in which a run writes before it moves files to their place."""
        return self.root / "tmp" / run

    def create(self) -> None:
        """Make the folders that must exist: all closed to other users, but for the warehouse, open to its group."""
        self.root.mkdir(mode=_PASSABLE_DIRECTORY, parents=True, exist_ok=True)
        for name in _PRIVATE:
            (self.root / name).mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)
        if not os.environ.get("YIMATONG_LEDGER_URL"):
            (self.root / "ledger.sqlite").touch(mode=0o600)
        self.keyring.create()
        for path in (self.warehouse.parent, self.published(1).parent):
            if not path.exists():
                path.mkdir()
                path.chmod(_SHARED_DIRECTORY)  # the bits of the group are masked in mkdir

    @contextmanager
    def aside(self, name: str) -> Iterator[Path]:
        """Give a scratch folder while the block works, marked as in use; what is put there in a home is sealed."""
        folder = self.scratch(name)
        mark = _marked(folder)
        try:
            yield folder
        finally:
            clear(folder)
            os.close(mark)

    def left_aside(self) -> list[Path]:
        """Return the scratch folders of processes that are gone."""
        return [path for path in sorted(self.scratch("run").parent.glob("*")) if not _in_use(path)]

    def works(self, run: str) -> bool:
        """Say whether the process of a run still lives, by the mark on its scratch folder."""
        return _in_use(self.scratch(run))

    @property
    def keyring(self) -> KeyRing:
        """Return the home's keys."""
        return KeyRing(self.root / "keys")

    @contextmanager
    def one_writer(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the home's write lock; a second run waits here until the first has ended, killed or not."""
        self.create()
        with (self.root / "run.lock").open("a", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _marked(folder: Path) -> int:
    """Make a folder and mark it as in use; made again where another process took it for rubbish in between."""
    while True:
        folder.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        try:
            mark = os.open(folder, os.O_RDONLY)
            fcntl.flock(mark, fcntl.LOCK_SH)
            if folder.exists() and os.path.samestat(os.fstat(mark), folder.stat()):
                return mark
        except FileNotFoundError:
            continue
        os.close(mark)


def _in_use(folder: Path) -> bool:
    try:
        mark = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:  # its process has just ended
        return True
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(mark)
    return False


def clear(folder: Path) -> None:
    """Remove a scratch folder and all in it."""
    shutil.rmtree(folder, ignore_errors=True)
