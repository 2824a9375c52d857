"""A small world for the warehouse's specifications: tables written as text go in, figures come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import duckdb
import pytest

from warehouse.build import Build, build_full, build_increment, publish_figures
from warehouse.inputs import input_schemas

DEFAULTS = {
    "content_institution": {"city_code": "440100", "name": "医院", "division_code": "440103", "category": "A",
                            "level": "3", "public": "true", "provincial": "false", "updated_at": "2018-01-01"},
    "content_platform_connection": {"city_code": "440100", "platform": "1", "connected": "true", "code_live": "true",
                                    "updated_at": "2018-01-01"},
    "content_emr": {"city_code": "440100", "org_code": "H", "encounter_type": "1", "start_at": "2018-01-15",
                    "total_fee": "100", "updated_at": "2018-01-01", "has_health_code": "false"},
    "content_population": {"city_code": "440100", "residence_division": "440103", "residency_type": "1",
                           "updated_at": "2018-01-01"},
    "content_ehr": {"city_code": "440100", "org_code": "C", "created_on": "2018-01-15", "status": "1",
                    "updated_at": "2018-01-15"},
    "content_insurance": {"city_code": "440100", "settlement_id": "S1", "insutype": "310", "insured_division": "440103",
                          "org_code": "H", "med_type": "11", "begin_at": "2018-01-15", "settled_at": "2018-01-15",
                          "medfee_sumamt": "100", "fund_pay_sumamt": "70", "psn_cash_pay": "30",
                          "cross_region": "false", "direct_settled": "true", "updated_at": "2018-01-15"},
    "content_code_usage": {"city_code": "440100", "org_code": "H", "day": "2018-01-15", "scene": "2", "scans": "10",
                           "failures": "1", "updated_at": "2018-01-16"},
    "content_code_activation": {"city_code": "440100", "day": "2018-01-15", "channel": "1", "activated": "5",
                                "updated_at": "2018-01-16"},
    "content_booking": {"city_code": "440100", "org_code": "H", "slot_no": "1", "released_at": "2018-01-08",
                        "slot_start": "2018-01-15", "slot_end": "2018-01-15", "updated_at": "2018-01-16"},
    "content_telemedicine": {"city_code": "440100", "case_no": "T1", "case_type": "1", "urgency": "3",
                             "requester_org": "H", "requested_at": "2018-01-15", "updated_at": "2018-01-16"},
    "content_smart_service": {"city_code": "440100", "org_code": "H", "service_code": "S01", "live": "true",
                              "updated_at": "2018-01-16"},
    "content_platform_function": {"city_code": "440100", "function_code": "F01", "live": "true",
                                  "updated_at": "2018-01-16"},
}  # fmt: skip


def table(text: str) -> list[dict[str, str | None]]:
    """Read a table: a header line, then a line a row, fields apart by spaces; `-` is empty, `_` a space."""
    head, *lines = [line.split() for line in text.strip().splitlines() if line.strip()]
    fields = [[None if field == "-" else field.replace("_", " ") for field in line] for line in lines]
    return [dict(zip(head, line, strict=True)) for line in fields]


class World:
    """Input relations that can be filled and changed, and a warehouse made of them."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.serial = 0
        for name, columns in input_schemas().items():
            self.connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{c} {t}' for c, t in columns.items())})")

    def put(self, relation: str, text: str) -> World:
        """Add rows. The column `person` links a row to a person: r… is registered, u… is not."""
        for row in table(text):
            self.serial += 1
            row = DEFAULTS.get(relation, {}) | {"row_id": str(self.serial)} | row
            person = row.pop("person", None)
            if person:
                self.link(relation.removeprefix("content_"), int(row["row_id"] or 0), person)
            self.insert(relation, row)
        return self

    def link(self, feed: str, row_id: int, person: str) -> None:
        """Attach a record to a person, who comes to be if unknown."""
        self.insert("person_of_row", {"row_id": str(row_id), "feed": feed, "person_key": person, "tier": "authority"})
        if not self.connection.execute("SELECT 1 FROM person WHERE person_key = ?", [person]).fetchone():
            registered = str(person.startswith("r"))
            self.insert("person", {"person_key": person, "registered": registered, "birth_date": "1980-05-06"})

    def insert(self, relation: str, row: dict[str, str | None]) -> None:
        """Insert one row; columns not named are empty."""
        marks = ", ".join("?" for _ in row)
        schema = {name: kind for name, kind in input_schemas()[relation].items() if name in row}
        assert schema.keys() == row.keys(), row.keys() - schema.keys()
        self.connection.execute(f"INSERT INTO {relation} ({', '.join(row)}) VALUES ({marks})", list(row.values()))

    def build(self, as_of: str = "2018-12-31", increment: bool = False, first_month: str | None = None) -> World:
        """Make the warehouse, whole or from what changed."""
        first = date.fromisoformat(f"{first_month}-01") if first_month else None
        build = Build("run-1", datetime(2019, 1, 2, 3, 4), date.fromisoformat(as_of), "0.1.0", "digest", first)
        (build_increment if increment else build_full)(self.connection, build)
        publish_figures(self.connection, build.as_of)
        return self

    def figures(self, indicator: str, columns: str, where: str = "true") -> list[tuple[str, ...]]:
        """Return figures as text, in order; only places where something counts."""
        shown = ", ".join(f"CASE WHEN {c} IS NULL THEN '-' ELSE {_text(c)} END AS {c}" for c in columns.split())
        found = self.connection.execute(
            f"SELECT {shown} FROM indicator_value WHERE indicator = ? AND denominator > 0 AND ({where})", [indicator]
        )
        return sorted(found.fetchall())


def _text(column: str) -> str:
    if column in ("numerator", "denominator"):
        return f"regexp_replace({column}::VARCHAR, '\\.?0+$', '')"
    if column == "value":
        return "format('{:.4g}', value)"
    return f"CASE WHEN {column}::VARCHAR = '' THEN '.' ELSE replace({column}::VARCHAR, ' ', '_') END"


@pytest.fixture
def world() -> Iterator[World]:
    """Give an empty world."""
    made = World()
    yield made
    made.connection.close()


@pytest.fixture
def shows() -> Callable[..., None]:
    """Give a comparison: where something counts, an indicator's figures are those of a table.

    The table's header names the columns; `.` is an empty text, `-` no number, `_` a space.
    """

    def compare(world: World, indicator: str, text: str, where: str = "true") -> None:
        head, *lines = text.strip().splitlines()
        assert world.figures(indicator, head, where) == sorted(tuple(line.split()) for line in lines)

    return compare
