"""How often a city's records depart from the truth."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of rows or persons, each between 0 and 1."""

    id_missing: float = 0.08
    id_digit: float = 0.004
    id_legacy: float = 0.5  # of the encounters of an elder who still shows the 15-digit number
    id_lower_case: float = 0.01
    id_type_missing: float = 0.05
    name_slip: float = 0.012
    name_unreadable: float = 0.001
    name_spaced: float = 0.006
    name_traditional: float = 0.004
    card_borrowed: float = 0.004
    posing: float = 0.003  # of those who borrow a card: under all of the relative's identity, which nothing shows
    guardian_id: float = 0.15  # of the encounters of children under seven
    sex_missing: float = 0.01
    sex_wrong: float = 0.0008
    birth_missing: float = 0.02
    birth_wrong: float = 0.002
    phone_missing: float = 0.1
    phone_old: float = 0.3  # of the encounters after a change of number
    phone_of_family: float = 0.05
    address_missing: float = 0.15
    address_old: float = 0.3  # of the encounters after a move
    register_id_missing: float = 0.006
    register_name_slip: float = 0.004
    record_name_slip: float = 0.008
    record_phone_of_family: float = 0.25
    phone_cut: float = 0.003
    row_repeated: float = 0.0015
    row_corrected: float = 0.01
    row_deleted: float = 0.002
    row_faulty: float = 0.004  # sent as no check lets it pass, and sent again as it should be
    settlement_reversed: float = 0.006

    def times(self, factor: float) -> Noise:
        """Return every share multiplied, at most 0.9."""
        return Noise(**{field.name: min(0.9, factor * getattr(self, field.name)) for field in fields(self)})


NOISE = Noise()
HARSH = NOISE.times(3)
