"""Revoking a code: it is refused from now on, and the next issue gives its bearer another."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from contracts.standards.health_code import read_content
from lake.code_versions import code_versions, follow_code_version
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from lake.terminals import revoke_code_mark
from linkage.codes.revoke import revoke
from pipelines.coding.decoding import card_mark
from pipelines.coding.issuing import codes_file
from pipelines.linked import open_linked
from pipelines.progress import Progress
from pipelines.run import WAITING


def revoke_code(home: Home, content: str, progress: Progress) -> None:
    """Revoke the code of a QR content. PlainFault where it is none of this platform, or isn't active."""
    try:
        card = read_content(content).card
    except ValueError:
        raise PlainFault("不是健康码 not the content of a health code") from None
    with closing(Ledger(home.ledger_url)) as ledger:  # at once, whatever is at work
        if code_versions(ledger):
            revoke_code_mark(ledger, card_mark(home, card), datetime.now())
    with home.one_writer(lambda: progress.say(WAITING)), open_linked(home, "codes") as linked:
        former = codes_file(home, linked.ledger)
        last = code_versions(linked.ledger)[-1]
        if not revoke(linked.connection, former, home.codes(last.version + 1), card):
            raise PlainFault("没有这张在用的码 no active code of this platform")
        follow_code_version(linked.ledger, last, datetime.now())
