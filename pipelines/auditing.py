"""The command `yimatong audit`: the access log of a home."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

import click

from lake.audit import accesses, log_file, verify
from lake.faults import without_values
from lake.ledger import Ledger
from pipelines.options import ATTENTION, HOME, JSON, existing


@click.group()
def audit() -> None:
    """访问日志 The access log: who opened what behind the vault."""


@audit.command("verify")
@HOME
@JSON
def audit_verify(home: Path, as_json: bool) -> None:
    """核对日志之链 Follow the log's chain: was a line changed, dropped, added or moved?"""
    place = existing(home)
    with without_values(), closing(Ledger(place.ledger_url)) as ledger:
        found = verify(place, ledger)
    if as_json:
        click.echo(json.dumps({"lines": found.lines, "broken": found.broken}, ensure_ascii=False))
    else:
        click.echo(found.broken or f"完好 sound: {found.lines:,} 行 lines  {log_file(place)}")
    sys.exit(ATTENTION if found.broken else 0)


@audit.command("list")
@HOME
@JSON
def audit_list(home: Path, as_json: bool) -> None:
    """列出访问 List the accesses, as they stand."""
    for line in accesses(existing(home)):
        if as_json:
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            who = f"{line['who']} ({line['roles']})"
            click.echo(
                f"{line['number']:>6}  {line['at']}  {who:24}  {line['action']}  {line['what']}  {line['outcome']}"
            )
