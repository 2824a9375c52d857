"""How every Dag of the journey is set up: owner, tags, docs, pool, retries, deadline, what is told of a failure."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import (  # type: ignore[attr-defined]  # not in its stub
    DAG,
    AsyncCallback,
    DeadlineAlert,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
)

from contracts.divisions import CITIES
from lake.faults import PassingFault, PlainFault
from pipelines.scheduling import telling
from pipelines.scheduling.deadline import RunMade
from pipelines.scheduling.pools import HOME_POOL
from pipelines.selection import MONTH

OWNER = "yimatong"
OUTDATED = "已有更新的发布 another build was published since"
"""Why a run that was started for a build leaves it."""
WAITING_RUNS = 256
"""How many runs may wait for people: a newer build is offered while older ones are unanswered, for two weeks."""
FOR_PEOPLE = 5
"""The weight of what a person waits for: behind the next month's intakes an approval would meet a newer build."""
RETRIES = 4
RETRY_POLICY = ExceptionRetryPolicy([
    RetryRule([PassingFault, OSError], RetryAction.RETRY, reason="一时之障, 稍后重试 it may pass: try again"),
    RetryRule(
        [PlainFault, ValueError],
        RetryAction.FAIL,
        reason="重试无益 it lasts: do not try again",
    ),
])  # fmt: skip
"""A passing fault is tried again with backoff, a lasting one fails at once; a lost process counts as passing."""

CITY = Param(
    None, type=["null", "string"], enum=[None, *CITIES], values_display={c: city.zh for c, city in CITIES.items()},
    title="地市 city", description="不选为全部 none: every city",
)  # fmt: skip
PERIOD = Param(
    None, type=["null", "string"], pattern=f"^{MONTH}$",
    title="期 period", description="YYYY-MM; 不填为全部 empty: every month",
)  # fmt: skip
AS_OF = Param(
    None, type=["null", "string"], format="date",
    title="统计截至日 as of", description="默认为最近提取日 by default the day of the latest extraction",
)  # fmt: skip


def who_answers() -> dict[str, dict[str, set[str]]] | None:
    """Return the access of the role that answers questions: FAB lets answer whoever may edit the Dag that asks."""
    role = os.environ.get("YIMATONG_APPROVERS")
    return {role: {"DAGs": {"can_edit"}}} if role else None


def before_others(weight: int) -> dict[str, Any]:
    """Return the arguments of a task that gets its pool's slot before those of less weight.

    What waits is taken in before it is linked, and linked before it is published: so few builds are made in vain.
    """
    return {"priority_weight": weight, "weight_rule": "absolute"}


def journey_dag(
    name: str,
    title: str,
    description: str,
    doc: str | None,
    *,
    schedule: Any,
    hours: float,
    asks_people: bool = False,
    tags: tuple[str, ...] = (),
    params: dict[str, Param] | None = None,
) -> DAG:
    """Return a Dag of the journey, whose tasks write the home; a run is late after so many hours.

    One run goes on at a time, but of Dags that ask people.
    """
    return DAG(
        dag_id=f"yimatong_{name}",
        dag_display_name=f"一码通 {title}",
        description=description,
        doc_md=doc,
        schedule=schedule,
        catchup=False,
        max_active_runs=WAITING_RUNS if asks_people else 1,
        access_control=who_answers() if asks_people else None,
        params=params or {},
        tags=["yimatong", *tags],
        deadline=DeadlineAlert(
            reference=RunMade(),
            interval=timedelta(hours=hours),
            callback=AsyncCallback(telling.late, kwargs={"hours": hours}),
        ),
        default_args={
            "owner": OWNER,
            "pool": HOME_POOL,
            "retries": RETRIES,
            "retry_policy": RETRY_POLICY,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": 3.0,
            "max_retry_delay": timedelta(hours=1),
            "on_failure_callback": telling.failed,
        },
    )
