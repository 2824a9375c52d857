"""The commands that tell what was known at a time: `yimatong crosswalk` and `yimatong export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from lake.home import Home
from pipelines.options import AS_OF, HOME, KNOWN_AT, day_of, end_of_day, existing
from pipelines.progress import Progress


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
@click.option("--out", type=click.Path(path_type=Path), help="导出目录 export folder; 比较时 with --compare: FILE.csv")
@AS_OF
@KNOWN_AT
@click.option(
    "--compare",
    nargs=2,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="A B",
    help="比较先后两次导出 which figures changed between two exports, and why",
)
def export(
    home: Path, out: Path | None, as_of: datetime | None, known_at: datetime | None, compare: tuple[Path, Path] | None
) -> None:
    """导出报告、简报、工作簿与数据 Write the report, the brief, workbooks, kpi.csv and targets.csv; or compare two."""
    if compare:
        if as_of or known_at:
            raise click.UsageError("--compare 不与 --as-of, --known-at 同用 goes without --as-of and --known-at")
        _compare(existing(home), compare, out or Path("changes.csv"))
        return
    from pipelines.export import export_kpis

    if out is None or out.is_file():
        raise click.BadParameter("须为目录 a folder is needed", param_hint="--out")
    written = export_kpis(existing(home), out, day_of(as_of), end_of_day(known_at))
    for path in dict.fromkeys(path if path.parent == out else path.parent for path in written):
        click.echo(str(path))


def _compare(home: Home, exports: tuple[Path, Path], out: Path) -> None:
    from pipelines.restating.compare import compare_exports, comparison_text

    if out.is_dir():
        raise click.BadParameter("须为文件 a file is needed", param_hint="--out")
    click.echo(comparison_text(compare_exports(home, *exports, out, Progress())))
    click.echo(str(out), err=True)
