"""Addresses and telephone numbers, by index."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulate import arrow
from pipelines.simulate.geography import PROVINCE, cities, counties
from pipelines.simulate.streams import Ints, stream, trait

# fmt: off
_ROADS = [
    "中山路", "解放路", "人民路", "建设路", "和平路", "文明路", "东风路", "环市路", "新华街",
    "沿江路", "朝阳路", "体育路", "教育路", "站前路", "工业大道", "迎宾大道", "滨河路", "兴业路",
    "富民路", "振兴路", "光明路", "团结路", "幸福路", "青年路", "学院路", "公园路", "府前路",
    "南大街", "北大街", "西门街", "东门街", "民族路",
]
# fmt: on
_ODD = ("（门牌待核）", ', "幸福"小区', "|后座", "\n二楼", "\t旁")
_ODD_EVERY = 41
_MOBILE_PREFIXES = np.array([
    134, 135, 136, 137, 138, 139, 147, 150, 151, 152, 157, 158, 159, 178, 182, 183, 184, 187, 188, 130, 131, 132, 155,
    156, 176, 185, 186, 133, 153, 180, 189,
])  # fmt: skip
_AREA_CODES = dict(zip(
    ("440100", "440200", "440300", "440400", "440500", "440600", "440700", "440800", "440900", "441200", "441300",
     "441400", "441500", "441600", "441700", "441800", "441900", "442000", "445100", "445200", "445300"),
    (20, 751, 755, 756, 754, 757, 750, 759, 668, 758, 752, 753, 660, 762, 662, 763, 769, 760, 768, 663, 766),
    strict=True,
))  # fmt: skip
FULL, WITHOUT_PROVINCE, COUNTY_ONLY = range(3)


def tails(seed: int, name: str, count: int) -> pa.Array:
    """Return so many addresses below the county; a few hold delimiters, quotes or a line break."""
    rng = stream(seed, "addresses", name)
    road = arrow.take(arrow.texts(_ROADS), rng.integers(0, len(_ROADS), count))
    house = arrow.numbers(rng.integers(1, 400, count))
    block = arrow.numbers(rng.integers(1, 20, count))
    flat = arrow.numbers(rng.integers(1, 33, count) * 100 + rng.integers(1, 9, count))
    every = np.arange(count)
    odd = np.where(every % _ODD_EVERY == 13, 1 + every // _ODD_EVERY % len(_ODD), 0)
    return arrow.join(road, house, "号", block, "栋", flat, "房", arrow.take(arrow.texts(["", *_ODD]), odd))


def written(county: Ints, tail: pa.Array, form: Ints) -> pa.Array:
    """Return addresses with the county before the tail, in full or shortened forms."""
    names = [(cities()[c.city].name, c.name) for c in counties()]
    heads = [PROVINCE + city + name for city, name in names] + [city + name for city, name in names]
    heads += [name or city for city, name in names]
    return arrow.join(arrow.take(arrow.texts(heads), form * len(names) + county), tail)


def plain(column: pa.Array) -> pa.Array:
    """Return texts without quotes, delimiters and line breaks, as systems that can't quote send them."""
    return pc.replace_substring_regex(column, r'[",|\t\r\n]', " ")


def mobiles(reference: Ints) -> pa.Array:
    """Return a mobile number for each reference number below a hundred million, different for different ones."""
    prefix = _MOBILE_PREFIXES[(trait(reference, "prefix") * len(_MOBILE_PREFIXES)).astype(np.int64)]
    return arrow.numbers(prefix * 10**8 + (reference * 61_803_397 + 11_235_813) % 10**8)


def landlines(household: Ints, city: Ints) -> pa.Array:
    """Return a landline for each household, with its city's area code."""
    area = np.array([_AREA_CODES[c.code] for c in cities()])[city]
    subscriber = np.where(area < 100, 8, 7)
    number = (household * 7_320_507 + 3_141_592) % 8_000_000 + 2_000_000 + (subscriber == 8) * 80_000_000
    return arrow.join("0", arrow.numbers(area * 10**subscriber + number))
