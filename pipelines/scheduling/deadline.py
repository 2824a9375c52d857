"""From when a run's deadline counts; a plugin makes it known to Airflow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.definitions.deadline import BaseDeadlineReference, deadline_reference


@deadline_reference
class RunMade(BaseDeadlineReference):
    """The moment when a run was made.

    Of Airflow's own references the logical date is that of no run which data started, and with the moment of queueing
    no task can be cleared (apache/airflow#70368).
    """

    def _evaluate_with(self, *, session: Any, **_kwargs: Any) -> datetime:
        """Return the moment; Airflow asks as it makes the run."""
        return datetime.now(UTC)


class YimatongPlugin(AirflowPlugin):
    """What Airflow's processes must know to read the Dags."""

    name = "yimatong"
    deadline_references = [RunMade]  # noqa: RUF012
