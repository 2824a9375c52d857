"""Decisions of reviewers: from verdicts on doubts to lasting entries of the ledger, by keys alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from lake.link_decisions import LinkDecision, enter_link_decisions
from pipelines.reviewing.doubt import VERDICTS, Doubt
from pipelines.reviewing.queue import Queue
from pipelines.reviewing.sides import Values, shown, values_of
from pipelines.reviewing.table import Line, fault, unsound

_PERSONAL = {
    "name": 2, "birth_date": 8, "id_no": 6, "near_id_no": 6, "phone": 7, "address": 6, "health_code": 8, "own_no": 4,
}  # fmt: skip
"""The fields that no reason may quote, where the value is at least so long."""


def enter_verdicts(queue: Queue, lines: Sequence[Line], by: str) -> list[LinkDecision]:
    """Enter the verdicts as decisions, all or none, and return them; the next run replays them.

    A doubt that is decided is not decided again here, unless nobody could say. Raises UnsoundVerdicts.
    """
    waiting = {doubt.id: doubt for doubt in queue.doubts if doubt.open or _unsure(doubt)}
    faults = [*_unknown(queue, waiting, lines), *_repeated(lines), *_alike(waiting, lines)]
    if not faults:
        faults = _quoting(queue, waiting, lines)
    if faults:
        raise unsound(faults)
    now = datetime.now()
    decisions = [_decision(waiting[line.doubt], line, by, now) for line in lines]
    enter_link_decisions(queue.ledger, decisions)
    return decisions


def decide_one(queue: Queue, doubt: str, verdict: str, because: str, by: str) -> LinkDecision:
    """Enter a verdict on one doubt, or another one on what was decided before. Raises UnsoundVerdicts."""
    line = Line(0, doubt, verdict, because)
    earlier = {decision.doubt: decision for decision in queue.decisions}
    earlier |= {each.id: each.decided for each in queue.doubts if each.decided}
    if doubt not in earlier or any(waiting.id == doubt for waiting in queue.open):
        return enter_verdicts(queue, [line], by)[0]
    return _revise(queue, earlier[doubt], line, by)


def _revise(queue: Queue, earlier: LinkDecision, line: Line, by: str) -> LinkDecision:
    if line.verdict == "different" and earlier.l == earlier.r:
        raise unsound([_told_alike(line)])
    found = queue.connection.execute(
        """
        SELECT DISTINCT presentation_id::VARCHAR FROM presentations JOIN link_state USING (presentation_id)
        WHERE own_key IN ($l_own, $r_own) AND link_handle(own_key, name_key, birth_date) IN ($l, $r)
        """,
        {"l_own": earlier.l_own, "r_own": earlier.r_own, "l": earlier.l, "r": earlier.r},
    ).fetchall()
    sides = values_of(queue, [(line.doubt, presentation, presentation) for (presentation,) in found])
    if _quotes(line.because, sides.values()):
        raise unsound([_quoted(line)])
    now = datetime.now()
    decision = replace(earlier, verdict=line.verdict, because=line.because, decided_by=by, decided_at=now)
    enter_link_decisions(queue.ledger, [decision])
    return decision


def told(decisions: Sequence[LinkDecision]) -> str:
    """Return how many decisions there are of each verdict."""
    counts: Mapping[str, int] = {verdict: sum(each.verdict == verdict for each in decisions) for verdict in VERDICTS}
    parts = [f"{zh} {en} {counts[verdict]}" for verdict, (zh, en) in VERDICTS.items() if counts[verdict]]
    return ", ".join([f"{len(decisions)} 项结论 verdicts", *parts])


def _unsure(doubt: Doubt) -> bool:
    return doubt.decided is not None and doubt.decided.verdict == "unsure"


def _unknown(queue: Queue, waiting: Mapping[str, Doubt], lines: Iterable[Line]) -> list[str]:
    decided = {doubt.id for doubt in queue.doubts} | {decision.doubt for decision in queue.decisions}
    return [
        fault(line.number, "已有结论", "decided already; yimatong review decide")
        if line.doubt in decided
        else fault(line.number, "队列中没有或不再有此编号", "no doubt of that id is open; export again")
        for line in lines
        if line.doubt not in waiting
    ]


def _repeated(lines: Iterable[Line]) -> list[str]:
    first: dict[str, int] = {}
    return [
        fault(line.number, f"与第 {number} 行编号相同", f"the id of line {number} again")
        for line in lines
        if (number := first.setdefault(line.doubt, line.number)) != line.number
    ]


def _alike(waiting: Mapping[str, Doubt], lines: Iterable[Line]) -> list[str]:
    """Say which lines hold apart what no decision could tell apart: both have one own number, name and birth date."""
    return [
        _told_alike(line)
        for line in lines
        if line.verdict == "different" and line.doubt in waiting and _one_handle(waiting[line.doubt])
    ]


def _one_handle(doubt: Doubt) -> bool:
    return doubt.l.handle == doubt.r.handle


def _told_alike(line: Line) -> str:
    return fault(
        line.number, "两侧编号、姓名、出生日期全同, 无法记为不同人", "alike in own number, name and birth date"
    )


def _quoting(queue: Queue, waiting: Mapping[str, Doubt], lines: Sequence[Line]) -> list[str]:
    """Say which reasons quote a person's value: they are kept outside the vault."""
    reasoned = {line.doubt: line for line in lines if line.because}
    return [
        _quoted(reasoned[each.doubt.id])
        for each in shown(queue, [waiting[doubt] for doubt in reasoned])
        if _quotes(reasoned[each.doubt.id].because, (each.l, each.r))
    ]


def _quoted(line: Line) -> str:
    return fault(line.number, "理由中有个人信息", "its reason quotes a person's value")


def _quotes(because: str, sides: Iterable[Values]) -> bool:
    said = _bare(because)
    return any(
        len(_bare(value)) >= least and _bare(value) in said
        for side in sides
        for field, least in _PERSONAL.items()
        for value in side.get(field, ())
    )


def _bare(text: str) -> str:
    return re.sub(r"[\s\-]", "", text).casefold()


def _decision(doubt: Doubt, line: Line, by: str, now: datetime) -> LinkDecision:
    first, second = sorted(doubt.sides, key=lambda side: side.handle)
    return LinkDecision(
        line.verdict, first.own_key, first.handle, second.own_key, second.handle, doubt.id, doubt.kind,
        doubt.probability, doubt.evidence, line.because, by, now,
    )  # fmt: skip
