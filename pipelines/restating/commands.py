"""The commands that tell what was known at a time: `yimatong crosswalk` and `yimatong export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from pipelines.options import AS_OF, HOME, KNOWN_AT, day_of, end_of_day, existing


@click.command()
@HOME
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.parquet")
@KNOWN_AT
def crosswalk(home: Path, out: Path, known_at: datetime | None) -> None:
    """每条在用记录对应的人 The person of every live row."""
    from pipelines.crosswalk import write_crosswalk

    rows = write_crosswalk(existing(home), out, end_of_day(known_at))
    click.echo(f"{rows} 行 rows → {out}", err=True)


@click.command()
@HOME
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="导出目录 export folder")
@AS_OF
@KNOWN_AT
def export(home: Path, out: Path, as_of: datetime | None, known_at: datetime | None) -> None:
    """导出报告、简报、工作簿与数据 Write the report, the brief, workbooks, kpi.csv and targets.csv."""
    from pipelines.export import export_kpis

    written = export_kpis(existing(home), out, day_of(as_of), end_of_day(known_at))
    for path in dict.fromkeys(path if path.parent == out else path.parent for path in written):
        click.echo(str(path))
