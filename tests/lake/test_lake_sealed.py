"""Sealed files: nothing is read without the secret, nothing that was changed is read at all, anyone may write."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.engine import connect, located
from lake.faults import PlainFault
from lake.home import Home
from lake.sealed import CHUNK, HEADER_SIZE, TAG, BrokenSeal, SealedReader, SealedWriter
from lake.vault import address, open_to_read, open_to_write, read_text, ring_of, write_text

PLANTED = "欧阳奇葩绝密 440106198707199915"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("YIMATONG_SECRET", "0f" * 32)
    made = Home(tmp_path / "home")
    made.create()
    return made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("kept") / "home")
    made.create()
    return made


def seal(path: Path, home: Home, text: bytes) -> Path:
    with SealedWriter(path, home.keyring) as file:
        file.write(text)
    return path


@settings(max_examples=30, deadline=None)
@given(
    pieces=st.lists(st.sampled_from([0, 1, 15, 4096, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]), max_size=5),
    reads=st.lists(st.tuples(st.integers(0, 5 * CHUNK), st.integers(0, 3 * CHUNK)), max_size=5),
)
def test_what_is_read_is_what_was_written(kept: Home, pieces: list[int], reads: list[tuple[int, int]]) -> None:
    text = b"".join(bytes([at + 1]) * size for at, size in enumerate(pieces))
    path = kept.root / "vault" / "text"
    with SealedWriter(path, kept.keyring) as file:
        for at, size in enumerate(pieces):
            assert file.write(bytes([at + 1]) * size) == size
        assert file.tell() == len(text)
    with SealedReader(path, kept.keyring) as opened:
        assert (opened.size, opened.read()) == (len(text), text)
        for at, count in reads:
            opened.seek(at)
            assert opened.read(count) == text[at : at + count]
        opened.seek(-min(8, len(text)), io.SEEK_END)
        assert opened.read() == text[-8:]


CUTS = {
    "the magic": lambda b: b"X" + b[1:],
    "the sender's key": lambda b: b[:20] + bytes([b[20] ^ 1]) + b[21:],
    "the wrapped key": lambda b: b[: HEADER_SIZE - 1] + bytes([b[HEADER_SIZE - 1] ^ 1]) + b[HEADER_SIZE:],
    "a byte of the text": lambda b: b[:500] + bytes([b[500] ^ 1]) + b[501:],
    "the last tag": lambda b: b[:-1] + bytes([b[-1] ^ 1]),
    "the last byte gone": lambda b: b[:-1],
    "the last chunk gone": lambda b: b[: HEADER_SIZE + 2 * (CHUNK + TAG)],
    "all chunks gone": lambda b: b[:HEADER_SIZE],
    "all gone": lambda b: b"",
    "more at the end": lambda b: b + b"x",
    "a chunk again": lambda b: b + b[-(CHUNK + TAG) :],
    "two chunks exchanged": lambda b: (
        b[:HEADER_SIZE]
        + b[HEADER_SIZE + CHUNK + TAG : HEADER_SIZE + 2 * (CHUNK + TAG)]
        + b[HEADER_SIZE : HEADER_SIZE + CHUNK + TAG]
        + b[HEADER_SIZE + 2 * (CHUNK + TAG) :]
    ),
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_changed_file_is_refused(home: Home, cut: str) -> None:
    path = seal(home.root / "vault" / "text", home, bytes(range(256)) * (CHUNK // 100))
    assert path.stat().st_size > HEADER_SIZE + 2 * (CHUNK + TAG)
    path.write_bytes(CUTS[cut](path.read_bytes()))
    with pytest.raises(BrokenSeal, match="text"), SealedReader(path, home.keyring) as file:
        file.read()


def test_two_files_of_one_text_have_nothing_in_common(home: Home) -> None:
    one, two = (seal(home.root / "vault" / name, home, bytes(CHUNK)).read_bytes() for name in "ab")
    assert not {one[at : at + 16] for at in range(10, len(one), 16)} & {
        two[at : at + 16] for at in range(10, len(two), 16)
    }


def test_writing_needs_no_secret_and_reading_does(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIMATONG_SECRET")
    path = home.root / "vault" / "text"
    write_text(path, PLANTED)
    with pytest.raises(PlainFault, match="absent"):
        read_text(path)
    monkeypatch.setenv("YIMATONG_SECRET", "0f" * 32)
    assert read_text(path) == PLANTED


def test_files_sealed_under_a_former_pair_stay_readable(home: Home) -> None:
    first = seal(home.root / "vault" / "first", home, b"one")
    home.keyring.rotate("vault")
    second = seal(home.root / "vault" / "second", home, b"two")
    assert [SealedReader(path, home.keyring).read() for path in (first, second)] == [b"one", b"two"]
    assert first.read_bytes()[8:10] != second.read_bytes()[8:10]


def test_what_lies_in_vault_and_tmp_is_sealed_and_nothing_else(home: Home, tmp_path: Path) -> None:
    sealed = [
        home.identity("emr", "1"),
        home.landing("emr", "1"),
        home.links(1) / "link.parquet",
        home.scratch("r") / "a",
    ]
    plain = [home.content("emr", "1"), home.build(1), home.quality_page, tmp_path / "vault" / "x", tmp_path / "y"]
    assert [ring_of(path) == home.keyring for path in sealed + plain] == [True] * 4 + [False] * 5
    assert [address(path).startswith("sealed://") for path in sealed + plain] == [True] * 4 + [False] * 5


def test_a_home_made_without_sealing_stays_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_VAULT", "off")
    bare = Home(tmp_path / "bare")
    bare.create()
    monkeypatch.delenv("YIMATONG_VAULT")
    assert not bare.keyring.is_sealing and address(bare.identity("emr", "1")) == str(bare.identity("emr", "1"))


def test_an_engine_reads_and_writes_sealed_parquet(home: Home) -> None:
    path, copy = home.identity("emr", "it's 1"), home.identity("emr", "2")
    path.parent.mkdir(parents=True)
    with open_to_write(path) as file:
        pq.write_table(pa.table({"row_id": range(1000), "name": [PLANTED] * 1000}), file)
    with connect(home.scratch("run")) as engine:
        engine.execute(
            f"COPY (FROM read_parquet({located(path)}) WHERE row_id < 10) TO {located(copy)} (FORMAT parquet)"
        )
        found = f"SELECT count(*), sum(row_id), any_value(name) FROM read_parquet([{located(path)}, {located(copy)}])"
        assert engine.execute(found).fetchall() == [(1010, 499_545, PLANTED)]
        with pytest.raises(duckdb.IOException, match="No files found"):
            engine.execute(f"FROM read_parquet({located(home.identity('emr', '3'))})")
    with open_to_read(copy) as file:
        assert pq.read_table(file)["row_id"].to_pylist() == list(range(10))
    assert not [p for p in (path, copy) if PLANTED.encode() in p.read_bytes() or b"PAR1" in p.read_bytes()]


def test_what_an_engine_spills_is_sealed_and_comes_back_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_MEMORY", "60MB")
    monkeypatch.setenv("YIMATONG_THREADS", "2")
    scratch = home.scratch("run")
    with connect(scratch) as engine:
        engine.execute(f"CREATE TEMP TABLE t AS SELECT range AS i, '{PLANTED}' || range AS s FROM range(1500000)")
        spilled = [path.read_bytes() for path in scratch.rglob("*") if path.is_file()]
        assert sum(map(len, spilled)) > 1_000_000
        assert not [octets for octets in spilled if PLANTED.encode() in octets]
        assert engine.execute(f"SELECT count(DISTINCT s), sum(i) FROM t WHERE s LIKE '{PLANTED}%'").fetchall() == [
            (1_500_000, 1_124_999_250_000)
        ]
    assert not [path for path in scratch.rglob("*") if path.is_file()]


def test_threads_that_share_a_file_do_not_share_a_position(home: Home) -> None:
    text = b"".join(number.to_bytes(4, "big") for number in range(200_000))
    path = seal(home.root / "vault" / "text", home, text)
    wrong: list[int] = []
    with SealedReader(path, home.keyring) as file:

        def read(start: int) -> None:
            for number in range(start, 200_000, 997):
                file.seek(4 * number)
                if file.read(4) != number.to_bytes(4, "big"):
                    wrong.append(number)

        threads = [threading.Thread(target=read, args=[start]) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_an_engine_without_the_vault_opens_no_sealed_file_and_spills_sealed(home: Home) -> None:
    path = home.identity("emr", "1")
    path.parent.mkdir(parents=True)
    with connect(home.scratch("run")) as engine:
        engine.execute(f"COPY (SELECT 1 AS row_id) TO {located(path)} (FORMAT parquet)")
    with connect(home.scratch("run"), vault=False) as engine:
        with pytest.raises(duckdb.Error):
            engine.execute(f"FROM read_parquet({located(path)})")
        assert engine.execute("SELECT current_setting('temp_directory')").fetchall()[0][0].startswith("spill://")


def test_a_place_asked_for_before_its_home_is_made_is_sealed_afterwards(tmp_path: Path) -> None:
    home = Home(tmp_path / "later")
    assert ring_of(home.identity("emr", "1")) is None
    home.create()
    assert ring_of(home.identity("emr", "1")) == home.keyring
