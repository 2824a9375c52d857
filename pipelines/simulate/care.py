"""The encounters that stand, as those know them who pay for them: without a name, by index."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulate import arrow
from pipelines.simulate.institutions import Institutions
from pipelines.simulate.streams import Flags, Ints

# What is treated for years, and so has a benefit of its own in medical insurance.
_CHRONIC = ("I10", "E11", "I25", "J44", "N18", "B18", "C34")


@dataclass(frozen=True, slots=True)
class Encounters:
    """A value an encounter: `person` and `institution` are indices, `kind` the encounter's type.

    `start` and `end` are seconds since 1970, `end` 0 where a stay goes on; `total` and `drugs` are in fen.
    """

    person: Ints
    institution: Ints
    number: Ints
    kind: Ints
    start: Ints
    end: Ints
    total: Ints
    drugs: Ints
    chronic: Flags

    def take(self, at: Ints | Flags) -> Encounters:
        """Return the encounters at those indices."""
        return Encounters(*(getattr(self, one.name)[at] for one in fields(self)))


@dataclass(slots=True)
class Care:
    """Collects the encounters of the EMR feed, month by month of each city, once they are settled."""

    _parts: list[Encounters] = field(default_factory=list)

    def add(self, institutions: Institutions, rows: pa.Table, person: Ints) -> None:
        """Keep rows of the EMR feed that no later delivery touches."""

        def column(name: str) -> pa.Array:
            return rows[name].combine_chunks()

        def whole(name: str) -> Ints:
            found: Ints = column(name).cast(pa.int64()).to_numpy()
            return found

        def fen(name: str) -> Ints:
            return arrow.fen(column(name)).astype(np.int32)

        place = pc.index_in(column("org_code"), value_set=institutions.codes).to_numpy().astype(np.int32)
        category = pc.utf8_slice_codeunits(pc.fill_null(column("diagnosis_code"), ""), 0, 3)
        chronic = pc.is_in(category, value_set=arrow.texts(list(_CHRONIC))).to_numpy(zero_copy_only=False)
        self._parts.append(
            Encounters(
                person.astype(np.int32), place, whole("encounter_no"), whole("encounter_type").astype(np.int8),
                arrow.seconds(column("start_at")), arrow.seconds(column("end_at")), fen("total_fee"), fen("drug_fee"),
                chronic,
            )
        )  # fmt: skip

    def encounters(self) -> Encounters:
        """Return all that were kept, in their order."""
        return Encounters(
            *(np.concatenate([getattr(part, one.name) for part in self._parts]) for one in fields(Encounters))
        )
