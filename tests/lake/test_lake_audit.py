"""The access log: whatever is done to it behind its back is found."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.audit import Verified, access, accesses, log_file, note_access, verify
from lake.home import Home
from lake.keyring import AUDIT
from lake.ledger import Ledger
from lake.roles import ROLES, permits, user

LINES = 6


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("audit") / "home")
    home.create()
    with closing(Ledger(home.ledger_url)) as ledger:
        for number in range(LINES):
            note_access(home, ledger, "crosswalk", "vault", f"opened {number}")
            if number == 2:
                home.keyring.rotate(AUDIT)
    return home


@pytest.fixture
def home(logged: Home, tmp_path: Path) -> Home:
    shutil.copytree(logged.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with closing(Ledger(home.ledger_url)) as opened:
        yield opened


def test_a_log_left_alone_is_sound(home: Home, ledger: Ledger) -> None:
    assert verify(home, ledger) == Verified(LINES, "")
    assert log_file(home).stat().st_mode & 0o777 == 0o600
    assert [line["outcome"] for line in accesses(home)] == [f"opened {number}" for number in range(LINES)]
    assert {line["who"] for line in accesses(home)} == {user()}


def lines_of(home: Home) -> list[bytes]:
    return log_file(home).read_bytes().splitlines(keepends=True)


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "the first line dropped": lambda lines: lines[1:],
    "a line dropped": lambda lines: lines[:3] + lines[4:],
    "the last line dropped": lambda lines: lines[:-1],
    "all dropped": lambda lines: [],
    "two lines exchanged": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "a line twice": lambda lines: [*lines, lines[-1]],
    "a line of one's own": lambda lines: [*lines, json.dumps({"number": LINES + 1, "mac": "0" * 64}).encode() + b"\n"],
    "no line at all": lambda lines: [*lines, b"\n"],
    "another number": lambda lines: [*lines[:-1], lines[-1].replace(b'"number": 6', b'"number": 7')],
    "written otherwise": lambda lines: [*lines[:-1], lines[-1].replace(b": ", b":  ")],
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_done_to_the_log_is_found(home: Home, ledger: Ledger, change: str) -> None:
    log_file(home).write_bytes(b"".join(CHANGES[change](lines_of(home))))
    assert verify(home, ledger).broken


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1_000_000))
def test_any_byte_changed_is_found(logged: Home, seed: int) -> None:
    chance = random.Random(seed)
    kept = log_file(logged).read_bytes()
    changed = bytearray(kept)
    at = chance.randrange(len(changed))
    changed[at] ^= chance.randint(1, 255)
    try:
        log_file(logged).write_bytes(bytes(changed))
        with closing(Ledger(logged.ledger_url)) as ledger:
            assert verify(logged, ledger).broken
    finally:
        log_file(logged).write_bytes(kept)


def test_a_log_set_back_without_its_ledger_is_found_then_and_later(home: Home, ledger: Ledger) -> None:
    before = log_file(home).read_bytes()
    note_access(home, ledger, "crosswalk", "vault", "opened")
    log_file(home).write_bytes(before)
    assert "it ends at line 6" in verify(home, ledger).broken
    note_access(home, ledger, "crosswalk", "vault", "opened")
    assert "line 7" in verify(home, ledger).broken


@pytest.mark.parametrize("left", [b"", b'{"number": 8, "at"'])
def test_after_a_kill_between_log_and_ledger_the_chain_goes_on(home: Home, ledger: Ledger, left: bytes) -> None:
    ledger_file = home.root / "ledger.sqlite"
    before = ledger_file.read_bytes()
    note_access(home, ledger, "crosswalk", "vault", "opened")
    ledger.close()
    ledger_file.write_bytes(before)
    for more in home.root.glob("ledger.sqlite-*"):
        more.unlink()
    with log_file(home).open("ab") as log:
        log.write(left)
    with closing(Ledger(home.ledger_url)) as again:
        note_access(home, again, "crosswalk", "vault", "opened")
        assert verify(home, again) == Verified(LINES + 2, "")


def test_how_a_block_ended_is_noted(home: Home, ledger: Ledger) -> None:
    with access(home, ledger, "erase"):
        pass
    with pytest.raises(KeyError), access(home, ledger, "erase"):
        raise KeyError("欧阳奇葩")
    assert [line["outcome"] for line in accesses(home)][-2:] == ["done", "failed: KeyError"]


def test_roles(home: Home) -> None:
    assert permits(home, "anyone", "run")
    (home.root / "access.toml").write_text('engineer = ["eng"]\nreviewer = ["rev"]\nanalyst = ["ana"]\n'
                                           'commission = ["com"]\n')  # fmt: skip
    may = {
        "run": "eng", "pull": "eng", "crosswalk": "eng", "key rotate": "eng", "code issue": "eng",
        "review export": "rev", "review decide": "rev", "review list": "eng rev", "export": "eng com",
        "gate release": "eng com", "audit verify": "eng com", "status": "eng rev ana com",
    }  # fmt: skip
    for command, names in may.items():
        assert [name for name in ("eng", "rev", "ana", "com") if permits(home, name, command)] == names.split()
    assert not permits(home, "nobody", "status")
    assert len(ROLES) == 4
