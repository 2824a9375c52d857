"""The truth of a simulated province: as plain rows, and as the relations that a warehouse is built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from contracts.divisions import published_codes
from contracts.feeds import FEEDS
from contracts.schema import Feed
from warehouse.inputs import input_schemas

Row = dict[str, Any]


def in_province(code: str | None) -> str | None:
    """Return the code of 2018 for a division code of any edition; None where it isn't of the province."""
    return published_codes().get(code or "")


@dataclass(frozen=True, eq=False)
class Truth:
    """The live rows of each feed; those of persons have `person_id` (None where unknown) and `registered`."""

    population: list[Row] = field(default_factory=list)
    ehr: list[Row] = field(default_factory=list)
    emr: list[Row] = field(default_factory=list)
    insurance: list[Row] = field(default_factory=list)
    institution: list[Row] = field(default_factory=list)
    platform_connection: list[Row] = field(default_factory=list)
    platform_function: list[Row] = field(default_factory=list)
    smart_service: list[Row] = field(default_factory=list)
    code_usage: list[Row] = field(default_factory=list)
    code_activation: list[Row] = field(default_factory=list)
    booking: list[Row] = field(default_factory=list)
    telemedicine: list[Row] = field(default_factory=list)

    @cached_property
    def institutions(self) -> dict[str, Row]:
        """Return the register by org_code: of several rows of an institution the one updated last."""
        return {row["org_code"]: row for row in sorted(self.institution, key=lambda row: row["updated_at"])}

    @cached_property
    def persons(self) -> dict[str, Row]:
        """Return the registered persons by person_id, each with the row of the population that says where they live."""
        rows = sorted(self.population, key=lambda row: (row["updated_at"], row["population_no"]))
        return {row["person_id"]: row for row in rows if row["person_id"] is not None}

    def division_of(self, org_code: str, delivered_by: str) -> str:
        """Return where an institution stands; the delivering city of the row where it isn't in the register."""
        institution = self.institutions.get(org_code)
        if institution is None:
            return delivered_by
        return in_province(institution["division_code"]) or institution["city_code"]

    def residence_of(self, person_id: str | None) -> str | None:
        """Return where a person lives; None where unknown, not registered or outside the province."""
        person = self.persons.get(person_id or "")
        return in_province(person["residence_division"]) if person else None


def read_truth(folder: Path) -> Truth:
    """Read the truth folder of a simulation."""
    return Truth(**{feed: pq.read_table(folder / f"{feed}.parquet").to_pylist() for feed in FEEDS})


def fill(world: Any, folder: Path) -> None:
    """Put the rows of a truth folder into a world's input relations, every record attached to its true person."""
    connection = world.connection
    for serial, feed in enumerate(FEEDS.values(), start=1):
        connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE numbered AS
            SELECT {serial} * 1000000000::BIGINT + row_number() OVER () AS row_id, *
            FROM read_parquet('{folder / feed.name}.parquet')
        """)
        _fill_contents(connection, feed)
        if feed.is_person:
            connection.execute(f"""
                INSERT INTO person_of_row (row_id, feed, person_key, tier)
                SELECT row_id, '{feed.name}', person_id, 'authority' FROM numbered WHERE person_id IS NOT NULL
            """)
    connection.execute("DROP TABLE numbered")
    connection.execute(f"""
        INSERT INTO person
               (person_key, registered, sex_code, birth_date, residence_division, residency_type, death_date, city_code)
        SELECT person_id, true, sex_code, birth_date, residence_division, residency_type, death_date, city_code
        FROM read_parquet('{folder}/population.parquet')
        WHERE person_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY updated_at DESC, population_no DESC) = 1
    """)
    connection.execute("""
        INSERT INTO person (person_key, registered)
        SELECT DISTINCT person_key, false FROM person_of_row WHERE person_key NOT IN (SELECT person_key FROM person)
    """)


def _fill_contents(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    columns = input_schemas()[f"content_{feed.name}"]
    sources = {name: "health_code IS NOT NULL" if name == "has_health_code" else name for name in columns}
    connection.execute(f"""
        INSERT INTO content_{feed.name} ({", ".join(sources)}) SELECT {", ".join(sources.values())} FROM numbered
    """)


# What a simulation is too tidy to have: a feed's SELECT over `feed`, its rows with their number `n`.
_ROUGH = {
    "institution": """
        SELECT * REPLACE (
          CASE n % 11 WHEN 1 THEN '440116' WHEN 2 THEN '360421' WHEN 3 THEN city_code ELSE division_code END
            AS division_code,
          CASE n % 8 WHEN 2 THEN NULL WHEN 3 THEN DATE '2019-03-31' WHEN 4 THEN DATE '2019-04-01' ELSE opened_on END
            AS opened_on,
          CASE n % 9 WHEN 5 THEN DATE '2019-05-31' WHEN 6 THEN DATE '2019-06-01' END AS closed_on)
        FROM feed WHERE n % 17 <> 3
        UNION ALL
        SELECT * REPLACE (
          '440600' AS city_code, '440604' AS division_code, '2' AS level,
          updated_at + to_days((n % 2 * 2 - 1)::INTEGER) AS updated_at)
        FROM feed WHERE n % 17 <> 3 AND n % 13 IN (1, 2)
    """,
    "population": """
        SELECT * REPLACE (
          CASE n % 20 WHEN 1 THEN '440116' WHEN 2 THEN '360421' WHEN 3 THEN city_code WHEN 4 THEN '440183'
            ELSE residence_division END AS residence_division,
          CASE n % 40 WHEN 5 THEN DATE '2019-06-01' WHEN 6 THEN DATE '2019-06-30' ELSE death_date END AS death_date)
        FROM feed
    """,
    "ehr": """
        SELECT * REPLACE (
          CASE n % 15 WHEN 1 THEN NULL WHEN 2 THEN '430421' WHEN 3 THEN '440116' ELSE residence_division END
            AS residence_division,
          CASE n % 9 WHEN 1 THEN DATE '2018-04-30' WHEN 2 THEN DATE '2018-05-01' WHEN 3 THEN DATE '2016-02-29'
            ELSE last_service_on END AS last_service_on,
          CASE n % 14 WHEN 1 THEN DATE '2019-02-28' WHEN 2 THEN DATE '2019-03-01' ELSE created_on END AS created_on,
          CASE n % 12 WHEN 1 THEN NULL WHEN 2 THEN 90 WHEN 6 THEN 90 ELSE diastolic_bp END AS diastolic_bp,
          CASE n % 5 WHEN 1 THEN 140 WHEN 2 THEN 149 ELSE systolic_bp END AS systolic_bp,
          CASE WHEN n % 6 = 1 THEN 7.0 ELSE fasting_glucose END AS fasting_glucose,
          CASE WHEN n % 23 = 1 THEN NULL ELSE person_id END AS person_id,
          registered AND n % 23 <> 1 AS registered)
        FROM feed
    """,
    "emr": """
        SELECT * REPLACE (
          CASE WHEN n % 13 = 1 THEN NULL ELSE drug_fee END AS drug_fee,
          CASE WHEN n % 7 = 1 THEN NULL ELSE consumables_fee END AS consumables_fee,
          CASE n % 7 WHEN 1 THEN 0 WHEN 2 THEN NULL ELSE exam_fee END AS exam_fee,
          CASE WHEN n % 5 = 1 THEN NULL ELSE discharge_way END AS discharge_way,
          CASE WHEN n % 50 = 7 AND end_at IS NULL THEN start_at - INTERVAL 3 YEAR
            WHEN n % 4 = 1 THEN date_trunc('day', start_at) ELSE start_at END AS start_at,
          CASE WHEN n % 6 = 3 AND end_at IS NOT NULL THEN start_at ELSE end_at END AS end_at,
          CASE WHEN n % 4 = 2 THEN ceil(total_fee) * 1.01 ELSE total_fee END::DECIMAL(18, 2) AS total_fee,
          CASE WHEN n % 29 = 1 THEN NULL ELSE person_id END AS person_id,
          registered AND n % 29 <> 1 AS registered)
        FROM feed
        UNION ALL -- some come back: admitted again from the day of the discharge to 33 days later; seen again elsewhere
        SELECT * REPLACE (
          'again' || n AS encounter_no, updated_at + INTERVAL 1 DAY AS updated_at,
          CASE n % 3 WHEN 1 THEN NULL ELSE n % 3 = 2 END AS booked,
          coalesce(end_at, start_at) + to_days(CASE WHEN end_at IS NULL THEN n // 10 % 9 ELSE n % 34 END::INTEGER)
            AS start_at,
          coalesce(end_at, start_at) + INTERVAL 40 DAY + to_hours((n % 3)::INTEGER) AS end_at,
          CASE WHEN n % 7 < 3 THEN org_code ELSE (SELECT min(org_code) FROM feed) END AS org_code)
        FROM feed WHERE encounter_type = '3' OR n % 10 = 1
    """,
    "insurance": """
        SELECT * REPLACE (
          CASE n % 8 WHEN 1 THEN NULL WHEN 2 THEN 0 ELSE inscp_scp_amt END AS inscp_scp_amt,
          CASE WHEN n % 4 = 1 THEN NULL ELSE end_at END AS end_at,
          CASE n % 9 WHEN 1 THEN begin_at + INTERVAL 1 DAY WHEN 2 THEN begin_at - INTERVAL 1 DAY ELSE begin_at END
            AS begin_at,
          CASE n % 10 WHEN 1 THEN medfee_sumamt * 1.01 WHEN 2 THEN medfee_sumamt * 0.985
            WHEN 3 THEN ceil(medfee_sumamt) ELSE medfee_sumamt END
            ::DECIMAL(18, 2) AS medfee_sumamt,
          CASE WHEN n % 31 = 1 THEN NULL ELSE person_id END AS person_id,
          registered AND n % 31 <> 1 AS registered)
        FROM feed
    """,
    "booking": """
        SELECT * REPLACE (
          CASE n % 9 WHEN 1 THEN date_trunc('day', released_at) + INTERVAL 22 HOUR
            WHEN 2 THEN date_trunc('day', released_at) + INTERVAL 6 HOUR
            WHEN 3 THEN date_trunc('day', released_at) + INTERVAL 21599 SECOND ELSE released_at END AS released_at,
          CASE WHEN n % 7 = 1 THEN slot_end + INTERVAL 1 SECOND ELSE slot_end END AS slot_end,
          CASE WHEN n % 16 = 1 AND seen_at IS NOT NULL THEN slot_start - INTERVAL 30 SECOND ELSE seen_at END AS seen_at)
        FROM feed
    """,
    "telemedicine": """
        SELECT * REPLACE (
          CASE n % 6 WHEN 1 THEN requested_at + INTERVAL 60 MINUTE WHEN 2 THEN requested_at + INTERVAL 3601 SECOND
            ELSE arranged_at END AS arranged_at,
          CASE n % 5 WHEN 1 THEN requested_at + INTERVAL 30 MINUTE WHEN 2 THEN requested_at + INTERVAL 1801 SECOND
            ELSE completed_at END AS completed_at)
        FROM feed
    """,
    "platform_function": """
        SELECT * REPLACE (
          CASE n % 6 WHEN 1 THEN NULL WHEN 2 THEN DATE '2019-01-31' WHEN 3 THEN DATE '2019-02-01' ELSE live_on END
            AS live_on)
        FROM feed
    """,
    "platform_connection": """
        SELECT * REPLACE (
          CASE WHEN n % 9 = 1 THEN date_trunc('month', last_upload_at) + INTERVAL 1 MONTH ELSE last_upload_at END
            AS last_upload_at)
        FROM feed
    """,
}  # fmt: skip


def roughen(folder: Path) -> None:
    """Rewrite a truth folder with what a simulation is too tidy to have.

    Institutions missing from the register or delivered twice, old and foreign divisions, persons unknown, empty
    fields, and instants right at the limits of the counting rules.
    """
    with duckdb.connect() as connection:
        for feed, select in _ROUGH.items():
            path = folder / f"{feed}.parquet"
            connection.execute(f"""
                CREATE OR REPLACE TEMP TABLE feed AS SELECT *, row_number() OVER () AS n FROM read_parquet('{path}')
            """)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE rough AS {select}")
            connection.execute(f"COPY (SELECT * EXCLUDE (n) FROM rough) TO '{path}' (FORMAT parquet)")
