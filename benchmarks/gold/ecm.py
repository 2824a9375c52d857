"""recordlinkage's ECM classifier, as competent a user of it as there can be: the truth chooses its setting.

It is given the pairs that the engine compares, and those that blocking on single columns gives as in its documentation;
its documented comparisons, and all columns; every threshold; and its links as they are or closed over chains.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import duckdb

from benchmarks.gold.clusters import components
from benchmarks.gold.task import Found, Task
from benchmarks.rivals.ecm import THRESHOLDS
from benchmarks.rivals.laps import Laps

OWN = "documented, same pairs, 0.5"
"""The setting that nobody chose: 0.5 is its own threshold."""


def find(connection: duckdb.DuckDBPyConnection, task: Task) -> Iterator[tuple[str, float, Found]]:
    """Give for each setting its seconds and what it finds, from record and pair."""
    import pandas
    import recordlinkage

    warnings.simplefilter("ignore")
    records = connection.execute("FROM record").df().set_index("record_id")
    given = pandas.MultiIndex.from_frame(connection.execute("FROM pair ORDER BY a, b").df())
    for indexed in ("same pairs", "own blocks"):
        blocking = Laps()
        pairs = given if indexed == "same pairs" else _blocked(records, task)
        blocking.end("block")
        for compared, comparisons in task.ecm.items():
            laps = Laps()
            compare = recordlinkage.Compare()
            comparisons(compare)
            features = compare.compute(pairs, records)
            classifier = recordlinkage.ECMClassifier(binarize=0.8)
            classifier.fit(features)
            probabilities = classifier.prob(features)
            laps.end("classify")
            seconds = blocking.seconds["block"] + laps.seconds["classify"]
            for threshold in THRESHOLDS:
                links = list(probabilities.index[probabilities > float(threshold)])
                yield f"{compared}, {indexed}, {threshold}", seconds, links
                if task.files == 1:
                    yield f"{compared}, {indexed}, {threshold}, chains closed", seconds, components(links)


def _blocked(records: Any, task: Task) -> Any:
    import recordlinkage

    index = recordlinkage.Index()
    for columns in task.ecm_blocks:
        index.block(list(columns))
    return index.index(*(file for _, file in records.groupby("side")))
