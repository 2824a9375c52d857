"""
### 导出 Export

每次发布后等待审批; 批准后导出报告、简报、工作簿与数据, 每次一个目录。其间若又有新发布, 旧的审批不再导出。
七日内无人答复的不导出。何人批准记入访问日志。

After each publication it waits for a person's approval, then writes report, brief, workbooks and data to a folder of
their own. An approval of a build that is no longer the published one exports nothing, nor does one that nobody
gave within seven days. Who approved stands in the access log (`yimatong audit list`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from pipelines.scheduling.assets import EXPORTS, PUBLISHED, builds_of
from pipelines.scheduling.defaults import FOR_PEOPLE, OUTDATED, before_others, journey_dag

with journey_dag(
    "export",
    "导出 export",
    "批准后导出 export after a person approves",
    __doc__,
    schedule=PartitionedAssetTimetable(assets=PUBLISHED),
    hours=5 * 24,
    asks_people=True,
    tags=("export", "approval"),
):

    @task(**before_others(FOR_PEOPLE))
    def offer(triggering_asset_events: Any) -> dict[str, Any]:
        """Say what is to be exported."""
        from pipelines.scheduling import steps

        published = steps.newest_build(builds_of(triggering_asset_events))
        if published is None:
            raise AirflowSkipException(OUTDATED)
        return dict(published)

    @task(inlets=[PUBLISHED], outlets=[EXPORTS], **before_others(FOR_PEOPLE))
    def export(published: dict[str, Any], answer: dict[str, Any] | None, outlet_events: Any) -> int:
        """Write the files of the approved build."""
        from pipelines.scheduling import steps

        by = (answer or {}).get("responded_by_user") or {}
        files = steps.export(published["build"], by.get("name", "-"))
        if files is None:
            raise AirflowSkipException(OUTDATED)
        outlet_events[EXPORTS].add_partitions(published["month"])
        return files

    offered = offer()
    build = "{{ ti.xcom_pull(task_ids='offer')['build'] }}"
    approve = ApprovalOperator(
        task_id="approve",
        subject=f"导出第 {build} 次发布? Export build {build}?",
        body="截至 as of {{ ti.xcom_pull(task_ids='offer')['as_of'] }}, "
        "事实行数 rows of facts {{ ti.xcom_pull(task_ids='offer')['rows'] }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=timedelta(days=7),
        pool="default_pool",
    )
    offered >> approve >> export(offered, approve.output)  # type: ignore[arg-type]
