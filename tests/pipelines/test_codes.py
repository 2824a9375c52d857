"""Health codes in use: issued, shown, decoded by terminals that may, refused with a reason to all else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.standards.health_code import Content, sealed_validity
from lake.home import Home
from lake.keyring import CODE_VALIDITY, HEALTH_CODE
from lake.ledger import Ledger
from lake.terminals import revoke_terminal
from pipelines.coding.decoding import LATEST, Decoder, Holder, Reason, RefusedDecoding, Request, open_decoder, sign
from pipelines.coding.enrolling import enrol, read_private_key
from pipelines.coding.showing import content_for

from .small_inbox import HOSPITAL, Told, deliver, rows, yimatong
from .small_review import copied, resident_id, run

ID = resident_id("44010619870719991")
OTHER = resident_id("44010619870719993")
NOW = datetime(2026, 1, 15, 10, 0, 0)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("codes")
    home = Home(folder / "home")
    residents = [
        {"population_no": f"P{at}", "name": name, "id_type": "01", "id_no": number}
        for at, (name, number) in enumerate((("张三", ID), ("李四", OTHER)))
    ]
    deliver(folder / "inbox", "population", rows("population", *residents))
    deliver(folder / "inbox", "emr", rows("emr", {"name": "王五", "patient_no": "N7"}))
    deliver(folder / "inbox", "institution", rows("institution", {}))
    home.create()
    run(home)
    assert yimatong("code", "issue", "--home", home.root).status == 0
    with closing(Ledger(home.ledger_url)) as ledger:
        for name, until in (("ward", date(2026, 12, 31)), ("old", date(2025, 12, 31)), ("lost", date(2026, 12, 31)),
                            ("dynamic", date(2026, 12, 31))):  # fmt: skip
            static = name != "dynamic"
            assert enrol(ledger, name, HOSPITAL, ["2", "5"], until, "tester", folder / f"{name}.pem", static)
        assert revoke_terminal(ledger, "lost", NOW)
    return home


def key(home: Home, terminal: str) -> Ed25519PrivateKey:
    return read_private_key(home.root.parent / f"{terminal}.pem")


def asked(home: Home, content: Content | str, terminal: str = "ward", scene: str = "2", at: datetime = NOW) -> Request:
    text = content if isinstance(content, str) else content.text
    return sign(key(home, terminal), terminal, scene, at, text)


@pytest.fixture
def decoder(issued: Home) -> Iterator[Decoder]:
    with open_decoder(issued) as opened:
        yield opened


def reason(decoder: Decoder, request: Request, now: datetime = NOW) -> Reason:
    with pytest.raises(RefusedDecoding) as refused:
        decoder.decode(request, now)
    return refused.value.reason


def events(home: Home) -> list[dict[str, Any]]:
    return list(json.loads(yimatong("code", "usage", "--home", home.root, "--json").out))


def told(home: Home, why: Reason) -> int:
    """Return how often terminals were told this reason."""
    return sum(row["reasons"].get(why, 0) for row in events(home))


@pytest.mark.parametrize("minutes", [None, 5])
def test_an_authorised_terminal_is_told_whose_a_code_is(issued: Home, decoder: Decoder, minutes: int | None) -> None:
    content = content_for(issued, ID, minutes * MINUTE if minutes else None, NOW)
    assert bool(content.validity) == bool(minutes)
    assert decoder.decode(asked(issued, content), NOW) == Holder("01", ID, "resident", content.card)


def flipped(text: str, at: int) -> str:
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


TAMPERED: dict[str, Callable[[Content, Content], str]] = {
    "a digit of the card": lambda mine, _: flipped(mine.text, 5),
    "its last digit": lambda mine, _: flipped(mine.text, 63),
    "the validity": lambda mine, _: flipped(mine.text, 70),
    "another's validity": lambda mine, other: Content(mine.card, other.validity).text,
    "the kind": lambda mine, _: mine.text.replace(":1:", ":0:"),
    "no validity": lambda mine, _: mine.card + ":1",
    "lower case": lambda mine, _: mine.text.lower(),
    "more behind it": lambda mine, _: mine.text + "0",
    "nothing": lambda *_: "",
    "something else": lambda *_: "https://example.org/" + "A" * 64,
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_code_is_refused(issued: Home, decoder: Decoder, what: str) -> None:
    mine, other = (content_for(issued, number, 5 * MINUTE, NOW) for number in (ID, OTHER))
    assert reason(decoder, asked(issued, TAMPERED[what](mine, other))) is Reason.TAMPERED


def test_a_validity_sealed_elsewhere_is_refused(issued: Home, decoder: Decoder) -> None:
    card = content_for(issued, ID, None).card
    forged = Content(card, sealed_validity(bytes(16), NOW + MINUTE, card))
    assert reason(decoder, asked(issued, forged)) is Reason.TAMPERED


def test_a_dynamic_code_serves_once_and_not_after_its_time(issued: Home, decoder: Decoder) -> None:
    content = content_for(issued, ID, 7 * MINUTE, NOW)
    late = NOW + 8 * MINUTE
    assert reason(decoder, asked(issued, content, at=late), late) is Reason.EXPIRED
    assert decoder.decode(asked(issued, content, at=NOW + MINUTE), NOW + MINUTE).number == ID
    assert reason(decoder, asked(issued, content, at=NOW + 2 * MINUTE), NOW + 2 * MINUTE) is Reason.REPLAYED
    fresh = content_for(issued, ID, 7 * MINUTE, NOW + 3 * MINUTE)
    assert decoder.decode(asked(issued, fresh, at=NOW + 3 * MINUTE), NOW + 3 * MINUTE).number == ID


def test_a_dynamic_code_is_no_static_one_to_a_terminal_that_may_not_decode_these(
    issued: Home, decoder: Decoder
) -> None:
    content = content_for(issued, ID, 6 * MINUTE, NOW)
    assert reason(decoder, asked(issued, Content(content.card), "dynamic")) is Reason.STATIC
    assert decoder.decode(asked(issued, content, "dynamic"), NOW).number == ID


def test_a_decoder_that_stays_open_knows_of_a_revocation(issued: Home, tmp_path: Path) -> None:
    home = copied(issued, tmp_path)
    content = content_for(home, ID, None)
    with open_decoder(home) as open_before:
        assert open_before.decode(asked(home, content), NOW).number == ID
        assert typed(content.text, "code", "revoke", "--home", home.root).status == 0
        assert reason(open_before, asked(home, content)) is Reason.REVOKED


def test_a_refused_request_does_not_use_a_code_up(issued: Home, decoder: Decoder) -> None:
    content = content_for(issued, OTHER, 9 * MINUTE, NOW)
    assert reason(decoder, asked(issued, content, scene="1")) is Reason.OTHER_SCENE
    assert decoder.decode(asked(issued, content), NOW).number == OTHER


UNAUTHORISED: dict[Reason, Callable[[Home, Content], Request]] = {
    Reason.UNKNOWN_TERMINAL: lambda home, c: replace(asked(home, c), terminal="nobody"),
    Reason.REVOKED_TERMINAL: lambda home, c: asked(home, c, "lost"),
    Reason.EXPIRED_TERMINAL: lambda home, c: asked(home, c, "old"),
    Reason.OTHER_SCENE: lambda home, c: asked(home, c, scene="6"),
    Reason.STALE_REQUEST: lambda home, c: asked(home, c, at=NOW - LATEST - MINUTE),
    Reason.BAD_SIGNATURE: lambda home, c: sign(key(home, "old"), "ward", "2", NOW, c.text),
}


@pytest.mark.parametrize("why", UNAUTHORISED)
def test_whoever_may_not_decode_is_told_why_and_nothing_else(issued: Home, decoder: Decoder, why: Reason) -> None:
    content = content_for(issued, ID, None)
    before = told(issued, why)
    with pytest.raises(RefusedDecoding) as refused:
        decoder.decode(UNAUTHORISED[why](issued, content), NOW)
    assert refused.value.reason is why
    assert not [value for value in (ID, content.card, "张三") if value in str(refused.value)]
    assert told(issued, why) == before + 1


@pytest.mark.parametrize(
    "changed",
    [
        {"content": "x"},
        {"scene": "5"},
        {"at": NOW + MINUTE},
        {"signature": ""},
        {"signature": "zz"},
        {"terminal": "lost"},
    ],
)
def test_a_request_changed_after_it_was_signed_is_refused(
    issued: Home, decoder: Decoder, changed: dict[str, Any]
) -> None:
    request = replace(asked(issued, content_for(issued, ID, None)), **changed)
    assert reason(decoder, request) is Reason.BAD_SIGNATURE


def test_a_revoked_code_is_refused_and_the_next_one_serves(issued: Home, tmp_path: Path) -> None:
    home = copied(issued, tmp_path)
    content = content_for(home, ID, None)
    assert typed(content.text, "code", "revoke", "--home", home.root).status == 0
    with open_decoder(home) as decoder:
        assert reason(decoder, asked(home, content)) is Reason.REVOKED
    assert typed(content.text, "code", "revoke", "--home", home.root).status == 3
    yimatong("code", "issue", "--home", home.root)
    with open_decoder(home) as decoder:
        assert reason(decoder, asked(home, content)) is Reason.REVOKED
        assert decoder.decode(asked(home, content_for(home, ID, None)), NOW).number == ID


def test_codes_of_a_rotated_key_lead_on_until_it_is_retired(issued: Home, tmp_path: Path) -> None:
    home = copied(issued, tmp_path)
    printed = content_for(home, ID, None)
    root = tmp_path / "root"
    root.write_text("0123456789ABCDEFFEDCBA9876543210\n")
    assert yimatong("key", "rotate", "health-code", "--home", home.root, "--from", root).status == 0
    assert "新发 new 3" in yimatong("code", "issue", "--home", home.root).err
    fresh = content_for(home, ID, None)
    assert fresh.card != printed.card
    with open_decoder(home) as decoder:
        assert decoder.decode(asked(home, printed), NOW) == Holder("01", ID, "resident", fresh.card)
    home.keyring.retire(HEALTH_CODE, 1)
    with open_decoder(home) as decoder:
        assert reason(decoder, asked(home, printed)) is Reason.EXPIRED
        assert decoder.decode(asked(home, fresh), NOW).number == ID
    dynamic = content_for(home, ID, 5 * MINUTE, NOW)
    assert yimatong("key", "rotate", "code-validity", "--home", home.root, "--retire").status == 0
    with open_decoder(home) as decoder:
        assert reason(decoder, asked(home, dynamic)) is Reason.TAMPERED
        assert home.keyring.newest(CODE_VALIDITY) == 2


def typed(text: str, *arguments: Path | str) -> Told:
    """Run a command with a text on its standard input."""
    return yimatong(*arguments, given=text.encode())


def test_the_commands_from_a_new_terminal_to_a_verified_code(issued: Home, tmp_path: Path) -> None:
    home = copied(issued, tmp_path)
    pem, at = tmp_path / "new.pem", ["--home", home.root]
    add = ["terminal", "add", *at, "--terminal", "desk-1", "--org", HOSPITAL, "--scene", "2", "--until", "2099-01-01"]
    assert yimatong(*add, "--key", pem).status == 0
    assert pem.stat().st_mode & 0o777 == 0o600
    assert "taken" in yimatong(*add, "--key", tmp_path / "again.pem").err
    assert not (tmp_path / "again.pem").exists()
    listed = json.loads(yimatong("terminal", "list", *at, "--json").out)
    assert [row["terminal"] for row in listed] == ["desk-1", "dynamic", "lost", "old", "ward"]
    content = content_for(home, ID, 5 * MINUTE)
    verify = ["code", "verify", *at, "--terminal", "desk-1", "--key", pem, "--scene", "2", "--json"]
    assert json.loads(typed(content.text, *verify).out) == {
        "outcome": "allowed", "id_type": "01", "number": ID, "kind": "resident", "card": content.card,
    }  # fmt: skip
    again = typed(content.text, *verify)
    assert (again.status, json.loads(again.out)) == (1, {"outcome": "replayed code"})
    assert yimatong("terminal", "revoke", *at, "--terminal", "desk-1").status == 0
    assert json.loads(typed(content.text, *verify).out) == {"outcome": "revoked terminal"}
    (row,) = [row for row in events(home) if row["day"] == f"{datetime.now():%Y-%m-%d}"]
    assert (row["org_code"], row["scene"], row["scans"], row["failures"]) == (HOSPITAL, "2", 3, 2)


@pytest.mark.parametrize(("suffix", "starts"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_code_is_drawn(issued: Home, tmp_path: Path, suffix: str, starts: bytes) -> None:
    out = tmp_path / f"code.{suffix}"
    assert typed(ID, "code", "show", "--home", issued.root, "--out", out).status == 0
    assert out.read_bytes().startswith(starts) and out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("number", "told"), [("123", "18 digits"), (resident_id("44010619870719995"), "nobody has a code")]
)
def test_no_code_is_shown_of_a_number_that_nobody_has(issued: Home, tmp_path: Path, number: str, told: str) -> None:
    shown = typed(number, "code", "show", "--home", issued.root, "--out", tmp_path / "code.png")
    assert shown.status == 3 and told in shown.err and number not in shown.err
    assert not (tmp_path / "code.png").exists()


def test_no_card_and_no_number_is_in_the_ledger(issued: Home) -> None:
    kept = (issued.root / "ledger.sqlite").read_bytes()
    cards = [content_for(issued, number, None).card for number in (ID, OTHER)]
    forms = [ID.encode(), OTHER.encode(), *(card.encode() for card in cards), *(bytes.fromhex(card) for card in cards)]
    assert not [form for form in forms if form in kept]


def test_before_the_first_issue_there_is_nothing_to_show(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    told = typed(ID, "code", "show", "--home", home.root, "--out", tmp_path / "code.png")
    assert told.status == 3 and "yimatong code issue" in told.err
