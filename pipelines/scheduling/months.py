"""Which months wait for the next step, from the ledger alone: a task that was killed and runs again tells the same."""

from __future__ import annotations

from contracts.feeds import FEEDS
from lake.ledger import Ledger
from pipelines import live
from pipelines.selection import Selection


def joined(ledger: Ledger, selection: Selection) -> list[str]:
    """Return the months of selected deliveries that no registry (of persons) or build (of others) stands on yet."""
    linked, built = _linked(ledger), _built(ledger)
    return sorted(
        {
            d.period
            for d in ledger.deliveries("accepted")
            if d.settled
            and selection.takes(d)
            and d.settled > (linked if FEEDS[d.feed].is_person else built).get((d.feed, d.city), 0)
        }
    )


def newest(ledger: Ledger) -> list[str]:
    """Return the newest month with an accepted delivery, where there is one."""
    return sorted({d.period for d in ledger.deliveries("accepted")})[-1:]


def all_linked(ledger: Ledger) -> bool:
    """Say whether the registry stands on the newest live rows of persons."""
    return live.only_persons(live.current_versions(ledger)) == _linked(ledger)


def all_built(ledger: Ledger) -> bool:
    """Say whether there is a build, and it stands on the newest live rows."""
    return ledger.last_build() is not None and _built(ledger) == live.current_versions(ledger)


def _linked(ledger: Ledger) -> dict[tuple[str, str], int]:
    versions = ledger.link_versions()
    return ledger.link_inputs(versions[-1].version) if versions else {}


def _built(ledger: Ledger) -> dict[tuple[str, str], int]:
    last = ledger.last_build()
    return ledger.build_inputs(last.build_no) if last else {}
