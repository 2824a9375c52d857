"""Huge fields, lines and archives: the row is quarantined or the delivery rejected, in bounded memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.rejection import Reason, RejectedDelivery

from .small_inbox import SOUND, csv_text, deliver, numbered

pytestmark = pytest.mark.e2e

HUGE = 100 << 20
BOUND = 1 << 20
"""KiB of memory that a huge delivery may take beyond a small one."""

FEW = 50
TEXT = csv_text(numbered("population", FEW)).encode()
HEADER = TEXT[: TEXT.index(b"\n") + 1]
REST = ",".join(SOUND["population"].values()).removeprefix("P1").encode()
LAST = b"last" + REST + b"\n"
_CHILD = """
import json, sys
from pathlib import Path
from lake.home import Home
from tests.pipelines.small_inbox import deliveries_of, parquet_rows, settle

folder = Path(sys.argv[1])
home = Home(folder / "home")
settle(home, folder / "inbox")
(delivery,) = deliveries_of(home)
quarantine = [[row["line"], row["check_id"]] for row in parquet_rows(home, "vault/quarantine", "population")]
status = Path("/proc/self/status").read_text()
peak = int(status[status.index("VmHWM:") + 6 :].split()[0])
print(json.dumps([delivery["state"], delivery["reason"], delivery["rows"], quarantine, peak]))
"""


def lands(folder: Path) -> tuple[str, str, dict[str, int], list[list[Any]], int]:
    """Settle FOLDER/inbox in a process of its own: state, reason, rows, quarantined lines and checks, peak in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    state, reason, rows, quarantine, peak = json.loads(done.stdout)
    return state, reason, rows, quarantine, peak


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    folder = tmp_path_factory.mktemp("usual")
    deliver(folder / "inbox", "population", {"rows.csv": TEXT})
    return lands(folder)[4]


@dataclass(frozen=True)
class Huge:
    """What stands between sound rows and a last one; the lines and checks of what is quarantined for it."""

    make: Callable[[], bytes]
    quarantined: list[list[Any]]
    encoding: str = "utf-8"


AT = FEW + 2
HUGES = {
    "a field": Huge(lambda: b"x" * HUGE + REST + b"\n", [[AT, "record.field_size"]]),
    "a field in quotes": Huge(lambda: b'"' + b"x" * HUGE + b'"' + REST + b"\n", [[AT, "record.field_size"]]),
    "a field of lines in quotes": Huge(
        lambda: b'"' + b"xy,z\n" * (HUGE // 5) + b'"' + REST + b"\n", [[AT, "record.field_size"]]),
    "a field of Chinese in GB18030": Huge(
        lambda: "张".encode("gb18030") * (HUGE // 2) + REST + b"\n", [[AT, "record.field_size"]], "gb18030"),
    "a field of rare characters in quotes in GB18030": Huge(
        lambda: b'"' + "𠀀\n".encode("gb18030") * (HUGE // 5) + b'"' + REST + b"\n",
        [[AT, "record.field_size"]], "gb18030"),
    "a field of Chinese": Huge(lambda: "张".encode() * (HUGE // 3) + REST + b"\n", [[AT, "record.field_size"]]),
    "quotes, each with its pair": Huge(lambda: b'"' * HUGE + REST + b"\n", [[AT, "record.field_size"]]),
    "quotes, one without its pair": Huge(lambda: b'"' * (HUGE + 1) + b"\n", [[AT, "record.field_size"]]),
    "NUL bytes": Huge(lambda: b"\0" * HUGE + b"\n", [[AT, "record.nul"]]),
    "fields": Huge(lambda: b"," * HUGE + b"\n", [[AT, "record.field_size"]]),
    "empty fields in quotes": Huge(lambda: b'"",' * (HUGE // 3) + b"\n", [[AT, "record.field_size"]]),
    "returns": Huge(lambda: b"\r" * HUGE + b"\n", [[AT, "record.field_size"]]),
    "blank lines": Huge(lambda: b"\n" * HUGE, []),
    "an open quote before lines": Huge(
        lambda: b'"x\n' + (b"y" * 1_000_000 + b"\n") * 100,
        [[AT, "record.fields"], *([AT + n, "record.fields"] for n in range(1, 101))]),
    "short lines that are no rows": Huge(
        lambda: b"x\n" * 1_000_000, [[AT + n, "record.fields"] for n in range(1_000_000)]),
}  # fmt: skip


ZIPPED = ("a field of lines in quotes", "a field of Chinese in GB18030")


@pytest.mark.parametrize(("name", "zipped"), [*((name, False) for name in HUGES), *((name, True) for name in ZIPPED)])
def test_what_is_huge_is_quarantined(tmp_path: Path, usual: int, name: str, zipped: bool) -> None:
    huge = HUGES[name]
    text = b"".join([TEXT, huge.make(), LAST])
    if huge.encoding != "utf-8":
        text = b"".join([TEXT.decode().encode(huge.encoding), huge.make(), LAST.decode().encode(huge.encoding)])
    files = {"rows.csv.gz": gzip.compress(text, 1)} if zipped else {"rows.csv": text}
    count = FEW + 1 + len(huge.quarantined)
    deliver(tmp_path / "inbox", "population", files, count=count, stated={"encoding": huge.encoding})
    del text, files
    state, reason, counted, quarantine, peak = lands(tmp_path)
    assert counted == {
        "delivered": count, "accepted": FEW + 1, "quarantined": len(huge.quarantined), "duplicates": 0,
    }, reason  # fmt: skip
    assert quarantine == huge.quarantined
    assert state == ("held" if len(huge.quarantined) > 0.05 * count else "accepted")
    assert peak < usual + BOUND


NO_HEADERS = {
    "a line without end": lambda: b"x" * HUGE,
    "quotes": lambda: b'"' * HUGE,
    "NUL bytes": lambda: b"\0" * HUGE,
    "columns": lambda: b"," * HUGE + b"\n" + TEXT,
}


@pytest.mark.parametrize("name", NO_HEADERS)
def test_what_is_huge_is_no_header(tmp_path: Path, usual: int, name: str) -> None:
    deliver(tmp_path / "inbox", "population", {"rows.csv": NO_HEADERS[name]()}, count=1)
    state, reason, _, _, peak = lands(tmp_path)
    assert (state, reason) == ("rejected", str(RejectedDelivery(Reason.HEADER, "rows.csv", 1)))
    assert peak < usual + BOUND


BOMBS = {
    # what a small gzip holds a thousand times, and how many rows are found
    "a line": (b"x" * (1 << 20), FEW + 1),
    "NUL bytes": (b"\0" * (1 << 20), FEW + 1),
    "blank lines": (b"\n" * (1 << 20), FEW),
    "sound rows": ((b"P1" + REST + b"\n") * 2_000, FEW + 2_000_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_bounded_memory(tmp_path: Path, usual: int, name: str) -> None:
    part, found = BOMBS[name]
    files = {"rows.csv.gz": gzip.compress(TEXT) + gzip.compress(part * 10) * 100}
    deliver(tmp_path / "inbox", "population", files, count=FEW + 2)
    state, reason, _, _, peak = lands(tmp_path)
    told = RejectedDelivery(Reason.ROWS, "rows.csv.gz", detail=f"{found} ≠ {FEW + 2}")
    assert (state, reason) == ("rejected", str(told))
    assert peak < usual + BOUND
    assert [*(tmp_path / "home" / "vault" / "landing" / "population").glob("*")] == []


def test_an_archive_of_a_million_members_does_not_hang(tmp_path: Path, usual: int) -> None:
    files = {"rows.csv.gz": gzip.compress(TEXT, mtime=0) + gzip.compress(b"", mtime=0) * 1_000_000}
    deliver(tmp_path / "inbox", "population", files, count=FEW)
    state, _, _, _, peak = lands(tmp_path)
    assert state == "accepted"
    assert peak < usual + BOUND
