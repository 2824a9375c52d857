"""The judge: Great Expectations over a frame of figures, told as verdicts. It sees counts and rates, never a value."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from lake.faults import PlainFault

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.batch_definition import BatchDefinition

_TOLD_ROWS = 3


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the figures in a column of a frame must be: `least` to `most`; an empty figure isn't judged.

    A figure beyond the limits is told as `beyond`, then the frame's row in the form `shown` (of its columns and the
    limits). One that doesn't `refuse` only warns.
    """

    id: str
    column: str
    zh: str
    en: str
    beyond: str
    shown: str
    least: float = -math.inf
    most: float = math.inf
    refuses: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an expectation finds in the figures of one subject: how many were judged, how many lie beyond its limits.

    `observed` is the figure furthest out, `told` says what lies beyond, in both languages; empty where nothing does.
    """

    subject: int
    expectation: Expectation
    judged: int
    beyond: int
    observed: float
    told: str

    @property
    def refuses(self) -> bool:
        """Say whether the subject may not go on."""
        return self.beyond > 0 and self.expectation.refuses

    @property
    def state(self) -> str:
        """Return passed, warned or refused."""
        return "refused" if self.refuses else "warned" if self.beyond else "passed"


def judge(frame: pa.Table, expectations: Sequence[Expectation]) -> list[Verdict]:
    """Judge every row of a frame; return a verdict for each `subject` (a column of it) and expectation with figures.

    All in one validation. PlainFault where an expectation can't be judged.
    """
    if frame.num_rows == 0:
        return []
    figures = frame.to_pandas()
    for column in {expectation.column for expectation in expectations}:
        figures[column] = figures[column].astype("float64")
    beyond = _rows_beyond(figures, expectations)
    return [verdict for each in expectations for verdict in _verdicts(figures, each, beyond[each.id])]


def _rows_beyond(figures: pd.DataFrame, expectations: Sequence[Expectation]) -> dict[str, list[int]]:
    """Return the places of the rows that break each expectation, by its id."""
    batches = _batches()
    from great_expectations import ExpectationSuite
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )

    suite = ExpectationSuite(
        name="gate",
        expectations=[
            ExpectColumnValuesToBeBetween(
                column=each.column,
                min_value=None if math.isinf(each.least) else each.least,
                max_value=None if math.isinf(each.most) else each.most,
                meta={"id": each.id},
            )
            for each in expectations
        ],
    )
    batch = batches.get_batch(batch_parameters={"dataframe": figures.rename_axis("_row").reset_index()})
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": ["_row"]}
    found = {}
    for result in batch.validate(suite, result_format=wanted).results:
        named = (result.expectation_config.meta or {})["id"] if result.expectation_config else ""
        places = [int(row["_row"]) for row in result.result.get("unexpected_index_list") or ()]
        if bool(result.success) is bool(places) or "unexpected_count" not in result.result:
            raise PlainFault(f"闸门无法判定 the gate can't judge: {named}")
        found[named] = places
    return found


@cache
def _batches() -> BatchDefinition:  # type: ignore[type-arg]
    """Import Great Expectations, which takes seconds, and keep it silent: no bars, no log lines, no network."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # 1.24 has no telemetry any more; others have
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    frames = context.data_sources.add_pandas("figures").add_dataframe_asset("frame")
    return frames.add_batch_definition_whole_dataframe("whole")


def _verdicts(figures: pd.DataFrame, expectation: Expectation, beyond: list[int]) -> list[Verdict]:
    import pandas as pd

    judged = figures[["subject", expectation.column]].dropna()
    if judged.empty:
        return []
    value = judged[expectation.column]
    out = pd.concat([expectation.least - value, value - expectation.most], axis=1).max(axis=1)
    furthest = value.loc[out.groupby(judged["subject"]).idxmax()]
    totals = judged.groupby("subject").size()
    broken = figures.loc[beyond].assign(_out=out.loc[beyond]).sort_values("_out", ascending=False, kind="stable")
    told = {int(subject): _told(rows, expectation) for subject, rows in broken.groupby("subject")}
    counts = broken.groupby("subject").size()
    return [
        Verdict(int(s), expectation, int(total), int(counts.get(s, 0)), float(observed), told.get(int(s), ""))
        for (s, total), observed in zip(totals.items(), furthest, strict=True)
    ]


def _told(rows: pd.DataFrame, expectation: Expectation) -> str:
    limits = {"least": expectation.least, "most": expectation.most}
    shown = [expectation.shown.format(**row, **limits) for row in rows.head(_TOLD_ROWS).to_dict("records")]
    more = f" … +{len(rows) - _TOLD_ROWS:,}" if len(rows) > _TOLD_ROWS else ""
    return f"{expectation.beyond.format(**limits)}: {', '.join(shown)}{more}"
