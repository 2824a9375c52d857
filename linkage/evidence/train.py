"""Training: the model's probabilities, counted where valid numbers tell who is who.

A valid number that is held out is a label: what a hospital wrote of its holder, without the number, against all else
that is known of that person, shows how records of one person agree. Members of a household show how kin agree, persons
drawn at random how strangers do. So no pair need be labelled by hand, and the classes need not be guessed under
independence, as expectation maximisation would (Fellegi and Sunter 1969; Winkler 1988).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log2
from typing import Any

import duckdb

from linkage.evidence.comparison import Comparison
from linkage.evidence.model import Evidence, Model
from linkage.evidence.persons import COMPARISONS
from linkage.evidence.prior import (
    ACCEPT,
    COMPOUND,
    KEEP,
    PRIOR,
    RARE,
    REVIEW,
    SURNAME_SHARED,
    UNSEEN,
    UNSEEN_KIN,
)
from linkage.evidence.score import compare, define_evidence
from linkage.keyed import define_keyed
from linkage.partition import place
from linkage.script import count, drop_tables, run

SAMPLE = 60_000
"""Persons whose records are held out."""
_STRANGERS_EACH = 5
_LEAN = 0.2
"""How much the prior weighs beside what was counted."""
_FIXED = ("number", "mother", "own")
"""Comparisons that held-out numbers can't show: their probabilities are set, not counted (docs/linkage.md)."""


def train(connection: duckdb.DuckDBPyConnection, provenance: Mapping[str, str]) -> Model:
    """Return a model counted on all live presentations; `provenance` says whose they are, without values.

    Reads presentations, live_row, presented and household (row_id, household_key) of register rows.
    """
    run(connection, "normalise")
    run(connection, "train_scope")
    define_keyed(connection, in_memory=False)
    place(connection)
    registered = count(
        connection, "SELECT count(DISTINCT unit) FROM link_placed WHERE registered AND held_key IS NOT NULL"
    )
    run(connection, "train_sample", part=max(1, registered // SAMPLE), strangers=_STRANGERS_EACH)
    run(connection, "train_names", compound=list(COMPOUND))
    model = Model(
        provenance=dict(provenance) | {"persons": str(registered)},
        evidence=dict(PRIOR),
        unseen=_share(connection, "SELECT unseen FROM link_unseen", UNSEEN),
        unseen_kin=UNSEEN_KIN,
        surname_shared=_share(connection, "SELECT avg(shared::INTEGER) FROM link_kin_surname", SURNAME_SHARED),
        accept=ACCEPT,
        review=REVIEW,
        keep=KEEP,
        rare=RARE,
        compound=COMPOUND,
        surnames=_log_frequencies(connection, "surname"),
        given=_log_frequencies(connection, "given"),
    )
    define_evidence(connection, model)
    counts = {kind: _levels(connection, model, kind) for kind in ("match", "kin", "chance")}
    same = dict(connection.execute("SELECT name, chance FROM link_same_by_chance").fetchall())
    evidence = {
        one.name: PRIOR[one.name] if one.name in _FIXED else _evidence(one, counts, same) for one in COMPARISONS
    }
    drop_tables(
        connection, "link_appearance", "link_placed", "link_free", "link_text", "link_sample_pair", "link_shown"
    )
    return replace(model, evidence=evidence)


def _levels(connection: duckdb.DuckDBPyConnection, model: Model, kind: str) -> dict[str, list[int]]:
    """Return how many pairs of a kind have each level of each comparison."""
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW link_compared_pair AS SELECT a, b FROM link_sample_pair WHERE kind = '{kind}'"
    )
    compare(connection, model)
    counted = {}
    for one in COMPARISONS:
        found = dict(connection.execute(f"SELECT {one.column}, count(*) FROM link_compared GROUP BY ALL").fetchall())
        counted[one.name] = [int(found.get(level, 0)) for level in range(len(one.levels))]
    return counted


def _evidence(one: Comparison, counts: dict[str, dict[str, list[int]]], same: dict[str, float]) -> Evidence:
    prior = PRIOR[one.name]
    match = _shares(counts["match"][one.name], prior.match)
    kin = _shares(counts["kin"][one.name], prior.kin)
    chance = _shares(counts["chance"][one.name], prior.chance)
    if one.name == "name":  # how probable an agreement is by chance hangs on the name
        kin = chance = [1.0] * len(match)
    elif one.name in same:
        chance[0] = same[one.name]
    else:
        chance[0] = prior.chance[0]  # no sample shows how seldom strangers share a telephone
    return Evidence(tuple(match), tuple(kin), tuple(chance))


def _shares(counted: list[int], prior: Sequence[float]) -> list[float]:
    """Return the share of each level, as far as it was counted."""
    total = sum(counted)
    if not total:
        return list(prior)
    return [float(f"{(1 - _LEAN) * n / total + _LEAN * p:.4g}") for n, p in zip(counted, prior, strict=True)]


def _log_frequencies(connection: duckdb.DuckDBPyConnection, part: str) -> dict[str, float]:
    rows: list[Any] = connection.execute(
        f"SELECT character, share FROM link_character_share WHERE part = '{part}' ORDER BY character"
    ).fetchall()
    return {character: round(log2(share), 2) for character, share in rows}


def _share(connection: duckdb.DuckDBPyConnection, query: str, otherwise: float) -> float:
    found = connection.execute(query).fetchall()[0][0]
    return otherwise if found is None else round(float(found), 4)
