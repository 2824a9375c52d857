"""recordlinkage's ECM classifier on one city: five blocking keys, six comparisons, connected components of its links.

It is far too slow for a province, so it takes the city whose records are nearest to 20 000 in number: families and
namesakes stay together there, as they would not in a sample of persons.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from benchmarks.rivals.laps import Laps
from benchmarks.rivals.records import cleaned, connect
from lake.engine import located

THRESHOLDS = ("0.5", "0.9", "0.99", "0.999", "0.9999")  # 0.5 is its own
_RECORDS = 20_000
_BLOCKS = ("id_no", "name", "phone", "address", ["birth_date", "sex_code"])


def find_clusters(records: Path, folder: Path) -> dict[str, dict[str, float]]:
    """Write the clusters of the sample, and of nothing else, at each threshold."""
    import pandas
    import recordlinkage

    warnings.simplefilter("ignore")
    laps = Laps()
    sample = _sample(records)
    laps.end("prepare")
    index = recordlinkage.Index()
    for keys in _BLOCKS:
        index.block(keys)
    pairs = index.index(sample)
    laps.end("index")
    features = _comparisons().compute(pairs, sample)
    laps.end("compare")
    classifier = recordlinkage.ECMClassifier(binarize=0.8)
    classifier.fit(features)
    probabilities = classifier.prob(features)
    laps.end("classify")
    seconds: dict[str, dict[str, float]] = {}
    for threshold in THRESHOLDS:
        links = probabilities.index[probabilities > float(threshold)]
        found = pandas.DataFrame({"record_id": sample.index, "cluster": _components(sample.index, links)})
        found.to_parquet(folder / f"{threshold}.parquet")
        laps.end("cluster")
        seconds[threshold] = dict(laps.seconds)
    return seconds


def _sample(records: Path) -> Any:
    with connect() as connection:
        sample = connection.execute(f"""
            FROM ({cleaned(records)}) WHERE city_code = (
              SELECT city_code FROM read_parquet({located(records)})
              GROUP BY city_code ORDER BY abs(count(*) - {_RECORDS}), city_code LIMIT 1
            ) ORDER BY record_id
        """).df()
    return sample.set_index("record_id").astype({"birth_date": "datetime64[ns]"})  # the only unit that it compares


def _comparisons() -> Any:
    import recordlinkage

    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.85, label="name")
    compare.date("birth_date", "birth_date", label="birth_date")
    compare.string("id_no", "id_no", method="damerau_levenshtein", threshold=0.93, label="id_no")
    compare.exact("phone", "phone", label="phone")
    compare.string("address", "address", method="levenshtein", threshold=0.85, label="address")
    compare.exact("sex_code", "sex_code", label="sex_code")
    return compare


def _components(index: Any, links: Any) -> Any:
    """Return the connected component of each record; the library's own wants networkx."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    one, other = (index.get_indexer(links.get_level_values(level)) for level in (0, 1))
    graph = coo_matrix((np.ones(len(links), bool), (one, other)), shape=(len(index), len(index)))
    return connected_components(graph, directed=False)[1]
