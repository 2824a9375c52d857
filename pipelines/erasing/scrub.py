"""Scrubbing: each file of the vault that holds something of the person is written anew without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lake.engine import located, quoted
from lake.files import put
from lake.home import Home
from lake.keyring import CODE_MARK
from lake.vault import open_to_read, open_to_write
from linkage.pseudonym import define_pseudonym
from linkage.script import write_parquet
from pipelines.linked import Linked

_ERASED = "'erased-' || erased_pseudonym({})"
_NOT_OF_PERSONS = ("row_id", "file_no", "line", "delivery_no", "check_id", "op", "updated_at", "org_code")
_LANDED = ("landing", "malformed")
"""Kinds of files that say in their footer what their rows came in."""
_KEPT_OF_PRESENTATION = ("presentation_id", "feed", "city_code")


def scrub(linked: Linked, home: Home) -> int:
    """Write the files of landing, identity, keys, live indexes and presentations anew where they hold the person.

    Their rows stay, so that all counts do; what identifies is emptied, and keys give way to keyed pseudonyms. In other
    persons' rows the number alone is emptied, such as a mother's. Return the number of files written.
    """
    define_pseudonym(linked.connection, "erased_pseudonym", home.keyring.key(CODE_MARK))
    return sum(_scrub_file(linked, path, kind) for kind, path in _files(home))


def remaining(linked: Linked, home: Home) -> int:
    """Return how many rows of the vault's files still hold the number, in any column of text: the proof is 0."""
    found = 0
    for path in sorted((home.root / "vault").rglob("*.parquet")):
        with open_to_read(path) as file:
            schema = pq.read_schema(file)
        kinds = {name: str(schema.field(name).type) for name in schema.names}
        texts = [f"contains({name}, n.number)" for name, kind in kinds.items() if kind == "string"]
        texts += [f"contains(hex({name}), hex(n.number))" for name, kind in kinds.items() if kind == "binary"]
        if texts:
            query = f"SELECT count(*) FROM read_parquet({located(path)}), erased_number AS n WHERE {' OR '.join(texts)}"
            found += int(linked.connection.execute(query).fetchall()[0][0])
    return found


def _files(home: Home) -> Iterator[tuple[str, Path]]:
    for kind in ("landing", "malformed", "identity", "keys", "refused", "live", "presented", "presentations"):
        yield from ((kind, path) for path in sorted((home.root / "vault" / kind).rglob("*.parquet")))


def _scrub_file(linked: Linked, path: Path, kind: str) -> bool:
    connection = linked.connection
    with open_to_read(path) as file:
        schema = pq.read_schema(file)
    columns = {name: str(schema.field(name).type) for name in schema.names}
    source = f"read_parquet({located(path)})"
    theirs, changed = _changes(kind, columns, path)
    touched = " OR ".join([theirs, *(f"({name} IS DISTINCT FROM {to})" for name, to in changed.items())])
    if not connection.execute(f"SELECT count(*) FROM {source} WHERE {touched}").fetchall()[0][0]:
        return False
    said = ", ".join(f"{changed.get(name, name)} AS {name}" for name in columns)
    select = f"SELECT {said} FROM {source}"
    if kind not in _LANDED:
        write_parquet(connection, select, path)
        return True
    table: pa.Table = connection.sql(select).to_arrow_table().cast(schema)
    with put(path) as partial, open_to_write(partial) as file:
        pq.write_table(table, file, compression="zstd", write_statistics=["row_id"])
    return True


def _changes(kind: str, columns: dict[str, str], path: Path) -> tuple[str, dict[str, str]]:
    """Return which rows are the person's, as a condition, and what becomes of each column in all rows."""
    if kind in ("keys", "refused", "live"):
        feed = path.parent.parent.name if kind == "live" else path.parent.name
        known = f"SELECT source_key FROM erased_key WHERE feed = {quoted(feed)}"
        if kind == "live":
            known += f" AND city_code = {quoted(path.parent.name)}"
            theirs = f"source_key IN ({known})"
        else:
            theirs = "row_id IN (FROM erased_row)" + (f" OR source_key IN ({known})" if kind == "refused" else "")
        return theirs, {"source_key": f"CASE WHEN {theirs} THEN {_ERASED.format('source_key')} ELSE source_key END"}
    if kind == "malformed":
        theirs = "contains(hex(raw), (SELECT hex(number) FROM erased_number))"
        return theirs, {"raw": f"CASE WHEN {theirs} THEN ''::BLOB ELSE raw END"}
    if kind == "presentations":
        theirs = "presentation_id IN (FROM erased_presentation)"
        key = "link_number_key((FROM erased_number))"
        said = [name for name in columns if name not in _KEPT_OF_PRESENTATION]
        changed = {name: f"CASE WHEN {theirs} THEN NULL ELSE {name} END" for name in said}
        changed["near_key"] = f"CASE WHEN {theirs} OR near_key = {key} THEN NULL ELSE near_key END"
        changed["newborn"] = f"CASE WHEN {theirs} THEN false ELSE newborn END"
        changed["id_valid"] = f"CASE WHEN {theirs} THEN false ELSE id_valid END"
        return theirs, changed
    theirs = "row_id IN (FROM erased_row)"
    if kind == "landing" and "id_no" in columns:  # a delivery may have landed and not been cleaned yet
        elsewhere = "row_id NOT IN (SELECT row_id FROM presented)"
        theirs = f"({theirs} OR link_number(id_no) = (FROM erased_number) AND {elsewhere})"
    if kind == "presented":
        return theirs, {name: f"CASE WHEN {theirs} THEN NULL ELSE {name} END" for name in ("encounter_key", "stay_key")}
    changed = {}
    for name, of_type in columns.items():
        if name not in _NOT_OF_PERSONS:
            also = f" OR link_number({name}) = (FROM erased_number)" if of_type == "string" else ""
            empty = "false" if of_type == "bool" else "NULL"
            changed[name] = f"CASE WHEN {theirs}{also} THEN {empty} ELSE {name} END"
    return theirs, changed
