"""The keys of a home: by purpose and version, each wrapped by SM4-GCM under the home's master secret.

The master secret is 32 bytes in hex: `YIMATONG_SECRET`, or the file that `YIMATONG_SECRET_FILE` names, or else
`keys/secret` in the home, made on first use. Standards: GB/T 32907 (SM4), GB/T 32905 (SM3), RFC 7748 (X25519).
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from lake.faults import PlainFault
from lake.files import put

VAULT = "vault"
"""The purpose of the pair of keys to which files are sealed: anyone may seal, who has the secret may open."""
REGISTRY_ID = "registry id"
PERSON_KEY = "person key"
HEALTH_CODE, CODE_VALIDITY, CODE_MARK = "health code", "code validity", "code mark"
"""The root key of card IDs and the key of validities (SM4: the first 16 bytes), and that of the marks in events."""
AUDIT = "audit"
PURPOSES = (VAULT, REGISTRY_ID, PERSON_KEY, HEALTH_CODE, CODE_VALIDITY, CODE_MARK, AUDIT)

_NONCE, _TAG = 12, 16
_PRIVATE_DIRECTORY, _PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a key as it is kept: when it was made, wrapped, the public half of a pair in hex.

    Of a retired one nothing that was made under it counts any longer.
    """

    version: int
    made_at: str
    wrapped: str
    public: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys under a folder, `keys/` of one home. Reading public halves and versions needs no secret."""

    folder: Path

    @property
    def _file(self) -> Path:
        return self.folder / "ring.json"

    def create(self) -> None:
        """Make the keys of all purposes that have none yet."""
        self.folder.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        if self._file.exists() and all(self._read()["keys"].get(purpose) for purpose in PURPOSES):
            return
        with self._changing() as kept:
            master = self._master(make=not kept["keys"])
            for purpose in PURPOSES:
                if not kept["keys"].get(purpose):
                    # Derived, not drawn: two homes under one secret give the same ids, which tests and moves compare.
                    key = hmac.digest(master, purpose.encode(), "sha256")
                    kept["keys"][purpose] = [asdict(_entry(master, purpose, 1, key))]

    @property
    def is_sealing(self) -> bool:
        """Say whether files of this home are sealed: so it is unless it was made under `YIMATONG_VAULT=off`."""
        return bool(self._read()["sealing"])

    @property
    def is_beside_its_secret(self) -> bool:
        """Say whether the master secret lies in the home itself, where whoever copies one copies the other."""
        return not os.environ.get("YIMATONG_SECRET") and self._secret_file == self.folder / "secret"

    def versions(self, purpose: str) -> list[Entry]:
        """Return the versions of a purpose's key, oldest first."""
        return [Entry(**kept) for kept in self._read()["keys"].get(purpose, [])]

    def newest(self, purpose: str) -> int:
        """Return the version under which new things are made."""
        return self.versions(purpose)[-1].version

    def key(self, purpose: str, version: int | None = None) -> bytes:
        """Return a key of 32 bytes, the newest by default.

        Raises PlainFault where the master secret is absent or isn't the one that wrapped it.
        """
        entries = {entry.version: entry for entry in self.versions(purpose)}
        entry = entries.get(max(entries) if version is None else version)
        if entry is None:
            raise PlainFault(f"密钥环中没有此版本 no such key in {self._file}: {purpose} {version}")
        return _unwrap(self._master(), purpose, entry)

    def public(self, version: int | None = None) -> tuple[int, bytes]:
        """Return version and public half of the vault's pair, the newest by default; needs no secret."""
        entries = {entry.version: entry for entry in self.versions(VAULT)}
        entry = entries[max(entries) if version is None else version]
        return entry.version, bytes.fromhex(entry.public)

    def rotate(self, purpose: str, key: bytes | None = None) -> int:
        """Add a version of a key, drawn at random unless it is given, and return its number; the former ones stay."""
        with self._changing() as kept:
            version = len(kept["keys"][purpose]) + 1
            entry = _entry(self._master(), purpose, version, key or secrets.token_bytes(32))
            kept["keys"][purpose].append(asdict(entry))
        return version

    def retire(self, purpose: str, version: int) -> None:
        """Say that nothing made under a former version counts any longer. PlainFault where it isn't a former one."""
        if version not in {entry.version for entry in self.versions(purpose)[:-1]}:
            raise PlainFault(f"不是旧版本 not a former version: {purpose} {version}")
        with self._changing() as kept:
            kept["keys"][purpose][version - 1]["retired"] = True

    def rewrap(self, new_master: bytes) -> None:
        """Wrap all keys under another master secret; the caller puts it where the old one was."""
        with self._changing() as kept:
            old = self._master()
            for purpose, entries in kept["keys"].items():
                for at, each in enumerate(entries):
                    entry = Entry(**each)
                    again = _entry(new_master, purpose, entry.version, _unwrap(old, purpose, entry))
                    entries[at] = asdict(again) | {"made_at": entry.made_at, "retired": entry.retired}

    @property
    def _secret_file(self) -> Path:
        named = os.environ.get("YIMATONG_SECRET_FILE")
        return Path(named) if named else self.folder / "secret"

    def _master(self, make: bool = False) -> bytes:
        given = os.environ.get("YIMATONG_SECRET")
        path = self._secret_file
        if not given and not path.exists():
            if not make:
                raise PlainFault(
                    f"缺少主密钥, 无法打开 {self.folder.parent} 的保管库 · the master secret is absent, so the vault "
                    f"stays closed: set YIMATONG_SECRET_FILE or put it at {path}"
                )
            write_secret(path, secrets.token_hex(32))
        try:
            master = bytes.fromhex(given or path.read_text(encoding="ascii").strip())
        except ValueError:
            master = b""
        if len(master) != 32:
            raise PlainFault("主密钥须为 64 位十六进制 the master secret is 64 hexadecimal digits")
        return master

    def _read(self) -> Any:
        return _ring(self._file, self._file.stat().st_mtime_ns)

    @contextmanager
    def _changing(self) -> Iterator[Any]:
        """Give what is kept, under a lock, to be changed and put back."""
        with (self.folder / "lock").open("a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._file.exists():
                kept = json.loads(self._file.read_text(encoding="utf-8"))
            else:
                kept = {"sealing": os.environ.get("YIMATONG_VAULT") != "off", "keys": {}}
            yield kept
            with put(self._file) as partial:
                partial.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def write_secret(path: Path, text: str) -> None:
    """Put a master secret into a file for its owner alone."""
    path.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    with put(path) as partial:
        partial.touch(mode=_PRIVATE_FILE)
        partial.write_text(text + "\n", encoding="ascii")


_RINGS: dict[Path, tuple[int, Any]] = {}


def _ring(file: Path, changed: int) -> Any:
    """Return what a ring's file holds, read again only where it has changed."""
    if _RINGS.get(file, (0, None))[0] != changed:
        _RINGS[file] = changed, json.loads(file.read_text(encoding="utf-8"))
    return _RINGS[file][1]


def _entry(master: bytes, purpose: str, version: int, key: bytes) -> Entry:
    nonce = secrets.token_bytes(_NONCE)
    encryptor = Cipher(SM4(_wrapping(master)), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(f"{purpose}/{version}".encode())
    sealed = encryptor.update(key) + encryptor.finalize()
    public = X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw().hex() if purpose == VAULT else ""
    made_at = datetime.now().isoformat(timespec="seconds")
    return Entry(version, made_at, (nonce + sealed + encryptor.tag).hex(), public)


def _unwrap(master: bytes, purpose: str, entry: Entry) -> bytes:
    wrapped = bytes.fromhex(entry.wrapped)
    nonce, sealed, tag = wrapped[:_NONCE], wrapped[_NONCE:-_TAG], wrapped[-_TAG:]
    decryptor = Cipher(SM4(_wrapping(master)), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(f"{purpose}/{entry.version}".encode())
    try:
        return decryptor.update(sealed) + decryptor.finalize()
    except InvalidTag:
        raise PlainFault("主密钥不符 this master secret is not the one that wrapped the keys of this home") from None


def _wrapping(master: bytes) -> bytes:
    """Return the SM4 key that wraps: 16 bytes of HMAC-SM3 under the master secret."""
    return hmac.digest(master, b"key ring", "sm3")[:16]
