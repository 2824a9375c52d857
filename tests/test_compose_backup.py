"""deploy/backup: three files in their order, ledger and home under both locks, and no lock file of another's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DOCKER = """#!/bin/bash
# Stands for Docker: notes what is asked, who holds the locks, and whether the home is copied yet.
held() { flock --nonblock "$HOME_DIR/$1" true && echo free || echo held; }
echo "${*: -1} pull=$(held pull.lock) run=$(held run.lock) $(cd "$COPIES" && ls -x)" >> "$NOTES"
echo "$*" >> "$NOTES.commands"
case "$*" in
  *pg_restore*) cat > "$NOTES.${*: -1}" ;;
  *pg_dump*) [ "${*: -1}" != "$BROKEN" ] && echo "dump of ${*: -1}" ;;
esac
"""
OTHER = 10001


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """Return a server's folder with the script, settings, and a home that holds something."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(DOCKER)
    (tmp_path / "bin" / "docker").chmod(0o755)
    (tmp_path / "bin" / "make").write_text('#!/bin/sh\necho "make $*" >> "$NOTES.commands"\n')
    (tmp_path / "bin" / "make").chmod(0o755)
    owner = OTHER if os.getuid() == 0 else os.getuid()
    stated = ("YIMATONG_SECRET=0", f"YIMATONG_UID={owner}", "YIMATONG_DATA=./data", "YIMATONG_DATA='./kept'")
    (tmp_path / ".env").write_text("\n".join(stated))  # of two the last counts
    home = tmp_path / "kept" / "home"
    for name in ("vault", "tmp"):
        (home / name).mkdir(parents=True)
        (home / name / "file").write_text(name)
    os.link(home / "vault" / "file", home / "vault" / "linked")
    if os.getuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, owner, owner)
    return tmp_path


def variables(server: Path, broken: str = "-") -> dict[str, str]:
    """Return the environment of a command: Docker's stand-in first, and what it looks at."""
    return {
        "PATH": f"{server / 'bin'}:{os.environ['PATH']}",
        "HOME_DIR": str(server / "kept" / "home"),
        "COPIES": str(server / "copies" / "today.part"),
        "NOTES": str(server / "notes"),
        "BROKEN": broken,
    }


def back_up(server: Path, *arguments: str, broken: str = "-") -> int:
    """Run the script, called from elsewhere, and return its exit status."""
    (server / "elsewhere").mkdir(exist_ok=True)
    script, environment = server / "deploy" / "backup", variables(server, broken)
    return subprocess.run([script, *arguments], cwd=server / "elsewhere", env=environment, check=False).returncode


def test_ledger_and_home_are_copied_in_order_under_both_locks(server: Path) -> None:
    assert back_up(server, "../copies/today/") == 0
    copies = server / "copies" / "today"
    assert {path.name for path in copies.iterdir()} == {"ledger.dump", "home.tar.gz", "airflow.dump"}
    assert (server / "notes").read_text().splitlines() == [
        "yimatong pull=held run=held ledger.dump",
        "airflow pull=free run=free airflow.dump  home.tar.gz  ledger.dump",
    ]
    asked = (server / "notes.commands").read_text().splitlines()
    assert asked[0] == "compose exec -T postgres pg_dump --username=postgres --format=custom yimatong"
    assert (copies / "ledger.dump").read_text() == "dump of yimatong\n"
    with tarfile.open(copies / "home.tar.gz") as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert set(members) == {".", "./pull.lock", "./run.lock", "./vault", "./vault/file", "./vault/linked"}
    assert {members["./vault/file"].islnk(), members["./vault/linked"].islnk()} == {True, False}
    assert copies.stat().st_mode & 0o077 == 0


def test_lock_files_are_their_owners(server: Path) -> None:
    assert back_up(server, "../copies/today") == 0
    home = server / "kept" / "home"
    owners = {(home / name).stat().st_uid for name in (".", "pull.lock", "run.lock")}
    assert len(owners) == 1


@pytest.mark.parametrize("broken", ["yimatong", "airflow"])
def test_what_was_not_copied_whole_does_not_look_like_a_backup(server: Path, broken: str) -> None:
    assert back_up(server, "../copies/today", broken=broken) != 0
    assert [path.name for path in (server / "copies").iterdir()] == ["today.part"]
    assert back_up(server, "../copies/today") == 0  # again: from the start
    assert back_up(server, "../copies/today") == 2  # and an earlier backup isn't written over
    assert back_up(server) == 2


def test_the_page_restores_what_the_script_copied(server: Path) -> None:
    """Its lines, with Docker's stand-in: nobody works on either database or the home meanwhile."""
    assert back_up(server, "../copies/today") == 0
    home = server / "kept" / "home"
    owner = (home / "vault" / "file").stat().st_uid
    shutil.rmtree(home)
    (server / "notes.commands").unlink()
    (server / "copies" / "today.part").mkdir()  # where the stand-in looks
    block = re.search(r"\n(docker compose stop .*?)```", PAGE, re.S)
    assert block
    lines = re.sub(r"/backup/[\d-]+", "copies/today", block[1]).replace("data/home", "kept/home")
    subprocess.run(["sh", "-ec", lines], cwd=server, env=variables(server), check=True)
    assert (home / "vault" / "linked").stat().st_ino == (home / "vault" / "file").stat().st_ino
    assert {path.stat().st_uid for path in (home, *home.rglob("*"))} == {owner}
    asked = [line.split()[1] for line in (server / "notes.commands").read_text().splitlines()]
    assert asked == ["stop", "up", "exec", "exec", "server"]
    for database in ("yimatong", "airflow"):
        assert (server / f"notes.--dbname={database}").read_text() == f"dump of {database}\n"
