"""Revoking a code: it is refused from now on, and the next issue gives its bearer another."""

from __future__ import annotations

from datetime import datetime

from contracts.standards.health_code import read_content
from lake.code_versions import CodeVersion, add_code_version, code_versions
from lake.faults import PlainFault
from lake.home import Home
from linkage.codes.revoke import revoke
from pipelines.coding.issuing import codes_file
from pipelines.linked import open_linked
from pipelines.progress import Progress


def revoke_code(home: Home, content: str, progress: Progress) -> None:
    """Revoke the code of a QR content. PlainFault where it is none of this platform, or isn't active."""
    try:
        card = read_content(content).card
    except ValueError:
        raise PlainFault("不是健康码 not the content of a health code") from None
    waiting = "等待另一运行结束 waiting for another run to end"
    with home.one_writer(lambda: progress.say(waiting)), open_linked(home, "codes") as linked:
        former = codes_file(home, linked.ledger)
        last = code_versions(linked.ledger)[-1]
        version = last.version + 1
        if not revoke(linked.connection, former, home.codes(version), card):
            raise PlainFault("没有这张在用的码 no active code of this platform")
        add_code_version(
            linked.ledger, CodeVersion(version, last.link_version, last.key_version, last.counts, datetime.now())
        )
