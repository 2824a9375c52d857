"""
### 清理 Sweep

每周日凌晨按保留规则(`YIMATONG_RETENTION`, 否则用默认规则)清理不再需要的文件。手动运行可只列数, 不删除。

Every Sunday it removes what no step needs any longer, by the rules of retention (`YIMATONG_RETENTION`, or the default
ones). By hand it can count alone and remove nothing.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, task

from pipelines.scheduling.defaults import journey_dag

with journey_dag(
    "sweep",
    "清理 sweep",
    "清理不再需要的文件 remove what no step needs any longer",
    __doc__,
    schedule=CronTriggerTimetable("0 4 * * 0", timezone="Asia/Shanghai"),
    hours=6,
    tags=("housekeeping",),
    params={"dry_run": Param(False, type="boolean", title="只列数 count alone")},
):

    @task
    def sweep(params: dict[str, Any]) -> dict[str, int]:
        """Sweep home and inbox."""
        from pipelines.scheduling import steps

        return steps.sweep(params["dry_run"])

    sweep()
