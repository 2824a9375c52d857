"""Checks of what the ledger says about data: rows, builds, what is held or refused, who is late, doubts, the log."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from lake.audit import holds_what_was_noted
from lake.home import Home
from lake.judgements import judgements
from lake.ledger import Ledger
from pipelines.quality_page.standing import Standing
from pipelines.status import conservation_of
from pipelines.watching.check import ATTENTION, BROKEN, WELL, Check, Sample
from pipelines.watching.limits import BUILD_AGE
from pipelines.watching.words import age, known_city, known_feed, place, some, told


def conservation(ledger: Ledger) -> Check:
    """Look whether every delivered row is accounted for."""
    broken = conservation_of(ledger.deliveries(), ledger)["broken"]
    samples = (Sample("rows_conserved", not broken),)
    if not broken:
        return Check("conservation", WELL, "行数守恒。", "Rows are conserved.", samples)
    zh = f"行数不守恒 {len(broken)} 处; 见 yimatong status, 勿据此公布。"
    en = f"Rows are not conserved in {len(broken)} places: see yimatong status; publish nothing on them."
    return Check("conservation", BROKEN, zh, en, samples)


def build(ledger: Ledger, now: datetime) -> Check:
    """Look how old the last build is, and whether the gate holds the one that was to follow."""
    last = ledger.last_build()
    number = last.build_no if last else 0
    refused = [each for each in judgements(ledger, "build") if each.state == "refused" and each.subject > number]
    samples = [Sample("build_held", bool(refused))]
    if last:
        samples.append(Sample("last_build_timestamp_seconds", last.built_at.timestamp()))
    if refused:
        since = min(each.judged_at for each in refused)
        samples.append(Sample("build_held_since_timestamp_seconds", since.timestamp()))
        zh, en = told(age(since, now))
        zh = f"闸门扣住第 {number + 1} 次构建已 {zh}, 仍用上次发布; 查清数据后再运行。"
        en = f"The gate has held build {number + 1} for {en}, the last published stays: clear it up, then run again."
        return Check("build", ATTENTION, zh, en, tuple(samples), refused[0].told)
    if last is None:
        return Check("build", ATTENTION, "尚无构建; 运行 yimatong run。", "No build yet: yimatong run.", tuple(samples))
    old = age(last.built_at, now)
    zh, en = told(old)
    zh, en = f"第 {number} 次构建, {zh}前, 截至 {last.as_of}。", f"Build {number}, {en} ago, as of {last.as_of}."
    if old < BUILD_AGE:
        return Check("build", WELL, zh, en, tuple(samples))
    zh, en = f"{zh}是否无人交付, 或流程已停?", f"{en} Does nobody deliver, or has the schedule stopped?"
    return Check("build", ATTENTION, zh, en, tuple(samples))


def held(standing: Standing) -> Check:
    """Look which deliveries the gate holds, and since when."""
    rows = standing.held
    if not rows:
        return Check("held", WELL, "无暂缓的交付。", "No delivery is held.", (Sample("held_deliveries", 0),))
    counts = Counter((row["city"], row["feed"]) for row in rows)
    samples = tuple(Sample("held_deliveries", count, *of) for of, count in sorted(counts.items()))
    since = min((row["since"] for row in rows if row["since"]), default="—")
    zh = f"暂缓 {len(rows)} 份, 最早自 {since}; 用 yimatong gate 放行或退回。"
    en = f"{len(rows)} held deliveries, the first since {since}: yimatong gate release or refuse."
    return Check("held", ATTENTION, zh, en, samples, some(row["folder"] for row in rows))


def refused(standing: Standing) -> Check:
    """Look which deliveries were refused and not corrected since."""
    rows = [row for row in standing.rejected if not row["answered"]]
    if not rows:
        none = (Sample("refused_deliveries", 0),)
        return Check("refused", WELL, "无未更正的拒收。", "No refused delivery waits for a correction.", none)
    counts = Counter((known_city(row["city"]), known_feed(row["feed"])) for row in rows)
    samples = tuple(Sample("refused_deliveries", count, *of) for of, count in sorted(counts.items()))
    zh = f"拒收未更正 {len(rows)} 份; 请地市按回执更正, 用新序号重交。"
    en = f"{len(rows)} refused deliveries without a correction: the receipt says why, the city sends a new sequence."
    return Check("refused", ATTENTION, zh, en, samples, some(place(*of) for of in sorted(counts)))


def late(standing: Standing) -> Check:
    """Look which city lacks the month that is due of which feed, by the rule of the quality page."""
    rows, due = standing.overdue, standing.due or "—"
    samples: tuple[Sample, ...] = (
        *(Sample("late", 1, row["city"], row["feed"]) for row in rows),
        Sample("late_feeds", len(rows)),
    )
    if not rows:
        return Check("late", WELL, f"应交 {due}, 无逾期。", f"Nobody is late with {due}.", samples)
    zh, en = (
        f"应交 {due}, 逾期 {len(rows)} 项; 请催交。",
        f"{len(rows)} feeds due for {due} have not come: ask the cities.",
    )
    return Check("late", ATTENTION, zh, en, samples, some(place(row["city"], row["feed"]) for row in rows))


def doubts(ledger: Ledger) -> Check:
    """Tell how many doubts the last linking left to reviewers; a queue is seldom empty, so it is never amiss."""
    versions = ledger.link_versions()
    left = int(json.loads(versions[-1].counts).get("doubts", 0)) if versions else 0
    zh, en = f"上次关联留下 {left} 处存疑; 见 yimatong review list。", f"The last linking left {left} doubts to review."
    return Check("doubts", WELL, zh, en, (Sample("doubts", left),))


def access_log(home: Home, ledger: Ledger) -> Check:
    """Look whether the access log still ends as the ledger knows; its whole chain is for `audit verify`."""
    sound = holds_what_was_noted(home, ledger)
    samples = (Sample("access_log_sound", sound),)
    if sound:
        return Check("access_log", WELL, "访问日志与台账相符。", "The access log ends as the ledger knows.", samples)
    zh = "访问日志与台账不符; 运行 yimatong audit verify, 保全现场。"
    en = "The access log is not what the ledger knows: yimatong audit verify, and keep both as they are."
    return Check("access_log", BROKEN, zh, en, samples)
