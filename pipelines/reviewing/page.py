"""The review page: each doubt with both sides and the way to its probability; one file, no script, no network.

It shows names and numbers: it is for reviewers alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.quality_page.names import city_names, feed_names
from pipelines.quality_page.parts import both, paragraph
from pipelines.quality_page.style import STYLE as HOUSE_STYLE
from pipelines.reviewing.doubt import KINDS, Doubt, Side
from pipelines.reviewing.evidence import steps
from pipelines.reviewing.queue import Queue
from pipelines.reviewing.sides import Shown
from pipelines.reviewing.sides_table import sides_table
from pipelines.reviewing.style import STYLE
from pipelines.reviewing.waterfall import waterfall

_ASKED = {
    "perhaps known": ("甲的记录是否属于乙?", "Do A's records belong to B?"),
    "perhaps one": ("甲与乙的记录是否属于同一人?", "Are A's records and B's those of one person?"),
    "contradiction": (
        "甲与乙本可归为一人, 但同组另有记录与之矛盾。是否同一人?",
        "A and B would be one, but another record of their group speaks against it. Are they one person?",
    ),
    "one number, two persons": (
        "登记中两人用同一有效证件号码, 姓名与出生日期都不同。是否同一人?",
        "Two on the register show one valid number, and agree on neither name nor birth date. Are they one person?",
    ),
    "one patient number, two persons": (
        "机构以同一编号记录了两个有效证件号码。是否同一人?",
        "An institution wrote two valid numbers under one number of its own. Are they one person?",
    ),
    "in two places at once": (
        "同一人的两次住院在两家机构, 时间重叠。甲与乙是否同一人?",
        "Two stays of one person, in two hospitals, overlap. Are A and B one person?",
    ),
}


def page(queue: Queue, doubts: Sequence[Shown], waiting: int) -> str:
    """Return the page of these doubts; `waiting` is how many there are in all."""
    body = "\n".join([_head(queue, len(doubts), waiting), *(_article(queue, each) for each in doubts), _foot()])
    return (
        '<!DOCTYPE html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>人工复核 Review</title>\n<style>{HOUSE_STYLE}{STYLE}</style>\n</head>\n<body>\n"
        '<input class="language" type="radio" name="language" id="chinese" aria-label="中文" checked>\n'
        '<input class="language" type="radio" name="language" id="english" aria-label="English">\n'
        f'<main class="page">\n{body}\n</main>\n</body>\n</html>\n'
    )


def _head(queue: Queue, listed: int, waiting: int) -> str:
    parts = [
        '<header>\n<div class="switch"><label for="chinese">中文</label><label for="english">English</label></div>',
        f"<h1>{both('人工复核', 'Review')}</h1>",
        paragraph(
            f"{waiting:,} 处存疑待复核, 本页列出 {listed:,} 处, 最要紧的在前。",
            f"{waiting:,} doubts wait for a reviewer; this page shows {listed:,}, what matters most first.",
            "lead",
        ),
        paragraph(
            "本页含姓名与证件号码, 仅供复核人员; 用毕删除。",
            "This page holds names and numbers: for reviewers alone, to be deleted after use.",
            "warned",
        ),
    ]
    if queue.model is None:
        parts.append(
            paragraph(
                "关联模型已换, 下次运行后方有权重。", "The model has changed; weights come with the next run.", "warned"
            )
        )
    return "\n".join([*parts, "</header>"])


def _article(queue: Queue, each: Shown) -> str:
    doubt = each.doubt
    weighed = steps(doubt, queue.model, queue.known) if queue.model else []
    probability = "" if doubt.probability is None else f"<b>{doubt.probability:.1%}</b>"
    way = waterfall(weighed, doubt.probability) if doubt.probability is not None and weighed else ""
    return "\n".join(
        [
            f'<article class="doubt" id="{doubt.id}" aria-labelledby="{doubt.id}-kind">',
            f'<header><h2 id="{doubt.id}-kind">{both(*KINDS.get(doubt.kind, (doubt.kind,) * 2))}</h2>',
            f"<code>{doubt.id}</code>{probability}</header>",
            paragraph(*_ASKED.get(doubt.kind, _ASKED["perhaps one"]), kind=""),
            paragraph(*(_told(doubt, language) for language in (0, 1))),
            f'<div class="facts">{sides_table(each)}{way}</div>',
            "</article>",
        ]
    )


def _told(doubt: Doubt, language: int) -> str:
    """Return where both sides come from and how many records they have, in a language."""
    names = zip((("甲", "A"), ("乙", "B")), doubt.sides, strict=True)
    return "; ".join(f"{name[language]}: {_from(side, language)}" for name, side in names)


def _from(side: Side, language: int) -> str:
    where = f"{city_names(side.city)[language]} {feed_names(side.feed)[language]}"
    return f"{where}, {side.records:,} {('条记录', 'records')[language]}"


def _foot() -> str:
    return "<footer>" + paragraph(
        "= 相同; ≠ 不同, 相异的字加下划线; · 一侧未知。每格先列存疑的那一条, 再列同一人其他记录所载。"
        "数据类别、机构、编号各处自有, 不作比较。1 比特使“同一人”与“不是”之比加倍, 0 为各半。"
        "结论填入随附的表, 或用 yimatong review decide 编号 结论。",
        "= the same; ≠ different, what differs underlined; · unknown on one side. A cell has first what the record in "
        "doubt says, then what others of that person say. Every place has feeds, institutions and numbers of its own: "
        "they are not compared. A bit doubles the odds that both are one person; 0 is even odds. Enter verdicts in the "
        "table that goes with this page, or by yimatong review decide ID VERDICT.",
    ) + "</footer>"  # fmt: skip
