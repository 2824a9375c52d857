"""What Airflow asks people over its REST API, as one would answer it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

A_WHILE = timedelta(seconds=10)


def standing(details: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the questions, of the answer of `hitlDetails`, that are open and have stood for a while.

    An answer within the first second or two can meet the end of the process that asked: Airflow 3.3 then takes the
    task for killed, and asks again after a minute (apache/airflow#67287).
    """
    before = datetime.now(UTC) - A_WHILE
    return [
        each
        for each in details
        if not each["response_received"]
        and each["task_instance"]["state"] == "awaiting_input"
        and datetime.fromisoformat(each["created_at"]) < before
    ]


def about_export(details: list[dict[str, Any]], build: int) -> dict[str, Any] | None:
    """Return the task instance that asks whether to export that build, where its question has stood for a while.

    Those of earlier builds stay open, and an answer to them exports nothing.
    """
    asking = (each["task_instance"] for each in standing(details) if each["subject"].endswith(f" {build}?"))
    return next(asking, None)
