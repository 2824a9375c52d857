"""Every indicator, at every grain, is what plain Python works out from the truth of a simulated province."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isclose
from pathlib import Path
from typing import Any

import pytest

from contracts.feeds import FEEDS
from tests.simulated_truth import simulate_truth
from tests.warehouse.oracle import INDICATORS, expected_figures
from tests.warehouse.oracle.grains import Figure, Figures, Key
from tests.warehouse.truth_rows import Row, Truth, fill, read_truth, roughen

FIRST_MONTH = "2018-10"
SHOWN = 20
A_CENT = Decimal("0.01")
"""How far apart mean fees may lie: half a cent may be rounded either way."""


def figures_of(world: Any) -> Figures:
    """Return the warehouse's figures where something counts."""
    rows = world.connection.execute("""
        SELECT indicator, period, division_code, level, breakdown, numerator, denominator, value
        FROM indicator_value WHERE denominator > 0
    """).fetchall()
    return {tuple(key): (n if n is None else Decimal(str(n)), Decimal(str(d)), value) for *key, n, d, value in rows}


def indicators_of(world: Any) -> set[str]:
    """Return the codes of the indicators that the warehouse measures."""
    return {code for (code,) in world.connection.execute("SELECT indicator FROM dim_indicator").fetchall()}


def is_same(indicator: str, expected: Figure, found: Figure) -> bool:
    """Compare two figures: numerator and denominator to the cent, values to 1e-9 of them."""
    apart = A_CENT if indicator in ("H10", "H11") else 0
    for ours, theirs in zip(expected[:2], found[:2], strict=True):
        if (ours is None) != (theirs is None):
            return False
        if ours != theirs and abs(round(Decimal(ours or 0), 2) - round(Decimal(theirs or 0), 2)) > apart:
            return False
    return isclose(found[2], expected[2], rel_tol=1e-9, abs_tol=1e-12)


def differences(expected: Figures, found: Figures) -> list[str]:
    """Return a line for each of the figures that differ, up to a number of them, after how many there are."""
    differ = sorted(
        key for key in expected.keys() | found.keys()
        if key not in expected or key not in found or not is_same(key[0], expected[key], found[key])
    )  # fmt: skip
    if not differ:
        return []
    counts = Counter(key[0] for key in differ)
    shown: list[Key] = [key for code in sorted(counts) for key in [k for k in differ if k[0] == code][:5]][:SHOWN]
    return [
        f"{len(differ)} differ: {dict(counts)}",
        *(
            f"{' '.join(part or '-' for part in key)}: truth {_text(expected.get(key))}, found {_text(found.get(key))}"
            for key in shown
        ),
    ]


def _text(figure: Figure | None) -> str:
    if figure is None:
        return "nothing"
    numerator, denominator, value = figure
    return f"{'-' if numerator is None else round(numerator, 2)} / {round(denominator, 2)} = {float(value):.7g}"


@pytest.mark.parametrize(
    ("seed", "residents", "months", "as_of"),
    [
        (1, 700, 14, "2019-11-30"),
        pytest.param(2, 1500, 15, "2019-11-17", marks=pytest.mark.e2e),
        pytest.param(3, 1500, 15, "2019-10-09", marks=pytest.mark.e2e),
    ],
)
def test_every_figure_is_what_the_truth_says(
    world: Any, tmp_path: Path, seed: int, residents: int, months: int, as_of: str
) -> None:
    truth = simulate_truth(residents, months, seed, tmp_path)
    roughen(truth)
    fill(world, truth)
    world.build(as_of, first_month=FIRST_MONTH)
    measured = indicators_of(world)
    expected = expected_figures(read_truth(truth), date.fromisoformat(as_of), FIRST_MONTH)
    expected = {key: figure for key, figure in expected.items() if key[0] in measured and figure[1] > 0}
    assert {key[0] for key in expected} == measured
    differing = differences(expected, figures_of(world))
    assert not differing, "\n".join(differing)


def test_there_is_a_truth_for_every_indicator(world: Any) -> None:
    assert indicators_of(world.build()) == INDICATORS


START = {
    "population": {"population_no": "1", "residence_division": "440103", "birth_date": date(1980, 5, 6)},
    "ehr": {"org_code": "C", "status": "1", "created_on": date(2018, 1, 1)},
    "emr": {"org_code": "H", "encounter_type": "1", "start_at": datetime(2018, 1, 15), "total_fee": Decimal(100)},
    "institution": {"org_code": "H", "division_code": "440103", "category": "A", "level": "3", "public": True},
    "booking": {"org_code": "H", "released_at": datetime(2018, 1, 8), "slot_start": datetime(2018, 1, 15),
                "slot_end": datetime(2018, 1, 15)},
}  # fmt: skip


def row(feed: str, **given: Any) -> Row:
    """Return a row of a feed with only what a specification is about."""
    columns = dict.fromkeys(column.name for column in FEEDS[feed].columns)
    both = {"city_code": "440100", "person_id": None, "updated_at": datetime(2018, 1, 1)}
    return columns | both | START[feed] | given | {"registered": given.get("person_id") is not None}


def figures_at(truth: Truth, as_of: str, indicator: str, level: str = "all") -> dict[str, str]:
    """Return the province's figures of an indicator by period and breakdown, as text."""
    figures = expected_figures(truth, date.fromisoformat(as_of))
    return {
        f"{period} {breakdown}".strip(): _text(figure)
        for (code, period, division, at, breakdown), figure in figures.items()
        if (code, division, at) == (indicator, "440000", level)
    }


def test_growth_is_over_the_same_months_a_year_before_where_all_are_known() -> None:
    days = ["2018-02-03", "2018-02-09", "2018-03-01", "2019-02-10", "2019-03-01", "2019-03-02", "2019-04-01"]
    truth = Truth(emr=[row("emr", referral="2", start_at=datetime.fromisoformat(day)) for day in days])
    assert figures_at(truth, "2019-03-15", "R4") == {"2019-02": "-1.00 / 2.00 = -0.5", "2019-03": "1.00 / 1.00 = 1"}
    truth.emr.append(row("emr", referral="0", start_at=datetime(2018, 1, 31)))
    assert figures_at(truth, "2019-03-15", "R4") == {
        "2019-02": "-1.00 / 2.00 = -0.5", "2019-03": "1.00 / 1.00 = 1", "2019-02 ytd": "-1.00 / 2.00 = -0.5",
        "2019-03 ytd": "0.00 / 3.00 = 0", "2019": "0.00 / 3.00 = 0",
    }  # fmt: skip


def test_mean_fees_grow_where_there_are_any_in_both_years() -> None:
    fees = [("2018-01-05", "10"), ("2018-01-06", "10.01"), ("2018-02-01", "7"), ("2019-01-07", "20.01"),
            ("2019-03-01", "5")]  # fmt: skip
    truth = Truth(emr=[row("emr", start_at=datetime.fromisoformat(day), total_fee=Decimal(fee)) for day, fee in fees])
    found = figures_at(truth, "2019-03-31", "H10")
    assert found["2019-01"] == "10.01 / 10.01 = 1"  # 10.005 each
    assert found["2019-02 ytd"] == "11.01 / 9.00 = 1.22251"
    assert "2019-02" not in found and "2019-03" not in found


def test_a_person_counts_once_a_period_and_grain() -> None:
    truth = Truth(
        institution=[row("institution"), row("institution", org_code="G", division_code="440304", level="2")],
        ehr=[row("ehr", person_id="a", created_on=date(2018, 2, 28)), row("ehr", person_id="b", status="2")],
        emr=[
            row("emr", person_id="a"), row("emr", person_id="a"), row("emr", person_id="b"), row("emr"),
            row("emr", person_id="a", start_at=datetime(2018, 2, 1), org_code="G"),
        ],
    )  # fmt: skip
    assert figures_at(truth, "2018-02-28", "A11") == {
        "2018-01": "0 / 2 = 0", "2018-02": "1 / 1 = 1", "2018-01 ytd": "0 / 2 = 0", "2018-02 ytd": "1 / 2 = 0.5",
        "2018": "1 / 2 = 0.5",
    }  # fmt: skip
    assert figures_at(truth, "2018-02-28", "A11", "3")["2018"] == "0 / 2 = 0"


def test_a_record_is_in_use_for_a_year_from_its_last_service() -> None:
    served = [date(2017, 1, 31), date(2017, 2, 1), date(2016, 2, 29), date(2018, 2, 20), None]
    truth = Truth(ehr=[row("ehr", created_on=date(2016, 1, 1), last_service_on=day) for day in served])
    truth.emr.append(row("emr"))
    found = figures_at(truth, "2018-02-10", "R8")
    assert found == {"2018-01": "1 / 5 = 0.2"} | {p: "0 / 5 = 0" for p in ("2018-02", "2018")} | {
        "2018-01 ytd": "1 / 5 = 0.2", "2018-02 ytd": "0 / 5 = 0",
    }  # fmt: skip


def test_the_median_wait_is_in_whole_minutes() -> None:
    slot = datetime(2018, 1, 15, 9)
    waits = [timedelta(seconds=-30), timedelta(seconds=119), timedelta(minutes=4, seconds=59), timedelta(hours=1)]
    truth = Truth(booking=[row("booking", slot_start=slot, seen_at=slot + wait) for wait in waits])
    truth.booking.append(row("booking", slot_start=slot))
    found = figures_at(truth, "2018-01-31", "H9")
    assert found["2018-01"] == "4018 / 4 = 16.74167" and found["2018-01 statistic=median"] == "- / 4 = 2.5"
    truth.booking.append(row("booking", slot_start=slot, seen_at=slot + timedelta(minutes=2)))
    assert figures_at(truth, "2018-01-31", "H9")["2018 statistic=median"] == "- / 5 = 2"
