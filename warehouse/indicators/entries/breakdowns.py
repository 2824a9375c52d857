"""The ways to split a figure that several indicators share."""

from __future__ import annotations

from warehouse.indicators.entry import Breakdown

SETTING = Breakdown(
    "setting",
    "CASE fact.encounter_type WHEN '1' THEN 'outpatient' WHEN '2' THEN 'emergency' WHEN '3' THEN 'inpatient' END",
)
SCHEME = Breakdown("scheme", "fact.insutype")
SCENE = Breakdown("scene", "fact.scene")


def feed(name: str) -> Breakdown:
    """Return the breakdown that tells the rows of one feed from those of others."""
    return Breakdown("feed", f"'{name}'")
