"""What speaks for and against a doubt, step by step, in bits: each bit doubles the odds that both are one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

from linkage.evidence.model import Model
from linkage.evidence.persons import COMPARISONS
from pipelines.reviewing.doubt import Doubt

COMPARED = {
    "name": ("姓名", "name"), "birth": ("出生日期", "birth date"), "sex": ("性别", "sex"), "phone": ("电话", "phone"),
    "address": ("地址", "address"), "city": ("地市", "city"), "number": ("证件号码", "ID number"),
    "near": ("监护人或母亲证件", "guardian's or mother's number"), "mother": ("母亲姓名", "mother's name"),
    "own": ("机构内编号", "own number"), "code": ("健康码", "health code"),
}  # fmt: skip
LEVELS = {
    "same": ("相同", "same"), "different": ("不同", "different"), "same sound": ("同音", "same sound"),
    "near": ("音形相近", "near in sound or shape"), "one character off": ("一字之差", "one character off"),
    "left out": ("漏字", "one left out"), "surname": ("仅同姓", "surname alone"), "slip": ("疑为笔误", "maybe a slip"),
    "weeks apart": ("相差数周", "weeks apart"), "guardian's": ("为监护人的", "the guardian's"),
    "another's": ("为他人的", "another person's"), "another": ("同处另有编号", "another at the same place"),
}  # fmt: skip
_PRIOR = ("起点: 任意一人", "before: anybody")
_RIVALS = ("其他可能: 亲属、同名者", "others it may be: kin, namesakes")
_CERTAIN = 2.0**-50


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to a probability: what was compared, how it agreed (both in both languages), its bits."""

    what: tuple[str, str]
    how: tuple[str, str]
    bits: float


def steps(doubt: Doubt, model: Model, known: int) -> list[Step]:
    """Return the steps from `anybody` to the doubt's probability; none where no model weighed it.

    `known` is how many persons the model counted with. The last step is what is left of the odds when all others who
    might be meant are weighed too.
    """
    if doubt.probability is None or doubt.levels is None:
        return []
    taken = [Step(_PRIOR, ("", ""), -log2(known * model.unseen)), *_compared(doubt, model)]
    return [*taken, Step(_RIVALS, ("", ""), odds(doubt.probability) - sum(step.bits for step in taken))]


def odds(probability: float) -> float:
    """Return the odds of a probability, in bits."""
    within = min(max(probability, _CERTAIN), 1 - _CERTAIN)
    return log2(within / (1 - within))


def _compared(doubt: Doubt, model: Model) -> Iterator[Step]:
    for one in COMPARISONS:
        level = (doubt.levels or {}).get(one.name)
        if level is None:
            continue
        bits = model.evidence[one.name].match_weights()[level]
        if one.name == "name":
            bits -= doubt.name_chance or 0.0
        said = one.levels[level].name
        yield Step(COMPARED.get(one.name, (one.name,) * 2), LEVELS.get(said, (said,) * 2), bits)
