"""Issuing health codes: seconds, codes a second and peak memory, beside the ciphers alone.

    python -m benchmarks.codes --persons 10000000

The registry and the presentations are made up: one presentation a person, every twentieth without a number. `ciphers`
is the floor: the calls that the specification asks for, of one person after the other, and nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from benchmarks.rivals.run import apart
from lake.engine import connect, located
from lake.home import Home
from linkage.codes.issue import Issued, issue

_DAY = date(2019, 6, 30)
_FLOOR = 1_000_000


def main() -> None:
    """Issue codes to so many persons, issue again, then the floor."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--persons", type=int, default=10_000_000)
    persons = arguments.parse_args().persons
    with tempfile.TemporaryDirectory(prefix="yimatong-codes-") as folder:
        home = Home(Path(folder) / "home")
        home.create()
        apart(_make_registry, home, persons)
        for label, former in (("first issue", None), ("again, nothing changed", 1)):
            issued, seconds, peak = apart(_issue, home, former)
            size = home.codes(1).stat().st_size >> 20
            print(
                f"{label}: {seconds:.1f} s, {persons / seconds:,.0f} persons a second, peak {peak:,} MiB, "
                f"{size:,} MiB; {issued}",
                flush=True,
            )
        print(f"ciphers alone: {apart(_ciphers, _FLOOR) * persons / _FLOOR:.1f} s at {persons:,}, by {_FLOOR:,}")


def _make_registry(home: Home, persons: int) -> None:
    version, presentations = home.links(1), home.presentations("population", "1")
    for folder in (version, presentations.parent):
        folder.mkdir(parents=True)
    with connect(home.scratch("make")) as engine:
        engine.execute(f"""
            COPY (
                SELECT md5_number('p' || i)::UUID AS presentation_id, md5_number('r' || i)::UUID AS registry_id,
                  'authority' AS tier, 1.0 AS probability, false AS free
                FROM range({persons}) AS one (i)
            ) TO {located(version / "link.parquet")} (FORMAT parquet)""")
        engine.execute(f"""
            COPY (SELECT NULL::UUID AS registry_id, NULL::UUID AS seed, 0::INTEGER AS nonce LIMIT 0)
            TO {located(version / "issued.parquet")} (FORMAT parquet)""")
        engine.execute(f"""
            COPY (
                SELECT md5_number('p' || i)::UUID AS presentation_id, 'population' AS feed,
                  chr(19968 + (i % 997)::INTEGER) || chr(19968 + (i % 1009)::INTEGER) || '明' AS name,
                  CASE WHEN i % 20 > 0 THEN first || resident_id_check(first::BIGINT) END AS id_no,
                  i % 20 > 0 AS id_valid
                FROM (SELECT i, '44' || lpad((i * 97 % 999999999999989)::VARCHAR, 15, '0') AS first
                      FROM range({persons}) AS one (i))
            ) TO {located(presentations)} (FORMAT parquet)""")


def _issue(home: Home, former: int | None) -> tuple[Issued, float, int]:
    start = time.perf_counter()
    with connect(home.scratch("issue")) as engine:
        source = located(home.presentations("population", "1"))
        engine.execute(f"CREATE TEMP VIEW presentations AS FROM read_parquet({source})")
        issued = issue(
            engine, [home.links(1)], [], home.codes(former) if former else None, home.codes((former or 0) + 1),
            home.keyring.key("health code")[:16], 1, _DAY,
        )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return issued, time.perf_counter() - start, peak


def _ciphers(persons: int) -> float:
    root, ecb, text = bytes(16), modes.ECB(), b"01" + b"4" * 18 + bytes(12)
    start = time.perf_counter()
    for number in range(persons):
        index = hashlib.new("sm3", b"01%d" % number).digest()
        key = Cipher(SM4(root), ecb).encryptor().update(index[:16])
        Cipher(SM4(key), ecb).encryptor().update(text)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
