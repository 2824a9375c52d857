"""The commands `yimatong code` and `yimatong terminal`."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import click

from contracts.code_sets import CODE_SETS
from contracts.standards import institution_code
from lake.audit import note_access
from lake.faults import without_values
from lake.home import Home
from lake.ledger import Ledger
from pipelines.options import ATTENTION, BY, FILE, HOME, JSON, NEW_FILE, existing, read_unseen
from pipelines.progress import Progress

_NAME = click.option("--terminal", "name", required=True, help="终端名 name of the terminal")
_SCENE = click.Choice([known.code for known in CODE_SETS["scene"].codes])


@click.group()
def code() -> None:
    """健康码: 签发、出示、核验 Health codes: issue, show, verify."""


@code.command("issue")
@HOME
def code_issue(home: Path) -> None:
    """为每人签发健康码, 已有合用的保留 Issue a code for every person; fitting ones are kept."""
    from pipelines.coding.issuing import issue_codes

    issue_codes(existing(home), Progress())


@code.command("show")
@HOME
@click.option("--out", required=True, type=NEW_FILE, help="FILE.png, FILE.svg")
@click.option("--minutes", type=click.IntRange(1, 1440), help="动态码的有效分钟数 a dynamic code, valid so long")
def code_show(home: Path, out: Path, minutes: int | None) -> None:
    """画出某人的二维码; 证件号码由标准输入读取 Draw a person's QR code; the ID number is read from standard input."""
    from pipelines.coding.showing import content_for, draw

    if out.suffix.lower() not in (".png", ".svg"):
        raise click.BadParameter("须为 must be .png, .svg", param_hint="--out")
    number = read_unseen("证件号码 ID number")
    draw(content_for(existing(home), number, timedelta(minutes=minutes) if minutes else None), out)
    click.echo(f"可识别到人, 仅属主可读 it tells who bears it; readable by its owner alone (0600): {out}", err=True)


@code.command("verify")
@HOME
@_NAME
@click.option("--key", "key_file", required=True, type=FILE, help="终端私钥 the terminal's private key, FILE.pem")
@click.option("--scene", required=True, type=_SCENE, help="应用场景 scene of use")
@JSON
def code_verify(home: Path, name: str, key_file: Path, scene: str, as_json: bool) -> None:
    """以终端身份核验; 二维码内容由标准输入读取 Decode as a terminal; the QR content is read from standard input."""
    from pipelines.coding.decoding import RefusedDecoding, open_decoder, sign
    from pipelines.coding.enrolling import read_private_key

    request = sign(read_private_key(key_file), name, scene, datetime.now(), sys.stdin.read().strip())
    try:
        with open_decoder(existing(home)) as decoder:
            found = decoder.decode(request)
    except RefusedDecoding as refused:
        click.echo(json.dumps({"outcome": refused.reason}) if as_json else str(refused), err=not as_json)
        sys.exit(ATTENTION)
    told = {"outcome": "allowed"} | asdict(found)
    click.echo(json.dumps(told) if as_json else f"{found.id_type} {found.number}")


@code.command("revoke")
@HOME
def code_revoke(home: Path) -> None:
    """吊销一张码, 下次签发另发 Revoke a code, read from standard input; the next issue gives its bearer another."""
    from pipelines.coding.revoking import revoke_code

    revoke_code(existing(home), sys.stdin.read().strip(), Progress())


@code.command("usage")
@HOME
@JSON
def code_usage(home: Path, as_json: bool) -> None:
    """核验次数, 按机构、日、场景 Decodings by institution, day and scene: allowed, and refused by reason."""
    from pipelines.coding.usage import usage_of, usage_text

    usage = usage_of(existing(home))
    click.echo(json.dumps(usage, ensure_ascii=False, indent=1) if as_json else usage_text(usage))


@click.group()
def terminal() -> None:
    """可核验健康码的终端 Terminals that may decode health codes."""


@terminal.command("add")
@HOME
@_NAME
@click.option("--org", "org_code", required=True, help="机构代码 code of the institution")
@click.option("--scene", "scenes", required=True, multiple=True, type=_SCENE, help="可用场景 scenes, one or several")
@click.option("--static", is_flag=True, help="亦可核验静态码 may decode static codes too")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="最后有效日 the last day")
@click.option("--key", "key_file", required=True, type=NEW_FILE, help="FILE.pem: 新私钥 its private key, made anew")
@BY
def terminal_add(
    home: Path,
    name: str,
    org_code: str,
    scenes: tuple[str, ...],
    static: bool,
    until: datetime,
    key_file: Path,
    by: str,
) -> None:
    """登记一台终端并生成密钥 Register a terminal and make its pair of keys."""
    from pipelines.coding.enrolling import enrol

    if not institution_code.is_valid(org_code):
        raise click.BadParameter("不是机构代码 not an institution's code", param_hint="--org")
    if key_file.exists():
        raise click.BadParameter("已存在, 不覆盖 is there already; it is not overwritten", param_hint="--key")
    with without_values(), closing(Ledger(existing(home).ledger_url)) as ledger:
        added = enrol(ledger, name, org_code, scenes, until.date(), by, key_file, static)
        note_access(Home(home), ledger, "terminal add", name if added else "", "done" if added else "refused")
    if not added:
        raise click.BadParameter("已有此名, 或不可用作名 taken, or no name of a terminal", param_hint="--terminal")


@terminal.command("list")
@HOME
@JSON
def terminal_list(home: Path, as_json: bool) -> None:
    """列出终端 List the terminals."""
    from pipelines.coding.enrolling import terminal_rows, terminals_text

    with without_values(), closing(Ledger(existing(home).ledger_url)) as ledger:
        rows = terminal_rows(ledger)
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1) if as_json else terminals_text(rows))


@terminal.command("revoke")
@HOME
@_NAME
def terminal_revoke(home: Path, name: str) -> None:
    """吊销一台终端 Revoke a terminal for good."""
    from lake.terminals import revoke_terminal

    with without_values(), closing(Ledger(existing(home).ledger_url)) as ledger:
        if not revoke_terminal(ledger, name, datetime.now()):
            raise click.BadParameter("没有此终端或已吊销 none of that name, or revoked", param_hint="--terminal")
        note_access(Home(home), ledger, "terminal revoke", name, "done")
