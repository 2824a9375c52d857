"""The command `yimatong erase`: a person's identity leaves the vault, and a search proves it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import duckdb

from lake.audit import access
from lake.code_versions import code_versions, follow_code_version
from lake.engine import located
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from linkage.script import count, run, write_parquet
from pipelines.coding.showing import ID_NUMBER
from pipelines.erasing.find import TABLES, find_person, sources
from pipelines.erasing.scrub import remaining, scrub
from pipelines.linked import open_linked
from pipelines.options import HOME, existing, read_unseen
from pipelines.progress import Progress
from pipelines.run import WAITING


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the person's rows, files written anew, codes removed, and where the rows came from."""

    rows: int
    files: int
    codes: int
    sources: tuple[str, ...]


def erase_person(home: Home, number: str, progress: Progress) -> Erased:
    """Erase whoever has an ID number from the vault, and prove it by a search of every file.

    Rows, counts and published figures stay; what identifies is emptied. What is to be erased is noted in the vault
    first: an erasure that was cut off is ended before the next begins. Raises PlainFault where it is no number, nobody
    has it, or the search still finds it.
    """
    if not ID_NUMBER.fullmatch(number):
        raise PlainFault("不是18位证件号码 not an ID number of 18 digits")
    noted = home.root / "vault" / "erasing"
    with home.one_writer(lambda: progress.say(WAITING)), open_linked(home, "erase") as linked:
        if (noted / "done.parquet").exists():  # noted whole, and cut off afterwards
            _recall(linked.connection, noted)
            ended = _erase(linked.connection, linked.ledger, home, noted)
            if count(linked.connection, f"SELECT count(*) FROM erased_number WHERE number = '{number}'"):
                return ended
        find_person(linked, home, number)
        _note(linked.connection, noted)
        return _erase(linked.connection, linked.ledger, home, noted)


def _note(connection: duckdb.DuckDBPyConnection, noted: Path) -> None:
    shutil.rmtree(noted, ignore_errors=True)
    for table in TABLES:
        write_parquet(connection, f"FROM {table}", noted / f"{table}.parquet")
    write_parquet(connection, "SELECT 1 AS done", noted / "done.parquet")


def _recall(connection: duckdb.DuckDBPyConnection, noted: Path) -> None:
    run(connection, "normalise")
    for table in TABLES:
        source = f"read_parquet({located(noted / f'{table}.parquet')})"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {source}")


def _erase(connection: duckdb.DuckDBPyConnection, ledger: Ledger, home: Home, noted: Path) -> Erased:
    rows, told = count(connection, "SELECT count(*) FROM erased_row"), sources(connection)
    with access(home, ledger, "erase", f"{rows} rows"):
        codes = _erase_codes(connection, ledger, home)
        files = scrub(connection, home)
        left = remaining(connection, home)
        if left:
            raise PlainFault(f"仍有 {left} 行含其号码 {left} rows still hold a number of theirs")
    shutil.rmtree(noted)
    return Erased(rows, files, codes, told)


def _erase_codes(connection: duckdb.DuckDBPyConnection, ledger: Ledger, home: Home) -> int:
    """Leave the person's codes out of a new version of the codes, and remove the versions before."""
    versions = code_versions(ledger)
    if not versions:
        return 0
    last = versions[-1]
    source = f"read_parquet({located(home.codes(last.version))})"
    theirs = "number_key = link_number_key((FROM erased_number)) OR registry_id IN (FROM erased_person)"
    gone = count(connection, f"SELECT count(*) FROM {source} WHERE {theirs}")
    newest = last.version
    if gone:
        newest += 1
        write_parquet(connection, f"FROM {source} WHERE ({theirs}) IS NOT TRUE ORDER BY card", home.codes(newest))
        follow_code_version(ledger, last, datetime.now())
    for version in range(1, newest):
        home.codes(version).unlink(missing_ok=True)
    return gone


@click.command()
@HOME
def erase(home: Path) -> None:
    """从保管库抹除一人; 证件号码由标准输入读取 Erase a person; the ID number is read from standard input."""
    erased = erase_person(existing(home), read_unseen("证件号码 ID number"), Progress())
    click.echo(
        f"已抹除 erased: {erased.rows} 行 rows, {erased.files} 个文件 files, {erased.codes} 张码 codes; "
        f"其号码检索无存 a search for their numbers finds nothing. 来源须自行删除, 否则再次交付时复现 "
        f"the sources must delete it too, or the next delivery brings it back: {', '.join(erased.sources)}",
        err=True,
    )
