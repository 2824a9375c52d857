"""The command line: `yimatong`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from lake.faults import PlainFault, without_values
from lake.home import Home
from pipelines.auditing import audit
from pipelines.coding.commands import code, terminal
from pipelines.erasing.erase import erase
from pipelines.keys import key
from pipelines.log_lines import json_line, wants_json
from pipelines.options import (
    AS_OF,
    ATTENTION,
    BECAUSE,
    BY,
    FAILED,
    FILE,
    HOME,
    JSON,
    LIMIT,
    NEW_FILE,
    NEW_FILE_OR_OUTPUT,
    day_of,
    existing,
)
from pipelines.progress import Progress
from pipelines.restating.commands import crosswalk, export
from pipelines.simulating import simulate, simulate_city
from pipelines.sources.manifest import NAME as MANIFEST
from pipelines.watching.command import health


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yimatong")
def commands() -> None:
    """一码通 Yimatong: 从地市交付到公布指标 from a city's delivery to a published KPI."""


for _command in (simulate, simulate_city, code, terminal, key, audit, erase, crosswalk, export, health):
    commands.add_command(_command)


@commands.command()
@HOME
@click.option(
    "--inbox", required=True, type=click.Path(path_type=Path, file_okay=False, exists=True), help="交付目录 the inbox"
)
@AS_OF
def run(home: Path, inbox: Path, as_of: datetime | None) -> None:
    """接收、检查、清洗、关联、入仓、测算、发布 Land, check, clean, link, load, measure, publish."""
    from pipelines import journey

    outcome = journey.run(Home(home), inbox, day_of(as_of), Progress())
    sys.exit(ATTENTION if outcome.attention else 0)


@commands.command()
@HOME
@click.option("--inbox", required=True, type=click.Path(path_type=Path, file_okay=False), help="交付目录 the inbox")
@click.option("--sources", required=True, type=FILE, help="FILE.toml")
@click.option("--city", help="仅此地市 this city alone")
@click.option("--feed", help="仅此类数据 this feed alone")
@JSON
def pull(home: Path, inbox: Path, sources: Path, city: str | None, feed: str | None, as_json: bool) -> None:
    """从地市数据库拉取新数据并落地 Pull what is new in cities' databases, and land it; then `yimatong run`."""
    from pipelines.pull import pull as pull_sources
    from pipelines.sources.listed import UnusableSources, only, read_sources

    try:
        chosen = only(read_sources(sources), city, feed)
    except UnusableSources as fault:
        raise click.BadParameter(str(fault), param_hint="--sources") from None
    outcomes = pull_sources(Home(home), inbox, chosen, Progress())
    if as_json:
        click.echo(json.dumps([outcome.as_dict() for outcome in outcomes], ensure_ascii=False, indent=1))
    sys.exit(ATTENTION if any(outcome.state in ("failed", "refused") for outcome in outcomes) else 0)


@commands.command()
@click.argument("delivery", metavar="DELIVERY_DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
@JSON
def check(delivery: Path, as_json: bool) -> None:
    """交付预检: 会否被接收, 为何不 Preflight of one delivery: would it be accepted, why not.

    DELIVERY_DIR: …/地市 city/数据类别 feed/期 period/序号 sequence
    """
    from pipelines.preflight import delivery_folder, preflight, report_text

    folder = delivery_folder(delivery)
    if folder is None and (delivery / MANIFEST).is_file():
        told = "路径须以 地市/数据类别/期/序号 结尾 · the path must end in city/feed/period/sequence"
        raise click.BadParameter(told, param_hint="DELIVERY_DIR")
    if folder is None or not (folder / MANIFEST).is_file():
        raise click.BadParameter(f"其中没有 {MANIFEST} · no {MANIFEST} there", param_hint="DELIVERY_DIR")
    report = preflight(folder, Progress())
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1) if as_json else report_text(report))
    sys.exit(0 if report.state == "accepted" else ATTENTION)


@commands.command()
@HOME
@JSON
def status(home: Path, as_json: bool) -> None:
    """交付、行数守恒与最近一次发布 Deliveries, row conservation, last publication."""
    from pipelines.status import status_of, status_text

    state = status_of(existing(home))
    click.echo(json.dumps(state, ensure_ascii=False, indent=1) if as_json else status_text(state))


@commands.command()
@HOME
@AS_OF
def requalify(home: Path, as_of: datetime | None) -> None:
    """规则变更后复核隔离行 Judge refused rows again after code sets or checks have changed, and take in what passes."""
    from pipelines import journey

    outcome = journey.requalify(existing(home), day_of(as_of), Progress())
    sys.exit(ATTENTION if outcome.attention else 0)


@commands.command()
@HOME
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.html")
def quality(home: Path, out: Path) -> None:
    """数据质量页 Draw the quality page: volumes, timeliness, completeness, checks, what is held; no values."""
    from pipelines.quality_page.write import write_quality_page

    write_quality_page(existing(home), out)
    click.echo(str(out), err=True)


@commands.group()
def gate() -> None:
    """对暂缓的交付作出决定 Decide on what the gate holds."""


@gate.command("list")
@HOME
@JSON
def gate_list(home: Path, as_json: bool) -> None:
    """列出暂缓的交付 List the held deliveries: id, rows, quarantined rows, why."""
    from pipelines.gating import held_deliveries

    held = held_deliveries(existing(home))
    if as_json:
        click.echo(json.dumps(held, ensure_ascii=False, indent=1))
        return
    for each in held:
        click.echo(f"{each['id']}  {each['delivered']:,} 行 rows, 隔离 {each['quarantined']:,}  {each['reason']}")
    click.echo(f"{len(held)} 份暂缓 held", err=True)


@gate.command("release")
@click.argument("delivery", metavar="ID")
@HOME
@BECAUSE
@BY
def gate_release(delivery: str, home: Path, because: str, by: str) -> None:
    """放行 Let a held delivery join; the next run takes it in."""
    _decide(delivery, home, "release", because, by)


@gate.command("refuse")
@click.argument("delivery", metavar="ID")
@HOME
@BECAUSE
@BY
def gate_refuse(delivery: str, home: Path, because: str, by: str) -> None:
    """退回 Reject a held delivery; a correction needs a new sequence."""
    _decide(delivery, home, "refuse", because, by)


def _decide(delivery: str, home: Path, action: str, because: str, by: str) -> None:
    from pipelines.gating import decide

    decide(existing(home), delivery, action, because, by)


@commands.group()
def review() -> None:
    """对存疑的身份作出结论 Decide on doubts: whether two records are one person."""


@review.command("list")
@HOME
@click.option("--all", "decided", is_flag=True, help="含已有结论的 the decided ones as well")
@LIMIT
@JSON
def review_list(home: Path, decided: bool, limit: int | None, as_json: bool) -> None:
    """列出存疑, 不含个人信息 List the doubts, what matters most first; no person's value."""
    from pipelines.reviewing.listing import listing, listing_text
    from pipelines.reviewing.queue import open_queue

    with open_queue(existing(home)) as queue:
        entries, waiting = listing(queue, decided)[:limit], len(queue.open)
    if as_json:
        click.echo(json.dumps(entries, ensure_ascii=False, indent=1))
        return
    if entries:
        click.echo(listing_text(entries))
    click.echo(f"{waiting:,} 处存疑待复核 doubts wait", err=True)


@review.command("export")
@HOME
@click.option("--out", type=NEW_FILE_OR_OUTPUT, help="FILE.csv | -, 供填写结论 to fill in the verdicts")
@click.option("--page", "page_out", type=NEW_FILE_OR_OUTPUT, help="FILE.html | -, 供查看证据 to look at the evidence")
@LIMIT
def review_export(home: Path, out: Path | None, page_out: Path | None, limit: int | None) -> None:
    """导出存疑供复核, 含姓名与号码 Write the doubts with both sides' names and numbers, for reviewers alone."""
    from pipelines.reviewing.export import STANDARD_OUTPUT, export_doubts

    if out == page_out and out in (None, STANDARD_OUTPUT):
        raise click.UsageError("--out 与 --page 至少一项, 至多一项为标准输出 one at least, and one at most is -")
    doubts = export_doubts(existing(home), out, page_out, limit)
    for path in filter(None, (out, page_out)):
        said = ("由接收者保管 its keeper is who receives it" if path == STANDARD_OUTPUT else
                f"仅属主可读 readable by its owner alone (0600): {path}")  # fmt: skip
        click.echo(f"含姓名与证件号码 holds names and numbers; {said}", err=True)
    click.echo(f"{doubts:,} 处存疑 doubts", err=True)


@review.command("import")
@HOME
@click.option("--file", "table", required=True, type=click.File("rb"), help="FILE.csv | -, 已填写 filled in")
@BY
def review_import(home: Path, table: IO[bytes], by: str) -> None:
    """记入填好的结论, 下次运行生效 Enter the verdicts of a table, all or none; the next run replays them."""
    from pipelines.reviewing.deciding import enter_verdicts, told
    from pipelines.reviewing.queue import open_queue
    from pipelines.reviewing.table import UnsoundVerdicts, read_verdicts

    try:
        with open_queue(existing(home), UnsoundVerdicts) as queue:
            decisions = enter_verdicts(queue, read_verdicts(table.read()), by)
    except UnsoundVerdicts as fault:
        raise click.BadParameter(str(fault), param_hint="--file") from None
    click.echo(f"{told(decisions)}; 下次运行生效 the next run replays them", err=True)


@review.command("decide")
@click.argument("doubt", metavar="ID")
@click.argument("verdict", type=click.Choice(["same", "different", "unsure"]))
@HOME
@BECAUSE
@BY
def review_decide(doubt: str, verdict: str, home: Path, because: str, by: str) -> None:
    """对一处存疑作出结论, 或改变结论 Decide on one doubt, or decide again on one that was decided."""
    from pipelines.reviewing.deciding import decide_one
    from pipelines.reviewing.queue import open_queue
    from pipelines.reviewing.table import UnsoundVerdicts

    try:
        with open_queue(existing(home), UnsoundVerdicts) as queue:
            decide_one(queue, doubt, verdict, because, by)
    except UnsoundVerdicts as fault:
        raise click.BadParameter(str(fault), param_hint="ID") from None


@commands.command()
@HOME
@click.option(
    "--inbox", type=click.Path(path_type=Path, file_okay=False, exists=True), help="交付目录 the inbox as well"
)
@click.option("--rules", type=FILE, help="FILE.toml: 保留天数 days to keep")
@click.option("--dry-run", is_flag=True, help="只列出, 不删除 say what would go, remove nothing")
@JSON
def sweep(home: Path, inbox: Path | None, rules: Path | None, dry_run: bool, as_json: bool) -> None:
    """清理不再需要的文件 Remove what no step needs any longer, by the rules of retention."""
    from pipelines.sweeping.rules import Retention, UnusableRules, read_rules
    from pipelines.sweeping.sweep import outcome_text
    from pipelines.sweeping.sweep import sweep as sweep_home

    try:
        kept = read_rules(rules) if rules else Retention()
    except UnusableRules as fault:
        raise click.BadParameter(str(fault), param_hint="--rules") from None
    outcome = sweep_home(existing(home), inbox, kept, dry_run, Progress())
    click.echo(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=1) if as_json else outcome_text(outcome))
    sys.exit(ATTENTION if outcome.failed else 0)


@commands.command()
@HOME
@click.option("--out", type=NEW_FILE, help="FILE.json; 默认为本机自用 by default the home's own model")
def train(home: Path, out: Path | None) -> None:
    """训练关联模型 Train the model of linkage on a home's records; the next run links anew under it."""
    from pipelines.training import train_model

    model = train_model(existing(home), out)
    click.echo(f"模型 model {model.version}", err=True)


@commands.command("link-report")
@HOME
@JSON
@click.option("--second-opinion", "ask_another", is_flag=True, help="另询 ask recordlinkage's ECM about a sample")
def link_report(home: Path, as_json: bool, ask_another: bool) -> None:
    """关联报告: 误差、变化 Report on linkage: how records came to persons, its stated error, what changed last."""
    from pipelines.link_report import link_report as report_on
    from pipelines.link_report import report_text

    report = report_on(existing(home), ask_another)
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else report_text(report))


def main() -> None:
    """Run the command line; a failure ends with status 3 and a line that carries no value of the data."""
    try:
        with without_values(click.exceptions.Exit, click.ClickException, click.Abort):
            commands.main(prog_name="yimatong", standalone_mode=False)  # by which permissions know a command
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as fault:  # unusable arguments
        if wants_json():
            click.echo(json_line("error", fault.format_message()), err=True)
        else:
            fault.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(FAILED)
    except PlainFault as fault:
        told = f"失败 failed · {fault}"
        click.echo(json_line("error", told) if wants_json() else told, err=True)
        sys.exit(FAILED)
