"""The partition: which presentations are one person. A pure function of presentations, decisions and model."""

from __future__ import annotations

import duckdb

from linkage.evidence.keys import CROWD, KEYS
from linkage.evidence.model import Model
from linkage.evidence.persons import COMPARISONS
from linkage.evidence.score import compare, define_evidence, weigh
from linkage.script import count, drop_tables, run

DECIDED, OWN_NUMBER, ENCOUNTER, NUMBER_NAME, REGISTERED, KNOWN, STRANGERS, GROUPED = range(1, 9)
"""The passes after the valid number, in their order: what reviewers decided; an institution's number or health code
with name or birth date; an encounter of which hospital and insurance tell, with the same; a holder's number with the
name; and by evidence entries of the register without a number, whoever else is a known person, persons whom nobody
knows, and those once more as the groups that they have become."""
_SURE_TIES = (
    (DECIDED, "tie_decided"), (OWN_NUMBER, "tie_own_number"), (ENCOUNTER, "tie_encounter"),
    (NUMBER_NAME, "tie_number_name"),
)  # fmt: skip
_SURE = 0.9999
"""How often the ties of the rules that need no weighing are right."""


def find_persons(connection: duckdb.DuckDBPyConnection, model: Model, known: int, changed: bool) -> None:
    """Group the presentations of link_member into persons.

    Reads the relations presentations, link_keyed, link_encounter, live_row, link_member, link_state and link_decision;
    `known` is how many persons the register has, roughly; `changed` says that link_state was made by another model.
    Leaves link_linked (presentation_id, own_key, free, cluster, known, tier, probability), link_cluster (cluster, seed:
    its smallest presentation), link_doubt (what is for a reviewer) and link_keeping (what the former model decided).
    """
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE link_doubtful AS
        SELECT '' AS kind, 0::UBIGINT AS a, 0::UBIGINT AS b, 0::DOUBLE AS probability, 0::DOUBLE AS weight,
            0::DOUBLE AS name_chance, {_levels("0::TINYINT")} AS levels LIMIT 0
    """)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE link_doubt AS
        SELECT kind, NULL::UUID AS l, NULL::UUID AS r, probability, weight, name_chance, levels FROM link_doubtful
    """)
    place(connection)
    run(connection, "doubts_claim")
    meet(connection)
    for number, rule in _SURE_TIES:
        run(connection, "apart")
        run(connection, rule, probability=_SURE)
        _join(connection, number)
    find_pairs(connection)
    _find_by_evidence(connection, model, known, changed)
    run(connection, "doubts")
    run(connection, "linked", decided=DECIDED, encounter=ENCOUNTER)
    drop_tables(
        connection, "link_claim", "link_placed", "link_free", "link_met", "link_shared", "link_appearance",
        "link_unit", "link_root", "link_mother", "link_seeker", "link_pair", "link_key_of", "link_text",
        "link_compared", "link_weighed", "link_attached", "link_tie", "link_label", "link_spread", "link_side",
        "link_merge",
    )  # fmt: skip


def place(connection: duckdb.DuckDBPyConnection) -> None:
    """Make link_placed and link_free: each presentation in scope under the unit of the valid number that it holds."""
    run(connection, "decided")
    run(connection, "place")
    if count(connection, "SELECT count(*) FROM link_placed") > count(connection, "SELECT count(*) FROM link_member"):
        run(connection, "place_once")
    run(connection, "claim")
    _spread(connection)
    run(connection, "borrowed")
    drop_tables(connection, "link_keyed_row")


def meet(connection: duckdb.DuckDBPyConnection) -> None:
    """Make link_appearance: all presentations of the units in link_free, and of those that share a key with them."""
    run(connection, "met_decided")
    for key in KEYS:
        connection.execute(f"""
            INSERT INTO link_met
            SELECT DISTINCT p.unit FROM link_placed AS p
            WHERE {key.known("p")} AND p.held_key IS NOT NULL
              AND {key.value("p")} IN (SELECT {key.value("f")} FROM link_free AS f WHERE {key.known("f")})
        """)
    run(connection, "mothers")
    run(connection, "encounter_shared")
    run(connection, "met")


def find_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Make link_seeker and link_pair: who is looked for, and whom each may be."""
    connection.execute("CREATE OR REPLACE TEMP TABLE link_key_of (key UBIGINT, unit UBIGINT)")
    for key in KEYS:
        connection.execute(f"""
            INSERT INTO link_key_of
            SELECT DISTINCT {key.value("c")}, c.unit FROM link_current AS c
            WHERE {key.known("c")} AND {key.value("c")} IN (
                SELECT {key.value("f")} FROM link_current AS f WHERE {key.known("f")} AND f.held_key IS NULL
            )
        """)
    run(connection, "apart")
    run(connection, "pairs", crowd=CROWD)
    run(connection, "texts")


def _find_by_evidence(connection: duckdb.DuckDBPyConnection, model: Model, known: int, changed: bool) -> None:
    enough = {"accept": model.accept, "keep": model.keep}
    define_evidence(connection, model)
    run(connection, "attached_none")
    run(connection, "kept", changed=changed)
    _weigh(connection, model, known, "SELECT unit FROM link_seeker WHERE registered")
    run(connection, "tie_registered", **enough)
    _note_doubts(connection, model)
    _join(connection, REGISTERED)
    run(connection, "apart")
    run(connection, "follow")
    run(connection, "kept", changed=changed)
    _weigh(connection, model, known, "SELECT unit FROM link_seeker")
    run(connection, "attach", **enough, **{"pass": KNOWN})
    run(connection, "tie_strangers", **enough)
    _spread(connection)
    run(connection, "tie_without_conflict")
    _note_doubts(connection, model)
    _join(connection, STRANGERS)
    run(connection, "apart")
    run(connection, "follow")
    run(connection, "kept", changed=changed)
    grouped = f"SELECT root FROM link_root WHERE pass = {STRANGERS} AND root IN (SELECT unit FROM link_seeker)"
    _weigh(connection, model, known, grouped)
    run(connection, "attach", **enough, **{"pass": GROUPED})
    run(connection, "keeping", accept=model.accept)
    run(connection, "attach_all")
    run(connection, "part")


def _weigh(connection: duckdb.DuckDBPyConnection, model: Model, known: int, seekers: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP VIEW link_compared_pair AS FROM link_pair WHERE a IN ({seekers})")
    compare(connection, model)
    weigh(connection, model, known)


def _note_doubts(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    connection.execute(f"""
        INSERT INTO link_doubtful BY NAME
        SELECT
            CASE
                WHEN c.a IS NOT NULL THEN 'contradiction' WHEN w.anchor THEN 'perhaps known' ELSE 'perhaps one'
            END AS kind,
            w.a, w.b, w.probability, w.weight, w.name_chance, {_levels("w.{column}")} AS levels
        FROM link_weighed AS w LEFT JOIN link_contradicted AS c USING (a, b)
        WHERE w.probability >= {model.review!r} AND (w.anchor OR w.a < w.b)
          AND w.a IN (SELECT unit FROM link_seeker) AND w.a NOT IN (SELECT unit FROM link_attached)
    """)


def _levels(value: str) -> str:
    """Return the expression of all levels of a pair as one value."""
    return f"{{{', '.join(f'{one.name}: {value.format(column=one.column)}' for one in COMPARISONS)}}}"


def _join(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Make tied units one; `number` is that of the pass."""
    _spread(connection)
    run(connection, "settle", forced=number == DECIDED, **{"pass": number})


def _spread(connection: duckdb.DuckDBPyConnection) -> None:
    """Label the groups of tied units, each by its smallest unit."""
    run(connection, "label_start")
    run(connection, "label_step")
    while count(connection, "SELECT count(*) FROM link_spread"):
        run(connection, "label_take")
        run(connection, "label_step")
