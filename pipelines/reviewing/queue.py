"""The queue: the open doubts of a home's newest registry, what matters most first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import duckdb

from lake.home import Home
from lake.ledger import Ledger
from lake.link_decisions import LinkDecision, link_decisions
from linkage.doubts import open_doubts
from linkage.evidence.model import Model
from linkage.registry import made_by, open_registry
from linkage.script import run
from pipelines.linked import Linked, open_linked
from pipelines.linking import decision_table, model_of
from pipelines.reviewing.doubt import Doubt, Side

_SQL = files("pipelines.reviewing").joinpath("queue.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Queue:
    """A home's doubts, and the relations of its registry on a connection.

    `doubts` are those of the registry, decided ones among them, by importance; `decisions` all that were ever made, in
    their order. `model` is the one that weighed them, None where it is no longer the home's; `known` how many persons
    it counted with.
    """

    home: Home
    ledger: Ledger
    connection: duckdb.DuckDBPyConnection
    doubts: Sequence[Doubt]
    decisions: Sequence[LinkDecision]
    model: Model | None
    known: int

    @property
    def open(self) -> list[Doubt]:
        """Return the doubts that wait for a reviewer."""
        return [doubt for doubt in self.doubts if doubt.open]


@contextmanager
def open_queue(home: Home, *let_through: type[Exception]) -> Iterator[Queue]:
    """Give the queue of a home. Raises PlainFault where nothing was linked yet; exceptions lose their values."""
    with open_linked(home, "review", *let_through) as linked:
        yield _queue(home, linked)


def _queue(home: Home, linked: Linked) -> Queue:
    ledger, connection, folders = linked.ledger, linked.connection, linked.folders
    run(connection, "normalise")
    open_registry(connection, folders)
    open_doubts(connection, folders)
    connection.register("decision", decision_table(ledger))
    connection.execute(_SQL)
    decisions = dict(link_decisions(ledger))
    made, model = made_by(folders), model_of(home)
    found = _doubts(connection, decisions, made.decided if made else 0)
    doubts = sorted(found, key=lambda doubt: (-doubt.importance, doubt.id))
    current = model if made and made.model == model.version else None
    return Queue(home, ledger, connection, doubts, list(decisions.values()), current, made.known if made else 0)


def _doubts(
    connection: duckdb.DuckDBPyConnection, decisions: Mapping[int, LinkDecision], replayed: int
) -> Iterator[Doubt]:
    """Give the doubts; `replayed` is the last decision that the registry knows."""
    sides: dict[Any, Side] = {
        presentation: Side(str(presentation), *rest)
        for presentation, *rest in connection.execute(
            "SELECT presentation_id, feed, city_code, own_key, handle, records FROM review_side"
        ).fetchall()
    }
    rows = connection.execute(
        "SELECT l, r, decided, id, kind, probability, weight, name_chance, levels FROM review_doubt"
    ).fetchall()
    for left, right, number, name, kind, probability, weight, name_chance, levels in rows:
        decided = decisions.get(number)
        if decided and decided.verdict == "same" and number <= replayed:  # another decision keeps them apart
            decided = None
        yield Doubt(name, kind, sides[left], sides[right], probability, weight, name_chance, levels, decided)
