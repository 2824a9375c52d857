"""The workbooks of the commission and of the cities: the numbers of kpi.csv, as text where they may not leave."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import Counter
from datetime import date
from types import SimpleNamespace

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from contracts.divisions import CITIES, PROVINCE_CODE, divisions
from tests.warehouse.exported_world import HOSTILE, MONTHS, exported_rows, exported_world, shown_as
from warehouse.exports.amounts import NUMBER_FORMATS, Amount, change_in_words, in_words
from warehouse.exports.city_workbooks import write_city_workbooks
from warehouse.exports.figure_cells import Figure, read_entries
from warehouse.exports.relations import define_exported
from warehouse.exports.shown import Shown, periods_shown
from warehouse.exports.targets import write_targets
from warehouse.exports.thresholds import threshold_in, threshold_mark
from warehouse.exports.words import breakdown_words, level_words
from warehouse.exports.workbook import write_workbook
from warehouse.indicators.catalogue import INDICATORS
from warehouse.targets.ledger import TARGETS

HEAD_ROW = 3
SOME_CITIES = ("440100", "440300", "441300", "441900")
PERIODS = ["2018", "2019-01 ytd", *MONTHS[-5:]]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Give a small province, the folder that it was exported to, and the rows of kpi.csv."""
    folder = tmp_path_factory.mktemp("exports")
    world = exported_world(months=5)
    write_workbook(world.connection, folder)
    write_city_workbooks(world.connection, folder)
    yield SimpleNamespace(world=world, folder=folder, rows=exported_rows(world, folder))
    world.connection.close()


@pytest.fixture(scope="module")
def book(exported):
    """Give the commission's workbook as openpyxl reads it."""
    return openpyxl.load_workbook(exported.folder / "kpi.xlsx")


@pytest.fixture(scope="module")
def books(exported, book):
    """Give the workbooks by their file name without ending: the commission's, and those of some cities."""
    cities = {city: openpyxl.load_workbook(exported.folder / "cities" / f"{city}.xlsx") for city in SOME_CITIES}
    return {"kpi": book} | cities


def heads(sheet: Worksheet) -> list[str]:
    return [cell.value for cell in sheet[HEAD_ROW]]


def told(sheet: Worksheet) -> list[tuple]:
    return list(sheet.iter_rows(min_row=HEAD_ROW + 1, values_only=True))


def sheet_of(book, code: str) -> Worksheet:
    return book["省 Province" if code == PROVINCE_CODE else f"{CITIES[code].zh} {CITIES[code].en}"]


@pytest.mark.parametrize("code", [PROVINCE_CODE, *CITIES])
def test_every_figure_is_that_of_kpi_csv(exported, book, code):
    sheet = sheet_of(book, code)
    assert [row[0] for row in told(sheet)] == list(INDICATORS)
    found = Counter()
    for at, head in enumerate(heads(sheet)):
        beside = head.startswith("全省")
        period = head.split("\n")[1 if beside else 0]
        if not re.fullmatch(r"\d{4}(-\d\d)?( ytd)?", period):
            continue
        found[period, beside] += 1
        for row in told(sheet):
            key = (row[0], period, PROVINCE_CODE if beside else code, "all", "")
            assert row[at] == shown_as(exported.rows[key]), key
    wanted = Counter((period, False) for period in PERIODS)
    if code != PROVINCE_CODE:
        wanted |= Counter((period, True) for period in ("2018", "2019-01 ytd", "2019-01"))
    assert found == wanted


@pytest.mark.parametrize("city", SOME_CITIES)
def test_a_city_gets_all_its_figures_and_those_of_no_other(exported, books, city):
    sheet = books[city]["指标 Figures"]
    columns = {head.split("\n")[0]: at for at, head in enumerate(heads(sheet))}
    own = {code for code, division in divisions().items() if city in (code, division.parent)}
    places = {(k[0], k[2], k[3], k[4]) for k in exported.rows if k[2] in own and k[1] in PERIODS}
    shown = {
        (place[0], place[1], level_words(place[2]).replace(" ", "\n", 1), breakdown_words(place[3])): place
        for place in sorted(places)
    }  # fmt: skip
    rows = told(sheet)
    assert len(rows) == len(places) == len(shown)
    for row in rows:
        place = shown.pop((row[0], row[2].split("\n")[1], row[3], row[4] or ""))
        for period in PERIODS:
            assert row[columns[period]] == shown_as(exported.rows.get((place[0], period, *place[1:])))
        last = exported.rows.get((place[0], "2019-01", *place[1:]))
        assert row[columns["分子"]] == shown_as(last, "numerator")
        assert row[columns["分母"]] == shown_as(last, "denominator")
        assert row[columns["异议"]] is None
    assert not shown


def test_what_is_suppressed_never_shows(exported, books):
    hidden = [key for key, row in exported.rows.items() if row["suppressed"] == "true"]
    assert ("H8", "2019-01", "440300", "all", "") in hidden and ("I4", "2019-01", PROVINCE_CODE, "all", "") in hidden
    said = [cell for sheet in books["kpi"] for row in sheet.iter_rows() for cell in row if cell.value == "抑制"]
    assert len(said) > 100 and {cell.data_type for cell in said} == {"s"}


def test_there_is_no_formula_and_a_hostile_name_stays_text(exported, books):
    for book in books.values():
        assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    for name in ("kpi", "440100"):
        cells = [c for row in books[name]["缺口 Missing"].iter_rows() for c in row if c.value == HOSTILE]
        assert cells and all(cell.data_type == "s" and cell.quotePrefix for cell in cells)
    for path in exported.folder.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert not any(re.search(rb"<f[ >]", sheet) for sheet in sheets)


def test_every_sheet_is_ready_to_read_and_print(books):
    for book in books.values():
        for sheet in book:
            assert sheet.freeze_panes in ("B4", "C4")
            assert sheet.print_title_rows == f"$1:${HEAD_ROW}"
            assert sheet.auto_filter.ref.startswith(f"A{HEAD_ROW}:")
            assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage and int(sheet.page_setup.fitToHeight) == 0
            assert "&P" in sheet.oddFooter.right.text and "&N" in sheet.oddFooter.right.text
            assert all(sheet.column_dimensions[cell.column_letter].width > 5 for cell in sheet[HEAD_ROW])


@pytest.mark.parametrize(
    ("indicator", "amount"),
    [
        ("A1", Amount.PERCENT),
        ("A10", Amount.PERCENT),
        ("H1", Amount.QUOTIENT),
        ("H9", Amount.MINUTE),
        ("H12", Amount.DAY),
        ("H15", Amount.YUAN),
    ],
)
def test_a_number_is_shown_in_its_unit(book, indicator, amount):
    sheet = book["省 Province"]
    row = HEAD_ROW + 1 + list(INDICATORS).index(indicator)
    cell = sheet.cell(row, 1 + heads(sheet).index("2019-01"))
    assert isinstance(cell.value, float | int) and cell.number_format == NUMBER_FORMATS[amount]


def test_every_city_has_its_sheet_and_its_workbook(exported, books):
    first = ["省 Province", "目标 Targets", "缺口 Missing", "说明 Notes", "口径 Definitions"]
    assert books["kpi"].sheetnames == [*first, *(f"{city.zh} {city.en}" for city in CITIES.values())]
    assert sorted(path.stem for path in (exported.folder / "cities").iterdir()) == sorted(CITIES)
    for city in SOME_CITIES:
        assert books[city].sheetnames == ["指标 Figures", *first[1:]]
        assert CITIES[city].en in books[city]["指标 Figures"]["A1"].value


def test_the_targets_are_those_of_targets_csv_with_a_light_of_text_and_colour(exported, book):
    write_targets(exported.world.connection, exported.folder)
    with (exported.folder / "targets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = book["目标 Targets"]
    at = {head.split("\n")[1]: number for number, head in enumerate(heads(sheet))}
    assert [row[0] for row in told(sheet)] == list(TARGETS)
    colours = {}
    for row, cells in zip(rows, sheet.iter_rows(min_row=HEAD_ROW + 1), strict=True):
        for name, column in (("value", "Value"), ("target", "To reach")):
            assert cells[at[column]].value == (float(row[name]) if row[name] else "–")
        deadline = cells[at["Deadline"]].value
        assert (deadline.date().isoformat() if row["deadline"] else deadline) == (row["deadline"] or "–")
        assert cells[at["Status"]].value.split("\n")[1] == row["status"]
        assert cells[at["Quote"]].value == TARGETS[row["target_id"]].quote
        colours[row["status"]] = (cells[at["Status"]].value[0], cells[at["Status"]].fill.fgColor.rgb)
    assert len(set(colours.values())) == len({sign for sign, _ in colours.values()}) == len(colours) >= 3


def test_institutions_that_are_missing_are_named_to_their_city_alone(exported, books):
    found = exported.world.connection.execute("SELECT target_id, org_code, city_code FROM exported_missing").fetchall()
    everywhere = {(row[0], row[3]) for row in told(books["kpi"]["缺口 Missing"])}
    assert everywhere == {(target, org) for target, org, _ in found} and everywhere
    for city in SOME_CITIES:
        rows = {(row[0], row[3]) for row in told(books[city]["缺口 Missing"])}
        assert rows == {(target, org) for target, org, at in found if at == city}


def test_a_city_sees_the_targets_that_bind_it(books):
    def seen(city: str) -> set[str]:
        return {row[0] for row in told(books[city]["目标 Targets"])}

    province = {code for code, target in TARGETS.items() if not target.cities}
    for city in SOME_CITIES:
        assert seen(city) == province | {code for code, target in TARGETS.items() if city in target.cities}
    counts = {row[0]: row[9] for row in told(books["440100"]["目标 Targets"])}
    assert (counts["T27"], counts["T28"], counts["T01" if "T01" in counts else "T02"]) == (0, 1, "–")


def test_the_same_figures_give_the_same_bytes(exported, tmp_path):
    told = exported.world.connection.execute("SELECT run_id, built_at FROM build_info").fetchall()
    exported.world.connection.execute("UPDATE build_info SET run_id = 'run-2', built_at = '2031-01-01 01:02:03'")
    write_workbook(exported.world.connection, tmp_path)
    write_city_workbooks(exported.world.connection, tmp_path)
    exported.world.connection.execute("UPDATE build_info SET run_id = ?, built_at = ?", list(told[0]))
    for path in [exported.folder / "kpi.xlsx", *(exported.folder / "cities").iterdir()]:
        assert (tmp_path / path.relative_to(exported.folder)).read_bytes() == path.read_bytes()
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == sorted(["kpi.xlsx", *(f"{city}.xlsx" for city in CITIES)])


def test_the_notes_say_as_of_when_and_in_which_versions(exported, books):
    definitions = {row["definition"] for row in exported.rows.values()}
    for name in ("kpi", "441300"):
        text = "\n".join(str(value) for row in told(books[name]["说明 Notes"]) for value in row)
        assert "2019-02-20" in text and "抑制" in text and all(version in text for version in definitions)
        assert "run-1" not in text
        assert {row[10] for row in told(books[name]["口径 Definitions"])} == definitions


@pytest.mark.parametrize(
    ("periods", "last", "totals", "months"),
    [
        # The last 13 months that are over, and this one; the year before, and this one to date.
        (["2017-12", *MONTHS[:13], "2019-02*", "2018", "2019*", "2018-12 ytd", "2019-01 ytd", "2019-02 ytd*"],
         "2019-01", ("2018", "2019-01 ytd"), 14),
        # The year is over.
        ([*MONTHS[:12], "2018", "2018-12 ytd"], "2018-12", ("2018",), 12),
        # The first year isn't.
        (["2018-01", "2018-02*", "2018*", "2018-01 ytd", "2018-02 ytd*"], "2018-01", ("2018-01 ytd",), 2),
        # No month is.
        (["2018-01*", "2018*", "2018-01 ytd*"], "2018-01", ("2018-01 ytd",), 1),
        ([], "", (), 0),
    ],
)  # fmt: skip
def test_the_last_months_and_the_year_are_shown(periods, last, totals, months):
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE exported_figure (period VARCHAR, preliminary BOOLEAN)")
        connection.execute("CREATE TABLE exported_target AS SELECT DATE '2019-02-20' AS as_of")
        for period in periods:
            row = [period.rstrip("*"), period.endswith("*")]
            connection.execute("INSERT INTO exported_figure VALUES (?, ?)", row)
        shown = periods_shown(connection)
    assert (shown.last, shown.totals, len(shown.months)) == (last, totals, months)
    assert shown.preliminary == {period.rstrip("*") for period in periods if period.endswith("*")}


def test_there_is_a_workbook_without_any_figure(exported, tmp_path):
    connection = exported.world.connection
    connection.execute("CREATE OR REPLACE TEMP VIEW exported_figure AS FROM indicator_value WHERE false")
    write_workbook(connection, tmp_path)
    define_exported(connection, measured=False)
    book = openpyxl.load_workbook(tmp_path / "kpi.xlsx")
    assert [row[0] for row in told(book["广州 Guangzhou"])] == list(INDICATORS)
    assert len(told(book["目标 Targets"])) == len(TARGETS)


@pytest.mark.parametrize(
    ("indicator", "city", "threshold"),
    [
        ("A2", PROVINCE_CODE, 0.8),
        ("A2", "440100", 0.8),
        ("A2", "441300", 0.6),
        ("A5", "440200", 1.0),
        ("H8", "440100", None),
    ],
)
def test_a_threshold_is_that_of_the_target_that_names_the_city(exported, indicator, city, threshold):
    assert threshold_in(read_entries(exported.world.connection)[indicator], city) == threshold


@pytest.mark.parametrize(
    ("indicator", "threshold", "value", "mark"),
    [
        ("A1", 0.9, 0.9, "✓ 达标\nmet"),
        ("A1", 0.9, 0.899999, "✗ 未达\nnot met"),
        ("H14", 0.3, 0.3, "✓ 达标\nmet"),
        ("H14", 0.3, 0.300001, "✗ 未达\nnot met"),
        ("A1", 0.9, None, ""),
        ("A1", None, 0.5, ""),
        ("H1", 0.5, 0.5, ""),
    ],
)
def test_a_mark_says_whether_a_threshold_is_met(exported, indicator, threshold, value, mark):
    entry = read_entries(exported.world.connection)[indicator]
    assert threshold_mark(entry, threshold, Figure(value, None, None, False)) == mark
    assert threshold_mark(entry, threshold, None) == ""


def test_a_period_is_headed_by_what_is_to_be_known_of_it():
    shown = Shown(date(2019, 2, 20), "2018-10", (), "2019-01", (), frozenset({"2019-02"}))
    heads = [shown.head(period) for period in ("2018", "2019-01 ytd", "2019-01", "2019-02")]
    assert heads == ["2018\n10–12月", "2019-01 ytd\n累计 to date", "2019-01", "2019-02\n初步 prelim."]
    assert [shown.back(months) for months in (0, 1, 3, 12, 13)] == [
        "2019-01",
        "2018-12",
        "2018-10",
        "2018-01",
        "2017-12",
    ]


@pytest.mark.parametrize(
    ("amount", "value", "words", "change"),
    [
        (Amount.PERCENT, 0.6739, "67.4 %", "+67.4 点"),
        (Amount.PERCENT, -0.0001, "0.0 %", "+0.0 点"),
        (Amount.PERCENT, 0.3125, "31.3 %", "+31.3 点"),
        (Amount.QUOTIENT, 1218.4567, "1,218.46", "+1,218.46"),
        (Amount.DAY, 7.25, "7.3 天", "+7.3 天"),
        (Amount.MINUTE, -1.26, "-1.3 分钟", "-1.3 分钟"),
        (Amount.COUNT, 1200, "1,200", "+1,200.0"),
    ],
)
def test_an_amount_in_words(amount, value, words, change):
    assert (in_words(amount, value), change_in_words(amount, value)) == (words, change)
