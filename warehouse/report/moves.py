"""What changed since the month before: promises reached, and the largest moves of the province and of cities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.divisions import PROVINCE_CODE
from warehouse.exports.amounts import Amount
from warehouse.exports.figure_cells import Entry
from warehouse.indicators.entry import Kind
from warehouse.report.figures import Report
from warehouse.report.numbers import change_words, grouped, value_words
from warehouse.report.parts import Text, both, paragraph, table, wide
from warehouse.report.texts import counts_persons, kind_of
from warehouse.targets.status import MET

FEWEST = 30
"""The smallest denominator of a figure of events or persons that is told as a move: fewer move by chance."""
_OF_PROVINCE, _OF_CITIES, _OF_ONE = 20, 10, 3


@dataclass(frozen=True, slots=True)
class Move:
    """A figure that moved between the two months; `better` is empty where neither way is."""

    entry: Entry
    division: str
    before: float
    now: float
    denominator: float | None

    @property
    def change(self) -> float:
        """Return by how much it moved, in the unit of the value."""
        return self.now - self.before

    @property
    def size(self) -> float:
        """Return how large the move is: in points for a per cent, else as a share of the value before."""
        if self.entry.amount is Amount.PERCENT:
            return abs(self.change)
        return abs(self.change / self.before) if self.before else 0.0

    @property
    def better(self) -> bool | None:
        """Say whether it moved to the better; None where neither way is."""
        return {"up": self.change > 0, "down": self.change < 0}.get(self.entry.good)


def find_moves(report: Report, divisions: Iterable[str]) -> list[Move]:
    """Return the figures that moved since the month before, the largest moves first; growths are moves already."""
    found = []
    for entry in report.entries.values():
        if kind_of(entry) is Kind.GROWTH:
            continue
        least = FEWEST if kind_of(entry) is Kind.FLOW or counts_persons(entry) else 0
        for division in divisions:
            before = report.figure(entry.code, division, report.before)
            now = report.figure(entry.code, division, report.shown.last)
            if before is None or now is None or before.value is None or now.value is None:
                continue
            if min(before.denominator or 0, now.denominator or 0) >= least and before.value != now.value:
                found.append(Move(entry, division, before.value, now.value, now.denominator))
    return sorted(found, key=lambda move: (-move.size, move.entry.code, move.division))


def moves(report: Report) -> str:
    """Return the promises reached in the month, and the largest moves."""
    if not report.before:
        return paragraph("数据不足两个已结束月份，尚无可比。", "There are no two months that are over to compare yet.")
    of_province = find_moves(report, [PROVINCE_CODE])[:_OF_PROVINCE]
    of_cities = find_moves(report, report.cities)
    better = _varied(move for move in of_cities if move.better)
    worse = _varied(move for move in of_cities if move.better is False)
    return "\n".join(
        [
            _reached(report),
            paragraph(
                f"{report.shown.last} 与 {report.before} 相比。百分比按个百分点、其他按相对变化排序；"
                f"按人次或人数计的指标，两月分母均不少于 {FEWEST} 才列入，同比增幅不列入；"
                f"地市表中每项指标至多 {_OF_ONE} 市。变化含偶然波动，分母小的尤甚。",
                f"{report.shown.last} against {report.before}. Percentages are sorted by points, others by relative "
                f"change; figures of events or persons are listed where both denominators are {FEWEST} or more, "
                f"growths on the year before are not, and at most {_OF_ONE} cities of an indicator. Changes include "
                "chance, the more so the smaller the denominator.",
            ),
            '<div class="movelists"><div>',
            _table(("全省变化最大", "Province: largest moves"), of_province, report, False),
            "</div><div>",
            _table(("地市改善最多", "Cities: most improved"), better, report, True),
            _table(("地市变差最多", "Cities: most worsened"), worse, report, True),
            "</div></div>",
        ]
    )


def _varied(found: Iterable[Move]) -> list[Move]:
    """Return the first moves, not too many of one indicator."""
    kept: list[Move] = []
    for move in found:
        if sum(other.entry.code == move.entry.code for other in kept) < _OF_ONE:
            kept.append(move)
    return kept[:_OF_CITIES]


def _reached(report: Report) -> str:
    reached = [row for row in report.targets if row.whole and row.status == MET and row.reached_on]
    rows = [row for row in reached if f"{row.reached_on:%Y-%m}" == report.shown.last]
    if not rows:
        return paragraph(
            f"{report.shown.last} 没有首次达标的承诺。",
            f"No promise was reached for the first time in {report.shown.last}.",
            "lead",
        )
    zh = "、".join(f"{row.target_id} {row.zh}" for row in rows)
    en = ", ".join(f"{row.target_id} {row.en}" for row in rows)
    return paragraph(
        f"{report.shown.last} 首次达标：{zh}。", f"Reached for the first time in {report.shown.last}: {en}.", "lead"
    )


def _table(title: Text, found: Sequence[Move], report: Report, of_cities: bool) -> str:
    if not found:
        return f"<h3>{both(*title)}</h3>" + paragraph("无。", "None.")
    head: list[Text] = [("指标", "indicator"), ("地市", "city")][: 2 if of_cities else 1]
    head += [(report.before, report.before), (report.shown.last, report.shown.last), ("变化", "change"),
             ("分母", "denominator")]  # fmt: skip
    rows = [_row(move, report, of_cities) for move in found]
    first = len(head) - 4
    inner = table(both(*title), head, rows, numbers=(first, first + 1, first + 3))
    return wide(inner, title, "moves")


def _row(move: Move, report: Report, of_cities: bool) -> list[str]:
    entry, amount = move.entry, move.entry.amount
    cells = [f'<a href="#t-{entry.code}"><span class="code">{entry.code}</span> {both(entry.zh, entry.en)}</a>']
    if of_cities:
        cells.append(f'<a href="#city-{move.division}">{both(*report.name(move.division))}</a>')
    cells += [value_words(amount, move.before), value_words(amount, move.now), _told(move), grouped(move.denominator)]
    return cells


def _told(move: Move) -> str:
    kind, word = {
        True: ("better", ("改善", "better")),
        False: ("worse", ("变差", "worse")),
        None: ("neutral", ("仅监测", "watched")),
    }[move.better]
    shape = "▲" if move.change > 0 else "▼"
    change = both(*change_words(move.entry.amount, move.change))
    return f'<span class="move {kind}"><span aria-hidden="true">{shape}</span> {change} <i>{both(*word)}</i></span>'
