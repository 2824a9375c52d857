"""The looks of cells: properties of XlsxWriter's formats, by what a cell says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from warehouse.targets.status import DUE, MET, MISSED, NOT_COMPUTABLE, ON_TRACK

Look = Mapping[str, Any]

BASE: Look = MappingProxyType({"font_name": "DengXian", "font_size": 10, "valign": "vcenter"})
_LINED = {**BASE, "border": 1, "border_color": "#D0D5DB"}

TITLE: Look = MappingProxyType({**BASE, "font_size": 14, "bold": True, "font_color": "#1F3A5F"})
LEGEND: Look = MappingProxyType({**BASE, "font_size": 9, "font_color": "#5B6570"})
HEAD: Look = MappingProxyType(
    {**_LINED, "bold": True, "text_wrap": True, "align": "center", "font_color": "#FFFFFF", "bg_color": "#1F4E79"}
)
HEAD_PRELIMINARY: Look = MappingProxyType({**HEAD, "bg_color": "#7F8C99", "italic": True})
HEAD_BESIDE: Look = MappingProxyType({**HEAD, "bg_color": "#4F7CAC"})
HEAD_TO_FILL: Look = MappingProxyType({**HEAD, "bg_color": "#FFE699", "font_color": "#5C4300"})

TEXT: Look = MappingProxyType({**_LINED, "text_wrap": True, "indent": 1, "align": "left"})
CODE: Look = MappingProxyType({**TEXT, "bold": True})
CENTRED: Look = MappingProxyType({**_LINED, "text_wrap": True, "align": "center"})
DATE: Look = MappingProxyType({**_LINED, "num_format": "yyyy-mm-dd", "align": "center"})
NUMBER: Look = MappingProxyType({**_LINED, "align": "right", "indent": 1})
WITHOUT: Look = MappingProxyType({**NUMBER, "font_color": "#8A939C"})
SUPPRESSED: Look = MappingProxyType({**WITHOUT, "italic": True, "bg_color": "#F2F2F2"})
TO_FILL: Look = MappingProxyType({**TEXT, "bg_color": "#FFFBEF"})
BESIDE: Look = MappingProxyType({"bg_color": "#E9F0F8"})
"""Added to a cell that has another division's figure, to compare with."""
PRELIMINARY: Look = MappingProxyType({"italic": True, "font_color": "#5B6570"})
"""Added to a cell of a period that is not over."""

GREEN: Look = MappingProxyType({"bg_color": "#C6EFCE", "font_color": "#0B5C1E"})
RED: Look = MappingProxyType({"bg_color": "#FFC7CE", "font_color": "#8B0010"})
LIGHTS: Mapping[str, Look] = MappingProxyType(
    {
        status: MappingProxyType({**TEXT, "bold": True, **colours})
        for status, colours in {
            MET: GREEN,
            ON_TRACK: {"bg_color": "#DDEFF9", "font_color": "#0B4A6F"},
            DUE: {"bg_color": "#FFEB9C", "font_color": "#6B4E00"},
            MISSED: RED,
            NOT_COMPUTABLE: {"bg_color": "#E7E6E6", "font_color": "#4A4A4A"},
        }.items()
    }
)
"""The traffic light of a status."""
