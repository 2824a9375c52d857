"""The check of what doesn't go on: taken in, but not cleaned, settled, linked or published, though runs end well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lake import ledger_tables as t
from lake.ledger import Ledger
from pipelines.live import current_versions, only_persons
from pipelines.watching.check import ATTENTION, WELL, Check, Sample
from pipelines.watching.limits import BEHIND
from pipelines.watching.words import age, place, some, told

_Place = tuple[str, str]
_STAGES = {
    "clean": ("清洗", "to be cleaned"),
    "settle": ("定版", "to be settled"),
    "link": ("关联", "to be linked"),
    "publish": ("发布", "to be published"),
}
_BEGAN = func.coalesce(t.run.c.ended_at, t.run.c.started_at)


@dataclass(frozen=True, slots=True)
class _Wait:
    place: _Place
    stage: str
    since: datetime


def behind(ledger: Ledger, now: datetime) -> Check:
    """Look what waits between intake and publication, for what, and since when; the newest run alone hides it."""
    waits = [*_unsettled(ledger, now), *_unpublished(ledger, now)]
    if not waits:
        none = (Sample("behind_feeds", 0),)
        return Check("behind", WELL, "所收均已发布。", "All that was taken in is published.", none)
    stage_of = {wait.place: wait.stage for wait in sorted(waits, key=lambda each: -list(_STAGES).index(each.stage))}
    oldest = min(wait.since for wait in waits)
    counts, waited = Counter(stage_of.values()), age(oldest, now)
    of_zh, of_en = told(waited)
    for_zh = ", ".join(f"待{word} {counts[stage]}" for stage, (word, _) in _STAGES.items() if counts[stage])
    for_en = ", ".join(f"{counts[stage]} {words}" for stage, (_, words) in _STAGES.items() if counts[stage])
    zh = f"{len(stage_of)} 项 (类 × 地市) 滞留: {for_zh}, 最久 {of_zh}。"
    en = f"{len(stage_of)} feeds × cities wait, the longest for {of_en}: {for_en}."
    samples = (Sample("behind_feeds", len(stage_of)), Sample("behind_since_timestamp_seconds", oldest.timestamp()))
    where = some(place(city, feed) for feed, city in sorted(stage_of))
    if waited < BEHIND:
        return Check("behind", WELL, zh, en, samples, where)
    zh = f"{zh}查看失败的任务与 build 一项, 或运行 yimatong run。"
    en = f"{en} Look at the failed task and at `build`, or run yimatong run."
    return Check("behind", ATTENTION, zh, en, samples, where)


def _unsettled(ledger: Ledger, now: datetime) -> Iterator[_Wait]:
    """Find deliveries that are not settled: since they were met, let go by the gate, or judged again."""
    of = t.delivery.c
    query = (
        select(of.feed, of.city, of.state, of.settled, of.batch, _BEGAN.label("met"), t.decision.c.decided_at)
        .outerjoin(t.run, t.run.c.run_id == of.run_id)
        .outerjoin(t.decision, t.decision.c.delivery_no == of.delivery_no)
        .where(of.state.in_(("landed", "cleaned")) | ((of.state == "accepted") & (func.coalesce(of.settled, 0) == 0)))
    )
    judged_again = select(func.max(_BEGAN)).join(t.step, t.step.c.run_id == t.run.c.run_id)
    with ledger.engine.connect() as db:
        rows = db.execute(query).all()
        again = db.execute(judged_again.where(t.step.c.step == "requalify")).scalar() if rows else None
    for row in rows:
        requalified = row.settled == 0 or (row.batch or "").count("-") > 1
        times = [row.met, row.decided_at, again if requalified else None]
        stage = "settle" if row.state == "accepted" else "clean"
        yield _Wait((row.feed, row.city), stage, max((time for time in times if time), default=now))


def _unpublished(ledger: Ledger, now: datetime) -> Iterator[_Wait]:
    """Find live indexes that the last build, or the registry before it, doesn't stand on."""
    last, links, current = ledger.last_build(), ledger.link_versions(), current_versions(ledger)
    built = ledger.build_inputs(last.build_no) if last else {}
    if current == built:
        return
    linked = ledger.link_inputs(links[-1].version) if links else {}
    since = _since(ledger, built)
    for of, version in current.items():
        if built.get(of) != version:
            unlinked = bool(only_persons({of: version})) and linked.get(of) != version
            yield _Wait(of, "link" if unlinked else "publish", since.get(of, now))


def _since(ledger: Ledger, built: Mapping[_Place, int]) -> dict[_Place, datetime]:
    """Return when the first live index was made that these lack: newer ones don't make the wait any shorter."""
    of = t.live_version.c
    query = select(of.feed, of.city, of.version, _BEGAN).join(t.run, t.run.c.run_id == of.run_id)
    with ledger.engine.connect() as db:
        rows = db.execute(query.order_by(of.version.desc())).all()
    return {(feed, city): at for feed, city, version, at in rows if version > built.get((feed, city), 0)}
