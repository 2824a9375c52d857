"""What is told when a task fails or a deadline passes: a plain line with Dag, task, months and reason, no values."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from lake.faults import PlainFault
from pipelines.selection import MONTH

_log = logging.getLogger("yimatong.dags")


def failed(context: Mapping[str, Any]) -> None:
    """Tell that a task failed, for good."""
    task = context["task_instance"]
    index = getattr(task, "map_index", -1)
    name = task.task_id if index in (None, -1) else f"{task.task_id}[{index}]"
    months = context.get("partition_key") or (context.get("params") or {}).get("period")
    _log.error(line("失败 failed", task.dag_id, name, months, reason(context.get("exception"))))


async def late(context: Mapping[str, Any], hours: float) -> None:
    """Tell that a run hasn't ended within so many hours."""
    run = context["dag_run"]
    months = run.get("partition_key") or (run.get("conf") or {}).get("period")
    _log.error(line("逾期 late", run["dag_id"], "-", months, f"{hours:g} 小时内未完成 not done within {hours:g} hours"))


def line(what: str, dag: str, task: str, months: object, why: str) -> str:
    """Return the line; whatever is no month is left out, for a person typed it."""
    told = months if isinstance(months, str) and re.fullmatch(MONTH, months) else "-"
    return f"{what} · dag {dag} · task {task} · months {told} · {why}"


def reason(error: object) -> str:
    """Return why a task failed: the text of a PlainFault, of all else the kind alone, for its text may hold values."""
    if isinstance(error, PlainFault):
        return str(error)
    if isinstance(error, BaseException):
        return f"{type(error).__module__}.{type(error).__qualname__}"
    return "进程中断 the process was lost"
