"""Records too long to be held: found to their end by a machine that forgets what it has seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from pipelines.landing.rule import Rule

MAX_WAIT_BYTES = 256 << 20
"""How far a record is followed to its end; one that goes on ends with its first line."""

_PART = 4 << 20
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


class Stream:
    """Chunks that can be put back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._sources = [iter(chunks)]

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        while self._sources:
            for chunk in self._sources[-1]:
                return chunk
            self._sources.pop()
        raise StopIteration

    def put_back(self, chunks: Iterable[bytes]) -> None:
        """Let these come next."""
        self._sources.append(iter(chunks))


def long_record(stream: Stream, rule: Rule, spool_in: Path | None) -> Iterator[tuple[bytes, int | None]]:
    """Yield the record that the stream begins with, in parts, each with the size of the whole, None where unknown.

    The stream is left behind the record. One that breaks the rule, or that is longer than `MAX_WAIT_BYTES`, is its
    first line, which may be short. What is read meanwhile waits in a nameless file in `spool_in`.
    """
    spool = TemporaryFile(dir=spool_in)  # noqa: SIM115 closed where it has been read
    size = left = _size(stream, rule, spool)
    stream.put_back(_read(spool))
    for chunk in stream:
        end = chunk.find(b"\n") + 1 if left is None else left
        if 0 < end <= len(chunk):
            yield chunk[:end], size
            stream.put_back([chunk[end:]])
            return
        yield chunk, size
        left = None if left is None else left - len(chunk)


def _size(stream: Stream, rule: Rule, spool: IO[bytes]) -> int | None:
    """Return the size of the record, None where that is not found; the spool has what was read of the stream."""
    machine = _Machine(rule)
    seen = 0
    first_line: int | None = None
    for chunk in stream:
        spool.write(chunk)
        if first_line is None and b"\n" in chunk:
            first_line = seen + chunk.index(b"\n") + 1
        end = machine.end_in(chunk)
        if end is not None and seen + end <= MAX_WAIT_BYTES:
            return seen + end
        seen += len(chunk)
        if machine.state is _State.BROKEN or seen > MAX_WAIT_BYTES:
            return first_line
    return (first_line or seen) if machine.state is _State.QUOTED else seen


def _read(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        spool.seek(0)
        while part := spool.read(_PART):
            yield part


class _State(Enum):
    START = auto()  # of a field
    PLAIN = auto()
    QUOTED = auto()
    CLOSING = auto()  # behind a quote that closes, unless another follows
    RETURN = auto()
    BROKEN = auto()


class _Machine:
    """Follows a record by the rule, chunk by chunk."""

    def __init__(self, rule: Rule) -> None:
        self.state = _State.START
        self._rule = rule

    def end_in(self, chunk: bytes) -> int | None:
        """Return the offset behind the record, or None where the chunk doesn't end it or breaks the rule."""
        at = 0
        while at < len(chunk):
            if self.state is _State.QUOTED:
                at = _behind(self._rule.body.match(chunk, at))
                if at < len(chunk):
                    self.state = _State.CLOSING
                    at += 1
                continue
            if self.state in (_State.START, _State.PLAIN):
                at = self._skip_plain(chunk, at)
                if at == len(chunk):
                    return None
            octet = chunk[at]
            at += 1
            if octet == _NEWLINE:
                return at
            if octet == _RETURN and self.state is not _State.RETURN:
                self.state = _State.RETURN
            elif octet == _QUOTE and self.state in (_State.START, _State.CLOSING):
                self.state = _State.QUOTED
            elif octet == self._rule.delimiter and self.state is _State.CLOSING:
                self.state = _State.START
            else:
                self.state = _State.BROKEN
                return None
        return None

    def _skip_plain(self, chunk: bytes, at: int) -> int:
        """Return the offset of the next line break, return or opening quote, or the chunk's end."""
        expression = self._rule.fields if self.state is _State.START else self._rule.plain
        end = _behind(expression.match(chunk, at))
        if end > at:
            self.state = _State.START if chunk[end - 1] == self._rule.delimiter else _State.PLAIN
        return end


def _behind(match: re.Match[bytes] | None) -> int:
    assert match is not None  # each of these expressions may be empty
    return match.end()
