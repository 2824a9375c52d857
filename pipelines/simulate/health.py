"""What health records say of chronic diseases: who is managed, how well, and the last readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulate import arrow
from pipelines.simulate.streams import Flags, Floats, Ints, trait

_GROWN = 18
_AGES = np.array([35, 60, 75])
# The share managed, by age: below 35, 60, 75 and above.
_HYPERTENSION, _DIABETES = np.array([0.003, 0.06, 0.33, 0.42]), np.array([0.001, 0.025, 0.12, 0.13])
_STANDARD_HYPERTENSION, _STANDARD_DIABETES = 0.62, 0.59


@dataclass(frozen=True, slots=True)
class Chronic:
    """A value a record: under management for hypertension or diabetes, and managed to the standard."""

    grown: Flags
    hypertension: Flags
    hypertension_standard: Flags
    diabetes: Flags
    diabetes_standard: Flags


def draw_chronic(key: Ints, place: int, age: Floats, managed_at_all: Flags) -> Chronic:
    """Return who is managed, by age; the standard is met more in some places than in others.

    `key` tells the records apart. Children aren't asked.
    """
    group = np.searchsorted(_AGES, age, side="right")
    better = 0.12 * float(trait(np.array([place]), "chronic care")[0])
    grown = age >= _GROWN
    managed = grown & managed_at_all
    hypertension = managed & (trait(key, "hypertension") < _HYPERTENSION[group])
    # Half of those with diabetes have high blood pressure as well.
    at = np.where(hypertension, trait(key, "diabetes") * 0.55, trait(key, "diabetes"))
    diabetes = managed & (at < _DIABETES[group])
    return Chronic(
        grown, hypertension, hypertension & (trait(key, "standard") < _STANDARD_HYPERTENSION + better),
        diabetes, diabetes & (trait(key, "standard of sugar") < _STANDARD_DIABETES + better),
    )  # fmt: skip


def readings(key: Ints, chronic: Chronic, served: Ints, age: Floats) -> dict[str, pa.Array]:
    """Return the columns on chronic diseases, as at the last service.

    `served` counts the services, negative where there was none: then nothing was measured. Each service has readings
    of its own.
    """
    visit = key * 1024 + np.maximum(served, 0)
    grown, measured = chronic.grown, chronic.grown & (served >= 0)
    managed = chronic.hypertension
    middle = np.select([chronic.hypertension_standard, managed], [133.0, 143.0], 114 + 0.2 * age)
    systolic = np.clip(middle + 11 * _normal(key, "systolic") + 7 * _normal(visit, "systolic now"), 82, 215)
    diastolic = np.clip(0.42 * systolic + 25 + 7 * _normal(visit, "diastolic now"), 45, systolic - 18)
    read = measured & (managed | (trait(visit, "pressure taken") < 0.6))
    sugar = np.select([chronic.diabetes_standard, chronic.diabetes], [6.9, 7.9], 5.2)
    spread = np.where(chronic.diabetes, 0.19, 0.09)
    glucose = np.clip(sugar * np.exp(spread * _normal(visit, "glucose now")), 2.8, 28)
    drawn = measured & (chronic.diabetes | (trait(visit, "blood drawn") < 0.2))
    return {
        "hypertension_managed": pa.array(managed, mask=~grown),
        "hypertension_standard": pa.array(chronic.hypertension_standard, mask=~managed),
        "systolic_bp": pa.array(np.round(systolic).astype(np.int64), mask=~read),
        "diastolic_bp": pa.array(np.round(diastolic).astype(np.int64), mask=~read),
        "diabetes_managed": pa.array(chronic.diabetes, mask=~grown),
        "diabetes_standard": pa.array(chronic.diabetes_standard, mask=~chronic.diabetes),
        "fasting_glucose": arrow.blank(arrow.money(np.round(glucose * 10).astype(np.int64) * 10), ~drawn),
    }


def _normal(key: Ints, salt: str) -> Floats:
    """Return a number for each key that is nearly normal: the sum of uniform ones."""
    total = sum((trait(key, f"{salt} {nth}") for nth in range(4)), np.zeros(len(key)))
    found: Floats = (total - 2) * np.sqrt(3.0)
    return found
