"""
### 训练 Train

手动运行: 用本机数据训练关联模型, 随后用新模型重新关联。

By hand: trains the model of linkage on the home's records; then persons are linked anew under it.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import task

from pipelines.scheduling.assets import MODEL, TRAINED_FROM
from pipelines.scheduling.defaults import journey_dag

with journey_dag(
    "train",
    "训练 train",
    "训练关联模型 train the model of linkage",
    __doc__,
    schedule=None,
    hours=12,
    tags=("link",),
):

    @task(inlets=TRAINED_FROM, outlets=[MODEL])
    def train(outlet_events: Any) -> str:
        """Train the home's own model."""
        from pipelines.scheduling import steps

        version = steps.train()
        outlet_events[MODEL].add_partitions(steps.newest_month())
        return version

    train()
