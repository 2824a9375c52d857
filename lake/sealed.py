"""A sealed file: AES-256-GCM in chunks under a key of its own, which is sealed to the public half of the vault's pair.

Whoever writes needs no secret; whoever reads needs the pair's private half. Layout: a header (magic, version of the
pair, an ephemeral public key, the file's key wrapped by SM4-GCM under HKDF-SM3 of the shared secret of X25519), then
chunks of 256 KiB, each with its tag. A nonce counts chunks and marks the last, so that a file cut short, or with chunks
in another order, can't be read (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015).
"""

from __future__ import annotations

import io
import os
import secrets
import struct
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lake.faults import PlainFault
from lake.keyring import VAULT, KeyRing

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CHUNK = 256 * 1024
"""Bytes of text in a chunk: from here on OpenSSL works outside Python's lock."""
TAG = 16
_MAGIC = b"YMTSEAL1"
_HEADER = struct.Struct(">8sH32s48s")
HEADER_SIZE = _HEADER.size


class BrokenSeal(PlainFault):
    """A sealed file that was cut short or changed, or is none."""


class SealedWriter(io.RawIOBase):
    """A file to write from its beginning to its end, sealed as it goes."""

    def __init__(self, path: Path, ring: KeyRing) -> None:
        super().__init__()
        version, public = ring.public()
        self._file = path.open("wb")
        key = secrets.token_bytes(32)
        self._file.write(_sealed_key(key, version, public))
        self._cipher = AESGCM(key)
        self._buffer = bytearray()
        self._chunks = 0
        self._size = 0

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def write(self, text: ReadableBuffer) -> int:
        """Take bytes; what fills a chunk is sealed."""
        with memoryview(text) as view, view.cast("B") as octets:
            self._buffer += octets
            self._size += len(octets)
            whole = (len(self._buffer) - 1) // CHUNK * CHUNK  # the last chunk is known at the end alone
            if whole > 0:
                with memoryview(self._buffer) as ready:
                    self._file.write(b"".join(self._seal(ready[at : at + CHUNK]) for at in range(0, whole, CHUNK)))
                del self._buffer[:whole]
            return len(octets)

    def close(self) -> None:
        """Seal the last chunk, and close."""
        if not self.closed:
            try:
                self._file.write(self._seal(self._buffer, last=True))
            finally:
                self._file.close()
                super().close()

    def _seal(self, text: memoryview | bytearray, last: bool = False) -> bytes:
        self._chunks += 1
        return self._cipher.encrypt(_nonce(self._chunks - 1, last), text, None)


class SealedReader(io.RawIOBase):
    """A sealed file to read from any place. Each thread has a position of its own, for engines that share a file."""

    def __init__(self, path: Path, ring: KeyRing) -> None:
        super().__init__()
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._name = path.name
            found = os.fstat(self._descriptor)
            self._chunks, self.size = _sizes(found.st_size)
            self.changed = found.st_mtime
            cipher = _cipher(os.pread(self._descriptor, HEADER_SIZE, 0), ring) if self.size >= 0 else None
            if cipher is None:
                raise BrokenSeal(_broken(self._name))
            self._cipher = cipher
        except BaseException:
            os.close(self._descriptor)
            raise
        self._positions: dict[int, int] = {}
        self._last: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from any place."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set this thread's position, and return it."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self.size}[whence]
        self._positions[threading.get_ident()] = start + offset
        return start + offset

    def tell(self) -> int:
        """Return this thread's position."""
        return self._positions.get(threading.get_ident(), 0)

    def read(self, count: int | None = -1) -> bytes:
        """Return the next bytes, fewer at the end; all that is left where no count is given. Raises BrokenSeal."""
        start = self.tell()
        stop = self.size if count is None or count < 0 else min(start + count, self.size)
        if stop <= start:
            return b""
        first, last = start // CHUNK, (stop - 1) // CHUNK
        parts = self._open(first, last)
        parts[-1] = parts[-1][: stop - last * CHUNK]
        parts[0] = parts[0][start - first * CHUNK :]
        self._positions[threading.get_ident()] = stop
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readall(self) -> bytes:
        """Return all that is left."""
        return self.read()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer with the next bytes and return how many they are."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._descriptor)
            super().close()

    def _open(self, first: int, last: int) -> list[bytes]:
        kept_at, kept = self._last
        if first == last == kept_at:
            return [kept]
        sealed = os.pread(self._descriptor, (last - first + 1) * (CHUNK + TAG), HEADER_SIZE + first * (CHUNK + TAG))
        with memoryview(sealed) as view:
            try:
                texts = [
                    self._cipher.decrypt(
                        _nonce(number, number == self._chunks - 1),
                        view[(number - first) * (CHUNK + TAG) : (number - first + 1) * (CHUNK + TAG)],
                        None,
                    )
                    for number in range(first, last + 1)
                ]
            except InvalidTag:
                raise BrokenSeal(_broken(self._name)) from None
        self._last = last, texts[-1]
        return texts


def _sizes(octets: int) -> tuple[int, int]:
    """Return how many chunks a sealed file of that many bytes has, and how many bytes of text."""
    chunks = max(1, -(-(octets - HEADER_SIZE) // (CHUNK + TAG)))
    return chunks, octets - HEADER_SIZE - chunks * TAG


def _nonce(chunk: int, last: bool) -> bytes:
    return chunk.to_bytes(11, "big") + bytes([last])


def _sealed_key(key: bytes, version: int, public: bytes) -> bytes:
    """Return a header: the key that only the private half opens."""
    ephemeral = X25519PrivateKey.generate()
    sender = ephemeral.public_key().public_bytes_raw()
    wrapping = _wrapping(ephemeral.exchange(X25519PublicKey.from_public_bytes(public)), sender, public)
    encryptor = Cipher(SM4(wrapping), modes.GCM(bytes(12))).encryptor()  # the wrapping key is used once
    wrapped = encryptor.update(key) + encryptor.finalize() + encryptor.tag
    return _HEADER.pack(_MAGIC, version, sender, wrapped)


@lru_cache(maxsize=65536)  # an engine opens a file several times in a statement
def _cipher(header: bytes, ring: KeyRing) -> AESGCM | None:
    """Return what opens the chunks after a header; None where the header was changed."""
    if not header.startswith(_MAGIC):
        return None
    _, version, sender, wrapped = _HEADER.unpack(header)
    private = X25519PrivateKey.from_private_bytes(ring.key(VAULT, version))
    public = private.public_key().public_bytes_raw()
    wrapping = _wrapping(private.exchange(X25519PublicKey.from_public_bytes(sender)), sender, public)
    decryptor = Cipher(SM4(wrapping), modes.GCM(bytes(12), wrapped[-TAG:])).decryptor()
    try:
        return AESGCM(decryptor.update(wrapped[:-TAG]) + decryptor.finalize())
    except InvalidTag:
        return None


def _wrapping(shared: bytes, sender: bytes, public: bytes) -> bytes:
    return HKDF(hashes.SM3(), 16, salt=None, info=b"yimatong vault" + sender + public).derive(shared)


def _broken(name: str) -> str:
    return f"封存文件已损坏或被改动 the sealed file was changed or cut short: {name}"
