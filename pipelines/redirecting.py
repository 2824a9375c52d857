"""The redirects of a build: what stands for the person keys of the builds before it."""

from __future__ import annotations

import duckdb

from lake.engine import located
from lake.keyring import PERSON_KEY
from lake.ledger import Build
from linkage.redirects import define_redirects
from pipelines.linking import registry_folders
from pipelines.run import Run
from warehouse.inputs import empty_select


def define_redirects_since(connection: duckdb.DuckDBPyConnection, run: Run, last: Build | None, build: Build) -> None:
    """Make `redirect` for a build that follows another; without rows where none does, or nothing was linked."""
    folders = registry_folders(run.ledger, run.home)
    if last is None or not folders:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE redirect AS {empty_select('redirect')}")
        return
    connection.execute(f"ATTACH {located(run.home.build(last.build_no))} AS former (READ_ONLY)")
    had = "SELECT 1 FROM duckdb_tables() WHERE database_name = 'former' AND table_name = 'person_redirect'"
    before = "FROM former.main.person_redirect" if connection.execute(had).fetchall() else empty_select("redirect")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE redirect_before AS {before}")
    connection.execute("DETACH former")
    since = [run.home.links(v.version) for v in run.ledger.link_versions() if v.version > last.link_version]
    ring = run.home.keyring
    define_redirects(
        connection, folders, [folder for folder in since if folder.exists()],
        (last.key_version, ring.key(PERSON_KEY, last.key_version)),
        (build.key_version, ring.key(PERSON_KEY, build.key_version)),
    )  # fmt: skip
