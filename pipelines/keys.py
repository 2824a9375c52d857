"""The command `yimatong key`: the keys of a home, their versions and rotation."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import closing
from pathlib import Path

import click

from lake.audit import note_access
from lake.faults import PlainFault, without_values
from lake.home import Home
from lake.keyring import CODE_MARK, HEALTH_CODE, PERSON_KEY, PURPOSES, REGISTRY_ID, VAULT, write_secret
from lake.ledger import Ledger
from pipelines.options import FILE, HOME, JSON, NEW_FILE, existing
from pipelines.progress import Progress
from pipelines.run import WAITING
from pipelines.status import vault_warnings

_ROTATED = {name.replace(" ", "-"): name for name in PURPOSES if name not in (REGISTRY_ID, CODE_MARK)}
"""Registry ids, and marks of codes that were used or revoked, are permanent: their keys are never rotated."""
_EFFECT = {
    PERSON_KEY: "下次运行换发人的假名 the next run gives persons new keys in the warehouse",
    HEALTH_CODE: "下次签发换发全部健康码 the next `yimatong code issue` gives everyone a new code",
    VAULT: "此后新写的文件用新钥封存 files written from now on are sealed to it",
}
_PURPOSE = click.argument("purpose", type=click.Choice(sorted(_ROTATED)))


@click.group()
def key() -> None:
    """密钥: 版本与轮换 The keys of a home: versions and rotation."""


@key.command("list")
@HOME
@JSON
def key_list(home: Path, as_json: bool) -> None:
    """列出密钥版本, 不含密钥 List the versions of the keys, never the keys."""
    ring = existing(home).keyring
    rows = [
        {"key": purpose, "version": entry.version, "made_at": entry.made_at, "retired": entry.retired}
        for purpose in PURPOSES
        for entry in ring.versions(purpose)
    ]
    if as_json:
        state = {"sealing": ring.is_sealing, "secret_beside": ring.is_beside_its_secret, "keys": rows}
        click.echo(json.dumps(state, indent=1))
        return
    for row in rows:
        retired = "  已停用 retired" if row["retired"] else ""
        click.echo(f"{row['key']:16} {row['version']:>3}  {row['made_at']}{retired}")
    for warning in vault_warnings(ring.is_sealing, ring.is_beside_its_secret):
        click.echo(warning, err=True)


@key.command("rotate")
@_PURPOSE
@HOME
@click.option("--from", "given", type=FILE, help="FILE: 指定的密钥 a key that was assigned, in hex")
@click.option("--retire", is_flag=True, help="旧版本即刻停用 what was made under former versions counts no longer")
def key_rotate(purpose: str, home: Path, given: Path | None, retire: bool) -> None:
    """换用新密钥 Add a new version of a key, drawn at random or given."""
    name, place = _ROTATED[purpose], existing(home)
    given_key = _read_key(given) if given else None
    with place.one_writer(lambda: Progress().say(WAITING)):  # a run works under one key from its start to its end
        version = place.keyring.rotate(name, given_key)
        for former in range(1, version) if retire else ():
            place.keyring.retire(name, former)
    _noted(home, f"rotate {name} to {version}" + (", former retired" if retire else ""))
    click.echo(f"{name} {version}" + (f"; {_EFFECT[name]}" if name in _EFFECT else ""), err=True)


@key.command("rewrap")
@HOME
@click.option("--to", "new_file", required=True, type=NEW_FILE, help="FILE: 新主密钥, 新生成 the new master secret")
def key_rewrap(home: Path, new_file: Path) -> None:
    """换用新主密钥 Wrap all keys under a new master secret."""
    if new_file.exists():
        raise click.BadParameter("已存在, 不覆盖 is there already; it is not overwritten", param_hint="--to")
    ring = existing(home).keyring
    beside = ring.is_beside_its_secret
    master = secrets.token_bytes(32)
    _noted(home, "rewrap")  # before: afterwards the log's key needs the new secret
    write_secret(new_file, master.hex())
    ring.rewrap(master)
    if beside and not os.environ.get("YIMATONG_SECRET_FILE"):
        (ring.folder / "secret").unlink(missing_ok=True)
    click.echo(f"此后须设 from now on set YIMATONG_SECRET_FILE={new_file}", err=True)


def _noted(home: Path, what: str) -> None:
    with without_values(), closing(Ledger(Home(home).ledger_url)) as ledger:
        note_access(Home(home), ledger, "key", what, "done")


def _read_key(file: Path) -> bytes:
    try:
        found = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (ValueError, UnicodeDecodeError):
        found = b""
    if len(found) not in (16, 32):
        raise PlainFault(f"须为32或64位十六进制 a key is 32 or 64 hexadecimal digits: {file}")
    return found
