"""Issuing health codes: every person of the registry has one when it ends."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from lake.code_versions import CodeVersion, add_code_version, code_versions
from lake.faults import PlainFault
from lake.home import Home
from lake.keyring import HEALTH_CODE
from lake.ledger import Ledger
from linkage.codes.issue import Issued, issue
from pipelines.linked import open_linked
from pipelines.progress import Progress
from pipelines.run import WAITING

KEY_BYTES = 16
"""What SM4 takes of a key of the ring."""


def issue_codes(home: Home, progress: Progress) -> Issued:
    """Bring the health codes up to the registry as it was linked last; return what was done.

    Whoever has a fitting code keeps it; so issuing again changes nothing. Raises PlainFault where nothing was linked.
    """
    with home.one_writer(lambda: progress.say(WAITING)), open_linked(home, "codes") as linked:
        with progress.step("签发 issue") as step:
            before = code_versions(linked.ledger)
            version = before[-1].version + 1 if before else 1
            since = before[-1].link_version if before else 0
            newer = [home.links(v.version) for v in linked.ledger.link_versions() if v.version > since]
            key_version = home.keyring.newest(HEALTH_CODE)
            now = datetime.now()
            issued = issue(
                linked.connection, linked.folders, [path for path in newer if path.exists()],
                home.codes(before[-1].version) if before else None, home.codes(version),
                root_key(home, key_version), key_version, now.date(),
            )  # fmt: skip
            entry = CodeVersion(version, linked.version.version, key_version, json.dumps(asdict(issued)), now)
            add_code_version(linked.ledger, entry)
            step.read, step.written = issued.new + issued.kept, issued.new
            step.outcome = (
                f"新发 new {issued.new:,}, 保留 kept {issued.kept:,}, 替换 replaced {issued.replaced:,}, "
                f"撤回 withdrawn {issued.withdrawn:,}; 临时码 temporary {issued.temporary:,}"
            )
        return issued


def root_key(home: Home, version: int) -> bytes:
    """Return a root key of card IDs: 16 bytes, as SM4 has them."""
    return home.keyring.key(HEALTH_CODE, version)[:KEY_BYTES]


def codes_file(home: Home, ledger: Ledger) -> Path:
    """Return the file of the codes that count. PlainFault where none were issued."""
    versions = code_versions(ledger)
    if not versions:
        raise PlainFault("尚未签发; 请先运行 yimatong code issue · no code issued yet; run `yimatong code issue` first")
    return home.codes(versions[-1].version)
