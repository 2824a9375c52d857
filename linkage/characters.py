"""Chinese characters as names use them: their simplified form and their sound."""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import BytesIO

import duckdb
import pyarrow as pa
from pyarrow import csv


@cache
def characters() -> pa.Table:
    """Return the table of characters: character, simple, sound, slurred, shape.

    `simple` is its simplified form, `sound` its pinyin without tones, `slurred` the same as many speak it in the south
    (z for zh, l for n, n for ng), `shape` its Cangjie letters and stroke classes.
    """
    text = resources.files("linkage").joinpath("characters.csv").read_bytes()
    return csv.read_csv(BytesIO(text), convert_options=csv.ConvertOptions(strings_can_be_null=True))


def define_characters(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the relation link_character."""
    connection.register("link_character", characters())
