"""`cities/<code>.xlsx`: what each city gets before publication, to check its figures and object to them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contracts.divisions import CITIES
from lake.engine import quoted
from warehouse.exports.figure_cells import read_divisions, read_entries, read_figures
from warehouse.exports.figure_sheets import checked_sheet
from warehouse.exports.notes_sheets import OBJECTION, definition_sheet, notes_sheet
from warehouse.exports.shown import periods_shown
from warehouse.exports.target_rows import read_missing, read_targets, targets_of_city
from warehouse.exports.target_sheets import missing_sheet, target_sheet
from warehouse.exports.workbook_sheets import write_sheets


def write_city_workbooks(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write a workbook a city: its figures at all levels and breakdowns, its counties', its targets, who is missing.

    Each has nothing of other cities. Numbers are those of kpi.csv and targets.csv; same figures, same bytes.
    """
    shown, entries, names = periods_shown(connection), read_entries(connection), read_divisions(connection)
    targets, missing = read_targets(connection), read_missing(connection)
    notes = [notes_sheet(connection, entries, shown, (OBJECTION,)), definition_sheet(entries, shown)]
    for city in CITIES:
        figures = read_figures(connection, shown, f"division.city_code = {quoted(city)}")
        sheets = [
            checked_sheet(city, names, entries, figures, shown),
            target_sheet(targets_of_city(targets, missing, city), names, shown.as_of, to_object=True),
            missing_sheet([m for m in missing if m.city_code == city], targets, names, shown.as_of, to_object=True),
            *notes,
        ]
        title = f"{' '.join(names[city])} 指标核对 figures to check"
        write_sheets(folder / "cities" / f"{city}.xlsx", title, shown.as_of, sheets)
