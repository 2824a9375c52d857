"""What differs from one database to another: how a read-only snapshot begins, what the time is, how a time is written.

PostgreSQL and MariaDB run in the tests, SQLite stands in for them in quick ones; of the others the SQL is looked at.
Another database needs its driver and, where it differs from standard SQL, a class and a name in `_BY_NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Integer,
    Numeric,
    String,
    case,
    cast,
    extract,
    func,
    literal_column,
    select,
    types,
)
from sqlalchemy.exc import DBAPIError

from contracts.schema import Type

_CHINA = timezone(timedelta(hours=8))
_CONNECT_SECONDS = 20
_DAY = 86_400


class Dialect:
    """The forms of standard SQL; times without an offset are taken as Asia/Shanghai."""

    permanent: frozenset[str] = frozenset()
    """Codes of errors that another attempt would meet again; as are those of SQLSTATE classes 28 and 42."""

    def engine_options(self, timeout: timedelta) -> Mapping[str, Any]:
        """Return what the engine is made with."""
        return {}

    def connection_options(self) -> Mapping[str, Any]:
        """Return the execution options of the connection."""
        return {"isolation_level": "SERIALIZABLE"}

    def after_error(self, cursor: Any) -> None:
        """Leave a cursor whose reading was broken off so that it can be closed."""

    def opening(self, timeout: timedelta) -> list[str]:
        """Return the statements that open one read-only snapshot, each of whose statements may take `timeout`."""
        return []

    def now(self, connection: Connection) -> datetime:
        """Return the database's own time, naive, in Asia/Shanghai."""
        return _local(connection.execute(select(func.current_timestamp())).scalar_one())

    def day(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day of a date-time column as YYYY-MM-DD."""
        return cast(cast(column, Date), String(10))

    def seconds(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the seconds of a date-time column since midnight, without fraction."""
        return extract("hour", column) * 3600 + extract("minute", column) * 60 + self._whole(extract("second", column))

    def _whole(self, seconds: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.floor(seconds)

    def shown(self, column: ColumnElement[Any], kind: types.TypeEngine[Any], type_: Type) -> ColumnElement[Any]:
        """Return what to select for a column of a contract type: itself, or its text where the database writes it."""
        return column

    def is_transient(self, error: DBAPIError) -> bool:
        """Say whether another attempt may succeed: the connection was lost, the server is away."""
        code, state = error_code(error)
        if code in self.permanent or state[:2] in ("28", "42") or "authentication" in str(error.orig).lower():
            return False
        return error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError")


class PostgreSQL(Dialect):
    """PostgreSQL, and 人大金仓 where its driver speaks PostgreSQL's protocol."""

    permanent = frozenset({"57014", "25006", "3D000"})  # timeout or cancel, write refused, no such database

    def engine_options(self, timeout: timedelta) -> Mapping[str, Any]:
        """Return what the engine is made with: text as UTF-8, a dead peer noticed."""
        alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return {"connect_args": {"connect_timeout": _CONNECT_SECONDS, "client_encoding": "utf8", **alive}}

    def connection_options(self) -> Mapping[str, Any]:
        """Return the execution options of the connection."""
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

    def opening(self, timeout: timedelta) -> list[str]:
        """Return the statements that open the snapshot."""
        return [
            "SET LOCAL TIME ZONE 'Asia/Shanghai'",
            "SET LOCAL idle_in_transaction_session_timeout = 0",  # while what was read is compared
            f"SET LOCAL statement_timeout = {int(timeout / timedelta(milliseconds=1))}",
        ]

    def now(self, connection: Connection) -> datetime:
        """Return the time of the clock, which the transaction's own may be behind."""
        return _local(connection.execute(select(func.clock_timestamp())).scalar_one())

    def day(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day; NULL for an infinite time."""
        return func.to_char(column, "YYYY-MM-DD")

    def seconds(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the seconds since midnight."""
        moment = cast(column, DateTime)
        of_day = cast(func.floor(func.date_part("epoch", moment - func.date_trunc("day", moment))), Integer)
        return case((func.isfinite(moment), of_day), else_=0)

    def shown(self, column: ColumnElement[Any], kind: types.TypeEngine[Any], type_: Type) -> ColumnElement[Any]:
        """Return times and decimals as the server writes them; NULL for an infinite time."""
        if isinstance(kind, (DateTime, Date)):
            short = isinstance(kind, Date) or type_ is Type.DATE
            return func.to_char(column, "YYYY-MM-DD" if short else 'YYYY-MM-DD"T"HH24:MI:SS.US')
        return cast(column, types.Text) if _is_money(kind, type_) else column


class MariaDB(Dialect):
    """MariaDB."""

    permanent = frozenset({"1044", "1045", "1049", "1142", "1143", "1698", "1792", "1969", "3024"})

    def engine_options(self, timeout: timedelta) -> Mapping[str, Any]:
        """Return what the engine is made with: a dead peer is noticed when a statement is overdue."""
        patience = int(timeout.total_seconds()) + 60
        return {"connect_args": {"connect_timeout": _CONNECT_SECONDS, "read_timeout": patience}}

    def connection_options(self) -> Mapping[str, Any]:
        """Return the execution options of the connection."""
        return {"isolation_level": "REPEATABLE READ"}

    def after_error(self, cursor: Any) -> None:
        """Keep pymysql from reading the rest of a result from a lost connection when the cursor is closed."""
        if getattr(cursor, "_result", None) is not None:
            cursor._result.unbuffered_active = False

    def opening(self, timeout: timedelta) -> list[str]:
        """Return the statements that open the snapshot; the server waits for this reader as long as a statement may."""
        return [
            "SET SESSION time_zone = '+08:00'",
            self._timeout(timeout),
            f"SET SESSION net_write_timeout = {int(timeout.total_seconds()) + 60}",
            "COMMIT",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ]

    def _timeout(self, timeout: timedelta) -> str:
        return f"SET SESSION max_statement_time = {timeout.total_seconds()}"

    def day(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day."""
        return func.date_format(column, "%Y-%m-%d")

    def seconds(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the seconds since midnight."""
        return func.floor(func.mod(func.to_seconds(column), _DAY))

    def shown(self, column: ColumnElement[Any], kind: types.TypeEngine[Any], type_: Type) -> ColumnElement[Any]:
        """Return times and decimals as the server writes them."""
        if isinstance(kind, (DateTime, Date)):
            short = isinstance(kind, Date) or type_ is Type.DATE
            return func.date_format(column, "%Y-%m-%d" if short else "%Y-%m-%dT%H:%i:%s.%f")
        return cast(column, types.CHAR) if _is_money(kind, type_) else column


class MySQL(MariaDB):
    """MySQL, which has another name for the time that a statement may take."""

    def _timeout(self, timeout: timedelta) -> str:
        return f"SET SESSION max_execution_time = {int(timeout / timedelta(milliseconds=1))}"


class Oracle(Dialect):
    """Oracle, and 达梦, which speaks its SQL; no server of theirs runs in the tests."""

    permanent = frozenset({"1017", "28000", "942", "1031", "1456"})  # password, locked, no table, no right, read-only

    def connection_options(self) -> Mapping[str, Any]:
        """Return the execution options of the connection: a read-only transaction is one snapshot by itself."""
        return {}

    def opening(self, timeout: timedelta) -> list[str]:
        """Return the statements that open the snapshot; how long a statement may take is the account's profile's."""
        return ["ALTER SESSION SET TIME_ZONE = '+08:00'", "COMMIT", "SET TRANSACTION READ ONLY"]

    def day(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day."""
        return func.to_char(column, "YYYY-MM-DD")

    def seconds(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the seconds since midnight."""
        return func.to_number(func.to_char(column, "SSSSS"))


class SQLServer(Dialect):
    """SQL Server, its database with ALLOW_SNAPSHOT_ISOLATION; none runs in the tests. The account must not write."""

    def connection_options(self) -> Mapping[str, Any]:
        """Return the execution options of the connection."""
        return {"isolation_level": "SNAPSHOT"}

    def now(self, connection: Connection) -> datetime:
        """Return the time."""
        return _local(connection.execute(select(func.sysdatetimeoffset())).scalar_one())

    def day(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day."""
        return func.convert(literal_column("VARCHAR(10)"), column, 23)


class SQLite(Dialect):
    """SQLite, for tests of what is the same everywhere; its clock is that of this process."""

    def opening(self, timeout: timedelta) -> list[str]:
        """Return the statements that open the snapshot."""
        return ["PRAGMA query_only = ON", "BEGIN"]

    def now(self, connection: Connection) -> datetime:
        """Return the time."""
        return _local(datetime.now(UTC))

    def day(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day."""
        return func.strftime("%Y-%m-%d", column)

    def _whole(self, seconds: ColumnElement[Any]) -> ColumnElement[Any]:
        return seconds


_BY_NAME: Mapping[str, Dialect] = {
    "postgresql": PostgreSQL(),
    "kingbase": PostgreSQL(),
    "kingbase8": PostgreSQL(),
    "mariadb": MariaDB(),
    "mysql": MySQL(),
    "oracle": Oracle(),
    "dm": Oracle(),
    "mssql": SQLServer(),
    "sqlite": SQLite(),
}


def dialect_of(name: str, is_mariadb: bool = False) -> Dialect:
    """Return the dialect of that name; MariaDB answers to the name of MySQL too, which a connection tells."""
    return _BY_NAME.get("mariadb" if is_mariadb else name, Dialect())


def error_code(error: DBAPIError) -> tuple[str, str]:
    """Return an error's code and SQLSTATE, as far as the driver gives them; neither holds a value."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    first = getattr(error.orig, "args", ("",))[:1]
    code = str(first[0]) if first and isinstance(first[0], int) else state
    return code, state


def _local(moment: datetime) -> datetime:
    return moment.astimezone(_CHINA).replace(tzinfo=None) if moment.tzinfo else moment


def _is_money(kind: types.TypeEngine[Any], type_: Type) -> bool:
    """Say whether the column is of decimals that the contract takes as they are written."""
    return isinstance(kind, Numeric) and type(kind).__name__ in ("NUMERIC", "DECIMAL") and _few_places(kind, type_)


def _few_places(kind: Numeric[Any], type_: Type) -> bool:
    return type_ is not Type.INTEGER and kind.scale is not None and 0 <= kind.scale <= 9
