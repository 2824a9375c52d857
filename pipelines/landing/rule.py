"""The rule of RFC 4180 for a delimiter: what one record is, as expressions that never go back over what they took."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_BODY = rb'[^"]*+(?:""[^"]*+)*+'
_QUOTED = rb'"' + _BODY + rb'"'


@dataclass(frozen=True, slots=True)
class Rule:
    """The expressions of a delimiter. Each matches from where a record begins, but for `body`, `plain` and `fields`."""

    delimiter: int
    record: re.Pattern[bytes]
    """A whole record with its line break."""
    last: re.Pattern[bytes]
    """A whole record with its line break, or up to the end of the text."""
    open: re.Pattern[bytes]
    """A record that may go on behind the end of the text."""
    field: re.Pattern[bytes]
    """One field of a record that follows the rule, from where it begins."""
    body: re.Pattern[bytes]
    """What lies in quotes, up to a quote that isn't doubled, or the end of the text."""
    plain: re.Pattern[bytes]
    """The rest of a field without quotes and the like fields behind it."""
    fields: re.Pattern[bytes]
    """Fields without quotes, from where one begins."""


@cache
def rule_of(delimiter: str) -> Rule:
    """Return the rule for a delimiter, one ASCII character."""
    by = re.escape(delimiter.encode("ascii"))
    end = rb"[^" + by + rb"\r\n]*+"
    plain = rb'(?:[^"' + by + rb"\r\n]" + end + rb")?+"
    field = rb"(?:" + _QUOTED + rb"|" + plain + rb")"
    record = field + rb"(?:" + by + field + rb")*+"
    more = rb"(?:" + by + plain + rb")*+"
    return Rule(
        delimiter=ord(delimiter),
        record=re.compile(record + rb"\r?\n"),
        last=re.compile(record + rb"(?:\r?\n|\r?\Z)"),
        open=re.compile(rb"(?:" + field + by + rb')*+(?:"' + _BODY + rb'"?+|' + plain + rb")\r?\Z"),
        field=re.compile(field),
        body=re.compile(_BODY),
        plain=re.compile(end + more),
        fields=re.compile(plain + more),
    )


def fields_of(record: bytes, rule: Rule) -> list[bytes]:
    """Return the values of a record that follows the rule, given without its line break."""
    values, at = [], -1
    while at < len(record):
        match = rule.field.match(record, at + 1)
        assert match is not None  # a field may be empty
        text = match.group()
        values.append(text[1:-1].replace(b'""', b'"') if text.startswith(b'"') else text)
        at = match.end()
    return values
