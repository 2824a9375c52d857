"""Clusters of records from pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence


def components(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return for each record the smallest record that a chain of pairs leads to."""
    parent: dict[int, int] = {}

    def root(record: int) -> int:
        parent.setdefault(record, record)
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    for a, b in pairs:
        one, other = root(a), root(b)
        parent[max(one, other)] = min(one, other)
    return {record: root(record) for record in parent}


def agreeing(pairs: Sequence[tuple[int, int, float]]) -> dict[int, int]:
    """Return clusters grown from the likeliest pair down, two joined where the log odds between them sum above 0.

    Needs all pairs of records that a chain of likely pairs joins, the likeliest first.
    """
    cluster = {record: record for a, b, _ in pairs for record in (a, b)}
    members = {record: [record] for record in cluster}
    between: dict[int, dict[int, float]] = defaultdict(dict)
    for a, b, odds in pairs:
        between[a][b] = between[b][a] = odds
    for a, b, odds in pairs:
        if odds <= 0:
            break
        one, other = cluster[a], cluster[b]
        if one == other or between[one][other] <= 0:
            continue
        for record in members.pop(other):
            cluster[record] = one
            members[one].append(record)
        for third, its in between.pop(other).items():
            del between[third][other]
            if third != one:
                between[one][third] = between[third][one] = between[one][third] + its
    return cluster
