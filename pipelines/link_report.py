"""The report on linkage: how records came to their persons, how often that is wrong, what the last version changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from lake.engine import located
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Ledger
from linkage.error.second_opinion import second_opinion
from linkage.registry import events, made_by, open_registry
from pipelines.link_error import stated_error
from pipelines.linked import Linked, open_linked
from pipelines.linking import model_of

Report = dict[str, Any]

_MOVED = """
    SELECT indicator, period, coalesce(old.value, 0) AS before, coalesce(new.value, 0) AS after
    FROM new.indicator_value AS new
    FULL JOIN old.indicator_value AS old USING (indicator, period, division_code, level, breakdown)
    WHERE division_code = '440000' AND level = 'all' AND breakdown = ''
      AND abs(coalesce(new.value, 0) - coalesce(old.value, 0)) > 1e-9
    ORDER BY abs(coalesce(new.value, 0) - coalesce(old.value, 0)) / greatest(abs(coalesce(old.value, 0)), 1e-9) DESC,
      indicator, period
    LIMIT 20
"""


def link_report(home: Home, ask_another: bool = False) -> Report:
    """Return the report; no value of a person is in it.

    `records` by feed and tier; `error` by feed, city and age (linkage.error.estimate.RATES); `change` of the last
    version: ids merged, split, moved, retired, the share of presentations that kept their id, and which figures of the
    province differ between the last two builds; `second_opinion` (`ask_another`): where recordlinkage's ECM disagrees
    on a sample. Raises PlainFault where nothing was linked yet, or recordlinkage isn't installed.
    """
    with open_linked(home, "link-report") as linked:
        report = _report(home, linked)
        return report | {"second_opinion": _second_opinion(linked.connection)} if ask_another else report


def _second_opinion(connection: duckdb.DuckDBPyConnection) -> Report:
    try:
        return second_opinion(connection)
    except ImportError:
        raise PlainFault(
            "未安装 recordlinkage: pip install 'yimatong[second-opinion]' · recordlinkage is not installed"
        ) from None


def _report(home: Home, linked: Linked) -> Report:
    connection = linked.connection
    open_registry(connection, linked.folders)
    records = connection.execute("""
        SELECT p.feed, s.tier, count(*) AS records, avg(s.probability) AS probability
        FROM presented AS p JOIN link_state AS s USING (presentation_id)
        WHERE p.row_id IN (SELECT row_id FROM live_row)
        GROUP BY ALL ORDER BY ALL
    """).fetchall()
    model = model_of(home)
    stated = stated_error(linked.ledger, home)
    made = made_by(linked.folders)
    return {
        "model": {"version": made.model if made else "", "next": model.version, "provenance": model.provenance},
        "version": linked.version.version,
        "records": [
            {"feed": feed, "tier": tier, "records": number, "probability": round(probability, 6)}
            for feed, tier, number, probability in records
        ],
        "error": _rows(connection, f"FROM read_parquet({located(stated)})") if stated else [],
        "change": _change(home, linked) | {"figures": _figures(connection, home, linked.ledger)},
    }


def _change(home: Home, linked: Linked) -> Report:
    """Return what the last version that linked something made of the ids that there were."""
    counts = json.loads(linked.version.counts)
    seen = linked.connection.execute(f"""
        SELECT kind, count(*) AS ids, sum(presentations)::BIGINT AS presentations
        FROM ({events([_last_link(home, linked)])}) GROUP BY kind ORDER BY kind
    """).fetchall()
    renamed = sum(int(presentations) for kind, _, presentations in seen if kind != "retired")
    stayed = counts["before"] - counts["leaving"]
    return {
        "events": {kind: {"ids": ids, "presentations": int(presentations)} for kind, ids, presentations in seen},
        "kept": 1.0 if not stayed else round(1 - renamed / stayed, 8),
        "minted": counts["minted"],
        "doubts": counts["doubts"],
    }


def _last_link(home: Home, linked: Linked) -> Path:
    """Return the version that linked last: the newest, or the one before where the newest only folds changes."""
    *earlier, newest = linked.ledger.link_versions()
    before = home.links(earlier[-1].version) if earlier else None
    return before if newest.whole and before and before.exists() else home.links(newest.version)


def _figures(connection: duckdb.DuckDBPyConnection, home: Home, ledger: Ledger) -> list[Report]:
    last = ledger.last_build()
    if last is None or not home.build(last.build_no - 1).exists():
        return []
    for name, number in (("old", last.build_no - 1), ("new", last.build_no)):
        connection.execute(f"ATTACH {located(home.build(number))} AS {name} (READ_ONLY)")
    return _rows(connection, _MOVED)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Report]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def report_text(report: Report) -> str:
    """Return the report as lines for a terminal, in Chinese and English."""
    model = report["model"]
    lines = [f"模型 model {model['version']}  版本 version {report['version']}"]
    if model["next"] != model["version"]:
        lines.append(f"  下次运行将用 the next run will use {model['next']}")
    lines.append("记录如何归人 how records came to their persons")
    lines += [
        f"  {row['feed']:11} {row['tier']:10} {row['records']:>12,}  {row['probability']:.4%}"
        for row in report["records"]
    ]
    lines.append("误差 (每百万条, 95% 区间) error, a million records, 95 % interval: 误匹配 false · 漏匹配 missed")
    for row in report["error"]:
        name = " ".join(part for part in (row["feed"], row["city_code"], row["age"]) if part) or "全部 all"
        lines.append(
            f"  {name:20} {row['records']:>12,}  "
            + " · ".join(
                f"{1e6 * row[f'{kind}_rate']:.0f} [{1e6 * row[f'{kind}_low']:.0f}, {1e6 * row[f'{kind}_high']:.0f}]"
                for kind in ("false", "missed")
            )
        )
    if not report["error"]:
        lines.append("  记录太少, 未估计 too few records to say")
    change = report["change"]
    lines.append(
        f"本次变化 last change: 保持登记号 kept {change['kept']:.4%}, 新 minted {change['minted']:,}, "
        f"待复核 to review {change['doubts']:,}"
    )
    lines += [
        f"  {kind:8} {seen['ids']:,} 号 ids, {seen['presentations']:,} 身份呈现 presentations"
        for kind, seen in change["events"].items()
    ]
    if change["figures"]:
        lines.append("全省指标变动 figures of the province that moved")
        lines += [
            f"  {f['indicator']:5} {f['period']:12} {f['before']:.6g} → {f['after']:.6g}" for f in change["figures"]
        ]
    if "second_opinion" in report:
        lines += _opinion_lines(report["second_opinion"])
    return "\n".join(lines)


def _opinion_lines(opinion: Report) -> list[str]:
    return [
        f"另一意见 second opinion (recordlinkage ECM): {opinion['presentations']:,} 身份呈现 presentations, "
        f"{opinion['pairs']:,} 对 pairs; 同一人 one person: 一致 both {opinion['both']:,}, "
        f"仅本系统 ours alone {opinion['ours']:,}, 仅 ECM alone {opinion['ecm']:,}",
        *(
            f"  {kind['says']:5} {kind['pairs']:>8,}  同 agree {' '.join(kind['agree']) or '-'} · "
            f"异 differ {' '.join(kind['differ']) or '-'}"
            for kind in opinion["disagreements"]
        ),
    ]
