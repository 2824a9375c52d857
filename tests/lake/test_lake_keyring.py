"""The keys of a home: derived once from one master secret, kept wrapped, rotated by version."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.faults import PlainFault
from lake.keyring import PERSON_KEY, PURPOSES, REGISTRY_ID, VAULT, KeyRing

SECRET, OTHER = "0f" * 32, "f0" * 32


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIMATONG_SECRET", SECRET)
    monkeypatch.delenv("YIMATONG_SECRET_FILE", raising=False)


def ring_in(folder: Path) -> KeyRing:
    ring = KeyRing(folder / "keys")
    ring.create()
    return ring


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_first_keys_follow_from_the_secret_and_the_purpose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, same = ring_in(tmp_path / "one"), ring_in(tmp_path / "same")
    assert [one.key(purpose) for purpose in PURPOSES] == [same.key(purpose) for purpose in PURPOSES]
    monkeypatch.setenv("YIMATONG_SECRET", OTHER)
    other = ring_in(tmp_path / "other")
    monkeypatch.setenv("YIMATONG_SECRET", SECRET)
    keys = {one.key(purpose) for purpose in PURPOSES}
    monkeypatch.setenv("YIMATONG_SECRET", OTHER)
    keys |= {other.key(purpose) for purpose in PURPOSES}
    assert len(keys) == 2 * len(PURPOSES)
    assert {len(key) for key in keys} == {32}


def test_no_key_and_no_secret_lies_in_the_clear(tmp_path: Path) -> None:
    ring = ring_in(tmp_path)
    kept = (tmp_path / "keys" / "ring.json").read_text()
    assert not [purpose for purpose in PURPOSES if ring.key(purpose).hex() in kept]
    assert SECRET not in kept
    assert not (tmp_path / "keys" / "secret").exists()


def test_a_home_without_a_given_secret_makes_one_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YIMATONG_SECRET")
    first, other = ring_in(tmp_path / "first"), ring_in(tmp_path / "other")
    assert first.key(PERSON_KEY) == KeyRing(tmp_path / "first" / "keys").key(PERSON_KEY) != other.key(PERSON_KEY)
    kept = tmp_path / "first" / "keys" / "secret"
    assert (mode(kept), mode(kept.parent)) == (0o600, 0o700)
    assert first.is_beside_its_secret
    elsewhere = tmp_path / "safe"
    kept.rename(elsewhere)
    monkeypatch.setenv("YIMATONG_SECRET_FILE", str(elsewhere))
    assert len(first.key(PERSON_KEY)) == 32 and not first.is_beside_its_secret


@pytest.mark.parametrize(
    ("given", "told"),
    [("", "absent"), (OTHER, "not the one"), ("secret", "64 hexadecimal"), ("0f" * 16, "64 hexadecimal")],
)
def test_a_secret_that_does_not_serve_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, told: str
) -> None:
    ring = ring_in(tmp_path)
    monkeypatch.setenv("YIMATONG_SECRET", given)
    with pytest.raises(PlainFault, match=told):
        ring.key(PERSON_KEY)
    assert ring.public() == KeyRing(tmp_path / "keys").public(1)


def test_a_new_secret_is_never_made_for_keys_that_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ring_in(tmp_path)
    monkeypatch.delenv("YIMATONG_SECRET")
    with pytest.raises(PlainFault, match="absent"):
        ring.key(VAULT)
    ring.create()
    assert not (tmp_path / "keys" / "secret").exists()


def test_rotation_adds_a_version_and_keeps_the_former(tmp_path: Path) -> None:
    ring = ring_in(tmp_path)
    first, registry = ring.key(PERSON_KEY), ring.key(REGISTRY_ID)
    assert ring.rotate(PERSON_KEY) == 2 == ring.newest(PERSON_KEY)
    assert ring.key(PERSON_KEY, 1) == first != ring.key(PERSON_KEY)
    assert (ring.key(REGISTRY_ID), ring.newest(REGISTRY_ID)) == (registry, 1)
    with pytest.raises(PlainFault, match="no such key"):
        ring.key(PERSON_KEY, 3)


def test_another_secret_may_wrap_the_same_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ring_in(tmp_path)
    ring.rotate(VAULT)
    before = {(p, e.version): (ring.key(p, e.version), e.made_at) for p in PURPOSES for e in ring.versions(p)}
    ring.rewrap(bytes.fromhex(OTHER))
    with pytest.raises(PlainFault, match="not the one"):
        ring.key(VAULT)
    monkeypatch.setenv("YIMATONG_SECRET", OTHER)
    assert {(p, e.version): (ring.key(p, e.version), e.made_at) for p in PURPOSES for e in ring.versions(p)} == before


@given(octet=st.integers(0, 75), flip=st.integers(1, 255))
def test_a_wrapped_key_that_was_changed_is_refused(
    tmp_path_factory: pytest.TempPathFactory, octet: int, flip: int
) -> None:
    folder = tmp_path_factory.mktemp("ring")
    ring = ring_in(folder)
    file = folder / "keys" / "ring.json"
    kept = json.loads(file.read_text())
    entry = kept["keys"][PERSON_KEY][0]
    wrapped = bytearray.fromhex(entry["wrapped"])
    wrapped[octet % len(wrapped)] ^= flip
    entry["wrapped"] = wrapped.hex()
    file.write_text(json.dumps(kept))
    with pytest.raises(PlainFault, match="not the one"):
        ring.key(PERSON_KEY)
