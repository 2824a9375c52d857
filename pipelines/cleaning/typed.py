"""The SQL that types a feed's landed rows, from the contract."""

from __future__ import annotations

from contracts.code_sets import CODE_SETS, sql_code_is_valid
from contracts.schema import Column, Feed, Type

_AS_TYPE = {
    Type.DATE: "as_date",
    Type.DATETIME: "as_datetime",
    Type.INTEGER: "as_integer",
    Type.DECIMAL: "as_decimal",
    Type.BOOLEAN: "as_boolean",
}


def typed_select(feed: Feed, landed: str) -> str:
    """Return a SELECT of landed rows with each column typed and its text beside it as `text_<identifier>`.

    `landed` is a relation of landing's columns and the delivery's `extracted_at`. A text is without white ends, NULL
    where nothing is given. A code column that a standard's rule validates has `<identifier>_is_valid`, worked out
    once for each distinct text. Feeds with `id_no` get `id_number_valid`, `id_sex_disagrees`, `id_birth_disagrees` and
    `id_valid`; a 15-digit number becomes 18 digits.
    """
    rows = _given_texts(feed, landed)
    typed = ", ".join(f"{_typed(column)} AS {column.name}" for column in feed.columns)
    rows = f"SELECT *, {typed} FROM ({rows})"
    return _with_id_numbers(rows) if feed.has("id_no") else rows


def folded_select(feed: Feed, landed: str) -> str:
    """Return a SELECT of landed rows whose parsed columns are folded: to half width, codes to upper case as well."""
    folded = ", ".join(f"{_folded(c)} AS {c.name}" for c in feed.columns if c.type is not Type.STRING)
    return f"SELECT * REPLACE ({folded}) FROM {landed}"


def _folded(column: Column) -> str:
    return f"upper(fold_width({column.name}))" if column.type is Type.CODE else f"fold_width({column.name})"


def _given_texts(feed: Feed, landed: str) -> str:
    """Strip each text once, then tell what is given from what is not.

    Free text alone: what is parsed has no white ends where it parses, and is read again, folded, where it doesn't.
    """
    ruled = [column for column in feed.columns if is_ruled(column)]
    plain = [column for column in feed.columns if not is_ruled(column)]
    place = "row_id, file_no, line, extracted_at"
    codes = "".join(
        f", {c.name}_code.code AS text_{c.name}, {c.name}_code.is_valid AS {c.name}_is_valid" for c in ruled
    )
    stripped = ", ".join(f"{_stripped(column)} AS stripped_{column.name}" for column in plain)
    joins = "\n".join(_code_join(column, landed) for column in ruled)
    given = ", ".join(f"{_given(column, f'stripped_{column.name}')} AS text_{column.name}" for column in plain)
    known = "".join(f", text_{column.name}, {column.name}_is_valid" for column in ruled)
    return f"""
SELECT {place}, {given}{known}
FROM (
  SELECT {place}, {stripped}{codes}
  FROM {landed} AS landed
  {joins}
)"""


def _with_id_numbers(rows: str) -> str:
    """Add what an ID number says, layer by layer, so that each part is worked out once."""
    return f"""
SELECT * EXCLUDE (id_first_17, id_17, id_check, id_18, id_birth),
  id_number_valid AND NOT id_sex_disagrees AND NOT id_birth_disagrees AS id_valid
FROM (
  SELECT * REPLACE (coalesce(id_18, upper(id_no)) AS id_no),
    resident_id_is_valid(id_18, id_17, id_check, id_birth) AS id_number_valid,
    coalesce(sex_code IN ('1', '2') AND resident_id_sex(id_17) <> sex_code, false) AS id_sex_disagrees,
    coalesce(id_birth <> birth_date, false) AS id_birth_disagrees
  FROM (
    SELECT *, resident_id_birth(id_18) AS id_birth
    FROM (
      SELECT *, resident_id_18(id_no, id_first_17, id_check) AS id_18
      FROM (
        SELECT *, resident_id_check(id_17) AS id_check
        FROM (
          SELECT *, try_cast(id_first_17 AS BIGINT) AS id_17
          FROM (
            SELECT *, CASE WHEN coalesce(id_type, '01') = '01' THEN resident_id_first_17(id_no) END AS id_first_17
            FROM (
              SELECT * REPLACE (CASE WHEN strlen(id_no) <> length(id_no) THEN fold_width(id_no) ELSE id_no END AS id_no)
              FROM ({rows})
            )
          )
        )
      )
    )
  )
)"""


def is_ruled(column: Column) -> bool:
    """Say whether a standard's rule validates the column, and not a list of codes."""
    return column.type is Type.CODE and CODE_SETS[column.code_set].macro != ""


def _typed(column: Column) -> str:
    text = f"text_{column.name}"
    return f"{_AS_TYPE[column.type]}({text})" if column.type in _AS_TYPE else text


def _stripped(column: Column) -> str:
    text = f"landed.{column.name}"
    return f"without_white_ends({text})" if column.type is Type.STRING else text


def _given(column: Column, text: str) -> str:
    return f"CASE WHEN NOT {'is_missing' if column.required else 'is_blank'}({text}) THEN {text} END"


def _code_join(column: Column, landed: str) -> str:
    name = column.name
    return f"""LEFT JOIN (
  SELECT text, code, {sql_code_is_valid(column.code_set, "code")} AS is_valid
  FROM (
    SELECT text, upper(fold_width({_given(column, "stripped")})) AS code
    FROM (SELECT DISTINCT {name} AS text, without_white_ends({name}) AS stripped FROM {landed})
  )
) AS {name}_code ON {name}_code.text = landed.{name}"""
