"""The relations that come from code rather than from deliveries."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from contracts.divisions import divisions, published_codes
from warehouse.indicators.catalogue import INDICATORS, definition


def register_reference(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the relations that come from code: the divisions, the codes of their editions, the catalogue."""
    register_catalogue(connection)
    _register(connection, "contract_division", [
        {"division_code": d.code, "zh": d.zh, "en": d.en, "level": str(d.level), "parent_code": d.parent or None}
        for d in divisions().values()
    ])  # fmt: skip
    _register(connection, "contract_division_code", [
        {"code": code, "division_code": published} for code, published in sorted(published_codes().items())
    ])  # fmt: skip


def register_catalogue(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the relation `catalogue_indicator`."""
    _register(connection, "catalogue_indicator", [
        {
            "indicator": entry.code, "definition": definition(entry), "zh": entry.zh, "en": entry.en,
            "meaning_zh": entry.meaning_zh, "meaning_en": entry.meaning_en,
            "numerator_zh": entry.numerator_zh, "numerator_en": entry.numerator_en,
            "denominator_zh": entry.denominator_zh, "denominator_en": entry.denominator_en,
            "unit": str(entry.unit), "good": str(entry.good), "kind": str(entry.kind),
            "counts_persons": entry.counts_persons, "feeds": " ".join(entry.feeds),
            "parts_add_up": entry.parts_add_up, "per": entry.per, "grows_in_number": entry.grows_in_number,
            "threshold": entry.threshold, "threshold_source": entry.threshold_source,
        }
        for entry in INDICATORS.values()
    ])  # fmt: skip


def _register(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, object]]) -> None:
    connection.register(name, pa.Table.from_pylist(rows))
