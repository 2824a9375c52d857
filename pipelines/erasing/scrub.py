"""Scrubbing: each file of the vault that holds something of the person is written anew without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from contracts.feeds import FEEDS
from lake.engine import located, quoted
from lake.files import put
from lake.home import Home
from lake.keyring import CODE_MARK
from lake.vault import open_to_read, open_to_write
from linkage.pseudonym import define_pseudonym
from linkage.script import count, write_parquet
from pipelines.presenting import NUMBERED_BY_INSTITUTION, OWN_NUMBER

_KINDS = ("landing", "malformed", "identity", "keys", "refused", "live", "presented", "presentations")
_LANDED = ("landing", "malformed")
"""Kinds of files that say in their footer what their rows came in."""
_NOT_OF_PERSONS = ("row_id", "file_no", "line", "delivery_no", "check_id", "op", "updated_at", "org_code")
_NUMBER = "(FROM erased_number)"
_THEIRS = "(their_id IS NOT NULL)"
"""That a row of a file is the person's, where it is joined with those that are."""
_ERASED_KEY = "erased-"


def scrub(connection: duckdb.DuckDBPyConnection, home: Home) -> int:
    """Write the files of landing, identity, keys, live indexes and presentations anew where they hold the person.

    Their rows stay, so that all counts do; what identifies is emptied, and keys give way to keyed pseudonyms. Year of
    birth and month of death stay, as the warehouse has them. In other persons' rows the number alone is emptied, such
    as a mother's. Done again, it changes nothing. Return the number of files written.
    """
    define_pseudonym(connection, "erased_pseudonym", home.keyring.key(CODE_MARK))
    return sum(_scrub_file(connection, path, kind) for kind, path in _files(home))


def remaining(connection: duckdb.DuckDBPyConnection, home: Home) -> int:
    """Return how many rows of the vault's files hold the ID number anywhere, or a number of the person's own as it is.

    The proof of an erasure is 0.
    """
    found = 0
    for kind, path in [*_files(home), *(("codes", path) for path in sorted((home.root / "vault" / "codes").glob("*")))]:
        columns = _columns(path)
        texts = [f"contains({name}, n.number)" for name, of_type in columns.items() if of_type == "string"]
        texts += [f"contains(hex({name}), hex(n.number))" for name, of_type in columns.items() if of_type == "binary"]
        texts += [f"{name} = link_number_key(n.number)" for name in columns if name in ("number_key", "near_key")]
        own = OWN_NUMBER.get(path.parent.name)
        if own in columns and kind == "identity":
            org = "o.org_code = r.org_code" if path.parent.name in NUMBERED_BY_INSTITUTION else "true"
            known = f"SELECT 1 FROM erased_own AS o WHERE o.feed = {quoted(path.parent.name)} AND o.own_no = r.{own}"
            texts.append(f"r.row_id IN (FROM erased_row) AND EXISTS ({known} AND {org})")
        if texts:
            query = f"SELECT count(*) FROM read_parquet({located(path)}) AS r, erased_number AS n"
            found += count(connection, f"{query} WHERE {' OR '.join(f'({text})' for text in texts)}")
    return found


def _files(home: Home) -> Iterator[tuple[str, Path]]:
    for kind in _KINDS:
        yield from ((kind, path) for path in sorted((home.root / "vault" / kind).rglob("*.parquet")))


def _columns(path: Path) -> dict[str, str]:
    with open_to_read(path) as file:
        schema = pq.read_schema(file)
    return {name: str(schema.field(name).type) for name in schema.names}


def _scrub_file(connection: duckdb.DuckDBPyConnection, path: Path, kind: str) -> bool:
    columns = _columns(path)
    changed = _changes(kind, columns, path)
    source = f"read_parquet({located(path)})"
    name = "presentation_id" if kind == "presentations" else "row_id"
    if name in columns:  # found once, and not for each column
        found = f"SELECT {name} AS their_id FROM {source} WHERE {_theirs(kind, columns, path)}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE their_row AS {found}")
        source += f" LEFT JOIN their_row ON their_id = {name}"
    touched = " OR ".join(f"({name} IS DISTINCT FROM {to})" for name, to in changed.items())
    if not changed or not count(connection, f"SELECT count(*) FROM {source} WHERE {touched}"):
        return False
    select = f"SELECT {', '.join(f'{changed.get(name, name)} AS {name}' for name in columns)} FROM {source}"
    if kind not in _LANDED:
        write_parquet(connection, select, path)
        return True
    with open_to_read(path) as file:
        schema = pq.read_schema(file)
    table: pa.Table = connection.sql(select).to_arrow_table().cast(schema)
    with put(path) as partial, open_to_write(partial) as file:
        pq.write_table(table, file, compression="zstd", write_statistics=["row_id"])
    return True


def _changes(kind: str, columns: dict[str, str], path: Path) -> dict[str, str]:
    """Return what becomes of the columns of a file that change."""
    if kind in ("keys", "refused", "live"):
        return {"source_key": _scrubbed_key(kind, path)}
    if kind == "malformed":
        return {
            "raw": "CASE WHEN contains(hex(raw), (SELECT hex(number) FROM erased_number)) THEN ''::BLOB ELSE raw END"
        }
    if kind == "presented":
        return {name: f"CASE WHEN {_THEIRS} THEN NULL ELSE {name} END" for name in ("encounter_key", "stay_key")}
    if kind == "presentations":
        return _scrubbed_presentation(columns)
    changed = {}
    for name, of_type in columns.items():
        if name not in _NOT_OF_PERSONS:
            also = f" OR {_plain(name)} = {_NUMBER}" if of_type == "string" else ""
            empty = "false" if of_type == "bool" else "NULL"
            if name == "death_date" and of_type.startswith("date"):
                empty = "date_trunc('month', death_date)::DATE"
            changed[name] = f"CASE WHEN {_THEIRS}{also} THEN {empty} ELSE {name} END"
    return changed


def _plain(name: str) -> str:
    """Return a number's plain form as SQL; folding as linkage does would take the engine longer to plan than to do."""
    return f"upper(translate({name}, '０１２３４５６７８９Ｘｘ -', '0123456789XX'))"


def _scrubbed_key(kind: str, path: Path) -> str:
    feed = path.parent.parent.name if kind == "live" else path.parent.name
    known = f"SELECT source_key FROM erased_key WHERE feed = {quoted(feed)}"
    theirs = f"source_key IN ({known} AND city_code = {quoted(path.parent.name)})" if kind == "live" else _THEIRS
    new = f"NOT starts_with(source_key, '{_ERASED_KEY}')"
    return f"CASE WHEN {theirs} AND {new} THEN '{_ERASED_KEY}' || erased_pseudonym(source_key) ELSE source_key END"


def _scrubbed_presentation(columns: dict[str, str]) -> dict[str, str]:
    kept = ("presentation_id", "feed", "city_code", "sex_code")
    changed = {name: f"CASE WHEN {_THEIRS} THEN NULL ELSE {name} END" for name in columns if name not in kept}
    key = f"link_number_key({_NUMBER})"
    for name, same in (
        ("near_key", f"near_key = {key}"),
        ("number_key", f"number_key = {key}"),
        ("id_no", f"id_no = {_NUMBER}"),
    ):
        changed[name] = f"CASE WHEN {_THEIRS} OR {same} THEN NULL ELSE {name} END"
    changed["birth_date"] = f"CASE WHEN {_THEIRS} THEN date_trunc('year', birth_date)::DATE ELSE birth_date END"
    changed["newborn"] = f"CASE WHEN {_THEIRS} THEN false ELSE newborn END"
    changed["id_valid"] = f"CASE WHEN {_THEIRS} OR id_no = {_NUMBER} THEN false ELSE id_valid END"
    return changed


def _theirs(kind: str, columns: dict[str, str], path: Path) -> str:
    """Return which rows of a file are the person's, as a condition.

    Of landed rows those that were found, and by number or key those that no batch holds.
    """
    if kind == "presentations":
        return "presentation_id IN (FROM erased_presentation)"
    theirs = ["row_id IN (FROM erased_row)"]
    if kind != "landing" or "id_no" not in columns:
        return theirs[0]
    feed = FEEDS[path.parent.name]
    others = "row_id NOT IN (FROM others_row)"
    theirs.append(f"{others} AND {_plain('id_no')} = {_NUMBER}")
    place = f"e.feed = {quoted(feed.name)} AND e.city_code = {quoted(path.name[:6])}"
    key = f"concat_ws('|', {', '.join(f'trim({name})' for name in feed.key)})"
    theirs.append(f"{others} AND {key} IN (SELECT e.source_key FROM erased_key AS e WHERE {place})")
    own = f"trim({OWN_NUMBER[feed.name]})"
    if feed.name in NUMBERED_BY_INSTITUTION:
        numbers = f"SELECT e.own_no || '|' || e.org_code FROM erased_own AS e WHERE {place}"
        theirs.append(f"{others} AND {own} || '|' || trim(org_code) IN ({numbers})")
    else:
        theirs.append(f"{others} AND {own} IN (SELECT e.own_no FROM erased_own AS e WHERE {place})")
    return " OR ".join(f"({each})" for each in theirs)
