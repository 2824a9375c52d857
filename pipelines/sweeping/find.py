"""What a sweep may remove: files that the ledger doesn't refer to, or no longer needs, or has kept long enough.

Needed by a later step, and never found here: the batches of all deliveries; the live indexes and versions of the
registry that the newest ones, the kept builds and the history asked for stand on; landed rows that may be judged again;
receipts; builds that are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from contracts.divisions import CITIES, PROVINCE_CODE
from contracts.feeds import FEEDS
from lake.code_versions import code_versions
from lake.faults import PlainFault
from lake.home import Home
from lake.ledger import Delivery, Ledger
from lake.swept import build_links, build_numbers, builds_since, judged_at
from lake.vault import open_to_read
from pipelines.linking import registry_folders
from pipelines.publishing import KEPT_BUILDS
from pipelines.sources.inbox import read_delivery
from pipelines.sources.manifest import NAME
from pipelines.sweeping.kinds import BY_BATCH, BY_DELIVERY, folders, newest
from pipelines.sweeping.rules import Retention

UNREFERENCED = "unreferenced"
_PARTIAL = re.compile(r"\..+\.[0-9]+\.part(\.wal)?")
_NUMBERED = re.compile(r"[0-9]{6,}")


@dataclass(frozen=True, slots=True)
class Rubbish:
    """A file or folder to sweep; of a landed file the rows alone (`rows_only`): its footer says what they came in."""

    path: Path
    kind: str
    because: str
    rows_only: bool = False


def rubbish(home: Home, ledger: Ledger, rules: Retention, now: datetime) -> list[Rubbish]:
    """Return what may go from a home. Raises PlainFault where its files are not this ledger's."""
    deliveries = ledger.deliveries()
    needed = _needed(home, ledger, deliveries)
    for path in sorted(needed):
        if not path.exists():
            raise PlainFault(
                "台账所指的文件不在本机数据目录, 不予清理 the home lacks a file that the ledger refers to; not swept: "
                f"{path.relative_to(home.root)}"
            )
    if not deliveries and any(folders(home)["landing"].rglob("*.parquet")):
        raise PlainFault("台账中没有交付, 不予清理 the ledger knows no delivery of this home; nothing is swept")
    needed |= _history(home, ledger, now - timedelta(days=rules.history_days))
    known = needed | _known(home, ledger, deliveries)
    oldest = (now - timedelta(days=rules.unreferenced_days)).timestamp()
    strangers = [found for found in _strangers(home) if found.path not in known and newest(found.path) < oldest]
    superseded = [Rubbish(path, kind, "superseded") for kind, path in _superseded(home, ledger) if path not in needed]
    return [*strangers, *superseded, *_landed_long_ago(home, ledger, deliveries, rules, now)]


def inbox_rubbish(inbox: Path, ledger: Ledger, rules: Retention, now: datetime) -> list[Rubbish]:
    """Return the folders of an inbox that may go: of deliveries judged long ago, and those long without a manifest."""
    by_content = {(d.city, d.feed, d.period, d.sequence, d.digest): d for d in ledger.deliveries()}
    judged = judged_at(ledger)
    unfinished = (now - timedelta(days=rules.inbox_unfinished_days)).timestamp()
    found = []
    for folder in _delivery_folders(inbox):
        if not (folder / NAME).is_file():
            if newest(folder) < unfinished:
                found.append(Rubbish(folder, "inbox", "inbox_unfinished_days"))
            continue
        lying = read_delivery(folder)
        delivery = by_content.get((lying.city, lying.feed, lying.period, lying.sequence, lying.digest))
        if delivery is None or delivery.delivery_no not in judged:
            continue
        rule = "inbox_rejected_days" if delivery.state == "rejected" else "inbox_days"
        if judged[delivery.delivery_no] < now - timedelta(days=getattr(rules, rule)):
            found.append(Rubbish(folder, "inbox", rule))
    return found


def _needed(home: Home, ledger: Ledger, deliveries: Iterable[Delivery]) -> set[Path]:
    """Return the files that a later step reads."""
    needed: set[Path] = set()
    for delivery in deliveries:
        if delivery.batch:
            needed |= {
                BY_BATCH[kind](home, delivery.feed, delivery.batch) for kind in ("keys", "content", "quarantine")
            }
        if delivery.state == "landed":
            needed.add(home.landing(delivery.feed, delivery.name))
    builds = build_numbers(ledger)[-KEPT_BUILDS:]
    links = [version.version for version in ledger.link_versions()]
    inputs = [ledger.build_inputs(build) for build in builds]
    if links:
        inputs.append(ledger.link_inputs(links[-1]))
        for version in {links[-1], *build_links(ledger, builds)}:
            folders_of = registry_folders(ledger, home, version)
            needed |= set(folders_of)
            last = int(folders_of[-1].name) if folders_of else 0
            needed |= {home.links(later) for later in links if later > last}
    inputs.append({place: version.version for place, version in ledger.live_versions().items()})
    for issued in code_versions(ledger)[-1:]:  # and what has become of persons since
        needed.add(home.codes(issued.version))
        needed |= {path for version in links if version > issued.link_version if (path := home.links(version)).exists()}
    needed |= {home.live(feed, city, v) for of_one in inputs for (feed, city), v in of_one.items()}
    return needed


def _history(home: Home, ledger: Ledger, since: datetime) -> set[Path]:
    """Return the files of the states that were published at any time from `since` on, where they weren't swept yet."""
    builds = builds_since(ledger, since)
    files = {home.live(*place, number) for build in builds for place, number in ledger.build_inputs(build).items()}
    folders_of = [folder for v in set(build_links(ledger, builds)) for folder in registry_folders(ledger, home, v)]
    if folders_of:  # and what became of persons from then on
        files |= {path for v in ledger.link_versions() if (path := home.links(v.version)) >= min(folders_of)}
    return {path for path in files if path.exists()}


def _known(home: Home, ledger: Ledger, deliveries: Iterable[Delivery]) -> set[Path]:
    """Return the files that the ledger refers to."""
    kept = build_numbers(ledger)[-KEPT_BUILDS:]
    known = {home.build(build) for build in kept} | {home.published(build) for build in kept}
    for delivery in deliveries:
        known |= {path(home, delivery.feed, delivery.name) for path in BY_DELIVERY.values()}
        if delivery.batch:
            known |= {path(home, delivery.feed, delivery.batch) for path in BY_BATCH.values()}
    known |= {path for _, path in _superseded(home, ledger)}
    return known


def _superseded(home: Home, ledger: Ledger) -> list[tuple[str, Path]]:
    """Return the live indexes, versions of the registry and codes that lie there and that the ledger ever entered."""
    newest_of = {place: version.version for place, version in ledger.live_versions().items()}
    links = {home.links(version.version) for version in ledger.link_versions()}
    lying = [("links", path) for path in _numbered(folders(home)["links"].glob("*")) if path in links]
    codes = {home.codes(issued.version) for issued in code_versions(ledger)}
    lying += [("codes", path) for path in _numbered(folders(home)["codes"].glob("*.parquet")) if path in codes]
    for (feed, city), last in newest_of.items():
        indexes = _numbered(home.live(feed, city, 1).parent.glob("*.parquet"))
        lying += [("live", path) for path in indexes if int(path.stem) <= last]
    return lying


def _strangers(home: Home) -> Iterator[Rubbish]:
    """Yield every file that has the place and form of one that the ledger would know; those of killed runs too."""
    of = folders(home)
    for kind in (*BY_DELIVERY, *BY_BATCH):
        yield from (Rubbish(path, kind, UNREFERENCED) for path in sorted(of[kind].glob("*/*.parquet")))
    yield from (Rubbish(path, "live", UNREFERENCED) for path in _numbered(of["live"].glob("*/*/*.parquet")))
    yield from (Rubbish(path, "links", UNREFERENCED) for path in _numbered(of["links"].glob("*")))
    yield from (Rubbish(path, "codes", UNREFERENCED) for path in _numbered(of["codes"].glob("*.parquet")))
    for kind in ("builds", "published"):
        yield from (Rubbish(path, kind, UNREFERENCED) for path in _numbered(of[kind].glob("*.duckdb")))
    yield from (Rubbish(path, "scratch", UNREFERENCED) for path in home.left_aside())
    partials = {path for path in home.root.rglob(".*") if _PARTIAL.fullmatch(path.name)}
    for path in sorted(partials):
        kind = next((kind for kind, folder in of.items() if folder in path.parents), "other")
        if kind != "scratch":
            yield Rubbish(path, kind, UNREFERENCED)


def _landed_long_ago(
    home: Home, ledger: Ledger, deliveries: Iterable[Delivery], rules: Retention, now: datetime
) -> Iterator[Rubbish]:
    """Yield the landed files whose rows no step will read again."""
    judged, until = judged_at(ledger), now - timedelta(days=rules.landing_days)
    for delivery in deliveries:
        path = home.landing(delivery.feed, delivery.name)
        at = judged.get(delivery.delivery_no)
        old = at is not None and at < until and not delivery.quarantined
        if old and path.exists() and _rows(path):
            yield Rubbish(path, "landing", "landing_days", rows_only=True)


def _delivery_folders(inbox: Path) -> list[Path]:
    """Return the folders of an inbox that can only be deliveries'."""
    return [
        path
        for path in sorted(inbox.glob("*/*/*/*"))
        if path.is_dir()
        and not path.is_symlink()
        and path.parts[-4] in (*CITIES, PROVINCE_CODE)
        and path.parts[-3] in FEEDS
        and re.fullmatch(r"[0-9]{4}-[0-9]{2}", path.parts[-2])
        and re.fullmatch(r"[0-9]{1,6}", path.parts[-1])
    ]


def _rows(path: Path) -> int:
    with open_to_read(path) as file:
        return int(pq.read_metadata(file).num_rows)


def _numbered(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if _NUMBERED.fullmatch(path.stem))
