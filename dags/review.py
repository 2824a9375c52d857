"""
### 复核 Review

每次发布后, 把最要紧的若干存疑身份按编号交人复核。复核员用 `yimatong review export` 查看证据, 用
`yimatong review import` 记入结论, 再在此确认; 确认后重新关联。此处只有编号, 没有个人信息。

After each publication it offers the doubts that matter most, by id alone. Reviewers look at the evidence by `yimatong
review export`, enter verdicts by `yimatong review import` and say so here; then persons are linked anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from pipelines.scheduling.assets import DECISIONS, PUBLISHED, REGISTRY, builds_of
from pipelines.scheduling.defaults import FOR_PEOPLE, OUTDATED, before_others, journey_dag

ENTERED, LATER = "已记入结论 verdicts entered", "暂不复核 later"
BATCH = Param(20, type="integer", minimum=1, maximum=200, title="每批几处 doubts in a batch")

with journey_dag(
    "review",
    "复核 review",
    "按编号交人复核存疑身份 offer doubtful pairs for review, by id",
    __doc__,
    schedule=PartitionedAssetTimetable(assets=PUBLISHED),
    hours=10 * 24,
    asks_people=True,
    tags=("review", "approval"),
    params={"batch": BATCH},
):

    @task(**before_others(FOR_PEOPLE))
    def offer(params: dict[str, Any], triggering_asset_events: Any) -> list[str]:
        """List the doubts that matter most, by id."""
        from pipelines.scheduling import steps

        if steps.newest_build(builds_of(triggering_asset_events)) is None:
            raise AirflowSkipException(OUTDATED)
        found = steps.doubts(params["batch"])
        if not found:
            raise AirflowSkipException("没有存疑 no doubts")
        return found

    @task(inlets=[REGISTRY], outlets=[DECISIONS], **before_others(FOR_PEOPLE))
    def replay(answer: dict[str, Any], outlet_events: Any) -> None:
        """Let the registry follow the verdicts."""
        from pipelines.scheduling import steps

        if answer["chosen_options"] != [ENTERED]:
            raise AirflowSkipException(LATER)
        outlet_events[DECISIONS].add_partitions(steps.newest_month())

    review = HITLOperator(
        task_id="review",
        subject="复核 {{ ti.xcom_pull(task_ids='offer') | length }} 处存疑 doubts to review",
        body="{% for doubt in ti.xcom_pull(task_ids='offer') %}- `{{ doubt }}`\n{% endfor %}",
        options=[ENTERED, LATER],
        defaults=LATER,
        response_timeout=timedelta(days=14),
        pool="default_pool",
    )
    offer() >> review >> replay(review.output)
