"""
### 补录 Backfill

重做某期: 让所选数据类别(默认全部)的接收流程只处理该期, 可再限一个地市。其后的关联与发布由数据触发, 只涉及该期。

Does a month again: runs the intake of the feeds chosen (by default all) for that month and, if wanted, one city alone.
Linking and publishing follow from what has changed.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, task

from contracts.feeds import FEEDS
from pipelines.scheduling.defaults import CITY, journey_dag
from pipelines.selection import MONTH

FEED = Param(
    None, type=["null", "string"], enum=[None, *FEEDS], values_display={name: feed.zh for name, feed in FEEDS.items()},
    title="数据类别 feed", description="不选为全部 none: every feed",
)  # fmt: skip
OF_RUN = Param(type="string", pattern=f"^{MONTH}$", title="期 period", description="YYYY-MM")

with journey_dag(
    "backfill",
    "补录 backfill",
    "重做某期的接收 take in a month again",
    __doc__,
    schedule=None,
    hours=1,
    tags=("intake",),
    params={"feed": FEED, "city": CITY, "period": OF_RUN},
):

    @task(pool="default_pool")
    def chosen(params: dict[str, Any]) -> list[dict[str, Any]]:
        """List the intakes to run."""
        of_run = {"city": params["city"], "period": params["period"]}
        names = [params["feed"]] if params["feed"] else list(FEEDS)
        return [{"trigger_dag_id": f"yimatong_intake_{name}", "conf": of_run} for name in names]

    TriggerDagRunOperator.partial(task_id="intake", pool="default_pool").expand_kwargs(chosen())
