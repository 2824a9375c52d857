"""A small registry to play with in tests: presentations written as ASCII tables, linked step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from contracts.macros import sql_macros
from linkage.evidence.model import load_model
from linkage.link import LinkSummary, link
from linkage.persons import person_rows
from linkage.present import present

SECRET = b"a secret for tests" * 2
MODEL = load_model()
_TEXT = (
    "feed",
    "city_code",
    "own_no",
    "org_code",
    "name",
    "sex_code",
    "id_no",
    "phone",
    "address",
    "near_id_no",
    "health_code",
    "institution",
    "encounter_no",
)
_SCHEMA = pa.schema(
    [
        ("row_id", pa.int64()),
        *((name, pa.string()) for name in _TEXT),
        ("birth_date", pa.date32()),
        ("started_on", pa.date32()),
        ("fee", pa.float64()),
        ("id_valid", pa.bool_()),
        ("updated_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class Row:
    """One identity row, and who it truly is."""

    row_id: int
    who: str = ""
    feed: str = "emr"
    city_code: str = "440100"
    own_no: str | None = None
    org_code: str | None = None
    name: str = ""
    sex_code: str | None = None
    birth_date: date | None = None
    id_no: str | None = None
    id_valid: bool = False
    phone: str | None = None
    address: str | None = None
    near_id_no: str | None = None
    health_code: str | None = None
    institution: str | None = None
    encounter_no: str | None = None
    started_on: date | None = None
    fee: float | None = None
    updated_at: datetime = field(default=datetime(2018, 12, 1))


STAYS = pa.schema(
    [("row_id", pa.int64()), ("org_code", pa.string()), ("started_on", pa.date32()), ("ended_on", pa.date32())]
)
DECISIONS = pa.schema(
    [("number", pa.int64()), ("verdict", pa.string()), *((name, pa.uint64()) for name in ("l_own", "l", "r_own", "r"))]
)
_HEADERS = {
    "feed": "feed", "city": "city_code", "no": "own_no", "org": "org_code", "name": "name", "sex": "sex_code",
    "phone": "phone", "address": "address", "near": "near_id_no", "code": "health_code", "who": "who",
    "at": "institution", "visit": "encounter_no",
}  # fmt: skip


def table(text: str) -> list[Row]:
    """Read rows from an ASCII table; `id` is a valid number, `bad id` one that may not speak alone."""
    header, *lines = ([cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line)
    rows = []
    for row_id, line in enumerate(lines, start=1):
        cells = {name: value for name, value in zip(header, line, strict=True) if value}
        values: dict[str, object] = {column: cells[name] for name, column in _HEADERS.items() if name in cells}
        if cells.get("feed", "emr") == "emr":
            values.setdefault("org_code", "H1")
        values.setdefault("own_no", f"no{row_id}")
        if "born" in cells:
            values["birth_date"] = date.fromisoformat(cells["born"])
        if "on" in cells:
            values["started_on"] = date.fromisoformat(cells["on"])
        if "fee" in cells:
            values["fee"] = float(cells["fee"])
        if "id" in cells or "bad id" in cells:
            values |= {"id_no": cells.get("id") or cells["bad id"], "id_valid": "id" in cells}
        rows.append(Row(row_id=row_id, **values))  # type: ignore[arg-type]
    return rows


class World:
    """A home's linkage alone: live rows, versions, and the persons they make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live: dict[int, Row] = {}
        self.known: set[int] = set()
        self.versions: list[Path] = []
        self.batches = 0
        self.decisions: list[dict[str, object]] = []
        self.stays: list[dict[str, object]] = []
        self.connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})
        self.connection.execute(sql_macros())

    def step(self, added: Iterable[Row] = (), removed: Collection[int] = ()) -> LinkSummary:
        """Deliver rows, take rows away, and link."""
        added = list(added)
        self.batches += 1
        self.live = {row_id: row for row_id, row in self.live.items() if row_id not in removed}
        self.live |= {row.row_id: row for row in added}
        columns = [name for name in (f.name for f in fields(Row)) if name != "who"]
        fresh = [{c: getattr(row, c) for c in columns} for row in added if row.row_id not in self.known]
        self.known |= {row.row_id for row in added}
        batch = pa.Table.from_pylist(fresh, schema=_SCHEMA)
        self.connection.register("batch", batch)
        name = f"{self.batches:03}.parquet"
        present(self.connection, "batch", self.folder / "presented" / name, self.folder / "presentations" / name)
        for view in ("presented", "presentations"):
            self.connection.execute(
                f"CREATE OR REPLACE VIEW {view} AS FROM read_parquet('{self.folder}/{view}/*.parquet')"
            )
        for view, ids in (("live_row", self.live), ("added_row", [r.row_id for r in added]), ("removed_row", removed)):
            self.connection.register(view, pa.table({"row_id": pa.array(list(ids), pa.int64())}))
        self.connection.register("decision", pa.Table.from_pylist(self.decisions, schema=DECISIONS))
        self.connection.register("stay", pa.Table.from_pylist(self.stays, schema=STAYS))
        into = self.folder / "links" / f"{self.batches:03}"
        summary = link(self.connection, self.versions, into, SECRET, MODEL, 0)
        self.versions.append(into)
        return summary

    def decide(self, verdict: str, left: int, right: int) -> bool:
        """Enter a reviewer's decision on two rows; False where their handles are equal, or a row has no number."""
        sides = []
        for row in (left, right):
            found = self.connection.execute(
                "SELECT own_key, link_handle(own_key, name_key, birth_date)"
                " FROM presented JOIN presentations USING (presentation_id) WHERE row_id = ?",
                [row],
            ).fetchall()
            if not found or found[0][0] is None:
                return False
            sides.append(found[0])
        (l_own, l_handle), (r_own, r_handle) = sides
        if l_handle == r_handle:
            return False
        number = len(self.decisions) + 1
        self.decisions.append(
            {"number": number, "verdict": verdict, "l_own": l_own, "l": l_handle, "r_own": r_own, "r": r_handle}
        )
        return True

    def keys(self) -> dict[int, str]:
        """Return the person key of every live row."""
        person_rows(self.connection, self.versions, "live_row", SECRET)
        return dict(self.connection.execute("SELECT row_id, person_key FROM person_of_row").fetchall())

    def tiers(self) -> dict[int, str]:
        """Return the tier of every live row, after `keys`."""
        return dict(self.connection.execute("SELECT row_id, tier FROM person_of_row").fetchall())

    def groups(self) -> set[frozenset[int]]:
        """Return the live rows, grouped into persons."""
        return grouped(self.keys())


def grouped(labels: dict[int, str]) -> set[frozenset[int]]:
    """Return the partition that labels make."""
    return {frozenset(row for row, of in labels.items() if of == label) for label in labels.values()}
