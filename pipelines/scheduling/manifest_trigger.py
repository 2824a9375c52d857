"""The trigger that watches an inbox: it tells of a feed's deliveries that wait for an intake."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Hashable
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from pipelines.scheduling.look import Look, Stamp

_log = logging.getLogger("yimatong.dags")


class ManifestTrigger(BaseEventTrigger):
    """Tell of each new or changed manifest of a feed, and each held delivery that is released, once; delete nothing.

    The triggers of all feeds share one look at the inbox. After a restart those that still wait are told again. An
    event holds the feed and its months alone.
    """

    def __init__(self, *, feed: str, inbox: str, home: str, seconds: float = 30.0) -> None:
        super().__init__()
        self.feed = feed
        self.inbox = inbox
        self.home = home
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return what it is made from."""
        kwargs = {"feed": self.feed, "inbox": self.inbox, "home": self.home, "seconds": self.seconds}
        return f"{__name__}.{type(self).__name__}", kwargs

    def shared_stream_key(self) -> Hashable | None:
        """Return what the triggers that share one look have in common."""
        return ("yimatong-manifests", self.inbox, self.home, self.seconds)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """Give, at each look, all that waits: a trigger that comes late misses nothing."""
        look = Look(Path(kwargs["inbox"]), Path(kwargs["home"]))
        while True:
            try:
                waiting = await asyncio.to_thread(look.waiting)
            except Exception as error:  # such as the ledger's database away; a trigger that fails is not started again
                _log.warning("未能查看收件目录 could not look at the inbox: %s", type(error).__qualname__)
            else:
                yield waiting
            await asyncio.sleep(kwargs["seconds"])

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Any]) -> AsyncIterator[TriggerEvent]:
        """Tell of what waits for this feed and wasn't told before."""
        told: set[Stamp] = set()
        async for waiting in shared_stream:
            of_feed = {manifest: month for manifest, (feed, month) in waiting.items() if feed == self.feed}
            fresh = of_feed.keys() - told
            told = set(of_feed)
            if fresh:
                months = sorted({of_feed[manifest] for manifest in fresh} - {""})
                yield TriggerEvent({"feed": self.feed, "months": months})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look alone, where no look is shared."""
        async for event in self.filter_shared_stream(self.open_shared_stream(self.serialize()[1])):
            yield event
