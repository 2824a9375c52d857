"""A home with doubts: a patient who may be either of two namesakes, and a patient number that two persons share."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from contracts.standards.resident_id import check_character
from lake.home import Home
from lake.ledger import Ledger
from lake.link_decisions import LinkDecision, link_decisions
from linkage.evidence.model import Evidence, Model, load_model
from pipelines import journey
from pipelines.run import open_run

from .small_inbox import PLANTED, QUIET, Told, deliver, rows, yimatong

NAME, PATIENT = PLANTED["name"], PLANTED["patient_no"]
BORN = "1990-03-05"


def resident_id(first: str) -> str:
    """Return a valid number of these seventeen digits."""
    return first + check_character(first)


ID_A, ID_B = resident_id("44010619900305004"), resident_id("44020319900305006")
PHONE_A, PHONE_B = "13912345679", "13712345670"
ADDRESS = "广东省广州市天河区绝密路八十八号"
SECRETS = (NAME, PATIENT, ID_A, ID_B, PHONE_A, PHONE_B, ADDRESS, "PLANTED-9")
"""What may be met nowhere outside the vault."""
WOMAN = {"name": NAME, "sex_code": "2", "birth_date": BORN}
VISIT = WOMAN | {"patient_no": PATIENT}
"""The patient who may be either."""


def model(name_matches: float = 0.97) -> Model:
    """Return a model by which a city says little, so that the patient is probably, not surely, the local namesake."""
    shipped = load_model()
    city = Evidence((0.9, 0.1), (0.9, 0.1), (0.45, 0.55))
    name = (name_matches, *shipped.evidence["name"].match[1:])
    evidence = shipped.evidence | {"city": city, "name": replace(shipped.evidence["name"], match=name)}
    return replace(shipped, evidence=evidence)


def make(folder: Path) -> Home:
    """Run the deliveries in FOLDER/inbox to FOLDER/home and return that."""
    inbox, home = folder / "inbox", Home(folder / "home")
    local = {"population_no": "PLANTED-9A", "id_no": ID_A, "id_type": "01", "phone": PHONE_A, "address": ADDRESS}
    other = {"population_no": "PLANTED-9B", "id_no": ID_B, "id_type": "01", "phone": PHONE_B}
    deliver(inbox, "population", rows("population", WOMAN | local))
    deliver(inbox, "population", rows("population", WOMAN | other), city="440200")
    shared = [
        {"encounter_no": f"shared-{born}", "patient_no": "N9", "name": name, "sex_code": "1", "birth_date": day,
         "id_type": "01", "id_no": resident_id(f"440106{born}001")}
        for name, day, born in (("钱多多", "1980-01-02", "19800102"), ("周全福", "1977-02-03", "19770203"))
    ]  # fmt: skip
    deliver(inbox, "emr", rows("emr", VISIT, *shared))
    deliver(inbox, "institution", rows("institution", {}))
    home.create()
    model().save(home.model)
    run(home)
    return home


def copied(home: Home, folder: Path) -> Home:
    """Return a copy of the home and of its inbox."""
    shutil.copytree(home.root.parent, folder / "copy")
    return Home(folder / "copy" / "home")


def inbox(home: Home) -> Path:
    """Return the inbox beside the home."""
    return home.root.parent / "inbox"


def run(home: Home) -> None:
    """Run the home's inbox as far as the registry."""
    with open_run(home, QUIET) as current:
        journey.land(current, inbox(home))
        journey.clean(current)
        journey.settle_rows(current)
        journey.link_live_rows(current)


def relink(home: Home) -> None:
    """Let another model link everything anew."""
    model(name_matches=0.96).save(home.model)
    run(home)


def review(home: Home, command: str, *arguments: Path | str, given: bytes = b"") -> Told:
    """Run a command of `yimatong review` on the home; `given` is its standard input."""
    return yimatong("review", command, *arguments, "--home", home.root, given=given)


def listed(home: Home, *options: str) -> list[dict[str, Any]]:
    """Return what `review list --json` lists."""
    told = review(home, "list", "--json", *options)
    assert told.status == 0, told.err
    return list(json.loads(told.out))


def doubt(home: Home, kind: str = "perhaps known") -> str:
    """Return the id of the only open doubt of a kind."""
    (name,) = (entry["id"] for entry in listed(home) if entry["kind"] == kind)
    return str(name)


def decide(home: Home, verdict: str, kind: str = "perhaps known") -> str:
    """Decide on the only open doubt of a kind and return its id."""
    name = doubt(home, kind)
    told = review(home, "decide", name, verdict, "--because", "seen the file", "--by", "reviewer")
    assert told.status == 0, told.err
    return name


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the lines of an exported table by the identifiers of its columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    return [dict(zip((cell.split()[0] for cell in header), line, strict=True)) for line in lines]


def fill_in(path: Path, verdicts: Mapping[str, Sequence[str]]) -> None:
    """Write verdict and reason (by id) into an exported table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *([row[0], *verdicts.get(row[0], ("", "")), *row[3:]] for row in lines)])


def decisions(home: Home) -> list[LinkDecision]:
    """Return the decisions in the ledger."""
    with closing(Ledger(home.ledger_url)) as ledger:
        return [decision for _, decision in link_decisions(ledger)]


def crosswalk(home: Home, folder: Path) -> dict[str, dict[str, str]]:
    """Return the crosswalk's entries by source key."""
    out = folder / "crosswalk.parquet"
    assert yimatong("crosswalk", "--home", home.root, "--out", out).status == 0
    return {row["source_key"]: row for row in pq.read_table(out).to_pylist()}
