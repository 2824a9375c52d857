"""Intake: a Dag for each feed, which brings deliveries from the inbox and cities' databases to accepted rows."""

from __future__ import annotations

import os
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

from contracts.feeds import FEEDS
from contracts.schema import Feed
from pipelines.scheduling.assets import ACCEPTED, DELIVERED
from pipelines.scheduling.defaults import CITY, PERIOD, before_others, journey_dag
from pipelines.scheduling.pools import SOURCES_POOL
from pipelines.selection import Selection

DOC = """
### 接收 Intake · {zh} {feed}

收件目录出现新清单、或有暂缓的交付放行即运行; 设有 `YIMATONG_SOURCES` 时,
另按 `YIMATONG_PULL_CRON` 定时从地市数据库拉取。
可手动运行, 只取某地市、某期。被拒收与暂缓的交付见 `yimatong status`、`yimatong gate list`。

Runs when a manifest comes to the inbox, when a held delivery is released and, where `YIMATONG_SOURCES` names the
cities' databases, pulls these at the times of `YIMATONG_PULL_CRON`. By hand it takes a city or a period
alone. What was refused or is held: `yimatong status`, `yimatong gate list`. Emits the months (YYYY-MM) of the rows
that joined; linking and publishing follow from that.
"""
FIRST = "institution"
"""The register of institutions goes first where several feeds wait: others are held against it."""


def databases_are_listed() -> bool:
    """Say whether there are cities' databases to pull from. Without, an intake has no tasks that only find none."""
    return bool(os.environ.get("YIMATONG_SOURCES"))


def schedule_of(feed: Feed) -> Any:
    """Return when a feed is taken in: as manifests come and, where databases are listed, by the clock."""
    manifests = DELIVERED[feed.name]
    if not databases_are_listed():
        return [manifests]
    clock = CronTriggerTimetable(os.environ.get("YIMATONG_PULL_CRON", "0 2 * * *"), timezone="Asia/Shanghai")
    return AssetOrTimeSchedule(assets=[manifests], timetable=clock)


def intake(feed: Feed) -> None:
    """Make the Dag of a feed."""
    weight = before_others(4 if feed.name == FIRST else 3)
    with journey_dag(
        f"intake_{feed.name}",
        f"接收 intake · {feed.zh}",
        f"{feed.zh}: 落地、清洗、闸门、定版 {feed.name}: pull, land, clean, gate, settle",
        DOC.format(zh=feed.zh, feed=feed.name),
        schedule=schedule_of(feed),
        hours=6,
        tags=("intake", feed.name),
        params={"city": CITY, "period": PERIOD},
    ):

        @task(trigger_rule="all_done", **weight)  # one city's database that is down keeps no other waiting
        def land(params: dict[str, Any]) -> dict[str, int]:
            """Land what is new in the inbox."""
            from pipelines.scheduling import steps

            return steps.land(Selection(feed.name, params["city"], params["period"]))

        @task(**weight)
        def clean(params: dict[str, Any]) -> dict[str, int]:
            """Clean what landed, pass the gate, answer the cities."""
            from pipelines.scheduling import steps

            return steps.clean(Selection(feed.name, params["city"], params["period"]))

        @task(inlets=[DELIVERED[feed.name]], outlets=[ACCEPTED[feed.name]], **weight)
        def settle(params: dict[str, Any], outlet_events: Any) -> list[str]:
            """Find which rows count; emit the months that changed."""
            from pipelines.scheduling import steps

            months = steps.settle(Selection(feed.name, params["city"], params["period"]))
            if not months:
                raise AirflowSkipException("没有新数据 nothing new")
            outlet_events[ACCEPTED[feed.name]].add_partitions(months)
            return months

        landed = land()
        landed >> clean() >> settle()
        if databases_are_listed():
            pull_first(feed, landed)


def pull_first(feed: Feed, landed: Any) -> None:
    """Set the pulls of cities' databases before landing."""

    @task(pool="default_pool")
    def cities(params: dict[str, Any], dag_run: Any) -> list[str]:
        """List the cities to pull from; none where manifests started the run, for a pull would start another."""
        from pipelines.scheduling.steps import cities_to_pull

        return [] if dag_run.run_type == "asset_triggered" else cities_to_pull(feed.name, params["city"])

    @task(pool=SOURCES_POOL, retries=1)  # with attempts of its own; files wait for it meanwhile
    def pull(city: str) -> dict[str, int]:
        """Pull what is new in a city's database into the inbox."""
        from pipelines.scheduling.steps import pull

        return pull(feed.name, city)

    pulls = pull.expand(city=cities())
    pulls >> landed
    # Last of its branch, so that a pull that failed shows in the run's state though the files went on.
    pulls >> EmptyOperator(task_id="pulled", pool="default_pool", trigger_rule="none_failed")


for _feed in FEEDS.values():
    intake(_feed)
