"""A task of linking: its records, what is compared of them and how, and how well it is said to have been done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from linkage.evidence.comparison import Comparison

Found = list[tuple[int, int]] | dict[int, int]
"""Pairs of records that are one person, or the cluster of each record that isn't alone."""


@dataclass(frozen=True)
class Task:
    """Records to be linked between two files in neither of which anyone is twice, or deduplicated in one.

    `load` makes the tables record (record_id, side: 0 or 1, columns) and truth (record_id, person). Records are
    compared that share a key: one of `keys`, some expressions of columns, all of them known. `terms` names for a
    comparison the column whose rare values agree for more, `kin` the comparisons on which households agree. `ecm` gives
    a recordlinkage.Compare its comparisons, by setting, one of them `documented`, and `ecm_blocks` the columns that its
    own blocking takes.
    """

    name: str
    files: int
    load: Callable[[duckdb.DuckDBPyConnection], None]
    keys: tuple[tuple[str, ...], ...]
    comparisons: tuple[Comparison, ...]
    terms: Mapping[str, str]
    kin: tuple[str, ...]
    ecm: Mapping[str, Callable[[Any], None]]
    ecm_blocks: tuple[tuple[str, ...], ...]
    published: str = ""


def put_records(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], rows: Iterable[tuple[int, str, Sequence[str | None]]]
) -> None:
    """Make record and truth from rows of side, person and texts; ids in an order that says nothing of who is who."""
    sides, persons, texts = zip(*rows, strict=True)
    given = pa.table(
        {"side": pa.array(sides, pa.int8()), "person": pa.array(persons, pa.string())}
        | {name: pa.array(its, pa.string()) for name, its in zip(columns, zip(*texts, strict=True), strict=True)}
    )
    connection.register("given", given)
    connection.execute("""
        CREATE TEMP TABLE numbered AS
        SELECT row_number() OVER (ORDER BY md5(place::VARCHAR)) AS record_id, * EXCLUDE (place)
        FROM (SELECT row_number() OVER () AS place, * FROM given)
    """)
    connection.unregister("given")
    connection.execute("CREATE TABLE truth AS SELECT record_id, person FROM numbered")
    connection.execute("CREATE TABLE record AS SELECT * EXCLUDE (person) FROM numbered")
    connection.execute("DROP TABLE numbered")


def clean(text: object) -> str | None:
    """Return a text in small letters without spaces around it, None where there is none."""
    said = "" if text is None or text != text else str(text).strip().lower()
    return said or None
