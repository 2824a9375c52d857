"""Small deliveries for tests, written to an inbox as real files, and what became of them in a home."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pyarrow.parquet as pq
from cryptography.hazmat.primitives import hashes

from lake.home import Home
from lake.vault import open_to_read
from pipelines import journey
from pipelines.cli import main
from pipelines.progress import Progress
from pipelines.run import open_run
from pipelines.status import status_of

QUIET = Progress(quiet=True)
HOSPITAL = "D2143569X44010011A1001"
Row = Mapping[str, str]
PLANTED = {"name": "欧阳奇葩绝密", "id_no": "440106198707199915", "phone": "13912345679x", "patient_no": "PLANTED-7731"}
"""Values of a person that must be met nowhere outside the vault."""
SOUND: dict[str, dict[str, str]] = {
    "population": {
        "population_no": "P1", "name": "张三", "sex_code": "1", "birth_date": "1987-07-19",
        "residence_division": "440106", "residency_type": "1", "op": "I", "updated_at": "2018-11-05 08:00:00",
    },
    "ehr": {
        "ehr_no": "44010600100100001", "org_code": HOSPITAL, "name": "张三", "created_on": "2018-11-05", "status": "1",
        "op": "I", "updated_at": "2018-11-05 08:00:00",
    },
    "emr": {
        "encounter_no": "E1", "org_code": HOSPITAL, "encounter_type": "1", "patient_no": "N1", "name": "张三",
        "start_at": "2018-11-05 08:00:00", "total_fee": "12.50", "op": "I", "updated_at": "2018-11-06 08:00:00",
    },
    "insurance": {
        "settlement_id": "S1", "psn_no": "1", "name": "张三", "insutype": "310", "insured_division": "440106",
        "org_code": HOSPITAL, "med_type": "11", "begin_at": "2018-11-05 08:00:00", "settled_at": "2018-11-05 09:00:00",
        "medfee_sumamt": "100", "fund_pay_sumamt": "60", "acct_pay": "10", "psn_cash_pay": "30", "cross_region": "0",
        "direct_settled": "1", "op": "I", "updated_at": "2018-11-06 08:00:00",
    },
    "institution": {
        "org_code": HOSPITAL, "name": "一院", "division_code": "440106", "category": "A", "level": "3",
        "public": "1", "provincial": "0", "op": "I", "updated_at": "2018-11-05 08:00:00",
    },
    "platform_connection": {
        "org_code": HOSPITAL, "month": "2018-11", "platform": "1", "connected": "是", "code_live": "否",
        "updated_at": "2018-11-30 08:00:00",
    },
    "platform_function": {
        "city_code": "440100", "function_code": "F01", "live": "1", "updated_at": "2018-11-30 08:00:00",
    },
    "smart_service": {
        "org_code": HOSPITAL, "service_code": "S01", "live": "1", "updated_at": "2018-11-30 08:00:00",
    },
    "code_usage": {
        "org_code": HOSPITAL, "day": "2018-11-05", "scene": "1", "scans": "10", "failures": "1",
        "updated_at": "2018-11-30 08:00:00",
    },
    "code_activation": {
        "city_code": "440100", "day": "2018-11-05", "channel": "1", "activated": "10",
        "updated_at": "2018-11-30 08:00:00",
    },
    "booking": {
        "slot_no": "B1", "org_code": HOSPITAL, "released_at": "2018-11-05 08:00:00",
        "slot_start": "2018-11-06 08:00:00", "slot_end": "2018-11-06 08:15:00", "updated_at": "2018-11-30 08:00:00",
    },
    "telemedicine": {
        "case_no": "T1", "case_type": "1", "urgency": "1", "requester_org": HOSPITAL,
        "requested_at": "2018-11-05 08:00:00", "updated_at": "2018-11-30 08:00:00",
    },
}  # fmt: skip
"""A row of a feed that no check finds fault with."""


def rows(feed: str, *changed: Row) -> list[Row]:
    """Return sound rows of a feed, each with some fields changed."""
    return [SOUND[feed] | dict(row) for row in changed]


def numbered(feed: str, count: int, **changed: str) -> list[Row]:
    """Return sound rows of a feed that differ in their number."""
    key = next(iter(SOUND[feed]))
    return [SOUND[feed] | changed | {key: f"sound-{n}"} for n in range(count)]


def csv_text(table: Sequence[Row], delimiter: str = ",", ending: str = "\n") -> str:
    """Return rows as CSV under the header of their fields."""
    out = io.StringIO(newline="")
    header = list(dict.fromkeys(field for row in table for field in row))
    writer = csv.DictWriter(out, header, restval="", delimiter=delimiter, lineterminator=ending)
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def sm3(octets: bytes) -> str:
    """Return the SM3 of the octets in hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(octets)
    return digest.finalize().hex()


def deliver(
    inbox: Path, feed: str, files: Mapping[str, bytes] | Sequence[Row], city: str = "440100", period: str = "2018-11",
    sequence: int = 1, count: int | None = None, stated: Mapping[str, Any] = MappingProxyType({}),
) -> Path:  # fmt: skip
    """Write a delivery, its manifest last, and return its folder; `stated` goes before what the manifest would say.

    `files` are rows, or the octets of each file by name; `count` is the rows in each, counted where it is not given.
    """
    if not isinstance(files, Mapping):
        files = {"rows.csv": csv_text(files).encode()}
    folder = inbox / city / feed / period / f"{sequence:03d}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, octets in files.items():
        (folder / name).write_bytes(octets)
    manifest = {
        "contract": "1", "city": city, "feed": feed, "period": period, "sequence": sequence, "mode": "delta",
        "encoding": "utf-8", "delimiter": ",", "extracted_at": "2018-12-01T02:00:00+08:00",
        "files": [described(name, octets, count) for name, octets in files.items()],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest | dict(stated)), encoding="utf-8")
    return folder


def described(name: str, octets: bytes, count: int | None = None) -> dict[str, Any]:
    """Return a file's entry in the manifest; a line is a row."""
    if count is None:
        text = gzip.decompress(octets) if name.endswith(".gz") else octets
        count = len(text.splitlines()) - 1
    return {"name": name, "rows": count, "bytes": len(octets), "sm3": sm3(octets)}


@dataclass(frozen=True)
class Told:
    """What a command ended with and what it printed."""

    status: int
    out: str
    err: str


def yimatong(*arguments: Path | str, given: bytes = b"") -> Told:
    """Run a command of `yimatong` in this process, as its console script would; `given` is its standard input."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), io.StringIO()
    status: int | str | None = 0
    with (
        patch.object(sys, "argv", ["yimatong", *map(str, arguments)]),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8")),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    assert isinstance(status, int)
    out.seek(0)
    return Told(status, out.read(), err.getvalue())


def run(folder: Path) -> Told:
    """Run `yimatong run` on FOLDER/inbox with FOLDER/home."""
    return yimatong("run", "--home", folder / "home", "--inbox", folder / "inbox")


def listed(folder: Path) -> list[dict[str, Any]]:
    """Return the deliveries that `yimatong status --json` lists of FOLDER/home; rows are conserved there."""
    state = json.loads(yimatong("status", "--home", folder / "home", "--json").out)
    assert state["conservation"] == {"ok": True, "broken": []}
    return list(state["deliveries"])


def receipt(folder: Path, city: str, feed: str, period: str = "2018-11", sequence: int = 1) -> dict[str, Any]:
    """Return the only receipt of a delivery in FOLDER/home."""
    (path,) = (folder / "home" / "receipts" / city / feed / period).glob(f"{sequence:03d}-*.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def settle(home: Home, inbox: Path) -> None:
    """Take the inbox's deliveries as far as their live indexes."""
    with open_run(home, QUIET) as run:
        journey.land(run, inbox)
        journey.clean(run)
        journey.settle_rows(run)


def deliveries_of(home: Home) -> list[dict[str, Any]]:
    """Return the deliveries of `status --json`."""
    return list(status_of(home)["deliveries"])


def counts(home: Home) -> dict[str, int]:
    """Return the row counts of the home's only delivery."""
    (delivery,) = deliveries_of(home)
    return dict(delivery["rows"])


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file, sealed or not."""
    with open_to_read(file) as opened:
        # Without Arrow's threads: one that lets go of a Python file after the interpreter's end aborts the process.
        return list(pq.ParquetFile(opened, pre_buffer=False).read(use_threads=False).to_pylist())


def built(home: Home) -> str:
    """Return the last build of the home's warehouse, with the tables that are not published too."""
    return str(max((home.root / "builds").glob("*.duckdb")))


def parquet_rows(home: Home, dataset: str, feed: str) -> list[dict[str, Any]]:
    """Return the rows of all files of a dataset, such as `vault/quarantine`, by row id."""
    files = sorted((home.root / dataset / feed).rglob("*.parquet"))
    found = [row for file in files for row in rows_of(file)]
    return sorted(found, key=lambda row: (row["row_id"], row.get("check_id", "")))
