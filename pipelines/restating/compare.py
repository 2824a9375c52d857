"""Comparing two exports: which figures changed, and how much of it came late, was corrected, relinked or redefined."""

from __future__ import annotations

import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lake.engine import connect
from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.ledger import Ledger
from lake.states import State, published, state_of
from pipelines.progress import Progress
from pipelines.restating.between import Between, count_again
from pipelines.restating.changes import CAUSES, count_causes, count_new, define_changes, start_steps, write_changes
from pipelines.restating.known import lies_there
from pipelines.restating.provenance import FIGURES, Provenance, read_provenance
from warehouse.indicators.catalogue import INDICATORS

_WORDS = CAUSES | {"suppressed": "抑制"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the figures of two exports.

    `changed` counts by indicator the figures that differ, under its empty name, and those of them that each cause, or
    suppression, concerns; `new` the figures of periods and indicators that one export alone has. `recounted`: the
    causes are known, for neither state was swept.
    """

    before: Provenance
    after: Provenance
    changed: dict[str, dict[str, int]]
    new: int
    recounted: bool


def compare_exports(home: Home, first: Path, second: Path, out: Path, progress: Progress) -> Comparison:
    """Write which figures changed from one export of a home to a later one, and why, and return how many.

    A row of `out` is a figure that differs: what each export says, and the parts of the change by cause, which are
    found by counting again what lies between the two states. Nothing is told of what either export suppresses.
    PlainFault where a folder is no export of this home, or the second is the earlier.
    """
    before, after = read_provenance(first), read_provenance(second)
    with (
        without_values(),
        closing(Ledger(home.ledger_url)) as ledger,
        home.aside(f"compare-{uuid.uuid4().hex}") as scratch,
        connect(scratch, vault=False) as connection,
    ):
        then, now = _state_of(ledger, before, first), _state_of(ledger, after, second)
        if then.build.build_no > now.build.build_no:
            raise PlainFault("较早的导出须在前 name the earlier export first")
        start_steps(connection, first / FIGURES, second / FIGURES)
        define_changes(connection)
        recounted = lies_there(home, ledger, then) and lies_there(home, ledger, now)
        if recounted and _differ(connection):
            count_again(connection, Between(home, ledger, then, now, progress), before.day, after.day)
            define_changes(connection)
        write_changes(connection, out)
        return Comparison(before, after, count_causes(connection), count_new(connection), recounted)


def comparison_text(comparison: Comparison) -> str:
    """Return the summary for people."""
    before, after = comparison.before, comparison.after
    lines = [
        f"截至 as of {before.as_of} → {after.as_of}  所知 known at {before.known_at} → {after.known_at}",
        *(_line(code, counts) for code, counts in comparison.changed.items()),
    ]
    if comparison.changed:
        total = sum(counts[""] for counts in comparison.changed.values())
        lines.append(f"共 {total:,} 个指标值有变 figures changed")
    else:
        lines.append("两次导出的指标值相同 the figures of both exports are the same")
    if comparison.new:
        lines.append(
            f"另有 {comparison.new:,} 个属仅一方所有的期间或指标 more are of periods or indicators that only one has"
        )
    if not comparison.recounted:
        lines.append("状态已按保留规则清理, 原因不可知 a state was swept (docs/retention.md): causes can't be told")
    return "\n".join(lines)


def _line(code: str, counts: dict[str, int]) -> str:
    causes = ", ".join(f"{_WORDS[cause]} {cause} {number:,}" for cause, number in counts.items() if cause and number)
    named = f"{INDICATORS[code].zh} {INDICATORS[code].en}" if code in INDICATORS else ""
    return f"{code} {named}  {counts['']:,}: {causes}"


def _state_of(ledger: Ledger, provenance: Provenance, folder: Path) -> State:
    for each in reversed(published(ledger)):
        if each.build.link_version == provenance.link_version and provenance.is_of(state := state_of(ledger, each)):
            return state
    raise PlainFault(f"不是本机数据目录的导出 not an export of this home: {folder}")


def _differ(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(connection.execute("SELECT 1 FROM figure_change LIMIT 1").fetchall())
