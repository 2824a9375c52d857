"""Whether a user's roles permit what they ask for, noted in the access log where they don't."""

from __future__ import annotations

from contextlib import closing, suppress

from lake.audit import note_access
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from lake.roles import permits, roles_of, user


def require_permission(home: Home, command: str) -> None:
    """Go on where this process's user may give the command on the home; PlainFault where they may not."""
    name = user()
    if permits(home, name, command):
        return
    with suppress(Exception), closing(Ledger(home.ledger_url)) as ledger:  # refused whether or not it can be noted
        note_access(home, ledger, command, "command", "refused")
    having = ", ".join(roles_of(home, name)) or "无 none"
    raise PlainFault(f"{name} 无权执行 may not give this command: {command}; 角色 roles: {having}")
