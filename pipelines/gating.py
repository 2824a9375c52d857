"""The gate between cleaning and settling: deliveries whose figures are unusual wait for someone's decision."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Decision, Delivery, Ledger
from quality.gates import Figures, held_because

_STATES = {"release": "accepted", "refuse": "rejected"}
_TOLD = {"release": "放行 released", "refuse": "退回 refused"}


def pass_gate(ledger: Ledger) -> int:
    """Accept the cleaned deliveries or hold them, in the order of their periods; return how many are held."""
    cleaned = sorted(ledger.deliveries("cleaned"), key=lambda d: (d.place, d.delivery_no))
    if not cleaned:
        return 0
    usual: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for delivery in ledger.deliveries("accepted"):
        if delivery.sequence == 1:
            usual[_series(delivery)][delivery.period] = delivery.delivered
    accepted: list[int] = []
    held: dict[int, str] = {}
    for delivery in cleaned:
        known = usual[_series(delivery)]
        first = delivery.sequence == 1
        earlier = [known[period] for period in sorted(known) if period < delivery.period] if first else []
        reason = held_because(Figures(delivery.delivered, delivery.quarantined, earlier))
        if reason:
            held[delivery.delivery_no] = reason
            continue
        accepted.append(delivery.delivery_no)
        if first:
            known[delivery.period] = delivery.delivered
    ledger.pass_gate(accepted, held)
    return len(held)


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
