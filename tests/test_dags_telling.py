"""What is told of a failure and of a run that is late: a plain line, without values."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace

import pytest

from lake.faults import PlainFault
from pipelines.scheduling import telling
from tests.pipelines.small_inbox import PLANTED

VALUE = PLANTED["id_no"]
TASK = SimpleNamespace(dag_id="yimatong_link", task_id="link", map_index=-1)


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"exception": PlainFault("闸门 refused"), "partition_key": "2018-11"}, "months 2018-11 · 闸门 refused"),
        ({"exception": ValueError(VALUE), "params": {"period": "2018-10"}}, "months 2018-10 · builtins.ValueError"),
        ({"exception": VALUE, "params": {"period": VALUE}}, "months - · 进程中断 the process was lost"),
        ({}, "months - · 进程中断 the process was lost"),
    ],
)
def test_a_failure_is_told_without_values(
    caplog: pytest.LogCaptureFixture, context: dict[str, object], told: str
) -> None:
    with caplog.at_level(logging.ERROR, "yimatong.dags"):
        telling.failed({"task_instance": TASK, **context})
    assert [record.getMessage() for record in caplog.records] == [
        f"失败 failed · dag yimatong_link · task link · {told}"
    ]
    assert VALUE not in caplog.text


def test_a_mapped_task_is_told_by_its_number(caplog: pytest.LogCaptureFixture) -> None:
    mapped = SimpleNamespace(dag_id="yimatong_intake_ehr", task_id="pull", map_index=3)
    with caplog.at_level(logging.ERROR, "yimatong.dags"):
        telling.failed({"task_instance": mapped, "exception": PlainFault("440100: ehr")})
    assert "task pull[3] · months - · 440100: ehr" in caplog.text


def test_a_run_that_is_late_is_told(caplog: pytest.LogCaptureFixture) -> None:
    run = {"dag_id": "yimatong_intake_ehr", "conf": {"period": "2018-11", "city": VALUE}}
    with caplog.at_level(logging.ERROR, "yimatong.dags"):
        asyncio.run(telling.late(context={"dag_run": run}, hours=6))
    (record,) = caplog.records
    assert record.getMessage() == (
        "逾期 late · dag yimatong_intake_ehr · task - · months 2018-11 · 6 小时内未完成 not done within 6 hours"
    )
