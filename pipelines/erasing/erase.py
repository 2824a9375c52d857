"""The command `yimatong erase`: a person's identity leaves the vault, the codes and the next build's doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from lake.audit import note_access
from lake.code_versions import CodeVersion, add_code_version, code_versions
from lake.engine import located
from lake.faults import PlainFault
from lake.home import Home
from linkage.script import count, write_parquet
from pipelines.coding.showing import ID_NUMBER
from pipelines.erasing.find import find_person
from pipelines.erasing.scrub import remaining, scrub
from pipelines.linked import Linked, open_linked
from pipelines.options import HOME, existing, read_unseen
from pipelines.progress import Progress


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the person's rows, files written anew, codes removed, and where the rows came from."""

    rows: int
    files: int
    codes: int
    sources: tuple[str, ...]


def erase_person(home: Home, number: str, progress: Progress) -> Erased:
    """Erase whoever has an ID number from the vault, and prove it by a search of every file.

    Rows, counts and published figures stay; what identifies is emptied. Running it again ends what was cut off. Raises
    PlainFault where it is no number, nobody has it, or the search still finds it.
    """
    if not ID_NUMBER.fullmatch(number):
        raise PlainFault("不是18位证件号码 not an ID number of 18 digits")
    waiting = "等待另一运行结束 waiting for another run to end"
    with home.one_writer(lambda: progress.say(waiting)), open_linked(home, "erase") as linked:
        found = find_person(linked, home, number)
        codes = _erase_codes(linked, home)
        files = scrub(linked, home)
        left = remaining(linked, home)
        note_access(home, linked.ledger, "erase", f"{found.rows} rows, {files} files", "done" if not left else "failed")
        if left:
            raise PlainFault(f"仍有 {left} 行含此号码 {left} rows still hold the number")
        return Erased(found.rows, files, codes, found.sources)


def _erase_codes(linked: Linked, home: Home) -> int:
    """Leave the person's codes out of a new version of the codes, and remove the versions before."""
    versions = code_versions(linked.ledger)
    if not versions:
        return 0
    last = versions[-1]
    source = f"read_parquet({located(home.codes(last.version))})"
    theirs = "number_key = link_number_key((FROM erased_number))"
    gone = count(linked.connection, f"SELECT count(*) FROM {source} WHERE {theirs}")
    if gone:
        into = home.codes(last.version + 1)
        write_parquet(linked.connection, f"FROM {source} WHERE ({theirs}) IS NOT TRUE ORDER BY card", into)
        add_code_version(
            linked.ledger,
            CodeVersion(last.version + 1, last.link_version, last.key_version, last.counts, datetime.now()),
        )
        for version in versions:
            home.codes(version.version).unlink(missing_ok=True)
    return gone


@click.command()
@HOME
def erase(home: Path) -> None:
    """从保管库抹除一人; 证件号码由标准输入读取 Erase a person; the ID number is read from standard input."""
    erased = erase_person(existing(home), read_unseen("证件号码 ID number"), Progress())
    click.echo(
        f"已抹除 erased: {erased.rows} 行 rows, {erased.files} 个文件 files, {erased.codes} 张码 codes; "
        f"检索无存 a search finds nothing. 来源须自行删除, 否则再次交付时复现 "
        f"the sources must delete it too, or the next delivery brings it back: {', '.join(erased.sources)}",
        err=True,
    )
