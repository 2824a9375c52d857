"""The institutions of the province: hospitals, community and township centres, village clinics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contracts.feeds import FEEDS
from pipelines.simulate import arrow
from pipelines.simulate.clock import NEVER, Month
from pipelines.simulate.geography import cities, counties
from pipelines.simulate.streams import Flags, Ints, stream

_CHECKS_ORG = np.frombuffer(b"0123456789X0", np.uint8)
_ORG_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_USCC_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
_USCC_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORDINALS = "一二三四五六七八九十"
# fmt: off
_PLACES = [
    "东华", "康宁", "仁爱", "同济", "和平", "新华", "南山", "北湖", "西城", "长安", "平湖",
    "石岐", "大朗", "桥头", "河东", "沙田", "太平", "永安", "兴隆", "龙泉", "白云", "清溪",
    "横岗", "松岗",
]
# fmt: on


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of institution: how many a city has by its real residents (millions) and by the simulated (thousands)."""

    category: str
    level: str
    public: bool
    least: int
    per_million: float
    per_thousand: float
    beds: tuple[int, int]
    name: str  # {city} {county} {ordinal} {place} {number}
    code: str  # WS 218 category


_SORTS = (
    _Sort("A", "3", True, 1, 1.1, 0, (800, 2400), "{city}第{ordinal}人民医院", "A100"),
    _Sort("F", "3", True, 0, 0.15, 0, (300, 900), "{city}妇幼保健院", "G100"),
    _Sort("B", "3", True, 0, 0.25, 0, (300, 900), "{city}{place}专科医院", "A500"),
    _Sort("A", "2", True, 2, 2.2, 0, (150, 600), "{city}{county}{place}人民医院", "A100"),
    _Sort("B", "2", True, 0, 0.4, 0, (80, 300), "{city}{county}慢性病防治医院", "A500"),
    _Sort("F", "2", True, 1, 0.6, 0, (60, 250), "{city}{county}妇幼保健院", "G100"),
    _Sort("A", "2", False, 0, 0.8, 0, (80, 300), "{city}{place}医院", "A100"),
    _Sort("B", "0", False, 1, 1.2, 0, (20, 120), "{city}{place}专科门诊医院", "A500"),
    _Sort("C", "1", True, 1, 0.8, 0.08, (0, 40), "{city}{county}{place}社区卫生服务中心", "B100"),
    _Sort("D", "1", True, 1, 0.8, 0.12, (10, 99), "{city}{county}{place}镇卫生院", "C100"),
    _Sort("E", "0", True, 1, 0, 0.25, (0, 0), "{county}{place}村第{number}卫生站", "D600"),
    _Sort("E", "0", False, 0, 0, 0.05, (0, 0), "{county}{place}村第{number}诊所", "D600"),
    _Sort("G", "0", True, 0, 0.18, 0, (0, 0), "{city}急救中心", "E100"),
)


@dataclass(frozen=True, slots=True)
class Institutions:
    """A value an institution; months are indices.

    `opened_month` is -1 for those already there, `closed_month` NEVER for those that stay; `rank` is the level as a
    number; `opened` and `closed` are days since 1970.
    """

    city: Ints
    county: Ints
    codes: pa.Array
    credit_codes: pa.Array
    names: pa.Array
    category: pa.Array
    kind: Ints
    rank: Ints
    public: Flags
    provincial: Flags
    beds: Ints
    opened: Ints
    opened_month: Ints
    closed: Ints
    closed_month: Ints

    def of_city(self, city: int) -> Ints:
        """Return the indices of the city's institutions."""
        return np.flatnonzero(self.city == city)

    def open_in(self, month: int) -> Flags:
        """Say of each whether it takes patients in that month."""
        return (self.opened_month <= month) & (self.closed_month > month)

    def rows(self, chosen: Ints, month: int, updated: Ints) -> pa.Table:
        """Return the institutions' rows of the feed without `op`, as known in that month."""
        division = np.array([int(c.code) for c in counties()])
        shut = self.closed_month[chosen] > month
        grade = np.where(self.rank[chosen] >= 2, self.kind[chosen] % 3 % 2, 2)
        columns = {
            "org_code": arrow.take(self.codes, chosen),
            "uscc": arrow.take(self.credit_codes, chosen),
            "name": arrow.take(self.names, chosen),
            "division_code": arrow.numbers(division[self.county[chosen]]),
            "category": arrow.take(self.category, chosen),
            "level": arrow.numbers(self.rank[chosen]),
            "grade": arrow.take(pa.array(["甲", "乙", None], pa.string()), grade),
            "public": pa.array(self.public[chosen]),
            "provincial": pa.array(self.provincial[chosen]),
            "beds": pa.array(self.beds[chosen], mask=self.beds[chosen] == 0),
            "opened_on": arrow.dates(self.opened[chosen]),
            "closed_on": arrow.dates(np.where(shut, 0, self.closed[chosen]), shut),
            "op": pa.nulls(len(chosen), pa.string()),
            "updated_at": arrow.instants(updated),
        }
        return arrow.table(FEEDS["institution"], columns)


def draw_institutions(seed: int, residents: Ints, calendar: tuple[Month, ...]) -> Institutions:
    """Return the institutions of cities with so many simulated residents."""
    rng = stream(seed, "institutions")
    scale = min(1.0, max(0.12, float(residents.sum()) / 200_000))
    sort, city = [], []
    for index, place in enumerate(cities()):
        millions, thousands = place.residents / 1_000_000 * scale, residents[index] / 1000
        for number, one in enumerate(_SORTS):
            count = max(one.least, round(one.per_million * millions + one.per_thousand * thousands))
            sort += [number] * count
            city += [index] * count
    kind, at = np.array(sort), np.array(city)
    count = len(kind)
    sizes = np.array([len(c.counties) for c in cities()])
    firsts = np.array([c.counties[0] for c in cities()])
    county = firsts[at] + (rng.random(count) * sizes[at]).astype(np.int64)
    public = np.array([s.public for s in _SORTS])[kind]
    rank = np.array([int(s.level) for s in _SORTS])[kind]
    low, high = np.array([s.beds for s in _SORTS])[kind].T
    beds = low + (rng.random(count) * (high - low + 1)).astype(np.int64)
    # The provincial hospitals are tertiary ones of the first city.
    provincial = (at == 0) & (rank == 3) & (np.arange(count) % 3 == 0)

    months = len(calendar)
    small = rank < 2
    first = np.array([m.first for m in calendar])
    young = small & (rng.random(count) < 0.004 * (months - 1))
    opened_month = np.where(young, 1 + (rng.random(count) * max(1, months - 1)).astype(np.int64), -1)
    opened = np.where(young, first[np.clip(opened_month, 0, months - 1)] + 3, 0)
    opened = np.where(young, opened, first[0] - rng.integers(400, 15_000, count))
    closes = small & ~young & (rng.random(count) < 0.003 * months)
    one_is_enough = np.zeros(count, bool)
    one_is_enough[np.unique(at * len(_SORTS) + kind, return_index=True)[1]] = True
    closes &= ~one_is_enough
    closed_month = np.where(closes, (rng.random(count) * months).astype(np.int64), NEVER)
    closed = np.where(closes, first[np.clip(closed_month, 0, months - 1)] + rng.integers(0, 28, count), NEVER)
    area = np.array([int(c.code) for c in counties()])[county]
    codes, credit_codes = _codes(rng, kind, area, public)
    category = arrow.take(arrow.texts([s.category for s in _SORTS]), kind)
    return Institutions(
        at, county, codes, credit_codes, _names(kind, at, county), category,
        kind, rank, public, provincial, beds, opened, opened_month, closed, closed_month,
    )  # fmt: skip


def another_code(rng: np.random.Generator, institutions: Institutions, chosen: Ints) -> pa.Array:
    """Return valid codes that no institution has, made as those of the chosen ones are."""
    area = np.array([int(c.code) for c in counties()])[institutions.county[chosen]]
    while True:
        codes, _ = _codes(rng, institutions.kind[chosen], area, institutions.public[chosen])
        if not pc.is_in(codes, value_set=institutions.codes).to_numpy(zero_copy_only=False).any():
            return codes


def _names(kind: Ints, city: Ints, county: Ints) -> pa.Array:
    """Return a name for each institution, by its sort and its place among those of its city."""
    seen: dict[tuple[int, int], int] = {}
    names = []
    for sort, at, where in zip(kind.tolist(), city.tolist(), county.tolist(), strict=True):
        number = seen[sort, at] = seen.get((sort, at), -1) + 1
        place = _PLACES[(number + 5 * sort + at) % len(_PLACES)] + ("" if number < len(_PLACES) else str(number))
        ordinal = _ORDINALS[number] if number < len(_ORDINALS) else str(number + 1)
        town = cities()[at].name
        names.append(
            _SORTS[sort].name.format(
                city=town, county=counties()[where].name or town, ordinal=ordinal, place=place, number=number + 1
            )
        )
    return arrow.texts(names)


def _codes(rng: np.random.Generator, kind: Ints, area: Ints, public: Flags) -> tuple[pa.Array, pa.Array]:
    """Return WS 218 codes and unified social credit codes with right check characters."""
    count = len(kind)
    serial = 40_000_000 + (np.arange(count) * 7_919 + int(rng.integers(0, 10_000_000))) % 50_000_000
    body = arrow.digits(serial, 8)
    remainder = (body.astype(np.int64) - ord("0")) @ _ORG_WEIGHTS % 11
    organisation = np.concatenate([body, _CHECKS_ORG[11 - remainder][:, None]], axis=1)
    place = arrow.digits(area, 6)
    economy = np.where(public[:, None], np.frombuffer(b"11", np.uint8), np.frombuffer(b"17", np.uint8))
    sorts = np.frombuffer("".join(s.code for s in _SORTS).encode(), np.uint8).reshape(-1, 4)[kind]
    management = np.where(public, ord("1"), ord("2")).astype(np.uint8)[:, None]
    codes = np.concatenate([organisation, place, economy, sorts, management], axis=1)

    department = np.where(public[:, None], np.frombuffer(b"12", np.uint8), np.frombuffer(b"52", np.uint8))
    credit = np.concatenate([department, place, organisation], axis=1)
    value = np.zeros(128, np.int64)
    value[_USCC_ALPHABET] = np.arange(31)
    check = (31 - value[credit] @ _USCC_WEIGHTS % 31) % 31
    return arrow.fixed_width(codes), arrow.fixed_width(np.concatenate([credit, _USCC_ALPHABET[check][:, None]], axis=1))
