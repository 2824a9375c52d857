"""Hostile bytes for landing's parser, held against a reader of RFC 4180 that goes octet by octet.

`python -m tests.pipelines.fuzz_landing --minutes 10` prints how many texts it made and each kind of difference.
"""

from __future__ import annotations

import argparse
import gzip
import random
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes

from pipelines.landing import decode, framing, long_records
from pipelines.landing.framing import blocks
from pipelines.landing.parse import parse
from pipelines.landing.utf8 import UndecodableText
from pipelines.rejection import Reason, RejectedDelivery
from pipelines.sources.manifest import File

Place = tuple[int, int]
"""A record's ordinal from 0, and the line it begins on."""


@dataclass
class Read:
    """What a reader makes of a text: rows, malformed records with their check and raw text, or why it is refused."""

    rows: dict[Place, list[str]] = field(default_factory=dict)
    malformed: dict[Place, tuple[str, bytes]] = field(default_factory=dict)
    refused: tuple[Reason, int | None] | None = None


def reference(text: bytes, width: int, delimiter: int, most_field: int, most_record: int, wait: int) -> Read:
    """Read a text as the contract says, one octet after another."""
    read, at, line, ordinal = Read(), 0, 1, 0
    while at < len(text):
        end, fields = record_at(text, at, delimiter)
        follows = fields is not None and end - at <= wait
        if not follows:
            end = text.find(b"\n", at) + 1 or len(text)
        raw = text[at:end]
        kept = raw.removesuffix(b"\n").removesuffix(b"\r")
        place = ordinal, line
        line += raw.count(b"\n")
        at = end
        if not kept:
            continue
        ordinal += 1
        if b"\0" in raw:
            read.malformed[place] = "record.nul", raw if len(raw) > most_record else kept
        elif len(raw) > most_record:
            read.malformed[place] = "record.field_size", raw
        elif not follows or fields is None or len(fields) != width:
            read.malformed[place] = "record.fields", kept
        elif any(len(value) > most_field for value in fields):
            read.malformed[place] = "record.field_size", kept
        else:
            read.rows[place] = [value.decode() for value in fields]
    return read


def record_at(text: bytes, at: int, delimiter: int) -> tuple[int, list[bytes] | None]:
    """Return the offset behind the record and its values, None where it breaks the rule."""
    values: list[bytes] = []
    while True:
        value = bytearray()
        if text[at : at + 1] == b'"':
            at += 1
            while True:
                if at == len(text):
                    return at, None
                if text[at] == 34 and text[at + 1 : at + 2] != b'"':
                    break
                at += 2 if text[at] == 34 else 1
                value.append(text[at - 1])
            at += 1
        else:
            while at < len(text) and text[at] not in (10, 13, delimiter):
                value.append(text[at])
                at += 1
        values.append(bytes(value))
        if at == len(text):
            return at, values
        if text[at] == 13 and text[at + 1 : at + 2] in (b"\n", b""):
            at += 1
        if at == len(text) or text[at] == 10:
            return min(at + 1, len(text)), values
        if text[at] != delimiter:
            return at, None
        at += 1


def landed(chunks: Iterator[bytes], width: int, delimiter: str, folder: Path, decoded: bool) -> Read:
    """Read a text as landing does."""
    read, before = Read(), 0
    long: dict[int, Place] = {}
    try:
        for block in blocks(chunks, delimiter, folder, decoded):
            parsed = parse(block, [str(n) for n in range(width)], delimiter)
            fields = [list(row.values()) for row in parsed.table.to_pylist()]
            places = [(int(o) + before, int(n)) for o, n in zip(parsed.ordinals, parsed.lines, strict=True)]
            read.rows |= dict(zip(places, fields, strict=True))
            for bad in parsed.malformed:
                place = bad.ordinal + before, bad.line
                if bad.check:
                    assert place not in read.malformed
                    read.malformed[place] = bad.check, bad.raw
                    long[place[0]] = place
                else:
                    check, raw = read.malformed[long[place[0]]]
                    read.malformed[long[place[0]]] = check, raw + bad.raw
            before += parsed.count
    except UndecodableText as fault:
        return Read(refused=(Reason.ENCODING, fault.line))
    except RejectedDelivery as rejection:
        reason, _, line, _ = rejection.__reduce__()[1]
        return Read(refused=(reason, line))
    return read


_PIECES = [
    b'"',
    b'"',
    b'""',
    b",",
    b",",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"|",
    b"\t",
    b" ",
    b"a",
    b"b,c,d\n",
    b'"x","y"\n',
]
_TEXTS = ["张", "\U00020000", "é", "\ufeff", "，", "x" * 9]


@dataclass
class Case:
    """One hostile file: its text, how it is written, and the limits and chunk sizes it is read with."""

    octets: bytes
    text: bytes | None  # as UTF-8; None where it can't be read
    line: int | None
    encoding: str
    delimiter: str
    width: int
    gzipped: bytes | None
    whole_gzip: bool
    chunk: int
    small: int
    most_field: int
    most_record: int
    wait: int
    most_records: int


def hostile(chance: random.Random) -> Case:
    """Return a hostile file."""
    encoding = chance.choice(["utf-8", "utf-8", "gb18030", "gbk"])
    delimiter = chance.choice(",,|\t")
    width = chance.randint(1, 4)
    octets = _spliced(chance, encoding, delimiter, width)
    gzipped = _gzipped(chance, octets) if chance.random() < 0.3 else None
    whole = True
    if gzipped is not None:
        try:
            octets = gzip.decompress(gzipped)
        except (OSError, EOFError, zlib.error):
            whole = False
    text, line = _decoded(octets, encoding)
    chunk, small, most_record = (
        chance.choice(sizes) for sizes in ([1, 3, 8, 30, 99, 999], [1, 9, 99], [4, 16, 60, 999])
    )
    return Case(
        octets, text, line, encoding, delimiter, width, gzipped, whole, chunk, small, chance.choice([5, 20, 1000]),
        most_record, wait=most_record + 4 * (chunk + small) + chance.choice([0, 60, 9999]),
        most_records=chance.choice([1, 3, 1000, 1000]),
    )  # fmt: skip


def _spliced(chance: random.Random, encoding: str, delimiter: str, width: int) -> bytes:
    parts: list[bytes] = []
    for _ in range(chance.randint(0, 40)):
        kind = chance.random()
        if kind < 0.35:
            fields = [_value(chance, delimiter) for _ in range(width)]
            ending = chance.choice(["\n", "\n", "\r\n"])
            parts.append((delimiter.join(fields) + ending).encode(encoding, "replace"))
        elif kind < 0.9:
            parts.append(chance.choice(_PIECES))
        elif kind < 0.97:
            parts.append(chance.choice(_TEXTS).encode(encoding, "replace"))
        else:
            parts.append(
                chance.choice([b"\xff", b"\x81\x30", b"\x81\x30\x81", b"\xe5\xbc", b"\xed\xa0\x80", b"\xef\xbb\xbf"])
            )
    octets = b"".join(parts)
    if parts and chance.random() < 0.2:
        octets = octets[: chance.randrange(len(octets) + 1)]
    return octets


def _value(chance: random.Random, delimiter: str) -> str:
    text = "".join(
        chance.choice(["a", "1", "张", delimiter, '"', "\n", "\r", " ", "\U00020000"])
        for _ in range(chance.randint(0, 6))
    )
    if chance.random() < 0.6 or any(c in text for c in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _decoded(octets: bytes, encoding: str) -> tuple[bytes | None, int | None]:
    try:
        return octets.decode(encoding).encode().removeprefix(b"\xef\xbb\xbf"), None
    except UnicodeDecodeError as error:
        return None, octets[: error.start].count(b"\n") + 1


def _gzipped(chance: random.Random, octets: bytes) -> bytes:
    cuts = sorted(chance.randrange(len(octets) + 1) for _ in range(chance.randint(0, 4)))
    zipped = b"".join(
        gzip.compress(octets[a:b], mtime=0) for a, b in zip([0, *cuts], [*cuts, len(octets)], strict=True)
    )
    harm = chance.random()
    if harm < 0.7:
        return zipped
    if harm < 0.85:
        return zipped[: chance.randrange(1, len(zipped))]
    return zipped + bytes(chance.randrange(1, 256) for _ in range(chance.randint(1, 9)))


def difference(case: Case, folder: Path) -> str:
    """Return how landing reads the case otherwise than it should, empty where it doesn't."""
    name = "rows.csv" if case.gzipped is None else "rows.csv.gz"
    octets = case.octets if case.gzipped is None else case.gzipped
    (folder / name).write_bytes(octets)
    digest = hashes.Hash(hashes.SM3())
    digest.update(octets)
    file = File(name, 0, len(octets), digest.finalize().hex())
    with (
        patch.object(decode, "CHUNK", case.chunk),
        patch.object(decode, "_SMALL", case.small),
        patch.object(framing, "MAX_RECORD_BYTES", case.most_record),
        patch.object(framing, "MOST_RECORDS", case.most_records),
        patch.object(long_records, "MAX_WAIT_BYTES", case.wait),
        patch.object(long_records, "_PART", case.chunk),
        patch("pipelines.landing.parse.MAX_FIELD_BYTES", case.most_field),
    ):
        chunks = decode.utf8_chunks(folder, file, case.encoding)
        found = landed(chunks, case.width, case.delimiter, folder, case.encoding != "utf-8")
    if not case.whole_gzip:
        return "" if found.refused and found.refused[0] in (Reason.GZIP, Reason.ENCODING) else "a damaged gzip passed"
    if case.text is None:
        refused = Reason.ENCODING, case.line
        return "" if found.refused == refused else f"undecodable on line {case.line}: {found.refused}"
    expected = reference(case.text, case.width, ord(case.delimiter), case.most_field, case.most_record, case.wait)
    for place, (check, raw) in expected.malformed.items():
        told, got = found.malformed.get(place, ("", b""))
        if got.rstrip(b"\r\n") == raw.rstrip(b"\r\n"):  # the last line break is kept or not
            # Of what comes in parts, the first alone is searched for NUL.
            found.malformed[place] = check if len(raw) > min(case.chunk, case.most_record) else told, raw
    if found == expected:
        return ""
    return f"{found} ≠ {expected}"


def fuzz(seconds: float, seed: int) -> tuple[int, int, list[tuple[Case, str]]]:
    """Read hostile files for so long; return how many, their bytes, and which were read otherwise than they should."""
    chance = random.Random(seed)
    end = time.monotonic() + seconds
    files = size = 0
    wrong: list[tuple[Case, str]] = []
    with TemporaryDirectory() as folder:
        while time.monotonic() < end and len(wrong) < 20:
            case = hostile(chance)
            files, size = files + 1, size + len(case.octets)
            try:
                found = difference(case, Path(folder))
            except Exception as error:  # whatever it is, it is found
                found = repr(error)
            if found:
                wrong.append((case, found))
    return files, size, wrong


def main() -> None:
    """Fuzz for some minutes and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    files, size, wrong = fuzz(given.minutes * 60, given.seed)
    for case, found in sorted(wrong, key=lambda each: len(each[0].octets))[:3]:
        print(case, found, sep="\n  ")
    print(f"{files:,} files, {size:,} bytes, {len(wrong)} differences")


if __name__ == "__main__":
    main()
