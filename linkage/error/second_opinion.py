"""A second opinion: what recordlinkage's ECM makes of a sample, and where it disagrees with the registry."""

from __future__ import annotations

import warnings
from typing import Any

import duckdb

from linkage.script import drop_tables, run

SAMPLE = 20_000
"""How many presentations are looked at, about: those of one city, where families and namesakes stay together."""
_CROWD = 200
COMPARED = ("name", "sound", "sex", "birth", "number", "phone", "address")
"""What ECM is told of a pair: whether each of these is known on both sides and the same."""
_LIKELY = 0.5
_KINDS = 12


def second_opinion(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return how many pairs of a sample registry and ECM hold for one person, and what they disagree on.

    `presentations` and `pairs` were looked at; of the pairs `both`, `ours` alone and `ecm` alone say one person.
    `disagreements`: who says so, what agrees, what differs, how many pairs; the commonest first. Reads presentations;
    the registry must be open. Raises ImportError without recordlinkage.
    """
    import recordlinkage

    run(connection, "opinion_pairs", size=SAMPLE, crowd=_CROWD)
    pairs = connection.execute("FROM link_opinion_pair ORDER BY l, r").df().set_index(["l", "r"])
    presentations = connection.execute("SELECT count(*) FROM link_opinion").fetchall()[0][0]
    drop_tables(connection, "link_opinion", "link_opinion_pair")
    seen = {"presentations": int(presentations), "pairs": len(pairs), "both": 0, "ours": 0, "ecm": 0}
    if pairs.empty:
        return seen | {"disagreements": []}
    told = pairs[list(COMPARED)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier = recordlinkage.ECMClassifier(binarize=0.5)
        agree = (told == 1).astype(int)
        classifier.fit(agree)
        ecm = classifier.prob(agree) > _LIKELY
    ours = pairs["ours"].astype(bool)
    kinds = told.assign(says=ours.map({True: "ours", False: "ecm"}))[ours != ecm]
    counted = kinds.groupby([*COMPARED, "says"]).size().sort_values(ascending=False, kind="stable")
    return seen | {
        "both": int((ours & ecm).sum()),
        "ours": int((ours & ~ecm).sum()),
        "ecm": int((ecm & ~ours).sum()),
        "disagreements": [_kind(values, int(number)) for values, number in counted.head(_KINDS).items()],
    }


def _kind(values: tuple[Any, ...], number: int) -> dict[str, Any]:
    *levels, says = values
    told = dict(zip(COMPARED, levels, strict=True))
    return {
        "says": says,
        "agree": [name for name, level in told.items() if level == 1],
        "differ": [name for name, level in told.items() if level == 0],
        "pairs": number,
    }
