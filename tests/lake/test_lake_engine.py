"""The engine and the faults: bounded, self-contained, silent about values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from lake.conservation import RowsNotConserved, conserve
from lake.engine import connect, located, parquet, quoted
from lake.faults import PassingFault, PlainFault, UnexpectedFault, without_values

VALUE = "欧阳奇葩绝密"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home") / "tmp" / "run"


@pytest.fixture(scope="module")
def engine(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(scratch) as connection:
        yield connection


def setting(engine: duckdb.DuckDBPyConnection, name: str) -> object:
    return engine.execute(f"SELECT current_setting('{name}')").fetchall()[0][0]


def test_the_engine_spills_into_its_scratch_folder(scratch: Path, engine: duckdb.DuckDBPyConnection) -> None:
    assert scratch.is_dir()
    assert setting(engine, "temp_directory") == str(scratch / "spill")


def test_the_engine_tells_time_as_in_china(engine: duckdb.DuckDBPyConnection) -> None:
    assert setting(engine, "TimeZone") == "Asia/Shanghai"


def test_the_engine_knows_the_contract_s_macros(engine: duckdb.DuckDBPyConnection) -> None:
    assert engine.execute("SELECT division_is_known('440106'), division_is_known('449999')").fetchall() == [
        (True, False)
    ]


def test_the_engine_fetches_and_loads_no_extension(engine: duckdb.DuckDBPyConnection) -> None:
    assert (setting(engine, "autoinstall_known_extensions"), setting(engine, "autoload_known_extensions")) == (
        False, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "given", "name", "value"),
    [("YIMATONG_MEMORY", "256MiB", "memory_limit", "256.0 MiB"), ("YIMATONG_THREADS", "1", "threads", 1)],
)
def test_memory_and_threads_are_as_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, given: str, name: str, value: object
) -> None:
    monkeypatch.setenv(variable, given)
    with connect(tmp_path) as engine:
        assert setting(engine, name) == value


def test_memory_is_bounded_where_the_environment_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIMATONG_MEMORY", raising=False)
    with connect(tmp_path) as engine:
        assert setting(engine, "memory_limit") == "3.0 GiB"


def test_what_exceeds_the_memory_is_refused_and_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_MEMORY", "32MiB")
    with connect(tmp_path) as engine, pytest.raises(duckdb.OutOfMemoryException):
        engine.execute("SELECT length(list(n)) FROM range(20_000_000) AS numbers(n)").fetchall()


@pytest.mark.parametrize("text", ["", "plain", "it's", "''", "\\n", "a\nb", VALUE])
def test_a_quoted_text_is_the_text(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    assert engine.execute(f"SELECT {quoted(text)}").fetchall() == [(text,)]


def test_a_relation_over_parquet_files(tmp_path: Path, engine: duckdb.DuckDBPyConnection) -> None:
    paths = [tmp_path / name for name in ("a.parquet", "it's b.parquet")]
    for number, path in enumerate(paths):
        engine.execute(f"COPY (SELECT {number} AS n) TO {located(path)} (FORMAT parquet)")
    empty = "SELECT 7 AS n"
    found = [engine.execute(f"FROM {parquet(of, empty)} ORDER BY n").fetchall() for of in ([], paths[:1], paths)]
    assert found == [[], [(0,)], [(0,), (1,)]]


def test_an_unexpected_exception_keeps_type_and_place_and_loses_its_text() -> None:
    def stumble() -> None:
        raise LookupError(VALUE)

    with pytest.raises(UnexpectedFault) as fault, without_values():
        stumble()
    told = str(fault.value)
    assert VALUE not in told
    assert told.startswith("builtins.LookupError @ lake/test_lake_engine.py:")
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__


def test_a_library_s_exception_is_told_by_its_own_module() -> None:
    with pytest.raises(UnexpectedFault, match=r"ConversionException @ ") as fault, without_values():
        duckdb.sql(f"SELECT CAST('{VALUE}' AS DATE)").fetchall()
    assert VALUE not in str(fault.value)


@pytest.mark.parametrize("kind", [PlainFault, RowsNotConserved, KeyError])
def test_a_fault_of_this_project_and_one_let_through_keep_their_text(kind: type[Exception]) -> None:
    with pytest.raises(kind, match="as it is"), without_values(KeyError):
        raise kind("as it is")


def test_an_interruption_is_no_fault() -> None:
    with pytest.raises(KeyboardInterrupt), without_values():
        raise KeyboardInterrupt


CONSERVED = [(0, ()), (0, (0, 0)), (3, (3,)), (6, (1, 2, 3))]
NOT_CONSERVED = [(1, ()), (0, (1,)), (6, (1, 2, 2)), (6, (1, 2, 3, 1))]


@pytest.mark.parametrize(("read", "written"), CONSERVED)
def test_rows_that_are_conserved(read: int, written: tuple[int, ...]) -> None:
    conserve("clean", read, *written)


@pytest.mark.parametrize(("read", "written"), NOT_CONSERVED)
def test_rows_that_are_not_conserved(read: int, written: tuple[int, ...]) -> None:
    with pytest.raises(RowsNotConserved, match=f"clean: {read} ≠"):
        conserve("clean", read, *written)


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (ConnectionResetError(VALUE), True),
        (BlockingIOError(VALUE), True),
        (OSError(28, VALUE), True),
        (OperationalError(VALUE, {}, Exception(VALUE)), True),
        (duckdb.IOException(VALUE), True),
        (FileNotFoundError(VALUE), False),
        (PermissionError(VALUE), False),
        (ValueError(VALUE), False),
        (ProgrammingError(VALUE, {}, Exception(VALUE)), False),
        (duckdb.ConversionException(VALUE), False),
    ],
)
def test_a_fault_that_may_pass_is_told_from_one_that_lasts(error: Exception, passing: bool) -> None:
    with pytest.raises(UnexpectedFault) as fault, without_values():
        raise error
    assert isinstance(fault.value, PassingFault) == passing
    assert VALUE not in str(fault.value)
