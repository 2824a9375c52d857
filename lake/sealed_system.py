"""Sealed files and spills as an engine sees them: file systems that seal what it writes and open what it reads."""

from __future__ import annotations

import os
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fsspec import AbstractFileSystem

from lake.sealed import TAG, SealedReader
from lake.vault import SCHEME, open_to_read, open_to_write

SPILL_SCHEME = "spill"
"""The scheme of an engine's spill folder."""


def _path(address: str) -> Path:
    return Path(address.split("://", 1)[-1])


class _LocalSystem(AbstractFileSystem):  # type: ignore[misc]
    """What both systems have in common: the files of this machine, by absolute path."""

    cachable = False

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """Return the files of a folder."""
        found = [self.info(str(file)) for file in sorted(_path(path).iterdir())] if _path(path).is_dir() else []
        return found if detail else [one["name"] for one in found]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return name, size and type of a file."""
        at = _path(path)
        kind = "directory" if at.is_dir() else "file"
        return {"name": str(at), "size": at.stat().st_size, "type": kind}

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the path where a file is there: an address names one file, whatever signs are in it."""
        return [path] if _path(path).exists() else []

    def exists(self, path: str, **_: Any) -> bool:
        """Say whether something is there."""
        return _path(path).exists()

    def isfile(self, path: str) -> bool:
        """Say whether a file is there."""
        return _path(path).is_file()

    def isdir(self, path: str) -> bool:
        """Say whether a folder is there."""
        return _path(path).is_dir()

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Make a folder."""
        _path(path).mkdir(parents=create_parents, exist_ok=True)

    makedirs = mkdir

    def touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        """Make an empty file."""
        self.open(path, "wb" if truncate else "rb").close()

    def modified(self, path: str) -> datetime:
        """Return when a file was changed last."""
        return datetime.fromtimestamp(_path(path).stat().st_mtime, UTC)

    def rm(self, path: str, recursive: bool = False, maxdepth: int | None = None) -> None:
        """Remove a file, or an empty folder."""
        at = _path(path)
        if at.is_dir():
            at.rmdir()
        else:
            at.unlink(missing_ok=True)

    rm_file = rm

    def mv(self, path1: str, path2: str, **_: Any) -> None:
        """Move a file."""
        _path(path1).replace(_path(path2))


class SealedSystem(_LocalSystem):
    """`sealed://` and an absolute path: a file of the vault, in the clear to the engine alone."""

    protocol = SCHEME

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, tuple[int, datetime]] = {}

    def open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        """Open a sealed file: to read it, or to write it anew from its beginning."""
        if mode != "rb":
            return open_to_write(_path(path))
        file = open_to_read(_path(path))
        if isinstance(file, SealedReader):
            # An engine asks for both right after: answered from here, for each call to the system lets threads switch.
            self._seen[path] = file.size, datetime.fromtimestamp(file.changed, UTC)
        return file

    def size(self, path: str) -> int:
        """Return how many bytes an opened file holds in the clear."""
        return self._seen[path][0]

    def modified(self, path: str) -> datetime:
        """Return when an opened file was changed last."""
        return self._seen[path][1]


class SpillSystem(_LocalSystem):
    """`spill://` and an absolute path: what an engine puts aside, under a key that this process alone knows."""

    protocol = SPILL_SCHEME

    def __init__(self) -> None:
        super().__init__()
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._open: dict[Path, SpilledFile] = {}
        self._lock = threading.Lock()
        self._nonces = _Nonces()

    def open(self, path: str, mode: str = "rb", **_: Any) -> Any:
        """Open a spilled file, made where it is not there."""
        at = _path(path)
        with self._lock:
            if mode == "wb" or at not in self._open:
                at.touch(mode=0o600)
                self._open[at] = SpilledFile(at, self._cipher, self._nonces)
            return self._open[at].opened()

    def rm(self, path: str, recursive: bool = False, maxdepth: int | None = None) -> None:
        """Remove a spilled file, and what is known of it."""
        with self._lock:
            self._open.pop(_path(path), None)
        super().rm(path)

    rm_file = rm


class _Nonces:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> bytes:
        with self._lock:
            self._last += 1
            return self._last.to_bytes(12, "big")


class SpilledFile:
    """A file of extents, each sealed by itself; where they lie, their nonces and tags are known to memory alone."""

    def __init__(self, path: Path, cipher: AESGCM, nonces: _Nonces) -> None:
        self._path = path
        self._cipher = cipher
        self._nonces = nonces
        self._extents: dict[int, tuple[int, bytes, bytes]] = {}

    def opened(self) -> SpillHandle:
        """Return a handle of its own on the file."""
        return SpillHandle(self, os.open(self._path, os.O_RDWR | os.O_CLOEXEC))

    def put(self, descriptor: int, at: int, text: bytes) -> None:
        """Write an extent."""
        nonce = self._nonces.next()
        sealed = self._cipher.encrypt(nonce, text, None)
        left, to = memoryview(sealed)[:-TAG], at
        while left:
            done = os.pwrite(descriptor, left, to)
            left, to = left[done:], to + done
        self._extents[at] = len(text), nonce, sealed[-TAG:]

    def get(self, descriptor: int, at: int, count: int) -> bytes:
        """Return the bytes from a place that one or several extents hold."""
        parts: list[bytes] = []
        while count > 0:
            start = at if at in self._extents else max((e for e in self._extents if e < at), default=-1)
            length, nonce, tag = self._extents.get(start, (0, b"", b""))
            if start + length <= at:
                break
            text = self._cipher.decrypt(nonce, os.pread(descriptor, length, start) + tag, None)
            parts.append(text[at - start : at - start + count])
            at, count = at + len(parts[-1]), count - len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def end(self) -> int:
        """Return the size of the file."""
        return max((at + extent[0] for at, extent in list(self._extents.items())), default=0)


class SpillHandle:
    """An open spilled file. Each thread has a position of its own."""

    def __init__(self, file: SpilledFile, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor
        self._positions: dict[int, int] = {}

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set this thread's position, and return it."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.tell(), os.SEEK_END: self._file.end()}[whence]
        self._positions[threading.get_ident()] = start + offset
        return start + offset

    def tell(self) -> int:
        """Return this thread's position."""
        return self._positions.get(threading.get_ident(), 0)

    def read(self, count: int) -> bytes:
        """Return the next bytes."""
        found = self._file.get(self._descriptor, self.tell(), count)
        self.seek(len(found), os.SEEK_CUR)
        return found

    def write(self, text: bytes) -> int:
        """Write at the position."""
        self._file.put(self._descriptor, self.tell(), text)
        self.seek(len(text), os.SEEK_CUR)
        return len(text)

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
