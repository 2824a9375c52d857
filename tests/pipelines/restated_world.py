"""A home run twice, and its exports: what came late, was corrected or withdrawn, and who turned out to be whom."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

from lake.home import Home
from pipelines import journey, publishing
from pipelines.export import export_kpis
from pipelines.restating.compare import Comparison, compare_exports

from .small_inbox import QUIET, SOUND, Row, deliver, rows
from .small_review import ID_A, ID_B, VISIT, WOMAN, decide, inbox, model, resident_id

FIRST_DAY, SECOND_DAY = date(2018, 12, 1), date(2019, 1, 5)
"""When the deliveries of the first run were extracted, and those of the second."""
PERSONS = 12
"""Registered residents, and as many strangers: enough for their figures to be told."""
_SIGNS = "甲乙丙丁戊己庚辛壬癸子丑"
_FEES = {"total_fee": "100", "drug_fee": "40"}
_AGAIN = {"updated_at": "2018-12-20 08:00:00"}


@dataclass(frozen=True)
class World:
    """The home, and the folder of its exports: `first` of the first run; of the second, `then` as of the first's day,
    and `now` as of its own."""

    home: Home
    exports: Path

    def export(self, name: str, as_of: date | None = None, known_at: datetime | None = None) -> Path:
        """Export into the folder of that name, and return it."""
        export_kpis(self.home, self.exports / name, as_of, known_at, QUIET)
        return self.exports / name

    def compare(self, first: str, second: str) -> tuple[Comparison, list[Row]]:
        """Compare two exports, and return what was told and the rows that were written, without empty fields."""
        out = self.exports / f"{first}-{second}.csv"
        comparison = compare_exports(self.home, self.exports / first, self.exports / second, out, QUIET)
        with out.open(encoding="utf-8", newline="") as file:
            return comparison, [{name: said for name, said in row.items() if said} for row in csv.DictReader(file)]


def make_world(folder: Path) -> World:
    """Run November, then what came of it late with December; of the first run no build is left."""
    home = Home(folder / "home")
    world = World(home, folder / "exports")
    home.create()
    model().save(home.model)
    local, other = ({"population_no": f"W{n}", "id_type": "01", "id_no": n} for n in (ID_A, ID_B))
    _deliver(home, "population", "2018-11", [*map(_resident, range(PERSONS)), *rows("population", WOMAN | local)])
    _deliver(home, "population", "2018-11", rows("population", WOMAN | other), city="440200")
    _deliver(home, "institution", "2018-11", rows("institution", {}))
    doubtful = SOUND["emr"] | _FEES | VISIT | {"encounter_no": "doubtful"}
    _deliver(home, "emr", "2018-11", [*map(_visit, range(2 * PERSONS)), doubtful])
    journey.run(home, inbox(home), None, QUIET)
    world.export("first")
    decide(home, "same")
    late = _visit(0, encounter_no="late", total_fee="50", drug_fee="10", **_AGAIN)
    corrected, withdrawn = _visit(1, drug_fee="20", op="U", **_AGAIN), _visit(PERSONS, op="D", **_AGAIN)
    _deliver(home, "emr", "2018-11", [late, corrected, withdrawn], sequence=2)
    december = {"start_at": "2018-12-10 08:00:00"} | _AGAIN
    _deliver(home, "emr", "2018-12", [_visit(n, encounter_no=f"d{n}", **december) for n in range(PERSONS)])
    with patch.object(publishing, "KEPT_BUILDS", 1):
        journey.run(home, inbox(home), None, QUIET)
    world.export("then", FIRST_DAY)
    world.export("now")
    return world


def _deliver(home: Home, feed: str, period: str, table: Sequence[Row], sequence: int = 1, city: str = "440100") -> None:
    day = FIRST_DAY if (period, sequence) == ("2018-11", 1) else SECOND_DAY
    stated = {"extracted_at": f"{day}T02:00:00+08:00"}
    deliver(inbox(home), feed, table, city=city, period=period, sequence=sequence, stated=stated)


def _visit(number: int, **changed: str) -> Row:
    """Return a visit of 100 yuan, 40 for drugs: a resident's, or, from PERSONS on, that of a stranger."""
    who = {"name": f"路{_SIGNS[number - PERSONS]}"}
    if number < PERSONS:
        who = {name: _resident(number)[name] for name in ("name", "id_type", "id_no")}
    return SOUND["emr"] | _FEES | who | {"encounter_no": f"v{number}", "patient_no": f"N{number}"} | changed


def _resident(number: int) -> Row:
    born = f"1970-01-{number + 1:02d}"
    id_no = resident_id(f"440106{born.replace('-', '')}{number:03d}")
    told = {"population_no": f"R{number}", "name": f"居{_SIGNS[number]}", "birth_date": born}
    return SOUND["population"] | told | {"id_type": "01", "id_no": id_no}
