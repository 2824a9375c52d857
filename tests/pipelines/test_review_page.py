"""The review page: each kind of doubt, what differs, and a waterfall that adds up to the probability."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import log2
from pathlib import Path
from typing import Any, cast

import pytest

from lake.link_decisions import LinkDecision
from linkage.evidence.model import load_model
from linkage.evidence.persons import COMPARISONS
from pipelines.reviewing.doubt import KINDS, Doubt, Side
from pipelines.reviewing.evidence import COMPARED, LEVELS, odds, steps
from pipelines.reviewing.page import page
from pipelines.reviewing.queue import Queue
from pipelines.reviewing.sides import Shown
from pipelines.reviewing.sides_table import sides_table
from pipelines.reviewing.waterfall import waterfall

MODEL, KNOWN = load_model(), 1 << 16
ALL_UNKNOWN = dict.fromkeys((one.name for one in COMPARISONS), None)


def side(handle: int, records: int = 1) -> Side:
    return Side("", "emr", "440100", 1, handle, records)


def weighed(
    levels: Mapping[str, int], probability: float = 0.9, kind: str = "perhaps known", records: int = 1
) -> Doubt:
    """Return a doubt of these levels with its weight as linkage gives it."""
    weight = sum(MODEL.evidence[name].match_weights()[level] for name, level in levels.items())
    return Doubt("d1", kind, side(1, records), side(2, 9), probability, weight + 10.0, -10.0, ALL_UNKNOWN | levels)


def ruled(kind: str) -> Doubt:
    return Doubt("d2", kind, side(1), side(2), None, None, None, None)


def queue(*doubts: Doubt, model: Any = MODEL) -> Queue:
    return Queue(cast(Any, None), cast(Any, None), cast(Any, None), doubts, [], model, KNOWN)


def shown(doubt: Doubt, left: Mapping[str, Sequence[str]], right: Mapping[str, Sequence[str]]) -> Shown:
    return Shown(doubt, left, right)


LEVEL_SETS = [
    {"name": 0},
    {"name": 0, "birth": 1, "phone": 1},
    {one.name: len(one.levels) - 1 for one in COMPARISONS},
    {one.name: 0 for one in COMPARISONS},
]


@pytest.mark.parametrize("levels", LEVEL_SETS)
@pytest.mark.parametrize("probability", [0.5, 0.93, 1.0, 0.0])
def test_the_steps_add_up_to_the_probability(levels: dict[str, int], probability: float) -> None:
    doubt = weighed(levels, probability)
    first, *compared, last = steps(doubt, MODEL, KNOWN)
    assert first.bits == pytest.approx(-log2(KNOWN * MODEL.unseen))
    assert sum(step.bits for step in compared) == pytest.approx(doubt.weight)
    assert first.bits + sum(step.bits for step in compared) + last.bits == pytest.approx(odds(probability))


def test_what_is_unknown_is_no_step_and_what_a_rule_found_has_none() -> None:
    assert [step.what[1] for step in steps(weighed({"birth": 0}), MODEL, KNOWN)[1:-1]] == ["birth date"]
    assert steps(ruled("one number, two persons"), MODEL, KNOWN) == []


def test_everything_compared_has_a_name_in_both_languages() -> None:
    assert {one.name for one in COMPARISONS} == COMPARED.keys()
    assert {level.name for one in COMPARISONS for level in one.levels} <= LEVELS.keys()


def test_bars_go_from_where_the_last_one_ended() -> None:
    drawn = waterfall(steps(weighed({"name": 0, "birth": 1}), MODEL, KNOWN), 0.9)
    bars = [
        (float(left), float(width))
        for left, width in re.findall(r'<i[^>]* style="left:([\d.]+)%;width:([\d.]+)%"', drawn)
    ]
    kinds = ["against" in cell for cell in re.findall(r"<i[^>]*>", drawn)]
    reached = [left if against else left + width for (left, width), against in zip(bars, kinds, strict=True)]
    begun = [left + width if against else left for (left, width), against in zip(bars, kinds, strict=True)]
    assert begun[1:-1] == pytest.approx(reached[:-2], abs=0.2)
    assert begun[-1] == pytest.approx(begun[0], abs=0.2)  # the sum goes from even odds
    assert reached[-1] == pytest.approx(reached[-2], abs=0.2)
    assert all(left >= 0 and left + width <= 100.2 for left, width in bars)


def test_differences_are_marked_place_by_place() -> None:
    drawn = sides_table(shown(ruled("perhaps one"), {"birth_date": ["1990-03-05"]}, {"birth_date": ["1990-05-03"]}))
    assert "1990-0<mark>3</mark>-0<mark>5</mark>" in drawn and "1990-0<mark>5</mark>-0<mark>3</mark>" in drawn
    assert "≠" in drawn


@pytest.mark.parametrize(
    ("field", "left", "right"), [("sex_code", "男 male", "女 female"), ("city_code", "中山 Zhongshan", "肇庆 Zhaoqing")]
)
def test_of_codes_the_whole_name_differs(field: str, left: str, right: str) -> None:
    drawn = sides_table(shown(ruled("perhaps one"), {field: [left]}, {field: [right]}))
    assert f"<td><mark>{left}</mark></td><td><mark>{right}</mark></td>" in drawn


@pytest.mark.parametrize(
    ("field", "left", "right", "sign"),
    [
        ("name", ["李梅"], ["李梅"], "="), ("name", ["李梅", "李枚"], ["李枚"], "="), ("name", ["李梅"], ["王军"], "≠"),
        ("phone", ["139"], [], "·"), ("own_no", ["1"], ["2"], ""), ("own_no", ["1"], ["1"], "="),
        ("feed", ["电子病历"], ["电子病历"], ""), ("institution", ["一院"], ["二院"], ""),
    ],
)  # fmt: skip
def test_each_field_says_whether_it_agrees(field: str, left: list[str], right: list[str], sign: str) -> None:
    drawn = sides_table(shown(ruled("perhaps one"), {field: left}, {field: right}))
    found = re.search(r"<td>(?:<span[^>]*>(.)</span>)?</td></tr>", drawn)
    assert found and (found[1] or "") == sign


def test_one_s_number_that_is_the_other_s_mother_s_is_said() -> None:
    drawn = sides_table(shown(ruled("perhaps one"), {"id_no": ["7"]}, {"id_no": ["8"], "near_id_no": ["7"]}))
    assert "= B&#x27;s guardian&#x27;s or mother&#x27;s number" in drawn and "= A&#x27;s ID number" in drawn


def test_values_are_text_and_no_markup() -> None:
    drawn = page(queue(), [shown(ruled("perhaps one"), {"name": ["<b>&"]}, {"name": ["<i>"], "phone": ["<u>"]})], 1)
    assert not re.search(r"<b>&|<i>|<u>", drawn.split("<article")[1])
    assert "&lt;" in drawn


def test_every_kind_of_doubt_asks_its_question() -> None:
    asked = set()
    for kind in KINDS:
        drawn = page(queue(), [shown(ruled(kind), {}, {})], 1)
        assert all(text in drawn for text in KINDS[kind])
        asked.add(re.search(r"<p[^>]*><span[^>]*>([^<]*\?)", drawn)[1])  # type: ignore[index]
    assert len(asked) == len(KINDS)
    assert all(f"`{kind}`" in Path("docs/review.md").read_text(encoding="utf-8") for kind in KINDS)


def test_a_model_that_has_changed_is_said_and_weighs_nothing() -> None:
    drawn = page(queue(model=None), [shown(weighed({"name": 0}), {}, {})], 1)
    assert "The model has changed" in drawn and 'class="way"' not in drawn and "90.0%" in drawn


def test_importance_is_records_times_how_open_the_question_is() -> None:
    even, sure = weighed({"name": 0}, 0.5), weighed({"name": 0}, 0.98)
    assert even.importance == 1.0 > sure.importance > weighed({"name": 0}, 1.0).importance == 0.0
    assert weighed({"name": 0}, 0.98, records=5).importance == pytest.approx(5 * sure.importance)
    assert weighed({"name": 0}, 1.0, "contradiction").importance == ruled("one number, two persons").importance == 1.0
    assert weighed({"name": 0}, records=50).records == 9  # those of the smaller side


def test_unsure_closes_a_doubt_until_its_evidence_is_another() -> None:
    doubt = weighed({"name": 0, "phone": 0}, 0.912)

    def after(verdict: str, now: Doubt) -> bool:
        decided = LinkDecision(verdict, 1, 1, 2, 2, "d1", "", None, doubt.evidence, "", "", datetime(2019, 1, 1))
        return replace(now, decided=decided).open

    assert doubt.open
    assert not after("unsure", doubt)
    assert not after("unsure", weighed({"name": 0, "phone": 0}, 0.9121))
    assert after("unsure", weighed({"name": 0, "phone": 1}, 0.912))
    assert after("unsure", weighed({"name": 0, "phone": 0}, 0.95))
    assert not after("same", weighed({"name": 0, "phone": 1})) and not after("different", weighed({"name": 0}))
