"""The assets that move the journey from Dag to Dag; those of months are partitioned by them, as YYYY-MM."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from airflow.sdk import Asset, AssetWatcher

from contracts.feeds import FEEDS
from pipelines.scheduling import places
from pipelines.scheduling.manifest_trigger import ManifestTrigger


def _delivered(feed: str) -> Asset:
    trigger = ManifestTrigger(feed=feed, inbox=str(places.inbox()), home=str(places.home().root))
    watcher = AssetWatcher(name=f"yimatong_{feed}_manifests", trigger=trigger)
    return Asset(
        name=f"yimatong_delivered_{feed}", uri=f"yimatong://inbox/{feed}", group="yimatong", watchers=[watcher]
    )


DELIVERED = {feed: _delivered(feed) for feed in FEEDS}
"""The manifests of each feed in the inbox, watched; an event names the months."""

ACCEPTED = {
    feed: Asset(name=f"yimatong_accepted_{feed}", uri=f"yimatong://accepted/{feed}", group="yimatong") for feed in FEEDS
}
"""The accepted rows of each feed, by month of delivery."""

REGISTRY = Asset(name="yimatong_registry", uri="yimatong://registry", group="yimatong")
"""Who is who, by the month whose rows were linked."""

DECISIONS = Asset(name="yimatong_decisions", uri="yimatong://decisions", group="yimatong")
"""What reviewers decided, by the newest month delivered."""

MODEL = Asset(name="yimatong_model", uri="yimatong://model", group="yimatong")
"""The home's own model of linkage, by the newest month delivered."""

PUBLISHED = Asset(name="yimatong_published", uri="yimatong://published", group="yimatong")
"""The published warehouse, by the month that its figures reach: one event a build."""

EXPORTS = Asset(name="yimatong_exports", uri="yimatong://exports", group="yimatong")
"""Approved exports, by the month that their figures reach."""

_PERSONS = [ACCEPTED[name] for name, feed in FEEDS.items() if feed.is_person]
_OTHERS = [ACCEPTED[name] for name, feed in FEEDS.items() if not feed.is_person]

LINKED_FROM = [*_PERSONS, DECISIONS, MODEL]
"""What the registry follows from."""

TO_LINK = reduce(or_, LINKED_FROM)
"""Any of that."""

TO_PUBLISH = reduce(or_, [*_OTHERS, REGISTRY])
"""Any of what moves the warehouse; rows about persons do so by the registry."""

PUBLISHED_FROM = [*ACCEPTED.values(), REGISTRY]
"""What the warehouse is made of."""

TRAINED_FROM = _PERSONS
"""What the model is counted on."""


def builds_of(events: Any) -> set[int]:
    """Return the builds that a run was started for, from its triggering events; none of a run by hand."""
    return {event.extra["build"] for event in events.get(PUBLISHED, ()) if "build" in event.extra}
