"""The journey of a record as a Dag: the same steps as `yimatong run`, one task each.

Home and inbox come from the Dag's parameters, which default to YIMATONG_HOME and YIMATONG_INBOX. Tasks pass nothing but
counts to each other: what they share lies in the home.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import Param, dag, task

_PARAMETERS = {
    "home": Param(os.environ.get("YIMATONG_HOME", "/var/lib/yimatong"), type="string", title="数据目录 home"),
    "inbox": Param(os.environ.get("YIMATONG_INBOX", "/var/lib/yimatong/inbox"), type="string", title="收件目录 inbox"),
    "as_of": Param(None, type=["null", "string"], format="date", title="统计截至日 as of"),
}


@dag(
    dag_id="yimatong_journey",
    dag_display_name="一码通 journey",
    description="从地市交付到公布指标 From the cities' deliveries to published indicators",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    params=_PARAMETERS,
    tags=["yimatong"],
    doc_md=__doc__,
)
def yimatong_journey() -> None:
    """Land, clean, settle, link, publish."""

    @task
    def land(params: dict[str, Any]) -> int:
        from pipelines.dag_steps import land

        return land(params["home"], params["inbox"])

    @task
    def clean(params: dict[str, Any]) -> None:
        from pipelines.dag_steps import clean

        clean(params["home"])

    @task
    def settle(params: dict[str, Any]) -> None:
        from pipelines.dag_steps import settle

        settle(params["home"])

    @task
    def link(params: dict[str, Any]) -> None:
        from pipelines.dag_steps import link

        link(params["home"])

    @task
    def publish(params: dict[str, Any]) -> bool:
        from pipelines.dag_steps import publish

        return publish(params["home"], params["as_of"])

    land() >> clean() >> settle() >> link() >> publish()


yimatong_journey()
