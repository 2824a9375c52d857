"""The revisions policy: what preliminary, final and revised mean, and by what the figures were made."""

from __future__ import annotations

from warehouse.report.figures import Report
from warehouse.report.parts import Text, both


def revisions(report: Report) -> str:
    """Return the policy as a list of terms."""
    shown, versions = report.shown, report.versions
    unfinished = sorted(period for period in shown.preliminary if len(period) == 7)
    now_zh = f"本报告中为 {'、'.join(unfinished)}。" if unfinished else "本报告中没有。"
    now_en = f"In this report: {', '.join(unfinished)}." if unfinished else "There are none in this report."
    told: tuple[tuple[Text, str, str], ...] = (
        (
            ("截止日", "As of"),
            f"{shown.as_of}。当天及以前的事件计入，以后的不计。",
            f"{shown.as_of}: events up to and including that day count, later ones don't.",
        ),
        (
            ("初步数", "Preliminary"),
            f"期间在截止日尚未结束，数必会变；图中以虚线和空心点标出，不参与承诺评定。{now_zh}",
            "The period is not over on the as-of date, so the figure will change; charts show it dashed and hollow, "
            f"and no promise is judged by it. {now_en}",
        ),
        (
            ("最终数", "Final"),
            "期间在截止日已经结束。“最终”指期间已满，不表示不再更正；尚待交付的（见数据质量页），交齐前视同初步。"
            "31 天内再入院率须待期末后 31 天方观察完毕。",
            "The period was over on the as-of date. Final means that the period is complete, not that it can't be "
            "corrected; while deliveries are awaited (see the quality page), take it as preliminary. Readmission "
            "within 31 days is observed in full 31 days after the period.",
        ),
        (
            ("修订数", "Revised"),
            "期间结束后，地市更正或补报、身份关联更新，都会改变已发布的数。每次都以当时全部数据重算所有期间，"
            "新数取代旧数，本页不存旧数。两份报告同一期间的数不同，即为修订，以后出的为准；旧报告可按当时所知重出，"
            "两次导出之间哪些数变了、为何，另可列出。",
            "After a period is over, corrected or late deliveries and better linkage change figures that were "
            "published. All periods are computed again each time from all data there are; the new figure takes the "
            "place of the old, which this page does not keep. Where two reports differ on a period, it was revised, "
            "and the later report holds; an earlier one can be made again as known then, and what changed between two "
            "exports, and why, can be listed.",
        ),
        (
            ("口径变更", "Changed definition"),
            "口径版本（如 A1@83b55612）变了，前后的数不可直接比较；同一版本的数可比。",
            "Where an indicator's definition version (such as A1@83b55612) changes, figures before and after don't "
            "compare.",
        ),
        (
            ("可重现", "Reproducible"),
            "同样的数据得出逐字节相同的本页。"
            f"数据契约 {versions.contract}，程序 {versions.code}，口径库 {versions.model}。",
            f"The same data give this page byte for byte. Contract {versions.contract}, program {versions.code}, "
            f"models {versions.model}.",
        ),
    )
    items = "".join(f"<div><dt>{both(*name)}</dt><dd>{both(zh, en)}</dd></div>" for name, zh, en in told)
    return f'<dl class="revisions">{items}</dl>'
