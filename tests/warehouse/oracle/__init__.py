"""Every indicator worked out from the truth in plain Python: the counting rules, written a second time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.warehouse.oracle import access, hospital, insurance, reconciliation, reform
from tests.warehouse.oracle.grains import (
    Calendar,
    Cells,
    Figures,
    PersonCells,
    flow_figures,
    month_of,
    state_figures,
)
from tests.warehouse.truth_rows import Truth

INDICATORS = {
    *(f"A{number}" for number in range(1, 15)), *(f"R{number}" for number in range(1, 13)),
    "H1", "H3", "H5", *(f"H{number}" for number in range(8, 16)), "I1", "I2", "I3", "I4", "X1", "X2",
    *(f"C{number}" for number in range(1, 5)),
}  # fmt: skip
TIMES = {"H15": Decimal(100), "H9": Decimal(1) / 60}
"""Indicators that aren't in ones: consumables in yuan to a hundred of income, seconds waited in minutes."""


def expected_figures(truth: Truth, as_of: date, first_month: str | None = None) -> Figures:
    """Return every figure as of a day whose denominator isn't 0; without a first month, from the first event on."""
    flows = Cells()
    for group in (access, reform, hospital, insurance, reconciliation):
        group.count_flows(truth, as_of, flows)
    calendar = Calendar(first_month or min(flows.months(), default=month_of(as_of)), as_of)
    states, persons = Cells(), PersonCells()
    for group in (access, reform, reconciliation):
        group.count_states(truth, calendar, states)
    for group in (access, insurance):
        group.count_persons(truth, calendar, persons)
    return {
        **flow_figures(flows, calendar, TIMES), **state_figures(states, calendar), **persons.figures(calendar),
        **reform.growth(truth, calendar), **hospital.growth(truth, calendar),
        **hospital.median_waits(truth, calendar),
    }  # fmt: skip
