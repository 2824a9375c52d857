"""Records of a CSV text: where each begins and ends, on which line, and which can't be a row.

Quotes follow RFC 4180: a line break inside quotes belongs to the field. Where blanks, NUL bytes and quotes are absent,
which is most blocks of most files, a record is a line and nothing is searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MAX_FIELD_BYTES = 64 << 10
MAX_OPEN_QUOTE_BYTES = 8 << 20
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that is no row: its ordinal among the records of its block (from 0), its line, why, its raw text."""

    ordinal: int
    line: int
    check: str
    raw: bytes


@dataclass(slots=True)
class Block:
    """`count` whole records of a file. `text` holds only those that may be rows; `ordinals` and `lines` are theirs."""

    text: bytes
    count: int
    ordinals: NDArray[np.int64]
    lines: NDArray[np.int64]
    quoted: bool
    malformed: list[Malformed] = field(default_factory=list)


def blocks(chunks: Iterator[bytes]) -> Iterator[Block]:
    """Yield blocks of whole records from chunks of text; the header is the first record of the first block.

    Memory is bounded by the chunk's size and `MAX_OPEN_QUOTE_BYTES`: a quote still open after that many bytes ends with
    its line.
    """
    rest, line = b"", 1
    for chunk in chunks:
        rest += chunk
        while cut := _last_record_end(rest) or _end_of_unclosed_line(rest):
            newlines = _newlines(rest[:cut])
            yield _framed(rest[:cut], line, newlines)
            line, rest = line + len(newlines), rest[cut:]
    if rest:
        yield _framed(rest, line, _newlines(rest))


def quotes(text: bytes) -> int:
    """Return how many quotes there are."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _QUOTE))  # several times as fast as bytes.count


def _newlines(text: bytes) -> NDArray[np.int64]:
    return np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)


def _end_of_unclosed_line(text: bytes) -> int:
    return text.find(b"\n") + 1 or len(text) if len(text) > MAX_OPEN_QUOTE_BYTES else 0


def _last_record_end(text: bytes) -> int:
    """Return the offset behind the last line break that is outside quotes, 0 where there is none."""
    end = text.rfind(b"\n") + 1
    if b'"' not in text or quotes(text[:end]) % 2 == 0:
        return end
    ends = _record_ends(text, _newlines(text))
    return int(ends[-1]) + 1 if len(ends) else 0


def _record_ends(text: bytes, newlines: NDArray[np.int64]) -> NDArray[np.int64]:
    marks = np.flatnonzero(np.frombuffer(text, np.uint8) == _QUOTE)
    return newlines[np.searchsorted(marks, newlines) % 2 == 0] if len(marks) else newlines


def _framed(text: bytes, line: int, newlines: NDArray[np.int64]) -> Block:
    plain = b'"' not in text and b"\0" not in text and text[:1] not in (b"\n", b"\r")
    if plain and not _has_blank_lines(text, newlines):
        count = len(newlines) + (not text.endswith(b"\n"))
        steps = np.arange(count, dtype=np.int64)
        return Block(text, count, steps, line + steps, False)
    return _framed_with_care(text, line, newlines)


def _has_blank_lines(text: bytes, newlines: NDArray[np.int64]) -> bool:
    gaps = np.diff(newlines)
    if (gaps == 1).any():
        return True
    short = newlines[1:][gaps == 2]
    return bool((np.frombuffer(text, np.uint8)[short - 1] == _RETURN).any())


def _framed_with_care(text: bytes, line: int, newlines: NDArray[np.int64]) -> Block:
    octets = np.frombuffer(text, np.uint8)
    ends = _record_ends(text, newlines)
    if not len(ends) or ends[-1] != len(text) - 1:
        ends = np.append(ends, len(text))
    starts = np.concatenate(([0], ends[:-1] + 1))
    lines = line + np.searchsorted(newlines, starts)
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (octets[np.minimum(starts, len(text) - 1)] == _RETURN))
    ordinals = np.cumsum(~blank) - 1
    nul = np.zeros(len(starts), bool)
    nul[np.searchsorted(starts, np.flatnonzero(octets == 0), side="right") - 1] = True
    keep = ~(blank | nul)
    return Block(
        text if keep.all() else _kept(text, starts, ends, keep),
        int(np.count_nonzero(~blank)),
        ordinals[keep],
        lines[keep],
        quoted=b'"' in text,
        malformed=[
            Malformed(int(ordinals[i]), int(lines[i]), "record.nul", text[starts[i] : ends[i]])
            for i in np.flatnonzero(nul)
        ],
    )


def _kept(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], keep: NDArray[np.bool_]) -> bytes:
    """Return the text of the records to keep, joined run by run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return b"".join(text[starts[a] : ends[b - 1] + 1] for a, b in runs)
