"""A PostgreSQL of the tests' own, on a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def _command(name: str) -> list[str]:
    """Return how to call a program of PostgreSQL, which refuses to be root."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    program = str(places[-1]) if places else name
    return ["runuser", "-u", "postgres", "--", program] if os.geteuid() == 0 else [program]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Start a cluster and give its URL; stop and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    try:
        subprocess.run([*_command("initdb"), "-D", data, "-U", "postgres", "--auth", "trust"], check=True)
        settings = f"-k {folder} -c listen_addresses='' -c fsync=off"
        subprocess.run(
            [*_command("pg_ctl"), "-D", data, "-w", "-o", settings, "-l", folder / "log", "start"], check=True
        )
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*_command("pg_ctl"), "-D", data, "-m", "immediate", "stop"], check=False)
        shutil.rmtree(folder, ignore_errors=True)
