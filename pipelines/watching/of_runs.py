"""Checks of work: the run that goes on or went last, and pulls from cities' databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from contracts.feeds import FEEDS
from lake import ledger_tables as t
from lake.home import Home
from lake.ledger import Ledger
from lake.pull_outcomes import FAILED, PullOutcome, pull_outcomes
from pipelines.scheduling import places
from pipelines.sources.listed import UnusableSources, read_sources
from pipelines.watching.check import ATTENTION, WELL, Check, Sample
from pipelines.watching.limits import PULL_AGE, RUN_TIME, WATERMARK_AGE
from pipelines.watching.words import age, place, some, told

_DATA_CLOCK = ZoneInfo("Asia/Shanghai")


def run(home: Home, ledger: Ledger, now: datetime) -> Check:
    """Look whether a run works, for how long, and how the last one ended."""
    of = t.run.c
    query = select(of.run_id, of.started_at, of.ended_at, of.status).order_by(of.started_at.desc()).limit(1)
    with ledger.engine.connect() as db:
        last = db.execute(query).first()
    if last is None:
        return Check("run", ATTENTION, "尚未运行; 运行 yimatong run。", "No run yet: yimatong run.")
    if last.status == "running" and home.works(last.run_id):
        return _at_work(last.started_at, now)
    ended = last.ended_at or last.started_at
    failed = Sample("last_run_failed", last.status != "done")
    samples = (Sample("run_working", 0), failed, Sample("last_run_timestamp_seconds", ended.timestamp()))
    zh, en = told(age(ended, now))
    if last.status == "running":
        zh, en = (
            f"{zh}前开始的运行被中断; 再运行即续完。",
            f"The run that began {en} ago was cut off: run again, it goes on.",
        )
    elif last.status == "failed":
        zh, en = f"上次运行失败, {zh}前; 看其日志。", f"The last run failed, {en} ago: its log says why."
    else:
        return Check("run", WELL, f"上次运行完成, {zh}前。", f"The last run was done, {en} ago.", samples)
    return Check("run", ATTENTION, zh, en, samples)


def _at_work(began: datetime, now: datetime) -> Check:
    span = age(began, now)
    samples = (Sample("run_working", 1), Sample("run_started_timestamp_seconds", began.timestamp()))
    zh, en = told(span)
    zh, en = f"运行中, 已 {zh}。", f"A run has been at work for {en}."
    if span < RUN_TIME:
        return Check("run", WELL, zh, en, samples)
    return Check(
        "run", ATTENTION, f"{zh}过久: 看其进程与日志。", f"{en} Too long: look at its process and log.", samples
    )


def pulls(ledger: Ledger, now: datetime) -> Check:
    """Look which pulls from cities' databases fail, which found nothing new for long, which aren't made any more."""
    outcomes = _listed(pull_outcomes(ledger))
    if not outcomes:
        return Check("pulls", WELL, "未从数据库拉取。", "No database is pulled.")
    failing = [each for each in outcomes if each.state == FAILED]
    stuck = [each for each in outcomes if each.state != FAILED and _stuck(each)]
    idle = [each for each in outcomes if age(each.tried_at, now) > PULL_AGE]
    zh, en = [], []
    if failing:
        of_zh, of_en = told(age(min(each.failing_since or each.tried_at for each in failing), now))
        zh.append(f"拉取失败 {len(failing)} 项, 最久 {of_zh}; 查看其数据库与账号。")
        en.append(f"{len(failing)} pulls fail, the longest for {of_en}: look at the database and its account.")
    if stuck:
        zh.append(f"{len(stuck)} 项逾 {WATERMARK_AGE.days} 天无新行; 问地市是否仍更新 updated_at。")
        en.append(f"{len(stuck)} found no new row for {WATERMARK_AGE.days} days: does the city set updated_at?")
    if idle:
        zh.append(f"{len(idle)} 项逾 {PULL_AGE.days} 天未拉取; 查看定时。")
        en.append(f"{len(idle)} were not tried for {PULL_AGE.days} days: look at the schedule.")
    samples = _samples(outcomes, len(failing))
    if not zh:
        return Check("pulls", WELL, f"{len(outcomes)} 项拉取正常。", f"All {len(outcomes)} pulls work.", samples)
    where = some(f"{place(each.city, each.feed)} {each.reason}".strip() for each in [*failing, *stuck, *idle])
    return Check("pulls", ATTENTION, "".join(zh), " ".join(en), samples, where)


def _listed(outcomes: list[PullOutcome]) -> list[PullOutcome]:
    """Leave out what the file of sources lists no longer, or never did; nothing where none is named or readable."""
    file = places.sources()
    if file is None:
        return outcomes
    try:
        listed = {(source.city, feed.name) for source in read_sources(file) for feed in source.feeds}
    except UnusableSources:  # pulls say so themselves; what they left is still to be told
        return outcomes
    return [each for each in outcomes if (each.city, each.feed) in listed]


def _stuck(outcome: PullOutcome) -> bool:
    feed = FEEDS.get(outcome.feed)
    if feed is None or not feed.keeps_coming or outcome.done_at is None or outcome.read_to is None:
        return False
    return outcome.done_at.timestamp() - _instant(outcome.read_to) > WATERMARK_AGE.total_seconds()


def _instant(by_the_data: datetime) -> float:
    return by_the_data.replace(tzinfo=_DATA_CLOCK).timestamp()


def _samples(outcomes: Sequence[PullOutcome], failing: int) -> tuple[Sample, ...]:
    samples = [Sample("pulls_failing", failing)]
    for each in outcomes:
        times = {
            "pull_done_timestamp_seconds": each.done_at and each.done_at.timestamp(),
            "pull_failing_since_timestamp_seconds": each.failing_since and each.failing_since.timestamp(),
            "pull_last_rows_timestamp_seconds": each.read_to and _instant(each.read_to),
        }
        samples += [Sample(name, time, each.city, each.feed) for name, time in times.items() if time]
    return tuple(samples)
