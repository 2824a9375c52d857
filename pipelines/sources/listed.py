"""The file that lists the databases to pull from: sources.toml, without passwords."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from contracts.schema import Feed
from lake.faults import PlainFault

_SECRET = re.compile("pass|pwd|secret|token|odbc_connect", re.IGNORECASE)


class UnusableSources(PlainFault):
    """The file of sources can't be used as it is; the text says where, and never quotes a URL."""


@dataclass(frozen=True, slots=True)
class Source:
    """A city's database. `tables` names the table or view of each feed that isn't named as the feed."""

    name: str
    city: str
    url: URL
    feeds: tuple[Feed, ...]
    password_env: str | None = None
    schema: str | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    overlap: timedelta = timedelta(days=1)
    full_every: timedelta | None = None
    batch_rows: int = 20_000
    statement_timeout: timedelta = timedelta(hours=1)
    attempts: int = 5

    def table(self, feed: Feed) -> str:
        """Return the name of the feed's table or view."""
        return self.tables.get(feed.name, feed.name)

    def url_with_password(self) -> URL:
        """Return the URL to connect by; PlainFault where the variable that holds the password isn't set."""
        if self.password_env is None:
            return self.url
        password = os.environ.get(self.password_env)
        if password is None:
            raise PlainFault(f"{self.name}: 环境变量未设置 environment variable is not set: {self.password_env}")
        return self.url.set(password=password)


def read_sources(path: Path) -> list[Source]:
    """Return the sources that the file lists; UnusableSources says what is wrong with it."""
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise UnusableSources(f"{path.name}: 无法打开 cannot be opened: {os.strerror(fault.errno or 0)}") from None
    except ValueError:  # the text of a TOML error may quote a line
        raise UnusableSources(f"{path.name}: 不是可读的 TOML not readable as TOML") from None
    entries = stated.get("source")
    if set(stated) != {"source"} or not isinstance(entries, list) or not entries:
        raise UnusableSources(f"{path.name}: 需要一个或多个 [[source]] one or more [[source]] are needed")
    sources = [_source(f"{path.name} [[source]] {n}", entry) for n, entry in enumerate(entries, 1)]
    places = [(source.city, feed.name) for source in sources for feed in source.feeds]
    twice = {place for place in places if places.count(place) > 1}
    if twice:
        told = ", ".join("/".join(place) for place in sorted(twice))
        raise UnusableSources(f"{path.name}: 同一类数据列了两次 listed twice: {told}")
    return sources


def only(sources: Sequence[Source], city: str | None, feed: str | None) -> list[Source]:
    """Return the sources with their feeds, of one city or feed where these are given; UnusableSources for none."""
    chosen = [
        replace(source, feeds=tuple(each for each in source.feeds if feed in (None, each.name)))
        for source in sources
        if city in (None, source.city)
    ]
    chosen = [source for source in chosen if source.feeds]
    if not chosen:
        raise UnusableSources("没有这样的来源 no such source")
    return chosen


def url_without_password(where: str, text: str) -> URL:
    """Return the URL that a text states; UnusableSources, which tells `where`, for none or one with a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # its text quotes the URL
        raise UnusableSources(f"{where}: url 无法读取 cannot be read") from None
    if url.password is not None or any(_SECRET.search(name) for name in url.query):
        raise UnusableSources(
            f"{where}: url 不得含密码, 请用 password_env · holds a password; name a variable in password_env instead"
        )
    return url


def _source(where: str, entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise UnusableSources(where)
    city = _take(entry, where, "city", lambda v: v in (*CITIES, PROVINCE_CODE))
    feeds = _take(entry, where, "feeds", lambda v: _texts(v) and len(v) > 0 and all(name in FEEDS for name in v))
    tables = _take(entry, where, "tables", _is_tables, {})
    full = _take(entry, where, "full_every_days", _is_number, None)
    source = Source(
        name=_take(entry, where, "name", _is_text, city),
        city=city,
        url=url_without_password(where, _take(entry, where, "url", _is_text)),
        feeds=tuple(FEEDS[name] for name in feeds),
        password_env=_take(entry, where, "password_env", _is_text, None),
        schema=_take(entry, where, "schema", _is_text, None),
        tables=MappingProxyType(tables),
        overlap=timedelta(days=_take(entry, where, "overlap_days", _is_number, 1)),
        full_every=None if full is None else timedelta(days=full),
        batch_rows=_take(entry, where, "batch_rows", lambda v: _is_number(v) and 1 <= v == int(v), 20_000),
        statement_timeout=timedelta(seconds=_take(entry, where, "statement_timeout_seconds", _is_number, 3600)),
        attempts=_take(entry, where, "attempts", lambda v: _is_number(v) and 1 <= v == int(v), 5),
    )
    if entry:
        raise UnusableSources(f"{where}: 未知设置 unknown setting: {', '.join(sorted(entry))}")
    return source


_REQUIRED = object()


def _take(entry: dict[str, Any], where: str, name: str, fits: Callable[[Any], bool], default: Any = _REQUIRED) -> Any:
    value = entry.pop(name, default)
    if value is _REQUIRED or (value is not default and not fits(value)):
        raise UnusableSources(f"{where}: {name} 缺失或有误 is missing or wrong")
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(each) for each in value)


def _is_tables(value: Any) -> bool:
    return isinstance(value, dict) and all(name in FEEDS and _is_text(table) for name, table in value.items())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
