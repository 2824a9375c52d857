"""The health of a home: every check once, each by itself, reading alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.ledger import Ledger
from pipelines.quality_page.standing import standing_of
from pipelines.watching import of_flow, of_home, of_ledger, of_runs
from pipelines.watching.check import BROKEN, UNSEEN, WELL, Check, Sample


def health_of(home: Home, inbox: Path | None, now: datetime) -> list[Check]:
    """Return what was found of a home, and of an inbox where one is named; `now` is by the machine's clock.

    Nothing is written and no run is waited for. A check that fails itself is told as broken, by type and place.
    """
    if not (home.root / "vault").exists():
        return [Check("home", BROKEN, "数据目录不在; 是否未挂载?", "The home is not there: is it mounted?")]
    checks = [_guarded("disk", lambda: of_home.disk(home)), _guarded("secret", lambda: of_home.secret(home))]
    try:
        with without_values(), closing(Ledger(home.ledger_url, reading=True)) as ledger:
            ledger.last_build()
            return [_UP, *checks, *_by_ledger(home, ledger, inbox, now)]
    except PlainFault as fault:
        return [_down(fault), *checks]


def _by_ledger(home: Home, ledger: Ledger, inbox: Path | None, now: datetime) -> list[Check]:
    checks: dict[str, Callable[[], Check]] = {
        "run": lambda: of_runs.run(home, ledger, now),
        "behind": lambda: of_flow.behind(ledger, now),
        "build": lambda: of_ledger.build(ledger, now),
        "warehouse": lambda: of_home.warehouse(home, ledger),
        "conservation": lambda: of_ledger.conservation(ledger),
        "access_log": lambda: of_ledger.access_log(home, ledger),
        "pulls": lambda: of_runs.pulls(ledger, now),
        "doubts": lambda: of_ledger.doubts(ledger),
    }
    if inbox is not None:
        checks["inbox"] = lambda: of_home.inbox(home, ledger, inbox, now)
    found = [_guarded(name, check) for name, check in checks.items()]
    try:
        with without_values():
            standing = standing_of(ledger)
            found += [check(standing) for check in (of_ledger.held, of_ledger.refused, of_ledger.late)]
    except PlainFault as fault:
        found.append(_failed("late", fault))
    return found


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        with without_values(PermissionError):
            return check()
    except PermissionError:
        return Check(name, UNSEEN, "无权查看。", "Not looked at: this user may not.")
    except PlainFault as fault:
        return _failed(name, fault)


def _failed(name: str, fault: PlainFault) -> Check:
    return Check(name, BROKEN, "未能查看。", "It could not be looked at.", (), str(fault))


_UP = Check("ledger", WELL, "台账可读。", "The ledger can be read.", (Sample("ledger_up", 1),))


def _down(fault: PlainFault) -> Check:
    zh = "台账不可读; 查看其数据库、地址与权限。"
    en = "The ledger can't be read: look at its database, address and permissions."
    return Check("ledger", BROKEN, zh, en, (Sample("ledger_up", 0),), str(fault))
