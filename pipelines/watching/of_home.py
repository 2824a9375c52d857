"""Checks of what lies on the disk: room, the secret, the published warehouse, the inbox."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from lake.faults import PlainFault
from lake.home import Home
from lake.keyring import VAULT
from lake.ledger import Ledger
from pipelines.scheduling.look import Look
from pipelines.watching.check import ATTENTION, BROKEN, UNSEEN, WELL, Check, Sample
from pipelines.watching.limits import DISK_FULL, DISK_LOW, INBOX_WAIT
from pipelines.watching.words import age, known_city, known_feed, place, some, told


def disk(home: Home) -> Check:
    """Look at the room on the home's disk."""
    use = shutil.disk_usage(home.root)
    free = use.free / use.total
    samples = (Sample("disk_free_bytes", use.free), Sample("disk_size_bytes", use.total))
    zh, en = f"磁盘可用 {free:.0%}。", f"{free:.0%} of the disk is free."
    if free >= DISK_LOW:
        return Check("disk", WELL, zh, en, samples)
    state = BROKEN if free < DISK_FULL else ATTENTION
    return Check("disk", state, f"{zh}运行 yimatong sweep, 或扩容。", f"{en} Run yimatong sweep, or add room.", samples)


def secret(home: Home) -> Check:
    """Look whether the master secret opens the key ring, where this process has been given one."""
    ring = home.keyring
    given = any(os.environ.get(name) for name in ("YIMATONG_SECRET", "YIMATONG_SECRET_FILE"))
    if not given and not (ring.folder / "secret").exists():
        return Check("secret", UNSEEN, "未提供主密钥, 未核对。", "Not looked at: this process has no master secret.")
    usable, unusable = (Sample("secret_usable", 1),), (Sample("secret_usable", 0),)
    try:
        ring.key(VAULT)
    except PlainFault as fault:
        zh, en = "主密钥打不开密钥环, 运行会失败。", "The master secret does not open the key ring: runs will fail."
        return Check("secret", BROKEN, zh, en, unusable, str(fault))
    if ring.is_beside_its_secret:
        zh = "主密钥与数据同处; 请移往别处并设 YIMATONG_SECRET_FILE。"
        en = "The master secret lies beside the data: move it, and set YIMATONG_SECRET_FILE."
        return Check("secret", ATTENTION, zh, en, usable)
    return Check("secret", WELL, "主密钥可用。", "The master secret opens the key ring.", usable)


def warehouse(home: Home, ledger: Ledger) -> Check:
    """Open the published warehouse, read-only, and see that it is the last build's."""
    last = ledger.last_build()
    up, down = (Sample("warehouse_up", 1),), (Sample("warehouse_up", 0),)
    if last is None:
        return Check(
            "warehouse", ATTENTION, "尚未发布; 运行 yimatong run。", "Nothing is published: yimatong run.", down
        )
    try:
        with duckdb.connect(str(home.warehouse), read_only=True, config={"threads": 1}) as connection:
            connection.execute("SELECT 1 FROM indicator_value LIMIT 1")
            ((made_by,),) = connection.execute("SELECT run_id FROM build_info").fetchall()
    except (duckdb.Error, OSError):
        zh = "已发布的仓库打不开; 再运行 yimatong run 即重新链接, 仍不行则由备份恢复。"
        en = "The published warehouse does not open: yimatong run links it anew; else restore it from the backup."
        return Check("warehouse", BROKEN, zh, en, down)
    if made_by != last.run_id:
        zh, en = (
            "已发布的不是最后一次构建; 再运行即更正。",
            "What is published isn't the last build: yimatong run again.",
        )
        return Check("warehouse", ATTENTION, zh, en, up)
    return Check("warehouse", WELL, "已发布的仓库可打开。", "The published warehouse opens.", up)


def inbox(home: Home, ledger: Ledger, folder: Path, now: datetime) -> Check:
    """Look which manifests in the inbox wait to be landed, and since when."""
    if not folder.is_dir():
        return Check("inbox", BROKEN, "收件目录不在; 是否未挂载?", "The inbox is not there: is it mounted?")
    waiting = Look(folder, home.root, ledger).manifests()
    if not waiting:
        samples: tuple[Sample, ...] = (Sample("inbox_waiting", 0),)
        return Check("inbox", WELL, "收件目录无待收交付。", "No delivery waits in the inbox.", samples)
    oldest = datetime.fromtimestamp(min(changed for _, changed, _ in waiting) / 1e9)
    counts: dict[tuple[str, str], int] = {}
    for (path, *_), (feed, _month) in waiting.items():
        of = known_city(Path(path).parts[-5]), known_feed(feed)
        counts[of] = counts.get(of, 0) + 1
    samples = (
        *(Sample("inbox_waiting", count, *of) for of, count in sorted(counts.items())),
        Sample("inbox_oldest_timestamp_seconds", oldest.timestamp()),
    )
    waited = age(oldest, now)
    (zh_span, en_span), listed = told(waited), some(place(*of) for of in sorted(counts))
    zh = f"收件目录有 {len(waiting)} 份待收, 最久 {zh_span}。"
    en = f"{len(waiting)} deliveries wait in the inbox, the longest for {en_span}."
    if waited < INBOX_WAIT:
        return Check("inbox", WELL, zh, en, samples, listed)
    return Check("inbox", ATTENTION, f"{zh}运行 yimatong run, 或查看接收流程。",
                 f"{en} Run yimatong run, or look at the intake Dags.", samples, listed)  # fmt: skip
