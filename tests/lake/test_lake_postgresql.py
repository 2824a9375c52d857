"""The ledger on a real PostgreSQL: the same journey, the same tables, and a second run that finds nothing to do."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import delete
from sqlalchemy.exc import InternalError

from lake import ledger_tables
from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.progress import Progress
from pipelines.simulate import simulate
from pipelines.status import status_of
from pipelines.watching.check import WELL
from pipelines.watching.health import health_of

QUIET = Progress(quiet=True)
KPIS = "FROM indicator_value ORDER BY ALL"


def figures(home: Home) -> list[Any]:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return warehouse.execute(KPIS).fetchall()


@pytest.mark.e2e
def test_a_ledger_on_postgresql_keeps_what_sqlite_keeps(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(600, 2, 5, tmp_path)
    inbox, on_sqlite, on_postgresql = tmp_path / "inbox", Home(tmp_path / "sqlite"), Home(tmp_path / "postgresql")
    journey.run(on_sqlite, inbox, None, QUIET)
    expected = status_of(on_sqlite)
    monkeypatch.setenv("YIMATONG_LEDGER_URL", postgresql_url)
    assert journey.run(on_postgresql, inbox, None, QUIET) == journey.Outcome(attention=False, published=True)
    found = status_of(on_postgresql)
    assert found["deliveries"] == expected["deliveries"]
    assert found["conservation"] == {"ok": True, "broken": []}
    assert figures(on_postgresql) == figures(on_sqlite)
    assert journey.run(on_postgresql, inbox, None, QUIET) == journey.Outcome(attention=False, published=False)
    assert not (on_postgresql.root / "ledger.sqlite").exists()
    states = {check.name: check.state for check in health_of(on_postgresql, inbox, datetime.now())}
    assert (states["ledger"], states["run"], states["conservation"], states["inbox"]) == (WELL,) * 4
    with (
        closing(Ledger(postgresql_url, reading=True)) as reading,
        pytest.raises(InternalError, match="read-only"),
        reading.engine.begin() as db,
    ):
        db.execute(delete(ledger_tables.run))
