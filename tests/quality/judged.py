"""Rows of a feed judged by its checks as cleaning judges them, quickly enough for hundreds of catalogues.

Each row is typed once as delivered and once with its full-width forms folded; a catalogue only costs its conditions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from unittest.mock import patch

import duckdb
import pyarrow as pa

from contracts.schema import Feed
from pipelines.cleaning.typed import folded_select, typed_select
from quality import checks

from .quality_cases import EXTRACTED_AT, Registered

Verdict = tuple[frozenset[str], bool]
"""The checks that a row fails, without the feed's name, and whether it is refused."""

Swap = tuple[checks.Check, checks.Check]
"""A check and what stands in its place."""

_BITS = 60


class Rows:
    """The rows of a feed on an engine; a column that a row doesn't name is empty."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, feed: Feed, rows: Sequence[Mapping[str, str]]) -> None:
        self._engine, self._feed, self._count = engine, feed, len(rows)
        landed = {c.name: pa.array([row.get(c.name, "") for row in rows], pa.string()) for c in feed.columns}
        place = {"row_id": range(len(rows)), "file_no": [0] * len(rows), "line": range(2, len(rows) + 2)}
        engine.register("given_row", pa.table(place | landed))
        given = f"(SELECT *, TIMESTAMP '{EXTRACTED_AT}' AS extracted_at FROM given_row)"
        folded = f"({folded_select(feed, given)})"
        engine.execute(f"""
            CREATE OR REPLACE TEMP TABLE judged_{feed.name} AS
            SELECT *, false AS folded FROM ({typed_select(feed, given)})
            UNION ALL BY NAME
            SELECT *, true AS folded FROM ({typed_select(feed, folded)})
        """)
        engine.unregister("given_row")

    def verdicts(self, catalogue: Sequence[checks.Check]) -> list[Verdict]:
        """Return what each row fails under these checks."""
        return _verdicts(self._feed, catalogue, self._masks(catalogue))

    def verdicts_under(self, catalogue: Sequence[checks.Check], swaps: Sequence[Swap]) -> Iterator[list[Verdict]]:
        """Yield what each row fails where one check of the catalogue gives way to another, a list a swap."""
        whole = self._masks(catalogue)
        for some in range(0, len(swaps), _BITS):
            others = self._masks([swap[1] for swap in swaps[some : some + _BITS]])
            for bit, (check, other) in enumerate(swaps[some : some + _BITS]):
                place = catalogue.index(check)
                masks = [
                    tuple(
                        mask & ~(1 << place) | (now >> bit & 1) << place for mask, now in zip(row, swapped, strict=True)
                    )
                    for row, swapped in zip(whole, others, strict=True)
                ]
                yield _verdicts(self._feed, [*catalogue[:place], other, *catalogue[place + 1 :]], masks)

    def _masks(self, catalogue: Sequence[checks.Check]) -> list[tuple[int, ...]]:
        """Return each row's masks of failed checks, as delivered and folded, by the SQL that cleaning runs."""
        with patch.object(checks, "row_checks", lambda _feed: tuple(catalogue)):
            failed = checks.failed_mask(self._feed)
        found = self._engine.execute(
            f"SELECT folded, row_id, {failed} FROM judged_{self._feed.name} ORDER BY folded, row_id"
        ).fetchall()
        masks = [mask for _, _, mask in found]
        return list(zip(masks[: self._count], masks[self._count :], strict=True))


def _verdicts(feed: Feed, catalogue: Sequence[checks.Check], masks: Sequence[tuple[int, ...]]) -> list[Verdict]:
    with patch.object(checks, "row_checks", lambda _feed: tuple(catalogue)):
        errors, spelling = checks.error_mask(feed), checks.spelling_mask(feed)
    names = [check.id.removeprefix(f"{feed.name}.") for check in catalogue]
    judged: dict[int, Verdict] = {}
    verdicts = []
    for delivered, folded in masks:
        mask = folded if delivered & spelling else delivered  # cleaning reads those again that fail by their spelling
        if mask not in judged:
            failing = frozenset(name for bit, name in enumerate(names) if mask & (1 << bit))
            judged[mask] = failing, mask & errors != 0
        verdicts.append(judged[mask])
    return verdicts


def unregistered(engine: duckdb.DuckDBPyConnection, check: checks.Check, case: Registered) -> bool:
    """Say whether a check against the register finds a row that names an institution, or none."""
    engine.execute("CREATE OR REPLACE TEMP TABLE register (org_code VARCHAR)")
    for org_code in case.register:
        engine.execute("INSERT INTO register VALUES (?)", [org_code])
    row = f"(SELECT ?::VARCHAR AS {check.column})"
    return bool(engine.execute(f"SELECT count(*) FROM {row} WHERE {check.violated}", [case.org_code]).fetchall()[0][0])
