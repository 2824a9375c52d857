"""
### 发布 Publish

登记库或其他数据有新月份时运行: 入仓、测算、过闸, 通过后替换已发布的仓库; 未通过则保留原有的, 并说明原因。

Runs when the registry or a feed that isn't about persons has a new month: builds the warehouse, measures, and swaps it
in where the gate passes the figures. Where rows about persons wait to be linked, the run that follows that publishes.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from pipelines.scheduling.assets import PUBLISHED, PUBLISHED_FROM, TO_PUBLISH
from pipelines.scheduling.defaults import AS_OF, before_others, journey_dag

with journey_dag(
    "publish",
    "发布 publish",
    "入仓、测算、过闸、发布 build, measure, gate, publish",
    __doc__,
    schedule=PartitionedAssetTimetable(assets=TO_PUBLISH),
    hours=6,
    tags=("publish",),
    params={"as_of": AS_OF},
):

    @task(inlets=PUBLISHED_FROM, outlets=[PUBLISHED], **before_others(1))
    def publish(params: dict[str, Any], dag_run: Any, outlet_events: Any) -> dict[str, Any]:
        """Publish a build; emit the month that its figures reach."""
        from pipelines.scheduling import steps

        published = steps.publish(params["as_of"], dag_run.start_date)
        if published is None:
            raise AirflowSkipException("没有变化 nothing changed")
        outlet_events[PUBLISHED].add_partitions(published["month"])
        outlet_events[PUBLISHED].extra = {"build": published["build"]}
        return dict(published)

    publish()
