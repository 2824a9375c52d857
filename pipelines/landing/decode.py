"""A delivered file as a stream of UTF-8, its bytes counted and hashed on the way."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import hashes

from pipelines.rejection import Reason, RejectedDelivery
from pipelines.sources.manifest import File

CHUNK = 4 << 20
_SMALL = 1 << 20
_BEHIND_A_MEMBER = 16 << 10  # each end of a member copies what was given with it: many small ones would cost dear
_BOM = codecs.BOM_UTF8


def utf8_chunks(folder: Path, file: File, encoding: str) -> Iterator[bytes]:
    """Yield the file's text as UTF-8 in chunks of a few MiB, without a BOM.

    RejectedDelivery where the file is missing, its bytes or SM3 differ from the manifest, its gzip is damaged, or
    its text is not in the stated encoding (with the line). A file stated as UTF-8 passes as it is: `framing.blocks`
    judges it.
    """
    raw = _verified(folder, file)
    chunks = _joined(_gunzipped(raw, file.name)) if file.name.endswith(".gz") else raw
    return _without_bom(chunks if encoding == "utf-8" else _transcoded(chunks, encoding, file.name))


def verify(folder: Path, file: File) -> None:
    """Raise RejectedDelivery unless the file is there with the bytes and SM3 of the manifest."""
    for _ in _verified(folder, file):
        pass


def _verified(folder: Path, file: File) -> Iterator[bytes]:
    path = folder / file.name
    if not path.is_file():
        raise RejectedDelivery(Reason.FILE_MISSING, file.name)
    if path.stat().st_size != file.bytes:
        raise RejectedDelivery(Reason.BYTES, file.name)
    digest = hashes.Hash(hashes.SM3())
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            yield chunk
    if digest.finalize().hex() != file.sm3:
        raise RejectedDelivery(Reason.SM3, file.name)


def _gunzipped(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)
    began = False
    most = CHUNK
    try:
        for chunk in chunks:
            at = 0
            while at < len(chunk):
                if inflate.eof:  # a gzip file may hold several members
                    inflate = zlib.decompressobj(wbits=31)
                    most = _BEHIND_A_MEMBER
                began = True
                given = chunk[at : at + most]
                if text := inflate.decompress(given, CHUNK):
                    yield text
                at += len(given) - len(inflate.unconsumed_tail or inflate.unused_data)
    except zlib.error:
        raise RejectedDelivery(Reason.GZIP, name) from None
    if began and not inflate.eof:
        raise RejectedDelivery(Reason.GZIP, name)


def _joined(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Join small chunks: what is done for each costs more than its bytes."""
    pending: list[bytes] = []
    size = 0
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size >= _SMALL:
            yield b"".join(pending)
            pending, size = [], 0
    if size:
        yield b"".join(pending)


def _transcoded(chunks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 1
    for chunk in chunks:
        text = _decode(decoder, chunk, False, name, lines)
        lines += text.count(b"\n")
        if text:
            yield text
    if rest := _decode(decoder, b"", True, name, lines):
        yield rest


def _without_bom(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= len(_BOM):
            break
    if first := first.removeprefix(_BOM):
        yield first
    yield from chunks


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool, name: str, lines: int) -> bytes:
    try:
        return decoder.decode(chunk, final).encode("utf-8")
    except UnicodeDecodeError as error:
        # The error's own text carries the buffer: only its position may leave.
        line = lines + bytes(error.object[: error.start]).count(b"\n")
    raise RejectedDelivery(Reason.ENCODING, name, line)
