"""No personal value leaves the vault: planted identities are searched in everything else that a run leaves behind."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives import hashes

from lake.faults import PlainFault, UnexpectedFault, without_values
from tests.pipelines.small_inbox import rows_of

PLANTED = {
    "name": "欧阳奇葩绝密",
    "id_no": "440106198707199915",
    "phone": "13912345679",
    "address": "广东省广州市天河区绝密路八十八号",
    "patient_no": "PLANTED-PATIENT-7731",
}


def sm3(path: Path) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(path.read_bytes())
    return digest.finalize().hex()


def deliver(inbox: Path, feed: str, period: str, text: bytes, rows: int, encoding: str = "utf-8") -> Path:
    """Write a delivery of 440100 and return its folder."""
    folder = inbox / "440100" / feed / period / "001"
    folder.mkdir(parents=True)
    file = folder / f"{feed}_440100_{period}_001.csv"
    file.write_bytes(text)
    manifest = {
        "contract": "1", "city": "440100", "feed": feed, "period": period, "sequence": 1, "mode": "delta",
        "encoding": encoding, "delimiter": ",", "extracted_at": "2018-12-01T02:00:00+08:00",
        "files": [{"name": file.name, "rows": rows, "bytes": len(text), "sm3": sm3(file)}],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


HEADER = (
    "encounter_no,org_code,encounter_type,patient_no,name,id_no,phone,address,birth_date,start_at,"
    "total_fee,op,updated_at"
)


def emr_row(number: int, start_at: str = "2018-11-05 08:00:00", fee: str = "12.50") -> str:
    planted = ",".join(PLANTED[field] for field in ("patient_no", "name", "id_no", "phone", "address"))
    return f"E{number},D2143569X44010011A1001,1,{planted},1987-07-19,{start_at},{fee},I,2018-11-06 08:00:00"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run deliveries that hold the planted identity in sound rows, broken rows, broken files and headers."""
    folder = tmp_path_factory.mktemp("leak")
    inbox = folder / "inbox"
    sound = [emr_row(n) for n in range(20)]
    broken = [
        emr_row(21, start_at=PLANTED["name"]),
        emr_row(22, fee=PLANTED["phone"] + "x"),
        emr_row(23) + ",one,more",
        '"' + emr_row(24),
    ]
    many = [emr_row(n) for n in range(100, 200)]
    deliver(inbox, "emr", "2018-11", "\n".join([HEADER, *many, *broken]).encode(), 104)
    deliver(inbox, "emr", "2018-12", "\n".join([HEADER, *sound, *broken]).encode(), 24)  # too many broken: held
    deliver(
        inbox, "emr", "2018-10", "\n".join([HEADER, *sound]).encode() + b"\n\xff\xfe" + PLANTED["name"].encode(), 21
    )
    deliver(
        inbox, "emr", "2018-09", "\n".join(sound).encode(), 19
    )  # without a header: the first row stands in its place
    deliver(inbox, "emr", "2018-08", "\n".join([HEADER, *sound]).encode("gb18030")[:-3] + b"\x81", 20, "gb18030")
    deliver(inbox, "population", "2018-11", "\n".join([PLANTED["name"], *sound]).encode(), 20)
    home = folder / "home"
    told = ""
    for command in (
        ["run", "--home", str(home), "--inbox", str(inbox)],
        ["status", "--home", str(home)],
        ["gate", "list", "--home", str(home)],
        ["status", "--home", str(home), "--json"],
        ["export", "--home", str(home), "--out", str(folder / "exports")],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *command], capture_output=True, text=True, check=False
        )
        told += done.stdout + done.stderr
    return folder, told


def forms(value: str) -> list[bytes]:
    return [value.encode(encoding) for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")]


def test_the_planted_rows_were_read(run: tuple[Path, str]) -> None:
    folder, told = run
    state = json.loads(told[told.index("{") : told.rindex("}") + 1])
    by_period = {(d["feed"], d["period"]): d for d in state["deliveries"]}
    rows = {"delivered": 104, "accepted": 100, "quarantined": 4, "duplicates": 0}
    assert by_period["emr", "2018-11"]["rows"] == rows
    assert by_period["emr", "2018-12"]["state"] == "held"
    assert {key: d["state"] for key, d in by_period.items() if d["state"] == "rejected"} == {
        ("emr", "2018-08"): "rejected", ("emr", "2018-09"): "rejected", ("emr", "2018-10"): "rejected",
        ("population", "2018-11"): "rejected",
    }  # fmt: skip
    identity = rows_of(next((folder / "home" / "vault" / "identity" / "emr").iterdir()))
    assert {row["name"] for row in identity} == {PLANTED["name"]}


def test_no_planted_value_in_what_the_commands_print(run: tuple[Path, str]) -> None:
    told = run[1].encode()
    assert not [field for field, value in PLANTED.items() for form in forms(value) if form in told]


def test_no_planted_value_outside_vault_and_inbox(run: tuple[Path, str]) -> None:
    folder, _ = run
    searched = 0
    for path in [*(folder / "home").rglob("*"), *(folder / "exports").rglob("*")]:
        name = os.fsencode(path.name)
        if path.is_file() and "vault" not in path.relative_to(folder).parts:
            octets = path.read_bytes()
            if path.suffix == ".parquet":
                octets += repr(pq.read_table(path).to_pylist()).encode()
            if path.suffix == ".duckdb":
                with duckdb.connect(str(path), read_only=True) as warehouse:
                    for (table,) in warehouse.execute(
                        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
                    ).fetchall():
                        octets += repr(warehouse.execute(f"FROM {table}").fetchall()).encode()
            searched += 1
        else:
            octets = b""
        found = [field for field, value in PLANTED.items() for form in forms(value) if form in octets or form in name]
        assert not found, path.relative_to(folder)
    assert searched >= 5


def test_the_vault_is_closed_to_other_users(run: tuple[Path, str]) -> None:
    home = run[0] / "home"
    closed = [home / name for name in ("vault", "content", "builds", "keys", "audit", "ledger.sqlite")]
    assert [path.stat().st_mode & 0o077 for path in closed] == [0] * len(closed)


def test_a_library_s_error_is_told_by_type_and_place_alone() -> None:
    with pytest.raises(UnexpectedFault) as fault, without_values():
        duckdb.sql(f"SELECT CAST('{PLANTED['name']}' AS DATE)").fetchall()
    assert PLANTED["name"] not in str(fault.value)
    assert "ConversionException" in str(fault.value)
    assert isinstance(fault.value, PlainFault)


def test_a_truncated_archive_is_refused_without_its_text(tmp_path: Path) -> None:
    folder = deliver(tmp_path / "inbox", "emr", "2018-11", b"x", 1)
    shutil.rmtree(folder)
    text = gzip.compress("\n".join([HEADER, emr_row(1)]).encode())[:-8]
    folder.mkdir(parents=True)
    file = folder / "emr.csv.gz"
    file.write_bytes(text)
    manifest: dict[str, Any] = {
        "contract": "1", "city": "440100", "feed": "emr", "period": "2018-11", "sequence": 1, "mode": "delta",
        "encoding": "utf-8", "delimiter": ",", "extracted_at": "2018-12-01T02:00:00+08:00",
        "files": [{"name": file.name, "rows": 1, "bytes": len(text), "sm3": sm3(file)}],
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pipelines",
        "run",
        "--home",
        str(tmp_path / "home"),
        "--inbox",
        str(tmp_path / "inbox"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert not [value for value in PLANTED.values() if value in done.stdout + done.stderr]
