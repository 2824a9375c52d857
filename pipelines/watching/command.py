"""The command `yimatong health`: for a monitor that asks often."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from lake.home import Home
from pipelines.options import HOME, JSON, NEW_FILE


@click.command()
@HOME
@click.option("--inbox", type=click.Path(path_type=Path, file_okay=False), help="收件目录, 查看待收 the inbox as well")
@click.option("--metrics", type=NEW_FILE, help="FILE.prom: Prometheus / OpenMetrics 文本 text")
@JSON
def health(home: Path, inbox: Path | None, metrics: Path | None, as_json: bool) -> None:
    """是否正常, 供监控调用 Is the home well? 0 well, 1 wants attention, 3 broken; reads alone, waits for no run."""
    from pipelines.watching.check import STATES, WELL, worst
    from pipelines.watching.health import health_of
    from pipelines.watching.metrics import STATE_VALUES, write_metrics

    if metrics is not None and metrics.suffix != ".prom":  # a collector reads no other, and nothing else is replaced
        raise click.BadParameter("须以 .prom 结尾 · must end in .prom", param_hint="--metrics")
    now = datetime.now()
    checks = health_of(Home(home), inbox, now)
    if metrics is not None:
        write_metrics(metrics, checks, now)
    state = worst(checks)
    if as_json:
        told = {"state": state, "at": now.isoformat(timespec="seconds"), "checks": [each.as_dict() for each in checks]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for check in sorted(checks, key=lambda each: -STATES.index(each.state)):
            click.echo(f"{'  ' if check.state == WELL else '! '}{check.state:9}  {check.name:12}  {check.text}")
    sys.exit(STATE_VALUES[state])
