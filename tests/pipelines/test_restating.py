"""Restating: an export made again as it was known then, and which figures changed between two, and why."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.audit import accesses
from lake.faults import PlainFault
from lake.home import Home
from pipelines.restating.changes import CAUSES
from pipelines.restating.compare import Comparison, comparison_text
from pipelines.sweeping import find
from pipelines.sweeping.rules import Retention
from pipelines.sweeping.sweep import sweep

from .restated_world import FIRST_DAY, SECOND_DAY, World, make_world
from .small_inbox import QUIET, Row, yimatong
from .small_review import SECRETS

THEN, NOW = (datetime.combine(day, datetime.max.time()) for day in (FIRST_DAY, SECOND_DAY))
MEASURES = ("numerator", "denominator", "value")
PROVINCE = {"division_code": "440000", "level": "all"}
Changes = tuple[Comparison, list[Row]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("restating"))


@pytest.fixture(scope="module")
def changes(world: World) -> Changes:
    """Give what changed from the first export to that of the second run as of its own day."""
    return world.compare("first", "now")


@pytest.fixture
def copied(world: World, tmp_path: Path) -> World:
    """Give a copy of the world, to be changed."""
    return copied_to(world, tmp_path)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def row_of(rows: list[Row], indicator: str, period: str, breakdown: str = "") -> dict[str, str]:
    """Return the province's row of a figure, without what tells which it is."""
    wanted = {"indicator": indicator, "period": period} | PROVINCE | ({"breakdown": breakdown} if breakdown else {})
    (row,) = [row for row in rows if {k: row.get(k) for k in (*wanted, "breakdown")} == {"breakdown": None} | wanted]
    return {name: said for name, said in row.items() if name not in wanted}


def copied_to(world: World, folder: Path) -> World:
    shutil.copytree(world.home.root.parent, folder / "copy")
    return World(Home(folder / "copy" / "home"), folder / "copy" / "exports")


def rewrite(export: Path, indicator: str, **columns: Any) -> None:
    """Let an export say something else of the province's November, under another definition."""
    file = export / "kpi.parquet"
    table = pq.read_table(file)
    of_figure = {"indicator": indicator, "period": "2018-11", "breakdown": ""} | PROVINCE
    rows = [
        row | {"definition": f"{indicator}@0"} if row["indicator"] == indicator else row for row in table.to_pylist()
    ]
    rows = [row | columns if {name: row[name] for name in of_figure} == of_figure else row for row in rows]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), file)
    told = json.loads((export / "export.json").read_text())
    told["files"]["kpi.parquet"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (export / "export.json").write_text(json.dumps(told))


def test_what_was_exported_then_comes_out_again_byte_for_byte(world: World) -> None:
    assert not world.home.build(1).exists()
    opened, out = len(list(accesses(world.home))), world.exports / "again"
    told = yimatong("export", "--home", world.home.root, "--out", out, "--known-at", FIRST_DAY.isoformat())
    assert told.status == 0, told.err
    assert files(out) == files(world.exports / "first")
    assert [(line["action"], line["what"]) for line in list(accesses(world.home))[opened:]] == [("export", "vault")]
    assert [path.name for path in (world.home.root / "builds").iterdir()] == ["000002.duckdb"]
    assert not list((world.home.root / "tmp").iterdir())


def test_what_is_known_still_is_exported_from_the_build_that_there_is(world: World) -> None:
    opened = len(list(accesses(world.home)))
    assert files(world.export("again now", known_at=NOW)) == files(world.exports / "now")
    assert len(list(accesses(world.home))) == opened


def test_an_export_says_what_it_was_made_of(world: World) -> None:
    told = {name: json.loads((world.exports / name / "export.json").read_text()) for name in ("first", "then", "now")}
    assert [(each["as_of"], each["known_at"]) for each in told.values()] == [
        ("2018-12-01", "2018-12-01T02:00:00"), ("2018-12-01", "2019-01-05T02:00:00"),
        ("2019-01-05", "2019-01-05T02:00:00"),
    ]  # fmt: skip
    assert [each["live"]["emr"] for each in told.values()] == [{"440100": 1}, {"440100": 2}, {"440100": 2}]
    assert told["first"]["live"]["population"] == {"440100": 1, "440200": 1}
    assert told["first"]["link_version"] < told["now"]["link_version"]
    assert told["now"]["definitions"]["H14"].startswith("H14@")
    written = files(world.exports / "now")
    assert told["now"]["files"] == {
        name: hashlib.sha256(octets).hexdigest() for name, octets in written.items() if name != "export.json"
    }


def test_late_rows_corrections_and_relinking_are_told_apart(changes: Changes) -> None:
    _, rows = changes
    # One visit came late (50 yuan, 10 for drugs); of one the drugs were corrected from 40 to 20; one was withdrawn.
    assert row_of(rows, "H14", "2018-11") == {
        "status": "revised", "causes": "late corrections",
        "before_numerator": "1000", "before_denominator": "2500", "before_value": "0.4",
        "after_numerator": "950", "after_denominator": "2450", "after_value": "0.387755",
        "late_numerator": "10", "late_denominator": "50", "late_value": "-0.003922",
        "corrections_numerator": "-60", "corrections_denominator": "-100", "corrections_value": "-0.008323",
    }  # fmt: skip
    # The late visit is a resident's, the withdrawn one was a stranger's, and a reviewer knew whose the doubtful one is.
    assert row_of(rows, "A10", "2018-11", "feed=emr") == {
        "status": "revised", "causes": "late corrections relinking",
        "before_numerator": "12", "before_denominator": "25", "before_value": "0.48",
        "after_numerator": "14", "after_denominator": "25", "after_value": "0.56",
        "late_numerator": "1", "late_denominator": "1", "late_value": "0.02",
        "corrections_denominator": "-1", "corrections_value": "0.02",
        "relinking_numerator": "1", "relinking_value": "0.04",
    }  # fmt: skip


def test_what_another_day_adds_is_told_apart(changes: Changes) -> None:
    _, rows = changes
    assert row_of(rows, "H14", "2018-12") == {
        "status": "final", "causes": "as_of",
        "before_numerator": "0", "before_denominator": "0",
        "after_numerator": "480", "after_denominator": "1200", "after_value": "0.4",
        "as_of_numerator": "480", "as_of_denominator": "1200",
    }  # fmt: skip
    year = row_of(rows, "H14", "2018")
    assert (year["status"], year["causes"]) == ("final", "late corrections as_of")
    assert [year[f"{cause}_numerator"] for cause in ("late", "corrections", "as_of")] == ["10", "-60", "480"]


def test_the_parts_add_up_to_every_change(changes: Changes) -> None:
    comparison, rows = changes
    assert len(rows) == sum(counts[""] for counts in comparison.changed.values()) > 100
    for row in rows:
        of = {
            name: Decimal(said) for name, said in row.items() if name.endswith(("_numerator", "_denominator", "_value"))
        }
        for measure in ("numerator", "denominator", "value"):
            ends = of.get(f"before_{measure}"), of.get(f"after_{measure}")
            if None not in ends:
                parts = sum(of.get(f"{cause}_{measure}", Decimal()) for cause in CAUSES)
                assert parts == ends[1] - ends[0], (row, measure)
    assert not {row["indicator"] for row in rows if "unknown" in row["causes"]}


def test_exports_of_the_same_figures_are_said_to_be_the_same(world: World, tmp_path: Path) -> None:
    out = tmp_path / "changes.csv"
    told = yimatong("export", "--home", world.home.root, "--out", out, "--compare", *[world.exports / "first"] * 2)
    assert told.status == 0 and "相同" in told.out and "are the same" in told.out
    assert len(out.read_text().splitlines()) == 1


def test_the_summary_is_by_indicator_and_cause(changes: Changes) -> None:
    lines = comparison_text(changes[0]).splitlines()
    assert lines[0].startswith("截至 as of 2018-12-01 → 2019-01-05")
    (fees,) = [line for line in lines if line.startswith("H14 ")]
    assert "药占比" in fees and "迟到 late" in fees and "更正 corrections" in fees and "截止日 as_of" in fees
    assert "relinking" not in fees


@pytest.fixture(scope="module")
def redefined(world: World, tmp_path_factory: pytest.TempPathFactory) -> Changes:
    """Give what changed from one day to another of a state, where the first export counted drug fees in another way,
    and suppressed how many records are linked."""
    world = copied_to(world, tmp_path_factory.mktemp("redefined"))
    rewrite(world.exports / "then", "H14", numerator=760.0, value=0.310204)
    rewrite(world.exports / "then", "A10", numerator=None, denominator=None, value=None, suppressed=True)
    return world.compare("then", "now")


def test_days_of_one_state_differ_by_the_day_alone(redefined: Changes) -> None:
    comparison, rows = redefined
    assert {row.get("causes") for row in rows if row["indicator"] not in ("H14", "A10")} == {"as_of"}
    assert comparison.new > 0  # January
    assert not [row for row in rows if row["period"].startswith("2019")]


def test_what_another_definition_counted_is_told_as_that(redefined: Changes) -> None:
    assert row_of(redefined[1], "H14", "2018-11") == {
        "status": "revised", "causes": "definition",
        "before_numerator": "760", "before_denominator": "2450", "before_value": "0.310204",
        "after_numerator": "950", "after_denominator": "2450", "after_value": "0.387755",
        "definition_numerator": "190", "definition_value": "0.077551",
    }  # fmt: skip
    assert row_of(redefined[1], "H14", "2018")["causes"] == "as_of"


def test_of_what_either_export_suppresses_nothing_is_told(redefined: Changes) -> None:
    assert row_of(redefined[1], "A10", "2018-11") == {"status": "suppressed"}
    assert redefined[0].changed["A10"]["suppressed"] == 1


def test_of_swept_states_differences_are_told_without_their_causes(copied: World) -> None:
    before = files(copied.home.root / "vault")
    with patch.object(find, "KEPT_BUILDS", 1):
        sweep(copied.home, None, Retention(), False, QUIET)
        assert files(copied.home.root / "vault") == before
        sweep(copied.home, None, Retention(history_days=0), False, QUIET)
        sweep(copied.home, None, Retention(), False, QUIET)
    with pytest.raises(PlainFault, match=r"清理.* the earliest: 2019-01-05T02:00:00$"):
        copied.export("again", known_at=THEN)
    comparison, rows = copied.compare("first", "now")
    assert {row["causes"] for row in rows} == {"unknown"}
    assert row_of(rows, "H14", "2018-11")["unknown_numerator"] == "-50"
    assert "causes can't be told" in comparison_text(comparison)


def test_before_anything_was_known_the_earliest_time_is_told(world: World) -> None:
    for known_at in (THEN - timedelta(days=1), datetime(2018, 12, 1, 1, 59)):
        with pytest.raises(PlainFault, match=r"当时尚无所知 nothing was known by then; .*: 2018-12-01T02:00:00$"):
            world.export("never", known_at=known_at)
    assert not (world.exports / "never").exists()


def test_what_is_no_export_of_this_home_is_refused(copied: World) -> None:
    (copied.exports / "empty").mkdir()
    foreign = copied.exports / "then" / "export.json"
    foreign.write_text(json.dumps(json.loads(foreign.read_text()) | {"link_version": 77}))
    (copied.exports / "now" / "kpi.parquet").write_bytes(b"changed")
    refused = {"empty": "不是导出目录", "then": "not an export of this home", "now": "was changed after the export"}
    for name, why in refused.items():
        with pytest.raises(PlainFault, match=why):
            copied.compare("first", name)


def test_the_earlier_export_goes_first(world: World) -> None:
    with pytest.raises(PlainFault, match="name the earlier export first"):
        world.compare("now", "first")


@pytest.mark.parametrize(
    "options",
    ["--compare FIRST", "--compare FIRST ABSENT", "--compare FIRST NOW --as-of 2018-12-01", "--known-at yesterday",
     "--compare FIRST NOW --known-at 2018-12-01", "--compare FIRST NOW --out FIRST", "--known-at 2018-12-01"],
)  # fmt: skip
def test_unusable_arguments_end_with_status_2(world: World, tmp_path: Path, options: str) -> None:
    places = {"FIRST": world.exports / "first", "NOW": world.exports / "now", "ABSENT": tmp_path / "absent"}
    told = yimatong("export", "--home", world.home.root, *(places.get(word, word) for word in options.split()))
    assert (told.status, told.out) == (2, ""), told


def test_no_person_s_value_is_told(world: World, changes: Changes) -> None:
    told = comparison_text(changes[0]).encode() + b"".join(path.read_bytes() for path in world.exports.glob("*.csv"))
    told += (world.exports / "now" / "export.json").read_bytes()
    assert not [secret for secret in SECRETS if secret.encode() in told]
    assert {path.stat().st_mode & 0o077 for path in world.exports.glob("*.csv")} == {0}
