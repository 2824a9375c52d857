"""The comparisons of persons as Chinese records write them: `l` is a way in which the one looked for was written."""

from __future__ import annotations

from linkage.evidence.comparison import Comparison, Level

_DIFFERENT = Level("different", "true")


def _same(column: str) -> Level:
    return Level("same", f"l.{column} = r.{column}")


def _unknown(column: str) -> str:
    return f"l.{column} IS NULL OR r.{column} IS NULL"


def _equality(name: str, column: str) -> Comparison:
    return Comparison(name, _unknown(column), (_same(column), _DIFFERENT))


NAME = Comparison(
    "name",
    "n.level IS NULL",
    tuple(
        Level(name, f"n.level = {at}")
        for at, name in enumerate(
            ("same", "same sound", "near", "one character off", "left out", "surname", "different")
        )
    ),
)
"""The levels are those of linkage/sql/names.sql, whose rows are `n`."""

COMPARISONS = (
    NAME,
    Comparison(
        "birth",
        _unknown("birth_date"),
        (
            _same("birth_date"),
            Level("slip", "link_birth_slip(l.birth_date, r.birth_date)"),
            Level("weeks apart", "abs(l.birth_date - r.birth_date) <= 45"),
            _DIFFERENT,
        ),
    ),
    _equality("sex", "sex_code"),
    _equality("phone", "phone_key"),
    _equality("address", "address_key"),
    _equality("city", "city_code"),
    Comparison(
        "number",
        "l.number_key IS NULL",
        (
            _same("number_key"),
            Level("guardian's", "l.number_key = r.near_key"),
            Level("slip", "damerau_levenshtein(l.id_no, r.id_no) <= 2"),
            Level("another's", "r.number_key IS NOT NULL AND l.number_held"),
            Level("different", "r.number_key IS NOT NULL"),
        ),
    ),
    _equality("near", "near_key"),
    _equality("mother", "mother_key"),
    Comparison("own", _unknown("own_key"), (_same("own_key"), Level("another", "l.list_key = r.list_key"))),
    _equality("code", "code_key"),
)
"""What is compared of two persons; of all ways in which they were written down the best level counts."""
