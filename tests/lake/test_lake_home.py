"""The home: files come whole or not at all, one run writes at a time, keys follow from one secret."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lake.files import link_in_place, put
from lake.home import Home, clear

HOLD = """
import sys
from pathlib import Path
from lake.home import Home
with Home(Path(sys.argv[1])).one_writer(print):
    print("held", flush=True)
    sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_in_place_when_the_block_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "down" / "rows.parquet"
    with put(target) as partial:
        partial.write_text("rows")
        assert not target.exists()
        assert partial.parent == target.parent
    assert target.read_text() == "rows"
    assert files_in(target.parent) == ["rows.parquet"]


def test_a_file_takes_the_place_of_an_older_one_at_once(tmp_path: Path) -> None:
    target = tmp_path / "rows.parquet"
    target.write_text("old")
    with put(target) as partial:
        partial.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"


@pytest.mark.parametrize("older", [None, "old"])
def test_nothing_is_put_where_the_block_fails(tmp_path: Path, older: str | None) -> None:
    target = tmp_path / "rows.parquet"
    if older is not None:
        target.write_text(older)
    with pytest.raises(KeyboardInterrupt), put(target) as partial:
        partial.write_text("half of the ro")
        raise KeyboardInterrupt
    assert not partial.exists()
    assert (target.read_text() if target.exists() else None) == older


def test_nothing_is_put_where_the_block_wrote_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), put(tmp_path / "rows.parquet"):
        pass
    assert files_in(tmp_path) == []


def test_a_link_in_place_is_the_file_itself(tmp_path: Path) -> None:
    builds = [tmp_path / name for name in ("1.duckdb", "2.duckdb")]
    current = tmp_path / "current.duckdb"
    for build in builds:
        build.write_text(build.name)
        link_in_place(build, current)
        assert current.samefile(build)
    assert builds[0].read_text() == "1.duckdb"
    assert files_in(tmp_path) == ["1.duckdb", "2.duckdb", "current.duckdb"]


def test_a_reader_keeps_the_build_that_it_opened(tmp_path: Path) -> None:
    first, second, current = tmp_path / "1", tmp_path / "2", tmp_path / "current"
    first.write_text("first")
    second.write_text("second")
    link_in_place(first, current)
    with current.open() as reader:
        link_in_place(second, current)
        assert reader.read() == "first"
    assert current.read_text() == "second"


def test_a_link_that_is_right_is_left_alone(tmp_path: Path) -> None:
    build, current = tmp_path / "1.duckdb", tmp_path / "current.duckdb"
    build.write_text("rows")
    link_in_place(build, current)
    before = current.stat().st_ctime_ns
    link_in_place(build, current)
    assert current.stat().st_ctime_ns == before


def test_a_second_writer_waits_until_the_first_has_ended(tmp_path: Path) -> None:
    home, told, order = Home(tmp_path), threading.Event(), []

    def second() -> None:
        with home.one_writer(told.set):
            order.append("second")

    thread = threading.Thread(target=second)
    with home.one_writer(lambda: pytest.fail("nobody else writes")):
        thread.start()
        assert told.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_writer_that_fails_lets_the_next_one_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(ZeroDivisionError), home.one_writer(lambda: None):
        _ = 1 / 0
    with home.one_writer(lambda: pytest.fail("nobody else writes")):
        pass


def test_a_writer_that_is_killed_lets_the_next_one_in(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    waited = []

    def kill() -> None:
        waited.append(True)
        process.kill()

    with Home(tmp_path).one_writer(kill):
        assert waited == [True]
    process.communicate()


def test_the_folders_of_persons_are_closed_to_other_users(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    modes = {name: mode(home.root / name) for name in ("vault", "content", "tmp", "builds", "keys", "ledger.sqlite")}
    assert modes == dict.fromkeys(("vault", "content", "tmp", "builds", "keys"), 0o700) | {"ledger.sqlite": 0o600}
    assert (mode(home.root), mode(home.warehouse.parent)) == (0o711, 0o2750)


def test_the_ledger_lies_in_the_home_unless_its_database_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YIMATONG_LEDGER_URL", raising=False)
    assert Home(tmp_path).ledger_url == f"sqlite:///{tmp_path}/ledger.sqlite"
    monkeypatch.setenv("YIMATONG_LEDGER_URL", "postgresql://ledger")
    assert Home(tmp_path).ledger_url == "postgresql://ledger"


def test_clearing_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "run" / "spill").mkdir(parents=True)
    (tmp_path / "run" / "spill" / "file").write_text("rows")
    for _ in range(2):
        clear(tmp_path / "run")
        assert files_in(tmp_path) == []
