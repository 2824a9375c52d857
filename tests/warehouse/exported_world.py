"""A small province from which can be exported: three cities with figures, the last months, some of it suppressed."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.warehouse.conftest import World
from warehouse.exports.kpi import write_kpi
from warehouse.exports.relations import define_exported

MONTHS = [*(f"2018-{month:02d}" for month in range(1, 13)), "2019-01", "2019-02"]
HOSTILE = "=cmd()"

# Much in Guangzhou and Huizhou, so little in Shenzhen that it is suppressed.
_EVENTS = """
CREATE TEMP TABLE at_month AS
SELECT turn, DATE '2018-01-01' + to_months(turn::INTEGER) AS month FROM range($first, 14) AS months (turn);
CREATE TEMP TABLE visit AS
SELECT 1000000 + row_number() OVER () AS row_id, 'r' || n AS person_key, at_month.*, n, place.*
FROM (VALUES ('440100', 'H', 30, '1'), ('440100', 'H', 12, '3'), ('441300', 'C', 15, '1'), ('440300', 'S', 3, '1'))
  AS place (city_code, org_code, many, encounter_type)
CROSS JOIN at_month
CROSS JOIN range(30) AS persons (n)
WHERE n < many;
INSERT INTO content_emr BY NAME
SELECT row_id, city_code, org_code, encounter_type, month + INTERVAL 1 DAY AS start_at, n < 12 + turn AS booked,
  3 * n + 0.1 AS drug_fee, 100 AS total_fee, 9.99 AS consumables_fee, false AS has_health_code,
  CASE encounter_type WHEN '3' THEN month + to_days((8 + turn)::INTEGER) END AS end_at, DATE '2018-01-01' AS updated_at
FROM visit;
INSERT INTO person_of_row BY NAME SELECT row_id, 'emr' AS feed, person_key, 'authority' AS tier FROM visit;
INSERT INTO person BY NAME
SELECT DISTINCT person_key, true AS registered, DATE '1980-05-06' AS birth_date FROM visit;
INSERT INTO content_booking BY NAME
SELECT 2000000 + 100 * turn + n AS row_id, '440100' AS city_code, 'H' AS org_code, turn || '-' || n AS slot_no,
  month AS released_at, month + INTERVAL 9 HOUR AS slot_start, month + INTERVAL 570 MINUTE AS slot_end,
  month + to_minutes(540 + n) AS seen_at, month AS updated_at
FROM at_month CROSS JOIN range(10, 30) AS slots (n);
DROP TABLE visit; DROP TABLE at_month;
"""


def exported_world(months: int) -> World:
    """Return a world of so many months of MONTHS, the last, built and with the views that exports are written from."""
    world = World()
    world.put("content_institution", f"""
        org_code city_code division_code level category name
        H        440100    440103        3     A        广州一院
        X        440100    440104        2     A        {HOSTILE}
        S        440300    440303        3     A        深圳一院
        C        441300    441302        1     C        惠州中心
    """)  # fmt: skip
    world.put("content_platform_function", """
        city_code function_code live
        440100    F01           true
        441300    F01           true
        441300    F02           true
        441300    F03           false
    """)  # fmt: skip
    world.put("content_insurance", """
        person settlement_id org_code settled_at med_type cross_region
        r1     1             H        2019-01-11 21       true
        r2     2             H        2019-01-12 21       true
    """)  # fmt: skip
    first = len(MONTHS) - months
    for turn, month in enumerate(MONTHS[first:], start=first):
        world.put("content_platform_connection", f"""
            org_code city_code month   last_upload_at
            H        440100    {month} {month}-05
            S        440300    {month} {month if turn % 2 else "2017-12"}-05
            X        440100    {month} {month if turn > 8 else "2017-12"}-05
        """)  # fmt: skip
        world.put("content_code_usage", f"org_code city_code day\nH 440100 {month}-06")
    world.connection.execute("DELETE FROM person")
    world.connection.execute(_EVENTS.replace("$first", str(first)))
    world.build("2019-02-20")
    define_exported(world.connection, measured=False)
    return world


def exported_rows(world: World, folder: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows of kpi.csv by indicator, period, division, level and breakdown."""
    write_kpi(world.connection, folder)
    with (folder / "kpi.csv").open(encoding="utf-8", newline="") as file:
        return {tuple(row.values())[:5]: row for row in csv.DictReader(file)}


def shown_as(row: dict[str, str] | None, column: str = "value") -> str | float:
    """Return what a cell has to say of a row of kpi.csv."""
    if row is not None and row["suppressed"] == "true":
        return "抑制"
    return float(row[column]) if row is not None and row[column] else "–"
