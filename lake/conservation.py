"""Rows are conserved: what a step reads is what it writes and sets aside."""

from __future__ import annotations

from lake.faults import PlainFault


class RowsNotConserved(PlainFault):
    """A step lost or made up rows; the run fails and publishes nothing."""


def conserve(step: str, read: int, *written: int) -> None:
    """Raise RowsNotConserved unless the rows read are the rows written and set aside, all together."""
    if read != sum(written):
        parts = " + ".join(str(rows) for rows in written)
        raise RowsNotConserved(f"行数不守恒 rows not conserved · {step}: {read} ≠ {parts}")
