"""The checks as metrics in the text format of Prometheus and OpenMetrics, for a collector that reads files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from lake.files import put
from pipelines.watching.check import ATTENTION, BROKEN, STATES, Check, Sample, worst

PREFIX = "yimatong_"
STATE_VALUES = dict(zip(STATES, (0, 0, 1, 3), strict=True))
"""As the exit status says it; what can't be seen counts as well."""
HELP = {
    "health": "0 well, 1 wants attention, 3 broken: the exit status of yimatong health",
    "health_timestamp_seconds": "when yimatong health looked",
    "checks_attention": "checks that want attention",
    "checks_broken": "checks that are broken",
    "access_log_sound": "1 where the access log ends as the ledger knows",
    "behind_feeds": "feeds of cities whose deliveries wait to be cleaned, settled, linked or published",
    "behind_since_timestamp_seconds": "since when the longest of them waits",
    "build_held": "1 where the gate holds a build",
    "build_held_since_timestamp_seconds": "since when the gate holds a build",
    "disk_free_bytes": "room that is free on the home's disk",
    "disk_size_bytes": "size of the home's disk",
    "doubts": "doubts that the last linking left to reviewers",
    "held_deliveries": "deliveries that the gate holds",
    "inbox_oldest_timestamp_seconds": "since when the longest waiting manifest lies in the inbox",
    "inbox_waiting": "manifests in the inbox that are not landed",
    "last_build_timestamp_seconds": "when the last published build was made",
    "last_run_failed": "1 where the last run failed or was cut off",
    "last_run_timestamp_seconds": "when the last run ended",
    "late": "1 where a city lacks the month of a feed that is due",
    "late_feeds": "feeds of cities that lack the month that is due",
    "ledger_up": "1 where the ledger can be read",
    "pull_done_timestamp_seconds": "when a pull last did not fail",
    "pull_failing_since_timestamp_seconds": "since when pulls have failed in a row",
    "pull_last_rows_timestamp_seconds": "when the last pull that found rows was made",
    "pulls_failing": "feeds of cities whose last pull failed",
    "refused_deliveries": "refused deliveries without a correction",
    "rows_conserved": "1 where every delivered row is accounted for",
    "run_started_timestamp_seconds": "when the run began that works",
    "run_working": "1 while a run works",
    "secret_usable": "1 where the master secret opens the key ring",
    "warehouse_up": "1 where the published warehouse opens",
}
"""What each metric says, all of them gauges; the labels are city and feed."""


def write_metrics(file: Path, checks: list[Check], now: datetime) -> None:
    """Put the metrics in place whole, readable by the collector."""
    with put(file) as partial:
        partial.write_text(metrics_text(checks, now), encoding="utf-8")
        partial.chmod(0o644)


def metrics_text(checks: list[Check], now: datetime) -> str:
    """Return the metrics as text, by name."""
    by_name: dict[str, list[Sample]] = defaultdict(list)
    for sample in [*_summary(checks, now), *(sample for check in checks for sample in check.samples)]:
        by_name[sample.metric].append(sample)
    lines = [line for name in sorted(by_name) for line in _family(name, by_name[name])]
    return "\n".join([*lines, "# EOF", ""])


def _summary(checks: Sequence[Check], now: datetime) -> list[Sample]:
    states = [check.state for check in checks]
    return [
        Sample("health", STATE_VALUES[worst(list(checks))]),
        Sample("health_timestamp_seconds", now.timestamp()),
        Sample("checks_attention", states.count(ATTENTION)),
        Sample("checks_broken", states.count(BROKEN)),
    ]


def _family(name: str, samples: Sequence[Sample]) -> list[str]:
    head = [f"# HELP {PREFIX}{name} {HELP[name]}", f"# TYPE {PREFIX}{name} gauge"]
    return [*head, *(f"{PREFIX}{name}{_labels(each)} {_number(each.value)}" for each in samples)]


def _labels(sample: Sample) -> str:
    named = ",".join(f'{name}="{value}"' for name in ("city", "feed") if (value := getattr(sample, name)))
    return f"{{{named}}}" if named else ""


def _number(value: float) -> str:
    return repr(round(float(value), 3)).removesuffix(".0")
