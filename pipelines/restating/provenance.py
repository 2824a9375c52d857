"""`export.json`: what an export was made of, so that it can be made again and held against another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from lake.faults import PlainFault
from lake.files import put
from lake.states import State

NAME = "export.json"
FIGURES = "kpi.parquet"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What an export was made of.

    `live` are the versions of the live indexes by feed and city, `versions` those of contract, program and models,
    `definitions` those of the indicators, `files` the SHA-256 of each file by its path in the folder. Versions of
    live indexes, links and keys are this home's own. No clock time, no run.
    """

    as_of: str
    known_at: str
    first_month: str
    link_version: int
    key_version: int
    live: Mapping[str, Mapping[str, int]]
    versions: Mapping[str, str]
    definitions: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def day(self) -> date:
        """Return the day up to which events count."""
        return date.fromisoformat(self.as_of)

    def is_of(self, state: State) -> bool:
        """Say whether it tells of a state."""
        indexes = {(feed, city): version for feed, cities in self.live.items() for city, version in cities.items()}
        build = state.build
        return (indexes, self.link_version, self.key_version) == (
            dict(state.inputs), build.link_version, build.key_version,
        )  # fmt: skip


def write_provenance(connection: duckdb.DuckDBPyConnection, folder: Path, state: State, files: Sequence[Path]) -> Path:
    """Write export.json beside the files of an export and return its path.

    Reads build_info and the views of `define_exported`.
    """
    ((as_of,),) = connection.execute("SELECT max(as_of) FROM exported_figure").fetchall()
    ((contract, code, models),) = connection.execute(
        "SELECT contract_version, code_version, model_version FROM build_info"
    ).fetchall()
    told = connection.execute("SELECT DISTINCT indicator, definition FROM exported_figure").fetchall()
    live: dict[str, dict[str, int]] = {}
    for (feed, city), version in state.inputs.items():
        live.setdefault(feed, {})[city] = version
    provenance = Provenance(
        as_of=as_of.isoformat(),
        known_at=state.extent.known_at.isoformat(),
        first_month=state.extent.first_month.isoformat(),
        link_version=state.build.link_version,
        key_version=state.build.key_version,
        live=live,
        versions={"contract": contract, "program": code, "models": models},
        definitions=dict(told),
        files={path.relative_to(folder).as_posix(): _digest(path) for path in files},
    )
    with put(folder / NAME) as partial:
        text = json.dumps(asdict(provenance), ensure_ascii=False, indent=1, sort_keys=True)
        partial.write_text(f"{text}\n", encoding="utf-8")
    return folder / NAME


def read_provenance(folder: Path) -> Provenance:
    """Return what an export says of itself. PlainFault where it doesn't, or its figures were changed since."""
    try:
        provenance = Provenance(**json.loads((folder / NAME).read_text(encoding="utf-8")))
        datetime.fromisoformat(provenance.known_at)
        sound = bool(provenance.day) and provenance.files[FIGURES] == _digest(folder / FIGURES)
        str(provenance.live.items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise PlainFault(f"不是导出目录, 缺少或读不懂 {NAME} · not an export: no readable {NAME} in {folder}") from None
    if not sound:
        raise PlainFault(f"导出后 {FIGURES} 已被改动 was changed after the export: {folder}")
    return provenance


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
