"""Who may do what with a home: roles, the users who have them, and the commands that each may give.

`access.toml` in the home names the users of this machine by role; without it whoever can open the home may do all.
Under it lies the operating system: a home is closed to all but its owner and, for the warehouse, its group; others give
commands as the owner, by sudo. The master secret's file opens the vault.
"""

from __future__ import annotations

import os
import pwd
import tomllib

from lake.faults import PlainFault
from lake.home import Home

ENGINEER, REVIEWER, ANALYST, COMMISSION = "engineer", "reviewer", "analyst", "commission"
ROLES = (ENGINEER, REVIEWER, ANALYST, COMMISSION)
OWNER = "owner"
"""The role of everyone in a home without `access.toml`."""
_EVERYONE = frozenset(ROLES)
_ENGINEERS = frozenset({ENGINEER})
PERMITTED: dict[str, frozenset[str]] = {
    "status": _EVERYONE,
    "health": _EVERYONE,
    "quality": _EVERYONE,
    "export": frozenset({ENGINEER, COMMISSION}),
    "gate list": frozenset({ENGINEER, COMMISSION}),
    "gate release": frozenset({ENGINEER, COMMISSION}),
    "gate refuse": frozenset({ENGINEER, COMMISSION}),
    "link-report": _EVERYONE,
    "code usage": _EVERYONE,
    "review list": frozenset({REVIEWER, ENGINEER}),
    "review export": frozenset({REVIEWER}),
    "review import": frozenset({REVIEWER}),
    "review decide": frozenset({REVIEWER}),
    "audit verify": frozenset({ENGINEER, COMMISSION}),
    "audit list": frozenset({ENGINEER, COMMISSION}),
}
"""The roles that may give a command; one that isn't here is for engineers alone."""


def user() -> str:
    """Return who gave the command: this process's user, or whoever became them by sudo.

    The variable of sudo could be set by the home's owner alone, whom roles don't bind anyway.
    """
    sudo = os.environ.get("SUDO_UID", "")
    number = int(sudo) if sudo.isdecimal() else os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        # A container, which doesn't know the machine's users: the name that sudo noted beside the number. It deserves
        # the same trust, for who could set the one variable could set the other, to a number that is known here.
        return (os.environ.get("SUDO_USER", "") if sudo else "") or str(number)


def roles_of(home: Home, name: str) -> tuple[str, ...]:
    """Return the roles of a user in a home. PlainFault where `access.toml` can't be read."""
    file = home.root / "access.toml"
    if not file.exists():
        return (OWNER,)
    try:
        stated = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        stated = {"": None}
    if not all(role in ROLES and isinstance(users, list) for role, users in stated.items()):
        raise PlainFault(f"须为 角色 = [用户] · role = [users], roles {', '.join(ROLES)}: {file}")
    return tuple(role for role in ROLES if name in stated.get(role, []))


def permits(home: Home, name: str, command: str) -> bool:
    """Say whether a user may give a command on a home."""
    having = set(roles_of(home, name))
    return OWNER in having or bool(having & PERMITTED.get(command, _ENGINEERS))
