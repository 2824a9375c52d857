"""`kpi.xlsx`: the commission's workbook, of the figures and promises as they may leave."""

from __future__ import annotations

from pathlib import Path

import duckdb

from contracts.divisions import CITIES, PROVINCE_CODE
from warehouse.exports.figure_cells import read_divisions, read_entries, read_figures
from warehouse.exports.figure_sheets import division_sheet
from warehouse.exports.notes_sheets import definition_sheet, notes_sheet
from warehouse.exports.shown import periods_shown
from warehouse.exports.target_rows import read_missing, read_targets
from warehouse.exports.target_sheets import missing_sheet, target_sheet
from warehouse.exports.workbook_sheets import write_sheets


def write_workbook(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write kpi.xlsx: the province, the targets, who is missing, notes, and a sheet a city.

    Reads the views of `define_exported`, dim_indicator, dim_division and build_info. Numbers are those of kpi.csv and
    targets.csv; same figures, same bytes.
    """
    shown, entries, names = periods_shown(connection), read_entries(connection), read_divisions(connection)
    whole = "division.level IN ('province', 'city') AND figure.level = 'all' AND figure.breakdown = ''"
    figures = read_figures(connection, shown, whole)
    targets = read_targets(connection)
    promised = [(target, target.missing) for target in targets if target.whole]
    sheets = [
        division_sheet(PROVINCE_CODE, names[PROVINCE_CODE], entries, figures, shown),
        target_sheet(promised, names, shown.as_of, to_object=False),
        missing_sheet(read_missing(connection), targets, names, shown.as_of, to_object=False),
        notes_sheet(connection, entries, shown),
        definition_sheet(entries, shown),
        *(division_sheet(city, names[city], entries, figures, shown) for city in CITIES),
    ]
    title = "广东省卫生健康改革指标 Guangdong health reform indicators"
    write_sheets(folder / "kpi.xlsx", title, shown.as_of, sheets)
