"""
### 关联 Link

人员类数据有新月份、复核有新结论、模型重新训练时运行: 认定谁是谁, 更新登记库。

Runs when feeds about persons have a new month, reviewers have decided or a model was trained: brings the registry up to
them. It links what has changed and no more; a run whose month another has linked changes nothing.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import PartitionedAssetTimetable, task

from pipelines.scheduling.assets import LINKED_FROM, REGISTRY, TO_LINK
from pipelines.scheduling.defaults import before_others, journey_dag

with journey_dag(
    "link",
    "关联 link",
    "更新登记库: 谁是谁 bring the registry up: who is who",
    __doc__,
    schedule=PartitionedAssetTimetable(assets=TO_LINK),
    hours=6,
    tags=("link",),
):

    @task(inlets=LINKED_FROM, outlets=[REGISTRY], **before_others(2))
    def link(outlet_events: Any, partition_key: str | None = None) -> list[str]:
        """Link what has changed; emit the month of the run, of one by hand the newest."""
        from pipelines.scheduling import steps

        months = steps.link(partition_key)
        outlet_events[REGISTRY].add_partitions(months)
        return months

    link()
