"""What is sealed in a home: all under `vault/`, and under `tmp/` whatever a step puts aside.

Files are opened by their path; the keys are those of the home that they lie in.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, cast

from lake.keyring import KeyRing
from lake.sealed import SealedReader, SealedWriter

SCHEME = "sealed"
"""The scheme of the addresses by which an engine reads and writes sealed files."""
_SEALED = ("vault", "tmp")


_RINGS: dict[Path, KeyRing | None] = {}


def ring_of(path: Path) -> KeyRing | None:
    """Return the keys to which a file at this path is sealed; None where it isn't."""
    folder = path.absolute().parent
    if folder in _RINGS:
        return _RINGS[folder]
    for place in (folder, *folder.parents):
        if place.name in _SEALED and (place.parent / "keys" / "ring.json").exists():
            ring = KeyRing(place.parent / "keys")
            _RINGS[folder] = ring if ring.is_sealing else None
            return _RINGS[folder]
    return None  # not kept: a home may yet be made there


def address(path: Path) -> str:
    """Return by which address an engine opens a file: its path, or a sealed one's with the scheme before it."""
    return f"{SCHEME}://{path.absolute()}" if ring_of(path) else str(path)


def open_to_write(path: Path) -> BinaryIO:
    """Open a file to write, sealed where its place is; needs no secret."""
    ring = ring_of(path)
    return cast(BinaryIO, SealedWriter(path, ring)) if ring else path.open("wb")


def open_to_read(path: Path) -> BinaryIO:
    """Open a file to read. Raises BrokenSeal where it was changed, PlainFault where the secret is absent."""
    ring = ring_of(path)
    return cast(BinaryIO, SealedReader(path, ring)) if ring else path.open("rb")


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, sealed where its place is."""
    with open_to_write(path) as file:
        file.write(text.encode())


def read_text(path: Path) -> str:
    """Return a text in UTF-8, opened where it is sealed."""
    with open_to_read(path) as file:
        return file.read().decode()
