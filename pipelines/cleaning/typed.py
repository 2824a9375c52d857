"""The SQL that types a feed's landed rows, from the contract."""

from __future__ import annotations

from contracts.code_sets import CODE_SETS, sql_code_is_valid
from contracts.schema import Column, Feed, Type
from lake.engine import quoted

_AS_TYPE = {
    Type.DATE: "as_date",
    Type.DATETIME: "as_datetime",
    Type.INTEGER: "as_integer",
    Type.DECIMAL: "as_decimal",
    Type.BOOLEAN: "as_boolean",
}


def typed_select(feed: Feed, landed: str) -> str:
    """Return a SELECT of landed rows with each column typed and its text beside it as `raw_<identifier>`.

    `landed` is a relation of landing's columns and the delivery's `extracted_at`. A code column that a standard's rule
    validates has `<identifier>_is_valid`, worked out once for each distinct text. Feeds with `id_no` get
    `id_number_valid`, `id_sex_disagrees`, `id_birth_disagrees` and `id_valid`; a 15-digit number becomes 18 digits.
    """
    ruled = [column for column in feed.columns if is_ruled(column)]
    typed = ",\n  ".join(f"{_typed(column)} AS {column.name}" for column in feed.columns)
    texts = ", ".join(f"landed.{column.name} AS raw_{column.name}" for column in feed.columns)
    valid = "".join(f", {column.name}_code.is_valid AS {column.name}_is_valid" for column in ruled)
    joins = "\n".join(_code_join(column, landed) for column in ruled)
    rows = f"""
SELECT landed.row_id, landed.file_no, landed.line, landed.extracted_at, {texts}{valid},
  {typed}
FROM {landed} AS landed
{joins}"""
    return _with_id_numbers(rows) if feed.has("id_no") else rows


def folded_select(feed: Feed, landed: str) -> str:
    """Return a SELECT of landed rows with full-width forms folded in every column whose text is parsed."""
    folded = ", ".join(f"fold_width({c.name}) AS {c.name}" for c in feed.columns if c.type is not Type.STRING)
    return f"SELECT * REPLACE ({folded}) FROM {landed}"


def _with_id_numbers(rows: str) -> str:
    """Add what an ID number says, layer by layer, so that each part is worked out once."""
    return f"""
SELECT * EXCLUDE (id_18, id_17, id_birth),
  id_number_valid AND NOT id_sex_disagrees AND NOT id_birth_disagrees AS id_valid
FROM (
  SELECT * REPLACE (coalesce(id_18, upper(id_no)) AS id_no),
    resident_id_is_valid(id_18, id_17, id_birth) AS id_number_valid,
    coalesce(sex_code IN ('1', '2') AND resident_id_sex(id_18) <> sex_code, false) AS id_sex_disagrees,
    coalesce(id_birth <> birth_date, false) AS id_birth_disagrees
  FROM (
    SELECT *, try_cast(id_18[1:17] AS BIGINT) AS id_17, resident_id_birth(id_18) AS id_birth
    FROM (
      SELECT * REPLACE (CASE WHEN strlen(id_no) <> length(id_no) THEN fold_width(id_no) ELSE id_no END AS id_no),
        CASE WHEN coalesce(id_type, '01') = '01' THEN resident_id_18(id_no) END AS id_18
      FROM ({rows})
    )
  )
)"""


def is_ruled(column: Column) -> bool:
    """Say whether a standard's rule validates the column, and not a list of codes."""
    return column.type is Type.CODE and CODE_SETS[column.code_set].macro != ""


def _typed(column: Column) -> str:
    text = f"landed.{column.name}"
    if is_ruled(column):
        return f"{column.name}_code.code"
    if column.type is Type.CODE:
        codes = ", ".join(quoted(code.code) for code in CODE_SETS[column.code_set].codes)
        return f"CASE WHEN {text} IN ({codes}) THEN {text} WHEN NOT {_empty(column, text)} THEN upper({text}) END"
    if column.type is Type.STRING:
        return f"CASE WHEN NOT {_empty(column, text)} THEN without_white_ends({text}) END"
    return f"{_AS_TYPE[column.type]}({text})"


def _empty(column: Column, text: str) -> str:
    return f"{'is_missing' if column.required else 'is_blank'}({text})"


def _code_join(column: Column, landed: str) -> str:
    name = column.name
    return f"""LEFT JOIN (
  SELECT text, code, {sql_code_is_valid(column.code_set, "code")} AS is_valid
  FROM (
    SELECT text, CASE WHEN NOT {_empty(column, "text")} THEN upper(fold_width(text)) END AS code
    FROM (SELECT DISTINCT {name} AS text FROM {landed})
  )
) AS {name}_code ON {name}_code.text = landed.{name}"""
