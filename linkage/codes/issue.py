"""Issuing: the codes brought up to the registry, the revocations and the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from lake.engine import located
from lake.faults import PlainFault
from linkage.codes.cipher import define_card
from linkage.pseudonym import define_pseudonym
from linkage.register import REGISTER
from linkage.registry import define_heirs, open_registry
from linkage.script import count, run, view, write_parquet

NO_CODE = """
    SELECT ''::VARCHAR AS card, ''::VARCHAR AS factor, ''::VARCHAR AS kind, NULL::UUID AS registry_id,
      NULL::UBIGINT AS number_key, 0::INTEGER AS serial, 0::SMALLINT AS key_version, NULL::DATE AS issued_on,
      ''::VARCHAR AS state, NULL::VARCHAR AS successor, NULL::VARCHAR AS because"""
"""The columns of a file of codes: card and factor in hex; kind `resident` or `temporary`; state `active`, `replaced`
(by the code `successor`), `revoked` or `withdrawn`."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What an issue did: codes new, kept, replaced or withdrawn by it, and of all active ones the temporary."""

    new: int
    kept: int
    replaced: int
    withdrawn: int
    temporary: int


def issue(
    connection: duckdb.DuckDBPyConnection,
    versions: Sequence[Path],
    newer: Sequence[Path],
    former: Path | None,
    into: Path,
    root_key: bytes,
    key_version: int,
    day: date,
) -> Issued:
    """Write the codes of all persons of the registry to `into`, sorted by card; return what was done.

    `versions` say the registry, `newer` are its versions since the codes of `former`. Reads presentations. Raises
    PlainFault where two persons would bear one code.
    """
    open_registry(connection, versions)
    view(connection, "code_state", f"FROM read_parquet({located(former)})" if former else f"{NO_CODE} LIMIT 0")
    define_heirs(connection, newer)
    define_pseudonym(connection, "code_pseudonym", root_key)
    define_card(connection, root_key)
    run(connection, "normalise")
    run(connection, "codes_wanted", register=REGISTER)
    run(connection, "codes_issue", key_version=key_version, day=day)
    new, kept = (count(connection, f"SELECT count(*) FROM {name}") for name in ("code_new", "code_kept"))
    borne = count(connection, "SELECT count(DISTINCT md5_number(card)) FROM code_bearer")
    if borne != new + kept:
        raise PlainFault("两人将得同一码, 未签发 two persons would bear one code; nothing was issued")
    write_parquet(connection, "FROM code_next ORDER BY card", into)
    ended = dict(connection.execute("SELECT state, count(*) FROM code_ended GROUP BY state").fetchall())
    temporary = f"SELECT count(*) FROM read_parquet({located(into)}) WHERE state = 'active' AND kind = 'temporary'"
    return Issued(new, kept, ended.get("replaced", 0), ended.get("withdrawn", 0), count(connection, temporary))
