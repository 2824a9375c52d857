"""The gate between cleaning and settling: deliveries whose figures are unusual wait for someone's decision."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.feeds import FEEDS
from lake.faults import PlainFault
from lake.home import Home
from lake.judgements import Judgement, keep_judgements
from lake.ledger import Decision, Delivery, Ledger
from pipelines.selection import EVERYTHING, Selection
from quality.checks import Severity, row_checks
from quality.gates import Figures, Found, judge_deliveries, judge_rates
from quality.judge import Verdict

_STATES = {"release": "accepted", "refuse": "rejected"}
_TOLD = {"release": "放行 released", "refuse": "退回 refused"}
_Volumes = Mapping[tuple[str, str, str], Mapping[str, int]]


def pass_gate(ledger: Ledger, selection: Selection = EVERYTHING) -> int:
    """Accept the cleaned deliveries or hold them, in the order of their periods; return how many are held."""
    cleaned = sorted(filter(selection.takes, ledger.deliveries("cleaned")), key=lambda d: (d.place, d.delivery_no))
    if not cleaned:
        return 0
    verdicts = _judge_in_order(cleaned, ledger.deliveries("accepted"))
    held = reasons(verdicts)
    keep_verdicts(ledger, "delivery", [*verdicts, *judge_rates(_warned(ledger, cleaned))])
    ledger.pass_gate([d.delivery_no for d in cleaned if d.delivery_no not in held], held)
    return len(held)


def reasons(verdicts: Iterable[Verdict]) -> dict[int, str]:
    """Return why each subject that a verdict refuses is refused, in both languages."""
    told: dict[int, list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.refuses:
            told[verdict.subject].append(verdict.told)
    return {subject: "; ".join(parts) for subject, parts in told.items()}


def keep_verdicts(ledger: Ledger, gate: str, verdicts: Iterable[Verdict]) -> None:
    """Enter verdicts in the ledger in the place of earlier ones on the same subjects."""
    now = datetime.now()
    keep_judgements(ledger, [
        Judgement(
            gate, v.subject, v.expectation.id, v.state, v.judged, v.beyond,
            v.observed if math.isfinite(v.observed) else None, v.told, now,
        )
        for v in verdicts
    ])  # fmt: skip


def _judge_in_order(cleaned: Sequence[Delivery], accepted: Sequence[Delivery]) -> list[Verdict]:
    """Return the verdicts on cleaned deliveries, in their order: what passes is usual for the periods after it.

    All are judged together as if each passed; only those that follow a held one in its series are judged again.
    """
    final: list[Verdict] = []
    held: set[int] = set()
    todo = list(cleaned)
    while todo:
        usual = _volumes([*accepted, *(d for d in cleaned if d.delivery_no not in held)])
        verdicts = judge_deliveries([(d.delivery_no, _figures(d, usual)) for d in todo])
        refused = reasons(verdicts)
        again: list[Delivery] = []
        changed = set()
        for delivery in todo:
            if _series(delivery) in changed:
                again.append(delivery)
            elif delivery.delivery_no in refused:
                held.add(delivery.delivery_no)
                if delivery.sequence == 1:
                    changed.add(_series(delivery))
        numbers = {delivery.delivery_no for delivery in again}
        final += [verdict for verdict in verdicts if verdict.subject not in numbers]
        todo = again
    return final


def _volumes(deliveries: Iterable[Delivery]) -> _Volumes:
    """Return the rows of the first delivery of each period, by series."""
    volumes: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for delivery in deliveries:
        if delivery.sequence == 1:
            volumes[_series(delivery)][delivery.period] = delivery.delivered
    return volumes


def _figures(delivery: Delivery, usual: _Volumes) -> Figures:
    known = usual.get(_series(delivery), {}) if delivery.sequence == 1 else {}
    earlier = [known[period] for period in sorted(known) if period < delivery.period]
    return Figures(delivery.delivered, delivery.quarantined, earlier)


def _warned(ledger: Ledger, deliveries: Sequence[Delivery]) -> list[Found]:
    """Return how many rows of these deliveries each warning check found."""
    warnings = {c.id for feed in FEEDS.values() for c in row_checks(feed) if c.severity is Severity.WARNING}
    delivered = {delivery.delivery_no: delivery.delivered for delivery in deliveries}
    return [
        Found(number, found["check_id"], found["rows"], delivered[number])
        for found in ledger.check_results(min(delivered))
        if (number := found["delivery_no"]) in delivered and found["check_id"] in warnings
    ]


def held_deliveries(home: Home) -> list[dict[str, Any]]:
    """Return what the gate holds: id, delivered, accepted, quarantined, duplicates (as they would be), reason."""
    ledger = Ledger(home.ledger_url)
    try:
        return [
            {
                "id": d.folder, "delivered": d.delivered, "accepted": d.accepted, "quarantined": d.quarantined,
                "duplicates": d.duplicates, "reason": d.reason,
            }
            for d in ledger.deliveries("held")
        ]  # fmt: skip
    finally:
        ledger.close()


def decide(home: Home, name: str, action: str, because: str, by: str) -> None:
    """Release or refuse the held delivery in that folder (city/feed/period/sequence).

    The next run takes a released one in. Raises PlainFault where no such delivery is held.
    """
    ledger = Ledger(home.ledger_url)
    try:
        for delivery in ledger.deliveries("held"):
            if delivery.folder == name:
                decision = Decision(delivery.delivery_no, delivery.reason, action, because, by, datetime.now())
                told = f"{_TOLD[action]} · {by}: {because} · {delivery.reason}"
                if ledger.decide(decision, _STATES[action], told):
                    return
    finally:
        ledger.close()
    raise PlainFault(f"没有待决的交付 no such delivery is held: {name}; yimatong gate list")


def _series(delivery: Delivery) -> tuple[str, str, str]:
    return delivery.city, delivery.feed, delivery.mode
