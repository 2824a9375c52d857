"""Health codes: who bears which, what stands for a code that was replaced, and that no two persons share one."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linkage_world import Row, World, table

from contracts.standards.health_code import holder, main_index, user_key
from lake.faults import PlainFault
from linkage.codes.find import Code, code_of, code_of_number, standing
from linkage.codes.issue import Issued, issue
from linkage.codes.revoke import revoke

ROOT, OTHER_ROOT = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), bytes(range(16))
DAY = date(2019, 6, 30)
LI, WU, ZHAO = "440101199003050021", "440101199103050011", "440101198803050013"
FAMILY = f"""
  who | feed       | org | no | name     | sex | born       | id   | near
  li  | population |     | 1  | 李梅     | 2   | 1990-03-05 | {LI} |
  li  | emr        | H1  | p7 | 李梅     | 2   | 1990-03-05 | {LI} |
  wu  | population |     | 2  | 吴刚     | 1   | 1991-03-05 | {WU} |
  v   | emr        | H1  | p9 | 钱多     | 1   | 1988-08-08 |      |
  new | emr        | H1  | p8 | 李梅之女 | 2   | 2019-06-01 |      | {LI}
"""


class Codes:
    """The codes of a little world, issued step by step."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder / "world")
        self.folder = folder
        self.files: list[Path] = []
        self.linked = 0
        self.root, self.version = ROOT, 1

    def step(self, added: Iterable[Row] = (), removed: Sequence[int] = ()) -> Issued:
        """Link, then issue."""
        self.world.step(added, removed)
        return self.issue()

    def issue(self) -> Issued:
        versions = self.world.versions
        into = self.folder / "codes" / f"{len(self.files) + 1:06d}.parquet"
        issued = issue(
            self.world.connection, versions, versions[self.linked :], self.file, into, self.root, self.version, DAY
        )
        self.linked = len(versions)
        self.files.append(into)
        return issued

    @property
    def file(self) -> Path | None:
        return self.files[-1] if self.files else None

    def revoke(self, card: str) -> bool:
        assert self.file
        into = self.folder / "codes" / f"{len(self.files) + 1:06d}.parquet"
        if not revoke(self.world.connection, self.file, into, card):
            return False
        self.files.append(into)
        return True

    def all(self) -> list[tuple[Code, str]]:
        """Return every code ever issued, with the registry id of its bearer."""
        found = self.world.connection.execute(
            "SELECT card, factor, kind, key_version, state, successor, because, registry_id::VARCHAR"
            f" FROM read_parquet('{self.file}') ORDER BY card"
        ).fetchall()
        return [(Code(*row[:-1]), row[-1]) for row in found]

    def active(self) -> dict[str, str]:
        """Return the bearers' registry ids by their active cards."""
        return {code.card: bearer for code, bearer in self.all() if code.state == "active"}

    def of(self, number: str) -> Code | None:
        assert self.file
        return code_of_number(self.world.connection, self.file, number)

    def now(self, code: Code | None) -> Code:
        """Return what stands for a code now."""
        assert self.file and code
        kept = code_of(self.world.connection, self.file, code.card)
        assert kept
        return standing(self.world.connection, self.file, kept)

    def bearers(self) -> set[str]:
        """Return the registry ids of all who live in the registry."""
        return {id for (id,) in self.world.connection.execute("SELECT registry_id::VARCHAR FROM link_state").fetchall()}


@pytest.fixture
def codes(tmp_path: Path) -> Codes:
    made = Codes(tmp_path)
    made.step(table(FAMILY))
    return made


def opened(code: Code, root: bytes = ROOT) -> tuple[str, str]:
    return holder(user_key(root, bytes.fromhex(code.factor)), code.card)


def test_everyone_has_a_code_and_whoever_has_no_number_a_temporary_one(codes: Codes) -> None:
    issued = codes.issue()
    assert issued == Issued(new=0, kept=4, replaced=0, withdrawn=0, temporary=2)
    held = sorted((code.kind, *opened(code)) for code, _ in codes.all())
    assert held[:2] == [("resident", "01", LI), ("resident", "01", WU)]
    assert [(kind, id_type, number[0], len(number)) for kind, id_type, number in held[2:]] == [
        ("temporary", "99", "T", 18)
    ] * 2
    assert set(codes.active().values()) == codes.bearers()


def test_a_card_is_what_the_specification_makes_of_type_number_and_name(codes: Codes) -> None:
    code = codes.of(LI)
    assert code and bytes.fromhex(code.factor) == _factor(main_index("01", LI, "李梅"))
    assert opened(code) == ("01", LI)


def _factor(index: bytes) -> bytes:
    return bytes(index[at] ^ index[8 + at] ^ index[16 + at] ^ index[24 + at] for at in range(8))


def test_issuing_again_changes_nothing(codes: Codes) -> None:
    before = codes.all()
    codes.issue()
    assert codes.all() == before


def test_a_temporary_code_leads_to_the_person_once_the_number_is_known(codes: Codes) -> None:
    (visitor,) = [row for row in table(FAMILY) if row.who == "v"]
    temporary = {code.card for code, _ in codes.all() if code.kind == "temporary"}
    issued = codes.step([replace(visitor, row_id=90, id_no=ZHAO, id_valid=True)], [visitor.row_id])
    assert (issued.new, issued.replaced, issued.temporary) == (1, 1, 1)
    (upgraded,) = [code for code, _ in codes.all() if code.card in temporary and code.state == "replaced"]
    assert upgraded.because in ("number known", "persons merged")
    assert opened(codes.now(upgraded)) == ("01", ZHAO)


def test_a_corrected_number_replaces_the_code(codes: Codes) -> None:
    (wu,) = [row for row in table(FAMILY) if row.who == "wu"]
    before = codes.of(WU)
    codes.step([replace(wu, row_id=91, id_no=ZHAO, birth_date=date(1988, 3, 5))], [wu.row_id])
    assert codes.of(WU) is None
    assert opened(codes.now(before)) == ("01", ZHAO)


def test_a_corrected_name_keeps_the_code(codes: Codes) -> None:
    (wu,) = [row for row in table(FAMILY) if row.who == "wu"]
    before = codes.of(WU)
    codes.step([replace(wu, row_id=92, name="吴钢")], [wu.row_id])
    assert codes.of(WU) == before


def test_who_has_gone_has_no_code_and_has_it_again_on_return(codes: Codes) -> None:
    (wu,) = [row for row in table(FAMILY) if row.who == "wu"]
    before = codes.of(WU)
    assert before
    assert codes.step([], [wu.row_id]).withdrawn == 1
    assert codes.now(before).state == "withdrawn"
    codes.step([replace(wu, row_id=93)])
    assert codes.of(WU) == before


def test_a_revoked_code_never_comes_back(codes: Codes) -> None:
    before = codes.of(LI)
    assert before and codes.revoke(before.card) and not codes.revoke(before.card)
    assert codes.issue().new == 1
    after = codes.of(LI)
    assert after and after.card != before.card and opened(after) == ("01", LI)
    assert codes.now(before).state == "revoked"
    assert codes.revoke(after.card)
    codes.issue()
    third = codes.of(LI)
    assert third and len({before.card, after.card, third.card}) == 3


def test_another_root_key_gives_everyone_another_code_and_the_old_ones_lead_there(codes: Codes) -> None:
    before = [code for code, _ in codes.all()]
    codes.root, codes.version = OTHER_ROOT, 2
    issued = codes.issue()
    assert (issued.new, issued.kept, issued.replaced) == (4, 0, 4)
    after = codes.of(LI)
    assert after and opened(after, OTHER_ROOT) == ("01", LI)
    for code in before:
        stands = codes.now(code)
        assert (stands.key_version, stands.state, stands.kind) == (2, "active", code.kind)
        assert opened(stands, OTHER_ROOT)[0] == opened(code)[0]


def test_one_number_of_two_persons_gives_the_code_to_the_registered(tmp_path: Path) -> None:
    codes = Codes(tmp_path)
    codes.step(
        table(f"""
      who | feed       | org | no | name | sex | born       | id
      a   | population |     | 1  | 李梅 | 2   | 1990-03-05 | {LI}
      b   | emr        | H1  | p1 | 王强 | 1   | 1955-01-01 | {LI}
    """)
    )
    kinds = sorted(code.kind for code, _ in codes.all())
    assert len(codes.bearers()) == 2 and kinds == ["resident", "temporary"]


def test_two_persons_never_share_a_code(codes: Codes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.codes.cipher.main_index", lambda *_: bytes(32))
    monkeypatch.setattr("linkage.codes.cipher.card_bytes", lambda *_: bytes(32))
    codes.root, codes.version = OTHER_ROOT, 2
    before = codes.files[-1]
    with pytest.raises(PlainFault, match="two persons would bear one code"):
        codes.issue()
    assert codes.files[-1] == before and not (codes.folder / "codes" / "000002.parquet").exists()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), steps=st.integers(1, 4))
def test_through_any_history_each_person_bears_one_code_and_each_code_leads_to_at_most_one(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int
) -> None:
    chance = random.Random(seed)
    codes = Codes(tmp_path_factory.mktemp("codes"))
    numbers = [LI, WU, ZHAO, None]
    names = ["李梅", "吴刚", "赵勇", "钱多"]
    row_id = 0
    for _ in range(steps):
        added = []
        for _ in range(chance.randint(1, 4)):
            row_id += 1
            who = chance.randrange(4)
            feed = chance.choice(["population", "emr"])
            number = numbers[who] if chance.random() < 0.8 else chance.choice(numbers)
            added.append(
                Row(
                    row_id, feed=feed, own_no=f"n{row_id if feed == 'emr' else who}", name=names[who],
                    org_code="H1" if feed == "emr" else None, birth_date=date(1990, 3, 1 + who), sex_code="2",
                    id_no=number, id_valid=number is not None,
                )
            )  # fmt: skip
        gone = [row for row in codes.world.live if chance.random() < 0.3]
        if chance.random() < 0.2:
            codes.root, codes.version = bytes([codes.version]) * 16, codes.version + 1
        codes.step(added, gone)
        active = codes.active()
        assert sorted(active.values()) == sorted(codes.bearers())
        for code, bearer in codes.all():
            stands = codes.now(code)
            assert stands.state in ("active", "withdrawn")
            assert code.state != "active" or (stands.card == code.card and active[code.card] == bearer)
