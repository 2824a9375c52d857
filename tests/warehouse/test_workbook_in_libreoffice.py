"""The commission's workbook as LibreOffice opens it: whole, with the numbers of kpi.csv."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from contracts.divisions import PROVINCE_CODE
from tests.warehouse.exported_world import HOSTILE, MONTHS, exported_rows, exported_world, shown_as
from warehouse.exports.workbook import write_workbook
from warehouse.indicators.catalogue import INDICATORS

pytestmark = pytest.mark.e2e

# Fields apart by commas, quoted, UTF-8; contents as they are and not as shown; every sheet into a file of its own.
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Give the folder of a workbook, and the rows of kpi.csv."""
    folder = tmp_path_factory.mktemp("libreoffice")
    world = exported_world(months=5)
    write_workbook(world.connection, folder)
    rows = exported_rows(world, folder)
    world.connection.close()
    return folder, rows


def converted(folder: Path, to: str) -> Path:
    """Open kpi.xlsx in LibreOffice and save it as something else; return the folder of what it wrote."""
    soffice = shutil.which("soffice")
    assert soffice, "soffice is missing: apt-get install libreoffice-calc"
    out = folder / to.partition(":")[0]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", to, "--outdir", str(out), str(folder / "kpi.xlsx")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0 and list(out.iterdir()), done.stderr
    return out


def number(text: str) -> float:
    """Return a number as LibreOffice writes it: in full, a per cent as such."""
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def test_it_reads_every_number_as_it_is(exported):
    folder, rows = exported
    out = converted(folder, CSV)
    for sheet, code in (("省 Province", PROVINCE_CODE), ("广州 Guangzhou", "440100"), ("深圳 Shenzhen", "440300")):
        with (out / f"kpi-{sheet}.csv").open(encoding="utf-8", newline="") as file:
            _, _, heads, *lines = csv.reader(file)
        periods = [head.split("\n")[0] for head in heads]
        assert [line[0] for line in lines] == list(INDICATORS)
        for line in lines:
            for period in ("2018", "2019-01 ytd", *MONTHS[-5:]):
                wanted = shown_as(rows[line[0], period, code, "all", ""])
                found = line[periods.index(period)]
                assert found == wanted if isinstance(wanted, str) else number(found) == pytest.approx(wanted, abs=1e-9)


def test_it_saves_the_same_sheets_and_runs_nothing(exported):
    folder, _ = exported
    ours = openpyxl.load_workbook(folder / "kpi.xlsx")
    theirs = openpyxl.load_workbook(converted(folder, "xlsx") / "kpi.xlsx")
    assert theirs.sheetnames == ours.sheetnames
    for sheet in ours:
        same = theirs[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                other = same[cell.coordinate]
                assert other.data_type != "f" and (other.value or "") == (cell.value or "")
        assert same.auto_filter.ref == sheet.auto_filter.ref
        assert same.print_title_rows == sheet.print_title_rows
    assert HOSTILE in [cell.value for row in theirs["缺口 Missing"].iter_rows() for cell in row]
