"""A PostgreSQL of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.database_servers import PostgreSQL


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Start a cluster and give its URL; stop and remove it afterwards."""
    server = PostgreSQL()
    yield server.url().render_as_string()
    server.remove()
