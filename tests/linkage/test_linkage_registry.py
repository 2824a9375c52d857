"""Ids that last: what a person is called through deliveries, corrections, merges, splits and compactions."""

from __future__ import annotations

import hmac
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
from linkage_world import SECRET, World, table

from linkage.changes import changed_persons, define_changed
from linkage.persons import persons
from linkage.pseudonym import define_person_key
from linkage.registry import compact, compaction_due

FAMILY = """
  who | feed       | org | no | name | sex | born       | id                 | phone
  li  | population |     | 1  | 李梅 | 2   | 1990-03-05 | 440101199003050021 | 13912340001
  li  | emr        | H1  | p7 | 李梅 | 2   | 1990-03-05 | 440101199003050021 | 13912340001
  li  | emr        | H1  | p7 | 李梅 |     |            |                    |
  wu  | population |     | 2  | 吴刚 | 1   | 1991-03-05 | 440101199103050011 | 13912340002
  v   | emr        | H1  | p9 | 钱多 | 1   | 1988-08-08 |                    | 13712340001
"""


def _residence(*rows: tuple[int, str, str]) -> pa.Table:
    names = ("row_id", "residence_division", "residency_type", "death_date")
    columns = [*zip(*rows, strict=True), pa.nulls(len(rows), pa.date32())]
    return pa.table([pa.array(c) if isinstance(c, tuple) else c for c in columns], names=list(names))


def test_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(table(FAMILY))
    before = world.keys()
    again = world.step(table(FAMILY))
    assert (again.arriving, again.leaving, again.changed, again.minted) == (0, 0, 0, 0)
    assert world.keys() == before


def test_counts_meet(tmp_path: Path) -> None:
    world = World(tmp_path)
    first = world.step(table(FAMILY))
    assert (first.before, first.arriving, first.live, first.minted, first.whole) == (0, 5, 5, 3, True)
    second = world.step(removed={5})
    assert (second.before, second.leaving, second.live, second.retired, second.minted) == (5, 1, 4, 1, 0)


def test_tiers_say_how_a_row_was_attached(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.step(table(FAMILY))
    world.keys()
    assert world.tiers() == {1: "authority", 2: "authority", 3: "model", 4: "authority", 5: "new"}


def test_a_corrected_row_keeps_its_person(tmp_path: Path) -> None:
    world = World(tmp_path)
    rows = table(FAMILY)
    world.step(rows)
    before = world.keys()
    world.step([replace(rows[3], row_id=14, name="吴钢", phone="13912340009", id_no="440101199103050038")], removed={4})
    assert world.keys()[14] == before[4]


def test_who_leaves_and_returns_is_given_a_new_id(tmp_path: Path) -> None:
    world = World(tmp_path)
    rows = table(FAMILY)
    world.step(rows)
    before = world.keys()
    world.step(removed={5})
    world.step([rows[4]])
    after = world.keys()
    assert after[5] not in before.values()
    assert {row: key for row, key in after.items() if row != 5} == {row: key for row, key in before.items() if row != 5}


def test_a_merge_keeps_the_larger_part_and_a_split_leaves_it_there(tmp_path: Path) -> None:
    world = World(tmp_path)
    visits = table("""
      who | org | no | name | sex | born       | phone
      v   | H1  | 1  | 孙悦 | 2   | 1977-02-03 | 13812340001
      v   | H2  | 2  | 孙悦 | 2   | 1977-02-03 | 13812340001
      v   | H3  | 3  | 孙悦 | 2   |            | 13712340002
    """)
    bridge = replace(visits[1], row_id=4, own_no="4", phone="13712340002")
    world.step(visits)
    apart = world.keys()
    assert apart[1] == apart[2] != apart[3]
    merged = world.step([bridge])
    assert set(world.keys().values()) == {apart[1]} and merged.retired == 1
    world.step(removed={4})
    split = world.keys()
    assert split[1] == split[2] == apart[1]
    assert split[3] not in (apart[1], apart[3])


def test_only_what_hangs_together_is_linked_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    crowd = "\n".join(f"{n} | 人{chr(0x4E00 + n)} | 1 | 1970-01-01 | {440101197001010000 + n}" for n in range(40))
    world.step(table("who | name | sex | born | id\n" + crowd))
    new = table("who | no | name | sex | born | id\n x | n1 | 人一 | 1 | | 440101197001010003")[0]
    summary = world.step([replace(new, row_id=99)])
    assert not summary.whole
    assert summary.relinked == 2  # the new one and the holder of its number


def test_a_row_may_come_and_go_while_its_presentation_stays(tmp_path: Path) -> None:
    world = World(tmp_path)
    rows = table(FAMILY)
    world.step([*rows, replace(rows[4], row_id=6)])
    before = world.keys()
    summary = world.step(removed={5})
    assert (summary.leaving, summary.changed) == (0, 0)
    assert world.keys()[6] == before[6]


def test_a_compacted_registry_says_the_same(tmp_path: Path) -> None:
    world = World(tmp_path)
    rows = table(FAMILY)
    world.step(rows)
    world.step(removed={5})
    world.step([replace(rows[4], row_id=7, own_no="p10", name="赵一", phone="13712340009")], removed={2})
    before = world.keys()
    assert compaction_due(world.connection, world.versions)
    world.batches += 1
    into = tmp_path / "links" / f"{world.batches:03}"
    compact(world.connection, world.versions, into)
    world.versions = [into]
    assert world.keys() == before
    assert world.step([rows[4]]).minted == 1
    assert world.keys()[5] not in before.values()


def test_changes_are_the_rows_to_key_again_and_their_persons(tmp_path: Path) -> None:
    world = World(tmp_path)
    rows = table(FAMILY)
    world.step(rows)
    before = world.keys()
    world.step([replace(rows[4], row_id=6), replace(rows[3], row_id=7, phone="13912340009")], removed={4})
    define_changed(world.connection, world.versions[:1], world.versions, world.versions[1:])
    assert world.connection.execute("SELECT row_id FROM rekeyed_row ORDER BY 1").fetchall() == [(6,), (7,)]
    world.connection.register("residence", _residence((7, "440105", "1")))
    assert changed_persons(world.connection, world.versions, SECRET, "changed") == 2
    changed = {key for (key,) in world.connection.execute("FROM changed").fetchall()}
    written = {key for (key,) in world.connection.execute("SELECT person_key FROM person").fetchall()}
    assert changed == written == {before[4], before[5]}


def test_persons_speak_by_the_register_or_their_newest_presentation(tmp_path: Path) -> None:
    world = World(tmp_path)
    rows = table(FAMILY)
    later = rows[0].updated_at.replace(day=9)
    moved = replace(rows[0], row_id=8, city_code="440300", own_no="77", updated_at=later)
    guest = replace(rows[4], row_id=9, sex_code=None, updated_at=later)
    world.step([*rows, moved, guest])
    world.connection.register("residence", _residence((1, "440106", "1"), (4, "440105", "1"), (8, "440305", "2")))
    keys = world.keys()
    assert persons(world.connection) == 3
    found = {
        row[0]: row[1:]
        for row in world.connection.execute(
            "SELECT person_key, registered, sex_code, birth_date::VARCHAR, residence_division, residency_type,"
            " city_code FROM person"
        ).fetchall()
    }
    assert found == {
        keys[8]: (True, "2", "1990-03-05", "440305", "2", "440300"),
        keys[4]: (True, "1", "1991-03-05", "440105", "1", "440100"),
        keys[5]: (False, "1", "1988-08-08", None, None, None),
    }


def test_a_person_key_is_the_hmac_sm3_of_the_registry_id() -> None:
    connection = duckdb.connect()
    ids = [f"{number:032x}" for number in range(3000)]
    for key in (b"", b"k" * 32, b"long" * 40):
        define_person_key(connection, key)
        found = connection.execute(
            "SELECT id, link_person_key(id) FROM unnest($ids) AS one (id)", {"ids": ids}
        ).fetchall()
        assert dict(found) == {each: hmac.new(key, each.encode(), "sm3").hexdigest()[:32] for each in ids}
