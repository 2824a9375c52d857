"""Names: surnames by frequency, given names by sex and generation, and the slips of those who write them down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from pypinyin import lazy_pinyin

from pipelines.simulate import arrow
from pipelines.simulate.streams import Flags, Ints, pick

_COMMON = (
    "陈李黄张梁林吴刘罗杨王何郑谢周叶邓曾蔡彭许冯钟曹朱苏卢赖吕江温钟徐廖孙胡潘郭邱杜马唐洪余朱萧赵高宋莫简伍邹"
    "欧方袁韩沈姚魏范戴龙丘古麦容关区司利植岑招冼植霍覃柯饶巫涂翁庄詹丁姜游石程田任汪傅孔崔董于夏薛蒋龚严金陶白康"
    "毛秦史侯邵孟万段雷钱汤尹黎易常武乔贺顾甘凌骆练缪侯欧"
)
_COMPOUND = ("欧阳", "司徒", "上官", "司马", "诸葛", "皇甫", "令狐", "慕容")
_TRADITIONAL = dict(
    zip(
        "陈张吴刘罗杨郑谢邓许冯钟苏卢赖吕温赵马孙简邹韩龙关严钱汤庄万顾骆",
        "陳張吳劉羅楊鄭謝鄧許馮鍾蘇盧賴呂溫趙馬孫簡鄒韓龍關嚴錢湯莊萬顧駱",
        strict=True,
    )
)
_FAR = ("SMITH ", "JOHNSON ", "TANAKA ", "KIM ", "NGUYEN ", "GARCIA ", "买买提·", "阿布都拉·", "扎西·", "迪力木拉提·")
_FAR_GIVEN = ("JOHN", "MARY", "HIROSHI", "MIN-JUN", "ANNA", "DAVID", "艾力", "古丽娜", "尼玛", "热依汗")

# Characters in the order of their use, by generation: born before 1960, 1980, 2000, and since.
_MEN = (
    "国明华文荣生建德金福成庆祥光兴贵海水炳坤全根松林昌富培锦才树泉耀添火木土发财义忠信仁",
    "志伟强军勇平建明华文斌辉杰峰海波刚涛龙国新永东健雄庆良民宏波锋超武鹏荣江宁彬权锐钢毅",
    "俊杰伟浩鹏鑫涛宇超凯磊斌翔锋飞晓嘉健家豪志威文博坤龙旭阳林森健晨亮乐斯永炜铭钊聪",
    "子浩轩宇泽梓俊博睿晨铭皓一天嘉奕辰佑诺瑞霖煜熙然乐希哲逸恒航烨承祺懿彦朗谦鸣骏",
)
_WOMEN = (
    "秀英兰珍凤玉莲金桂花娇妹娣好梅芳琼容美月娥银彩连群菊香巧云素清惠贞笑顺爱仙琴转",
    "丽红艳霞芳玲燕梅萍玉英华秀娟敏静莉娜云琴美兰珍凤小春瑞洁慧晓淑彩虹群连碧婵妮雪",
    "婷敏静雪丹颖莹嘉欣慧琳倩思媛晓佳丽燕洁玲娜怡晴雯文诗冰咏韵珊蓉薇茵绮芷悦妍彤斯",
    "梓涵欣怡子诗雨萱思语佳可馨悦芷若一诺彤琪瑶妍晴心希沐语汐玥婧冉芸蓓乐琳恩宁熙柠",
)
_ONE_CHARACTER = np.array([0.12, 0.28, 0.3, 0.08])
_SPACES = ("", " ", "\u3000", "·")
_SUFFIXES = ("", "之子", "之女")
SON, DAUGHTER = 1, 2


@dataclass(frozen=True, slots=True)
class Names:
    """Names by index: `surname` into the surnames, `first` and `second` into the characters, 0 being none."""

    surname: Ints
    first: Ints
    second: Ints

    def take(self, at: Ints) -> Names:
        """Return the names at those indices."""
        return Names(self.surname[at], self.first[at], self.second[at])

    def text(self, space: Ints | None = None, suffix: Ints | None = None) -> pa.Array:
        """Return the names as written, with one of the spaces after the surname and a suffix where given."""
        parts = [arrow.take(_surname_texts(), self.surname)]
        if space is not None:
            parts.append(arrow.take(arrow.texts(list(_SPACES)), space))
        parts += [arrow.take(_character_texts(), self.first), arrow.take(_character_texts(), self.second)]
        if suffix is not None:
            parts.append(arrow.take(arrow.texts(list(_SUFFIXES)), suffix))
        return arrow.join(*parts)


@cache
def _surnames() -> tuple[str, ...]:
    return (*dict.fromkeys(_COMMON), *_COMPOUND, *_FAR, *_TRADITIONAL.values())


@cache
def _characters() -> tuple[str, ...]:
    everyday = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
    return tuple(dict.fromkeys(("", "?", *"".join(_MEN + _WOMEN), *_FAR_GIVEN, *everyday)))


@cache
def _surname_texts() -> pa.Array:
    return arrow.texts(list(_surnames()))


@cache
def _character_texts() -> pa.Array:
    return arrow.texts(list(_characters()))


@cache
def _pool(sex: int, generation: int) -> tuple[Ints, np.ndarray]:
    index = {character: i for i, character in enumerate(_characters())}
    pool = list(dict.fromkeys((_MEN if sex == 1 else _WOMEN)[generation]))
    return np.array([index[c] for c in pool]), 1 / (np.arange(len(pool)) + 6.0)


@cache
def _homophones() -> tuple[Ints, Ints, Ints]:
    """Return where each character's homophones start, how many they are, and the list of them."""
    sounds = [lazy_pinyin(c)[0] if len(c) == 1 and c != "?" else None for c in _characters()]
    by_sound: dict[str, list[int]] = {}
    for i, sound in enumerate(sounds):
        if sound is not None:
            by_sound.setdefault(sound, []).append(i)
    starts, counts, flat = np.zeros(len(sounds), np.int64), np.zeros(len(sounds), np.int64), list[int]()
    for i, sound in enumerate(sounds):
        others = [] if sound is None else [j for j in by_sound[sound] if j != i]
        starts[i], counts[i] = len(flat), len(others)
        flat += others
    return starts, counts, np.array(flat)


def draw_surnames(rng: np.random.Generator, count: int) -> Ints:
    """Return surnames of the province by their frequency, one in a hundred compound."""
    common = len(dict.fromkeys(_COMMON))
    weights = np.concatenate([1 / (np.arange(common) + 4.0), np.full(len(_COMPOUND), 0.004)])
    return pick(weights, rng.random(count))


def draw_far_names(rng: np.random.Generator, count: int) -> Names:
    """Return names of foreigners and of peoples who write a dot between the names."""
    index = {text: i for i, text in enumerate(_characters())}
    which = rng.integers(0, len(_FAR), count)
    given = np.array([index[text] for text in _FAR_GIVEN])
    surname = len(dict.fromkeys(_COMMON)) + len(_COMPOUND) + which
    group = which // 6 * 6
    return Names(surname, given[group + rng.integers(0, 4, count)], np.zeros(count, np.int64))


def draw_names(rng: np.random.Generator, surname: Ints, sex: Ints, birth_year: Ints) -> Names:
    """Return given names of the person's sex (1 or 2) and generation behind the surnames."""
    count = len(surname)
    generation = np.clip((birth_year - 1940) // 20, 0, 3)
    first, second, at = np.zeros(count, np.int64), np.zeros(count, np.int64), rng.random((2, count))
    for one_sex in (1, 2):
        for one_generation in range(4):
            here = (sex == one_sex) & (generation == one_generation)
            pool, weights = _pool(one_sex, one_generation)
            first[here] = pool[pick(weights, at[0, here])]
            second[here] = pool[pick(weights, at[1, here])]
    second[rng.random(count) < _ONE_CHARACTER[generation]] = 0
    return Names(surname, first, second)


def with_slips(rng: np.random.Generator, names: Names, slipped: Flags) -> Names:
    """Return the names with a given character replaced by a homophone (same toneless pinyin) where slipped."""
    starts, counts, flat = _homophones()
    first, second = names.first.copy(), names.second.copy()
    on_second = (names.second > 0) & (rng.random(len(first)) < 0.6)
    at = rng.random(len(first))
    for column, chosen in ((first, ~on_second), (second, on_second)):
        here = np.flatnonzero(slipped & chosen & (counts[column] > 0))
        old = column[here]
        column[here] = flat[starts[old] + (at[here] * counts[old]).astype(np.int64)]
    return Names(names.surname, first, second)


def with_unreadable(names: Names, unreadable: Flags) -> Names:
    """Return the names with `?` in place of the first given character where unreadable."""
    return Names(names.surname, np.where(unreadable, _characters().index("?"), names.first), names.second)


def with_traditional(names: Names, traditional: Flags) -> Names:
    """Return the names with the surname's traditional form where asked and where it has another."""
    every = _surnames()
    form = np.array([every.index(_TRADITIONAL.get(text, text)) for text in every])
    return Names(np.where(traditional, form[names.surname], names.surname), names.first, names.second)
