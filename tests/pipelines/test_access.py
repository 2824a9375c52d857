"""Roles on the command line: a command that a user's roles don't permit is refused, and noted."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from lake.home import Home
from lake.roles import user
from pipelines import cli, options

from .small_inbox import yimatong


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_a_command_that_the_roles_do_not_permit_is_refused_and_noted(home: Home) -> None:
    (home.root / "access.toml").write_text(f'analyst = ["{user()}"]\n')
    told = yimatong("crosswalk", "--home", home.root, "--out", home.root / "x.parquet")
    assert (told.status, told.out) == (3, "") and "may not give this command: crosswalk" in told.err
    assert yimatong("status", "--home", home.root).status == 0
    (home.root / "access.toml").write_text(f'engineer = ["{user()}"]\n')
    (line,) = [json.loads(line) for line in yimatong("audit", "list", "--home", home.root, "--json").out.splitlines()]
    assert (line["action"], line["outcome"], line["roles"]) == ("crosswalk", "refused", "analyst")
    assert json.loads(yimatong("audit", "verify", "--home", home.root, "--json").out) == {"lines": 1, "broken": ""}


def test_in_a_container_who_came_by_sudo_goes_by_the_name_that_sudo_noted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {each.pw_uid for each in pwd.getpwall()}
    unknown = next(number for number in range(4_000_000, 5_000_000) if number not in known)
    here = user()
    monkeypatch.setenv("SUDO_USER", "chen")
    assert user() == here  # without the number the name says nothing
    monkeypatch.setenv("SUDO_UID", str(os.getuid()))
    assert user() == here
    monkeypatch.setenv("SUDO_UID", str(unknown))
    assert user() == "chen"
    (home.root / "access.toml").write_text(f'engineer = ["{here}"]\nanalyst = ["chen"]\n')
    assert yimatong("status", "--home", home.root).status == 0
    assert "may not give this command" in yimatong("audit", "list", "--home", home.root).err
    monkeypatch.delenv("SUDO_USER")
    assert user() == str(unknown)
    assert "may not give this command" in yimatong("status", "--home", home.root).err


@pytest.mark.parametrize("text", ['engineer = "me"\n', 'boss = ["me"]\n', "engineer = [\n"])
def test_a_list_of_roles_that_cannot_be_read_permits_nothing(home: Home, text: str) -> None:
    (home.root / "access.toml").write_text(text)
    told = yimatong("status", "--home", home.root)
    assert told.status == 3 and "access.toml" in told.err


def test_every_command_on_a_home_asks_for_the_roles() -> None:
    pending = [("", cli.commands)]
    without = set()
    while pending:
        path, command = pending.pop()
        for name, each in getattr(command, "commands", {}).items():
            pending.append((f"{path} {name}".strip(), each))
        homes = [option for option in command.params if option.name == "home"]
        if not getattr(command, "commands", {}) and not [o for o in homes if o.callback is options.permitted]:
            without.add(path)
    assert without == {"simulate", "simulate-city", "check"}
