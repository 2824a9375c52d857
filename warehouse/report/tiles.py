"""Where each city lies: a grid of tiles that resembles the province."""

from __future__ import annotations

import re
from html import escape
from types import MappingProxyType

from contracts.divisions import PROVINCE_CODE

_LAST_SYLLABLE = re.compile("(zhou|guan|zhen|hai|tou|shan|men|jiang|ming|qing|wei|yuan|yang|fu)$")
_ROWS = (
    "province province . . 440200 . . .",
    ". . 441200 441800 440100 441600 441400 445100",
    ". . 445300 440600 441900 441300 445200 440500",
    ". 440900 441700 440700 442000 440300 441500 .",
    "440800 . . . 440400 . . .",
)
TILES: MappingProxyType[str, tuple[int, int]] = MappingProxyType(
    {
        code: (row, column)
        for row, line in enumerate(_ROWS, start=1)
        for column, code in enumerate(line.split(), start=1)
        if code.isdigit()
    }
)
"""Row and column of each city, from 1."""


def tile_style() -> str:
    """Return the style that puts every tile in its place."""
    placed = "".join(f".t{code}{{grid-area:{row}/{column}}}" for code, (row, column) in TILES.items())
    return f"{placed}.t{PROVINCE_CODE}{{grid-area:1/1/2/3}}"


def breakable(name: str) -> str:
    """Return a name in pinyin as HTML that a narrow tile may break before its last syllable."""
    return _LAST_SYLLABLE.sub(r"<wbr>\1", escape(name))
