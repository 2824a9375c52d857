"""What the commands have in common: their options, exit statuses, and a home that must be there."""

from __future__ import annotations

import getpass
import sys
from datetime import date, datetime, time
from pathlib import Path

import click

from lake.home import Home
from pipelines.permission import require_permission

ATTENTION, FAILED = 1, 3


def permitted(context: click.Context, _option: click.Parameter, folder: Path) -> Path:
    """Let a command go on where this user's roles permit it; noted in the access log where they don't."""
    require_permission(Home(folder), context.command_path.partition(" ")[2])
    return folder


HOME = click.option(
    "--home",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    callback=permitted,
    help="本机数据目录 the home",
)
BECAUSE = click.option("--because", required=True, help="理由 the reason; no person's value")
BY = click.option("--by", default=getpass.getuser, help="决定人 who decides; by default the user of this machine")
AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="统计截至日 count events up to and including this day"
)
KNOWN_AT = click.option(
    "--known-at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="按当时所知: 至此时提取的交付 as was known by then: deliveries extracted up to it; a day: to its end",
)

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
NEW_FILE_OR_OUTPUT = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
LIMIT = click.option("--limit", type=click.IntRange(min=1), help="至多几处 so many at most")
JSON = click.option("--json", "as_json", is_flag=True, help="仅输出 JSON print JSON alone")


def existing(home: Path) -> Home:
    """Return the home of a folder. BadParameter where none is there."""
    if not (home / "vault").is_dir():
        raise click.BadParameter(
            f"{home} 不存在; 请先运行 yimatong run · does not exist; run `yimatong run` first", param_hint="--home"
        )
    return Home(home)


def day_of(given: datetime | None) -> date | None:
    """Return the day that an option gives."""
    return given.date() if given else None


def end_of_day(given: datetime | None) -> datetime | None:
    """Return the time that an option gives; of a day alone its end."""
    midnight = given is not None and given.time() == time.min
    return datetime.combine(given.date(), time.max) if given is not None and midnight else given


def read_unseen(prompt: str) -> str:
    """Return a line of standard input, asked for without showing it where somebody types."""
    return str(click.prompt(prompt, hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline().strip()
