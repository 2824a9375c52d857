"""Which cases kill which mutants of the row checks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.feeds import FEEDS
from lake.engine import connect
from quality.checks import row_checks

from .contract_cases import all_cases
from .judged import Rows, Verdict, unregistered
from .mutants import KINDS, Mutant, mutants, register_mutants
from .quality_cases import OF_REGISTER, WARNINGS

ALL_KINDS = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class Killed:
    """A mutant, how many cases fail under it, and why none can where it is the same as its check."""

    mutant: Mutant
    by: int
    same_because: str


def expected(found: Iterable[str]) -> Verdict:
    """Return the verdict on a row that fails these checks."""
    failing = frozenset(found)
    return failing, bool(failing - WARNINGS)


def kill(kinds: frozenset[str] = ALL_KINDS) -> Iterator[Killed]:
    """Run the cases of every feed under every mutant of these kinds."""
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as engine:
        for name, cases in all_cases().items():
            feed = FEEDS[name]
            rows = Rows(engine, feed, [row for row, _ in cases])
            verdicts = [expected(found) for _, found in cases]
            chosen = [mutant for mutant in mutants(feed) if mutant.kind in kinds]
            swaps = [(mutant.check, mutant.mutated) for mutant in chosen]
            for mutant, found in zip(chosen, rows.verdicts_under(row_checks(feed), swaps), strict=True):
                by = sum(now != should for now, should in zip(found, verdicts, strict=True))
                yield Killed(mutant, by, same_because(mutant))
            for mutant in register_mutants(feed):
                if mutant.kind in kinds:
                    hits = [unregistered(engine, mutant.mutated, case) for case in OF_REGISTER]
                    by = sum(now != case.found for now, case in zip(hits, OF_REGISTER, strict=True))
                    yield Killed(mutant, by, "")


def same_because(mutant: Mutant) -> str:
    """Return why a mutant judges every row as its check does; empty where it doesn't."""
    if mutant.kind == "spelling" and not mutant.check.of_spelling:
        return "a value that parses is the same when it is read again, folded"
    if mutant.kind == "deletion" and mutant.check.column == "op":
        return "a row whose op is missing or outside its set is no deletion"
    return _IMPLIED.get(mutant.check.id, "") if mutant.kind == "severity" else ""


_IMPLIED = {
    **{
        f"{feed}.birth_date.future": "one born after the extraction was born after the event, or the event is at fault"
        for feed in ("ehr", "emr", "insurance")
    },
    "code_usage.scans.range": "fewer than no scans have fewer than no failures, or more failures than scans",
}
"""Checks whose rows always fail another error too, and why."""
