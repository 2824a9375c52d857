"""docs/delivering.md and its Chinese edition, from one source: `python -m pipelines.delivering.guide` writes both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from contracts.code_sets import CODE_SETS, CodeSet
from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from contracts.schema import CONTRACT_VERSION, Column, Feed, Type
from pipelines.delivering import prose
from pipelines.delivering.chinese import MEANINGS, SCOPES
from pipelines.delivering.prose import Pair
from pipelines.rejection import Reason
from quality.checks import Check, Severity, all_checks
from quality.gates import CHECKED, JOINING

DOCS = Path(__file__).parents[2] / "docs"
ZH, EN = 0, 1
PAGES = {"delivering.zh-CN.md": ZH, "delivering.md": EN}
"""The pages and their languages."""

EXAMPLE = {
    "contract": CONTRACT_VERSION, "city": "440100", "feed": "emr", "period": "2018-11", "sequence": 1, "mode": "delta",
    "encoding": "gb18030", "delimiter": ",", "extracted_at": "2018-12-01T02:00:00+08:00",
    "files": [{"name": "emr_440100_2018-11_001.csv.gz", "rows": 12345, "bytes": 456789, "sm3": "0123456789abcdef" * 4}],
}  # fmt: skip
"""A manifest."""

EVERYWHERE = ("required", "type", "code", "future", "register")
"""The rules that mean the same in every column: they are told once."""

_YES: Pair = ("是", "yes")
_SEVERITIES: dict[Severity, Pair] = {Severity.ERROR: ("错误", "error"), Severity.WARNING: ("警告", "warning")}


def pages() -> dict[str, str]:
    """Return the guide's pages: file name to text."""
    return {name: _page(language) for name, language in PAGES.items()}


def _page(language: int) -> str:
    def say(pair: Pair) -> str:
        return pair[language]

    other = next(name for name, spoken in PAGES.items() if spoken != language)
    parts = [
        "<!-- Made by `make docs`; change contracts/, quality/ and pipelines/delivering/, not this page. -->\n",
        say(("# 交付指南", "# Delivering")) + f"\n\n[{say(('English', '中文'))}]({other})\n",
        _section(say(("目录与清单", "Folder and manifest")), say(prose.FOLDER), _manifest(say)),
        _section(say(("方式", "Modes")), say(prose.MODES_TEXT)),
        _section(say(("文件", "Files")), say(prose.FILES_TEXT)),
        _section(say(("取值的写法", "Spellings")), _spellings(say), say(prose.EMPTY_TEXT)),
        _section(say(("差错及其后果", "Faults, and what each leads to")), _outcomes(say), _rejections(say), _gate(say)),
        _section(say(("预检", "Preflight")), say(prose.CHECK_TEXT)),
        _section(say(("回执", "Receipts")), say(prose.RECEIPT_TEXT), *_receipt(say)),
        _section(say(("数据库", "Databases")), say(prose.DATABASES_TEXT)),
        _section(say(("数据类别", "Feeds")), _everywhere(say)),
        *(_feed(feed, say) for feed in FEEDS.values()),
        _section(say(("附录：值域代码", "Appendix: code sets")), _ruled(say)),
        *(_code_set(code_set, say) for code_set in CODE_SETS.values() if code_set.codes),
        f"\n### {say(('交付地市', 'Delivering cities'))}\n\n{_cities(say)}",
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


_Say = Callable[[Pair], str]


def _section(title: str, *texts: str) -> str:
    return "\n\n".join([f"## {title}", *(text.rstrip("\n") for text in texts)])


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _manifest(say: _Say) -> str:
    example = json.dumps(EXAMPLE, ensure_ascii=False, indent=1)
    head = (say(("字段", "field")), say(("含义", "meaning")))
    return f"```json\n{example}\n```\n\n" + _table(head, ([f"`{n}`", say(t)] for n, t in prose.FIELDS.items()))


def _spellings(say: _Say) -> str:
    head = (say(("类型", "type")), say(("可接受", "accepted")), say(("成为", "becomes")))
    rows = [
        [kind, " · ".join(f"`{text}`" for text in texts), say(meaning)]
        for kind, (texts, meaning) in prose.SPELLINGS.items()
    ]
    return _table(head, rows)


def _outcomes(say: _Say) -> str:
    head = (say(("差错", "fault")), say(("后果", "outcome")))
    return _table(head, ([say(fault), say(outcome)] for fault, outcome in prose.OUTCOMES))


def _rejections(say: _Say) -> str:
    told = say(("整份拒收的原因：", "Reasons for rejecting a delivery whole:"))
    return told + "\n\n" + "\n".join(f"- {say((reason.zh, reason.en))}" for reason in Reason)


def _gate(say: _Say) -> str:
    told = say(
        (
            "闸门的规则（不涉及单行；更正使用新的序号）：",
            "The gate's rules (of figures, not of rows; a correction takes a new sequence):",
        )
    )
    held, warned = say(("暂缓", "holds")), say(("提示", "warns"))
    lines = [f"- {say((rule.zh, rule.en))} · {held if rule.refuses else warned}" for rule in (*JOINING, *CHECKED)]
    return told + "\n\n" + "\n".join(lines)


def _receipt(say: _Say) -> list[str]:
    head = (say(("字段", "field")), say(("含义", "meaning")))
    return [
        _table(head, ([f"`{name}`", say(meaning)] for name, meaning in prose.RECEIPT.items())),
        say(("`errors` 与 `warnings` 的每一项：", "Each entry of `errors` and `warnings`:")),
        _table(head, ([f"`{name}`", say(meaning)] for name, meaning in prose.FINDING.items())),
    ]


def _everywhere(say: _Say) -> str:
    told = say(
        (
            "级别按 GB/T 39725-2020：1 公开、2 较宽、3 中、4 直接标识、5 最小范围。"
            "校验编号为 `数据类别.列.规则`。各列通用的规则：",
            "Levels follow GB/T 39725-2020: 1 public, 2 wide, 3 medium, 4 direct identifiers, 5 minimal access. A "
            "check's id is `feed.column.rule`. Rules that mean the same in every column:",
        )
    )
    meanings: dict[str, Pair] = {
        "required": ("必填值缺失", "a required value is missing"),
        "type": ("不是该类型的合规写法", "not an accepted spelling of the type"),
        "code": ("代码不在值域中", "a code outside its set"),
        "future": ("晚于提取时间", "later than the extraction"),
        "register": ("机构不在各地市报送的名录中", "an institution that no city registered"),
    }
    severities = {_rule(check): check.severity for feed in FEEDS.values() for check in all_checks(feed)}
    head = (say(("规则", "rule")), say(("含义", "meaning")), say(("程度", "severity")))
    rows = [[f"`{rule}`", say(meanings[rule]), say(_SEVERITIES[severities[rule]])] for rule in EVERYWHERE]
    return told + "\n\n" + _table(head, rows)


def _feed(feed: Feed, say: _Say) -> str:
    checks = all_checks(feed)
    rules = {c.name: [_rule(check) for check in checks if check.column == c.name] for c in feed.columns}
    head = [
        say(("标识", "identifier")), say(("表头", "header")), say(("类型", "type")), say(("必填", "required")),
        say(("值域", "code set")), say(("级别", "level")), say(("校验", "checks")), say(("说明", "meaning")),
    ]  # fmt: skip
    columns = [
        [
            f"`{c.name}`", c.zh, c.type, say(_YES) if c.required else "", c.code_set, str(c.level),
            " ".join(f"`{rule}`" for rule in rules[c.name]), _note(c, say),
        ]
        for c in feed.columns
    ]  # fmt: skip
    own = [
        [f"`{check.id}`", say(_SEVERITIES[check.severity]), say((check.zh, check.en))]
        for check in checks
        if _rule(check) not in EVERYWHERE
    ]
    key = ", ".join(f"`{name}`" for name in feed.key)
    lines = [f"### {feed.name} {feed.zh}", say((f"{SCOPES[feed.name]}。", f"{feed.scope[0].upper()}{feed.scope[1:]}."))]
    lines += [f"{say(('主键', 'Key'))}{say(('：', ': '))}{key}", _table(head, columns)]
    if own:
        head_of_checks = (say(("校验", "check")), say(("程度", "severity")), say(("含义", "meaning")))
        lines.append(_table(head_of_checks, own))
    return "\n\n".join(lines)


def _note(column: Column, say: _Say) -> str:
    """Return the contract's note on a column, unless it only repeats the codes."""
    if column.type is Type.CODE and CODE_SETS[column.code_set].codes and column.meaning not in MEANINGS:
        return ""
    return say((MEANINGS.get(column.meaning, column.meaning), column.meaning))


def _rule(check: Check) -> str:
    return check.id.rpartition(".")[2]


def _ruled(say: _Say) -> str:
    told = say(("由标准的规则校验：", "Validated by a standard's rule:"))
    sets = [code_set for code_set in CODE_SETS.values() if not code_set.codes]
    return told + "\n\n" + "\n".join(f"- {s.name} ({s.edition}) {say((s.zh, s.en))}" for s in sets)


def _code_set(code_set: CodeSet, say: _Say) -> str:
    title = f"### {code_set.name} ({code_set.edition}) {say((code_set.zh, code_set.en))}"
    rows = [[f"`{c.code}`", say((c.zh, c.en))] for c in (*code_set.codes, *code_set.extensions)]
    return title + "\n\n" + _table((say(("代码", "code")), say(("含义", "meaning"))), rows)


def _cities(say: _Say) -> str:
    rows = [[f"`{city.code}`", say((city.zh, city.en))] for city in CITIES.values()]
    rows.append([f"`{PROVINCE_CODE}`", say(("省级", "the province"))])
    return _table((say(("代码", "code")), say(("地市", "city"))), rows)


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
