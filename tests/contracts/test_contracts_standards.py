"""National standards: published vectors, and both forms, Python and SQL, against each other."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import divisions
from contracts.standards import (
    credit_code,
    ehr_number,
    health_code,
    icd10,
    institution_code,
    organisation_code,
    phone,
    resident_id,
)

VALIDITY: dict[Callable[[str], bool], dict[str, bool]] = {
    resident_id.is_valid: {
        "11010020171225006X": True,
        "110101199003077758": True,
        "110101199003077757": False,
        "440183198001011233": True,  # 增城市, abolished in 2014
        "440199198001011234": False,  # no edition knows the area
        "11010119900230775X": False,
    },
    organisation_code.is_valid: {"D2143569X": True, "D21435699": False, "D2143569": False},
    credit_code.is_valid: {"91350100M000100Y43": True, "91350100M000100Y44": False, "91350100I000100Y43": False},
    institution_code.is_valid: {
        "D2143569X440100" + "11A1001": True, "D21435699440100" + "11A1001": False, "D2143569X": False,
    },
    icd10.is_valid: {
        "I10.X00X002": True, "A00.0": True, "J45.900": True, "G01*": True, "A17.0+": True, "I10": True,
        "10.0": False, "I1": False, "": False, "I10.": False,
    },
    ehr_number.is_valid: {"44010600100100001": True, "44019900100100001": False, "4401060010010000": False},
    phone.is_valid: {
        "13800138000": True, "+8613800138000": True, "020-81234567": True, "0758 2345678": True, "81234567": True,
        "12800138000": False, "1380013800": False, "00000000000": False, "": False,
    },
}  # fmt: skip

ID_NUMBER = "try_cast(resident_id_first_17(s) AS BIGINT)"
ID_18 = f"resident_id_18(s, resident_id_first_17(s), resident_id_check({ID_NUMBER}))"
MACROS = {
    organisation_code.is_valid: "organisation_code_is_valid(s)",
    credit_code.is_valid: "credit_code_is_valid(s)",
    institution_code.is_valid: "institution_code_is_valid(s)",
    icd10.is_valid: "icd10_is_valid(s)",
    ehr_number.is_valid: "ehr_number_is_valid(s)",
    phone.is_valid: "phone_is_valid(s)",
    resident_id.is_valid: f"coalesce({ID_18} = s, false)"
    f" AND resident_id_is_valid(s, {ID_NUMBER}, resident_id_check({ID_NUMBER}), resident_id_birth(s))",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    from lake.engine import connect

    with connect(Path(tmp_path_factory.mktemp("engine"))) as connection:
        yield connection


def in_sql(engine: duckdb.DuckDBPyConnection, expression: str, texts: list[str]) -> list[object]:
    engine.register("given_text", pa.table({"nth": range(len(texts)), "s": pa.array(texts, pa.string())}))
    return [row[0] for row in engine.execute(f"SELECT {expression} FROM given_text ORDER BY nth").fetchall()]


@pytest.mark.parametrize("rule", VALIDITY, ids=lambda rule: rule.__module__.rsplit(".", 1)[-1])
def test_validity(engine: duckdb.DuckDBPyConnection, rule: Callable[[str], bool]) -> None:
    table = VALIDITY[rule]
    assert {text: rule(text) for text in table} == table
    assert dict(zip(table, in_sql(engine, MACROS[rule], list(table)), strict=True)) == table


def test_what_a_resident_id_says() -> None:
    number = "110101199003077758"
    assert resident_id.birth_date(number) == date(1990, 3, 7)
    assert resident_id.sex_code(number) == "1"
    assert resident_id.as_18("110101900307775") == number
    assert resident_id.as_18("11010019900307775x") == "11010019900307775X"
    assert resident_id.as_18("1101019003077") is None
    assert resident_id.birth_date("110101199002307757") is None


@pytest.mark.parametrize("born", ["00000101", "00010101", "18800101", "19000229", "20000229", "99991231"])
def test_both_forms_read_the_same_birth_date(engine: duckdb.DuckDBPyConnection, born: str) -> None:
    number = f"110101{born}001X"
    assert in_sql(engine, "resident_id_birth(s)", [number]) == [resident_id.birth_date(number)]


area = st.sampled_from(["110101", "440106", "440183", "441900", "442000", "445381", "440199", "999999", "810000"])
sequence = st.integers(0, 999).map("{:03d}".format)
well_made = st.builds(
    lambda a, d, s: (first := f"{a}{d:%Y%m%d}{s}") + resident_id.check_character(first),
    area, st.dates(date(1870, 1, 1), date(2030, 12, 31)), sequence,
)  # fmt: skip
legacy = st.builds(lambda a, d, s: f"{a}{d:%y%m%d}{s}", area, st.dates(date(1900, 1, 1), date(1999, 12, 31)), sequence)
alphabet = st.sampled_from("0123456789ABCDXYZIO.+-*x ")


def broken(text: str, at: int, piece: str) -> str:
    at = at % (len(text) + 1)
    return text[:at] + piece + text[at + 1 :]


organisation = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8).map(
    lambda first: first + organisation_code.check_character(first)
)
institution = st.builds(lambda o, a, t: f"{o}{a}11A1{t}", organisation, area, st.integers(0, 999).map("{:03d}".format))
credit = st.builds(
    lambda head, division, tail: (first := head + division + tail) + credit_code.check_character(first),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=2, max_size=2), area,
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
)  # fmt: skip
disease = st.from_regex(r"\A[A-Z][0-9][0-9A-Z](\.[0-9X]{1,3}(X?[0-9]{3})?)?[+*]?\Z")
number = st.one_of(
    st.from_regex(r"\A1[0-9]{10}\Z"), st.from_regex(r"\A0[0-9]{2,3}-?[0-9]{7,8}\Z"),
    st.builds(lambda a, n: f"{a}{n:011d}", area, st.integers(0, 10**11 - 1)),
)  # fmt: skip
anything = st.one_of(well_made, legacy, organisation, institution, credit, disease, number, st.text(max_size=20))
texts = st.lists(
    st.one_of(anything, st.builds(broken, anything, st.integers(0, 30), alphabet)), min_size=150, max_size=300
)


@settings(max_examples=15, deadline=None)
@given(texts)
def test_both_forms_agree(engine: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    texts = [text for text in texts if "\0" not in text]
    for rule, macro in MACROS.items():
        assert in_sql(engine, macro, texts) == [rule(text) for text in texts], macro
    assert in_sql(engine, ID_18, texts) == [resident_id.as_18(text) for text in texts]
    whole = [text for text in texts if resident_id.as_18(text) == text]
    assert in_sql(engine, "resident_id_birth(s)", whole) == [resident_id.birth_date(text) for text in whole]
    assert in_sql(engine, f"resident_id_sex({ID_NUMBER})", whole) == [resident_id.sex_code(text) for text in whole]
    known = divisions.known_codes()
    assert in_sql(engine, "division_is_known(s[1:6])", texts) == [text[:6] in known for text in texts]


def test_vectors_of_the_electronic_health_code() -> None:
    main_index = bytes.fromhex("ABD17E7ED399EF68AB5660155D6E226D2C92EAC3254A4A66BED83AED0ADA1E9E")
    factor = health_code.factor(main_index)
    assert factor.hex().upper() == "92CDCE45A16799FD"
    key = health_code.user_key(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), factor)
    assert key.hex().upper() == "86C63180C2806ED1F47B859DE501215B"
    card = health_code.card_id(key, "01", "11010020171225006X")
    assert card == "98FF9F2C05145CB9305E9D8A57E072BB51180CA49E5BE5E9D41BCE3A9A571928"
    assert health_code.holder(key, card) == ("01", "11010020171225006X")
    assert health_code.Content(card).text == f"{card}:{health_code.STATIC}"


KEYS = st.binary(min_size=16, max_size=16)
NUMBERS = st.text("0123456789ABCDEFGHJKLMNPQRTUWXYZ", min_size=1, max_size=30)


@given(
    root=KEYS, id_type=st.sampled_from(["01", "99"]), number=NUMBERS, name=st.text(max_size=8), serial=st.integers(0, 9)
)
def test_a_card_tells_its_key_whose_it_is_and_no_other(
    root: bytes, id_type: str, number: str, name: str, serial: int
) -> None:
    factor = health_code.factor(health_code.main_index(id_type, number, name, serial))
    key = health_code.user_key(root, factor)
    card = health_code.card_id(key, id_type, number)
    assert health_code.holder(key, card) == (id_type, number)
    assert health_code.read_content(health_code.Content(card).text) == health_code.Content(card)
    other = health_code.user_key(bytes(octet ^ 1 for octet in root), factor)
    with suppress(ValueError):
        assert health_code.holder(other, card) != (id_type, number)


@given(key=KEYS, until=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)), cards=st.tuples(KEYS, KEYS))
def test_a_validity_is_that_of_its_card_alone(key: bytes, until: datetime, cards: tuple[bytes, bytes]) -> None:
    until = until.replace(microsecond=0)
    card, other = ((half * 2).hex().upper() for half in cards)
    sealed = health_code.sealed_validity(key, until, card)
    assert health_code.opened_validity(key, sealed, card) == until
    content = health_code.Content(card, sealed)
    assert health_code.read_content(content.text) == content
    if card != other:
        with pytest.raises(ValueError, match="not a validity"):
            health_code.opened_validity(key, sealed, other)


@pytest.mark.parametrize(
    "text", ["", "0" * 64, "0" * 64 + ":2", "0" * 64 + ":1", "0" * 64 + ":0:" + "0" * 32, "Z" * 64 + ":0"]
)
def test_what_is_no_health_code_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not the content of a health code$"):
        health_code.read_content(text)


def test_vector_of_sm3() -> None:
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_divisions_of_guangdong() -> None:
    assert len(divisions.CITIES) == 21
    assert sum(city.residents for city in divisions.CITIES.values()) == 113_460_000
    levels = [division.level for division in divisions.divisions().values()]
    assert (levels.count(divisions.Level.PROVINCE), levels.count(divisions.Level.CITY)) == (1, 21)
    assert divisions.divisions()["440106"].zh == "天河区"
    assert not [d for d in divisions.divisions().values() if d.parent in ("441900", "442000")]


PUBLISHED = {
    "440106": "440106", "440183": "440118", "440184": "440117", "441283": "441204", "440102": "440104",
    "445121": "445103", "440903": "440904", "441900": "441900", "440101": "440100", "442121": None,
}  # fmt: skip


@pytest.mark.parametrize("code", PUBLISHED)
def test_code_under_which_a_division_is_published(code: str) -> None:
    assert divisions.published_codes().get(code) == PUBLISHED[code]


def test_every_published_code_is_a_division_of_2018() -> None:
    assert set(divisions.published_codes().values()) <= set(divisions.divisions())
