"""What a home has published, for comparing two ways to the same tables."""

from __future__ import annotations

from pathlib import Path

import duckdb

from lake.home import Home


def published(home: Path) -> dict[str, list[object]]:
    """Return the rows of each published table in order; not when the build was made."""
    with duckdb.connect(str(Home(home).warehouse), read_only=True) as warehouse:
        names = [name for (name,) in warehouse.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {
            name: sorted(warehouse.execute(f"FROM {name}").fetchall(), key=repr)
            for name in names
            if name != "build_info"
        }
