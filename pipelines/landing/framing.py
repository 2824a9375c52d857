"""Records of a CSV text: where each begins and ends, on which line, and which can't be a row.

Quotes follow RFC 4180: a field that begins with a quote ends with one, and a line break between them belongs to it. A
quote within a field that doesn't begin with one is text. A record that breaks the rule (text behind a closing quote, a
quote that stays open, a return that ends no line) costs its first line, and reading goes on behind that line.

Most blocks of most files have no quotes, NUL bytes or blank lines: there a record is a line and nothing is searched.
Where every quote stands as the rule has it, counting them tells what lies within quotes. Elsewhere, which is rare,
records are found one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.landing.long_records import Stream, long_record
from pipelines.landing.rule import Rule, rule_of
from pipelines.landing.utf8 import Utf8Parts, check_utf8

MAX_FIELD_BYTES = 64 << 10
MAX_RECORD_BYTES = 8 << 20
MOST_RECORDS = 1 << 17
"""Records in a block: where they are no rows, each costs far more than its text."""

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that is no row: its ordinal among the records of its block (from 0), its line, why, its raw text.

    The text of a record of more than `MAX_RECORD_BYTES` comes in parts. Those behind the first, in blocks of their own,
    have no check, and the ordinal -1: of the record before the block.
    """

    ordinal: int
    line: int
    check: str
    raw: bytes


@dataclass(slots=True)
class Block:
    """`count` whole records of a file.

    `text` holds only those that may be rows; `ordinals`, `lines` and `ends` (the offsets behind them) are theirs.
    """

    text: bytes
    count: int
    ordinals: NDArray[np.int64]
    lines: NDArray[np.int64]
    ends: NDArray[np.int64]
    quoted: bool
    malformed: list[Malformed] = field(default_factory=list)

    def record(self, number: int) -> bytes:
        """Return one of the records that may be rows, without its line break."""
        start = int(self.ends[number - 1]) if number else 0
        return _unbroken(self.text[start : int(self.ends[number])])


def blocks(
    chunks: Iterable[bytes], delimiter: str = ",", spool_in: Path | None = None, decoded: bool = False
) -> Iterator[Block]:
    """Yield blocks of whole records from chunks of text; the header is the first record of the first block.

    Memory is bounded whatever the text: a record of more than `MAX_RECORD_BYTES` waits for its end in a nameless file
    in `spool_in`. Raises UndecodableText where the text is not UTF-8, unless it is known to be (`decoded`).
    """
    rule, stream = rule_of(delimiter), Stream(chunks)
    rest, line, dense = b"", 1, 0
    for chunk in stream:
        rest += chunk
        while rest and (taken := _next_block(rest, line, rule, False, dense)):
            yield _checked(taken, rest, line, decoded)
            line, rest, dense = line + taken.line_breaks, rest[taken.length :], taken.dense
        if len(rest) > MAX_RECORD_BYTES:
            stream.put_back([rest])
            rest = b""
            behind = Utf8Parts(line)
            yield from _long(stream, rule, spool_in, behind, decoded)
            line = behind.line
    while rest and (taken := _next_block(rest, line, rule, True, dense)):
        yield _checked(taken, rest, line, decoded)
        line, rest, dense = line + taken.line_breaks, rest[taken.length :], taken.dense


@dataclass(frozen=True, slots=True)
class _Taken:
    """A block, how much of the text it is in bytes and line breaks, and `dense`: its bytes, if no record more fits."""

    block: Block
    length: int
    line_breaks: int
    dense: int


def _checked(taken: _Taken, text: bytes, line: int, decoded: bool) -> Block:
    if not decoded:
        check_utf8(text[: taken.length], line)
    return taken.block


def _next_block(text: bytes, line: int, rule: Rule, final: bool, dense: int) -> _Taken | None:
    """Return the first block; where the last one was dense, don't search the whole text for each of many blocks."""
    if 0 < 2 * dense < len(text) and (taken := _first_block(text[: 2 * dense], line, rule, False)):
        return taken
    return _first_block(text, line, rule, final)


def _first_block(text: bytes, line: int, rule: Rule, final: bool) -> _Taken | None:
    """Return a block of the records that the text begins with; None where not even the first is whole yet."""
    octets = np.frombuffer(text, np.uint8)
    newlines = np.flatnonzero(octets == _NEWLINE)
    marks = np.flatnonzero(octets == _QUOTE) if b'"' in text else _NONE
    outside = newlines[np.searchsorted(marks, newlines) % 2 == 0] if len(marks) else newlines
    behind = outside[:MOST_RECORDS] + 1
    length = int(behind[-1]) if len(behind) else 0
    if final and length < len(text) and len(behind) < MOST_RECORDS and len(marks) % 2 == 0:
        behind, length = np.append(behind, len(text)), len(text)
    if length == 0 and not final and len(text) <= MAX_RECORD_BYTES:
        return None
    marks = marks[: np.searchsorted(marks, length)]
    if length == 0 or not _follows_rule(text, octets, marks, length, rule):
        return _one_by_one(text, line, rule, final, newlines)
    newlines = newlines[: np.searchsorted(newlines, length)]
    whole = text[:length]
    if length > MAX_RECORD_BYTES or len(marks) or b"\0" in whole or _has_blank_lines(whole, newlines):
        block = _framed(whole, line, newlines, behind, None)
    else:
        steps = np.arange(len(behind), dtype=np.int64)
        block = Block(whole, len(behind), steps, line + steps, behind, False)
    return _Taken(block, length, len(newlines), length if len(behind) == MOST_RECORDS else 0)


def _follows_rule(text: bytes, octets: NDArray[np.uint8], marks: NDArray[np.int64], length: int, rule: Rule) -> bool:
    """Say whether quotes open and close fields, or are doubled within them, and returns outside them end lines."""
    if text.find(b"\r", 0, length) >= 0:
        returns = np.flatnonzero(octets[:length] == _RETURN)
        alone = returns[(returns == length - 1) | (octets[np.minimum(returns + 1, length - 1)] != _NEWLINE)]
        if (np.searchsorted(marks, alone) % 2 == 0).any():
            return False
    if not len(marks):
        return True
    opening, closing = marks[::2], marks[1::2]
    doubled = opening[1:] - closing[:-1] == 1
    before = octets[np.maximum(opening - 1, 0)]
    opens = (before == rule.delimiter) | (before == _NEWLINE) | (opening == 0)
    opens[1:] |= doubled
    behind = octets[np.minimum(closing + 1, length - 1)]
    closes = (behind == rule.delimiter) | (behind == _NEWLINE) | (behind == _RETURN) | (closing == length - 1)
    closes[:-1] |= doubled
    return bool(opens.all() and closes.all())


def _has_blank_lines(text: bytes, newlines: NDArray[np.int64]) -> bool:
    if text[:1] in (b"\n", b"\r"):
        return True
    gaps = np.diff(newlines)
    if (gaps == 1).any():
        return True
    short = newlines[1:][gaps == 2]
    return bool((np.frombuffer(text, np.uint8)[short - 1] == _RETURN).any())


def _one_by_one(text: bytes, line: int, rule: Rule, final: bool, newlines: NDArray[np.int64]) -> _Taken | None:
    """Return a block of records found one by one; None where not even the first is whole yet."""
    whole = (rule.last if final else rule.record).match
    behind: list[int] = []
    wrong: list[bool] = []
    at = 0
    while at < len(text) and len(behind) < MOST_RECORDS:
        match = whole(text, at)
        if match is None:
            line_break = text.find(b"\n", at)
            if not final and (line_break < 0 or rule.open.match(text, at)):
                break
            at = line_break + 1 or len(text)
        else:
            at = match.end()
        behind.append(at)
        wrong.append(match is None)
    if not behind:
        return None
    newlines = newlines[: np.searchsorted(newlines, at)]
    block = _framed(text[:at], line, newlines, np.array(behind, np.int64), np.array(wrong))
    return _Taken(block, at, len(newlines), at if len(behind) == MOST_RECORDS else 0)


def _framed(
    text: bytes, line: int, newlines: NDArray[np.int64], behind: NDArray[np.int64], wrong: NDArray[np.bool_] | None
) -> Block:
    """Return the block of the records that end where `behind` says, without blank lines and what can't be a row."""
    octets = np.frombuffer(text, np.uint8)
    starts = np.concatenate(([0], behind[:-1]))
    sizes = behind - starts
    lines = line + np.searchsorted(newlines, starts)
    first, second = octets[starts], octets[np.minimum(starts + 1, len(text) - 1)]
    blank = (sizes == 1) & ((first == _NEWLINE) | (first == _RETURN))
    blank |= (sizes == 2) & (first == _RETURN) & (second == _NEWLINE)
    ordinals = np.cumsum(~blank) - 1
    nul = np.zeros(len(starts), bool)
    if b"\0" in text:
        nul[np.searchsorted(starts, np.flatnonzero(octets == 0), side="right") - 1] = True
    long = sizes > MAX_RECORD_BYTES
    malformed = nul | long if wrong is None else nul | long | (wrong & ~blank)
    keep = ~(blank | malformed)
    return Block(
        text if keep.all() else _kept(text, starts, behind, keep),
        int(np.count_nonzero(~blank)),
        ordinals[keep],
        lines[keep],
        np.cumsum(sizes[keep]),
        quoted=b'"' in text,
        malformed=[
            Malformed(int(ordinals[i]), int(lines[i]), _check(nul[i], long[i]), _unbroken(text[starts[i] : behind[i]]))
            for i in np.flatnonzero(malformed)
        ],
    )


def _unbroken(record: bytes) -> bytes:
    return record.removesuffix(b"\n").removesuffix(b"\r")


def _check(nul: bool | np.bool_, long: bool | np.bool_) -> str:
    return "record.nul" if nul else "record.field_size" if long else "record.fields"


def _kept(text: bytes, starts: NDArray[np.int64], behind: NDArray[np.int64], keep: NDArray[np.bool_]) -> bytes:
    """Return the text of the records to keep, joined run by run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return b"".join(text[starts[a] : behind[b - 1]] for a, b in runs)


def _long(stream: Stream, rule: Rule, spool_in: Path | None, text: Utf8Parts, decoded: bool) -> Iterator[Block]:
    """Yield the long record that the stream begins with, each part as a block; `text` is left on the line behind it."""
    line, check = text.line, ""
    for part, size in long_record(stream, rule, spool_in):
        if decoded:
            text.line += part.count(b"\n")
        else:
            text.check(part)
        first = check == ""
        check = check or _check(b"\0" in part, size is None or size > MAX_RECORD_BYTES)
        raw = _unbroken(part) if len(part) == size else part
        malformed = Malformed(0 if first else -1, line, check if first else "", raw)
        yield Block(b"", int(first), _NONE, _NONE, _NONE, False, [malformed])
    if not decoded:
        text.check(b"", final=True)
