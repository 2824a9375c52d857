"""The partition: which presentations are one person. A pure function of the presentations in scope."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from linkage.script import count, drop_tables, run

REGISTER = "population"
"""The feed that is the register of residents: who is in it is known to the authority."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One rule that joins units into persons: its SQL ties units, `probability` is how often such ties are right."""

    sql: str
    probability: float


PASSES = (
    Pass("tie_own_number", 0.9999),
    Pass("tie_number_name", 0.9999),
    Pass("tie_name_birth", 0.999),
    Pass("tie_near_number", 0.999),
    Pass("tie_only_namesake", 0.999),
    Pass("tie_newborn", 0.99),
)
"""The rules after the valid number, the surest first; a later rule sees what the earlier ones joined."""


def find_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Group the presentations of link_member into persons.

    Reads the relations presentations and link_member. Leaves link_linked (presentation_id, own_key, cluster, known,
    tier, probability) and link_cluster (cluster, seed: its smallest presentation).
    """
    run(connection, "nodes", register=REGISTER)
    run(connection, "claim")
    _spread(connection)
    run(connection, "place")
    drop_tables(connection, "link_node", "link_claim")
    for number, rule in enumerate(PASSES, start=1):
        run(connection, rule.sql)
        _spread(connection)
        run(connection, "settle", **{"pass": number})
    run(connection, "linked", probabilities=[rule.probability for rule in PASSES])
    drop_tables(
        connection, "link_placed", "link_unit", "link_root", "link_tie", "link_label", "link_spread", "link_side",
        "link_merge", "link_namesake",
    )  # fmt: skip


def _spread(connection: duckdb.DuckDBPyConnection) -> None:
    """Label the groups of tied units, each by its smallest unit."""
    run(connection, "label_start")
    run(connection, "label_step")
    while count(connection, "SELECT count(*) FROM link_spread"):
        run(connection, "label_take")
        run(connection, "label_step")
