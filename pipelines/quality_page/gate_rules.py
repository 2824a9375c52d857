"""The gate's rules as the page shows them: the share that holds a delivery, the rows between which one passes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any

from lake.ledger import Delivery
from quality.gates import EARLIER_PERIODS, JOINING

_RULES = {expectation.id: expectation for expectation in JOINING}
VOLUME = _RULES["delivery.volume"]
MOST_QUARANTINED = _RULES["delivery.quarantined"].most


def bands(deliveries: Iterable[Delivery]) -> list[dict[str, Any]]:
    """Return for the first delivery of each period the rows between which the gate would let it pass by what stands.

    Those are `low` and `high`; there are none while too few earlier periods of its city, feed and mode were accepted.
    """
    series: dict[tuple[str, str, str], dict[str, Delivery]] = defaultdict(dict)
    for delivery in deliveries:
        if delivery.sequence == 1 and delivery.state in ("accepted", "held"):
            known = series[delivery.city, delivery.feed, delivery.mode]
            if delivery.period not in known or delivery.state == "accepted":
                known[delivery.period] = delivery
    found = []
    for known in series.values():
        earlier: list[int] = []
        for period in sorted(known):
            last = earlier[-EARLIER_PERIODS:]
            if len(last) == EARLIER_PERIODS:
                usual, number = median(last), known[period].delivery_no
                found.append({"delivery_no": number, "low": VOLUME.least * usual, "high": VOLUME.most * usual})
            if known[period].state == "accepted":
                earlier.append(known[period].delivered)
    return found
