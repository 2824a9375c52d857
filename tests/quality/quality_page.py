"""docs/quality.md: what judges a row and a delivery, and the kill matrix that says how well the tests hold it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from contracts.feeds import FEEDS
from quality.build_gate import CUBES, FIGURES
from quality.checks import Severity, all_checks
from quality.gates import CHECKED, JOINING
from quality.judge import Expectation

from .contract_cases import all_cases
from .killing import Killed, kill
from .mutants import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"

_SEVERITY = {Severity.ERROR: "错误 error", Severity.WARNING: "警告 warning"}
_HEAD = """<!-- Made by `make mutants`; change quality/checks.py and the gates, not this page. -->

# 质量 · Quality

**校验** 逐行判断：一条 SQL 条件，对违反它的行为真。*错误* 使该行被隔离，*警告* 保留该行并计数。
编号为 `数据类别.列.规则`，是被隔离行所携带的全部说明：不含任何取值。
删除行（`op` 为 D）只判断其主键、`op` 与 `updated_at`。
因写法不通过的行在折叠全角后重读一次。`register` 校验以各地市报送的机构名录为准，按交付判断。

A **check** judges each row: an SQL condition that is true for the rows that violate it. An *error* quarantines the row;
a *warning* keeps it and is counted. Its id, `feed.column.rule`, is all that a quarantined row carries: never a value.
Of a deletion (`op` D) the key, `op` and `updated_at` alone are judged. A row that fails by its spelling is read again
with full-width forms folded. The `register` checks hold a delivery against the institutions that all cities registered.

Records that can't be read as rows are quarantined before any check: `record.fields`, `record.nul`, `record.field_size`.
Catalogue: [quality/checks.py](../quality/checks.py).
"""


def page(killed: Sequence[Killed]) -> str:
    """Return the whole page."""
    return catalogue() + matrix(killed)


def catalogue() -> str:
    """Return the part that the checks and gates alone give."""
    return _HEAD + "".join(_feed(name) for name in FEEDS) + _gates()


def matrix(killed: Sequence[Killed]) -> str:
    """Return the kill matrix."""
    total, same = len(killed), [k for k in killed if k.same_because]
    died = sum(k.by > 0 for k in killed)
    alive = total - died - len(same)
    rows = sum(len(cases) for cases in all_cases().values())
    lines = [
        "\n## 变异检验 · Mutation test\n",
        f"每次以一个变异体取代一项校验，在 {rows:,} 行用例上判断。{total:,} 个变异体中，"
        f"{died:,} 个至少被一个用例发现，{len(same):,} 个与原校验等价（原因见下），{alive:,} 个存活。\n",
        f"A mutant takes the place of one check at a time, over {rows:,} rows of cases. Of {total:,} mutants at least "
        f"one case finds {died:,}; {len(same):,} are the same as their check, for the reasons below; "
        f"{alive:,} survive.\n",
        "| 变异 · kind | | 变异体 · mutants | 被发现 · killed | 等价 · same | 存活 · survive | 用例 · found by cases |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    lines += [_row(kind, [k for k in killed if k.mutant.kind == kind]) for kind in KINDS]
    lines += ["\n| 等价的原因 · why a mutant is the same | 变异体 · mutants |", "|---|---:|"]
    reasons: dict[str, int] = defaultdict(int)
    for each in same:
        reasons[each.same_because] += 1
    lines += [f"| {reason} | {count:,} |" for reason, count in reasons.items()]
    lines += [
        "\n每项校验被多少用例发现 · how many cases find each check's mutants, least and most; `=`: all are the same\n",
        f"| 校验 · check | {' | '.join(KINDS)} |",
        f"|---|{'---:|' * len(KINDS)}",
    ]
    by_check: dict[str, dict[str, list[Killed]]] = defaultdict(lambda: defaultdict(list))
    for each in killed:
        by_check[each.mutant.check.id][each.mutant.kind].append(each)
    lines += [f"| {check} | {' | '.join(_span(of[kind]) for kind in KINDS)} |" for check, of in by_check.items()]
    return "\n".join(lines) + "\n"


def write_page() -> None:
    """Run every mutant, write the page, and say what survives."""
    killed = list(kill())
    PAGE.write_text(page(killed), encoding="utf-8")
    for each in killed:
        if not each.by and not each.same_because:
            print(f"survives: {each.mutant.kind} {each.mutant.check.id} {each.mutant.change}")
    print(f"{len(killed)} mutants, {sum(k.by > 0 for k in killed)} killed → {PAGE}")


def _feed(name: str) -> str:
    feed = FEEDS[name]
    lines = [
        f"\n## {feed.name} {feed.zh}\n",
        "| 校验 · check | 列 · column | 程度 · severity | 含义 | meaning |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.id} | {c.column} {feed.column(c.column).zh} | {_SEVERITY[c.severity]} | {c.zh} | {c.en} |"
        for c in all_checks(feed)
    ]
    return "\n".join(lines) + "\n"


def _gates() -> str:
    kinds = (
        ("交付闸门 · The gate of deliveries", (*JOINING, *CHECKED), "暂缓 holds"),
        ("发布闸门 · The gate of builds", (*FIGURES, *CUBES), "不发布 not published"),
    )
    return "".join(_gate(title, expectations, refused) for title, expectations, refused in kinds)


def _gate(title: str, expectations: Iterable[Expectation], refused: str) -> str:
    lines = [
        f"\n## {title}\n",
        "| 编号 · id | 界限 · limits | 结果 · outcome | 含义 | meaning |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {e.id} | {_limit(e.least)}–{_limit(e.most)} | {refused if e.refuses else '提示 warns'} | {e.zh} | {e.en} |"
        for e in expectations
    ]
    return "\n".join(lines) + "\n"


def _limit(limit: float) -> str:
    return "" if limit in (float("inf"), float("-inf")) else f"{limit:g}"


def _row(kind: str, killed: Sequence[Killed]) -> str:
    zh, en = KINDS[kind]
    died, same = [k.by for k in killed if k.by], sum(bool(k.same_because) for k in killed)
    found_by = f"{min(died)}–{max(died)}" if died else ""
    return (
        f"| {kind} | {zh} · {en} | {len(killed):,} | {len(died):,} | {same:,} | {len(killed) - len(died) - same:,} "
        f"| {found_by} |"
    )


def _span(killed: Sequence[Killed]) -> str:
    counts = sorted({k.by for k in killed if not k.same_because})
    if not counts:
        return "=" if killed else ""
    return f"{counts[0]}" if len(counts) == 1 else f"{counts[0]}–{counts[-1]}"
