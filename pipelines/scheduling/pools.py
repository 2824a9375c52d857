"""The pools of the Dags; `python -m pipelines.scheduling.pools` makes them in Airflow's database."""

from __future__ import annotations

HOME_POOL = "yimatong_home"
SOURCES_POOL = "yimatong_sources"
POOLS = {
    HOME_POOL: (1, "写入数据目录, 一次一个 whatever writes the home, one at a time"),
    SOURCES_POOL: (1, "从地市数据库拉取, 一次一个 pulls from cities' databases, one at a time"),
}
"""Slots and description by name. With one slot no task waits, in a process of its own, for the home's lock."""


def make_pools() -> None:
    """Make the pools, or bring them to what is said here."""
    from airflow.models.pool import Pool

    for name, (slots, description) in POOLS.items():
        Pool.create_or_update_pool(name, slots=slots, description=description, include_deferred=False)


if __name__ == "__main__":
    make_pools()
