"""The truth of a synthetic province is what remains when its deliveries are replayed by the rules of the contract."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives import hashes

from contracts.feeds import FEEDS
from contracts.schema import Feed, Type
from pipelines.simulate import FEED_WRITERS, simulate
from pipelines.simulate import deliveries as deliveries_module
from pipelines.simulate.noise import HARSH

RESIDENTS, MONTHS, SEED = 300, 4, 11
_EMPTY = ("", "NULL", "\\N")


@dataclass(frozen=True)
class Delivered:
    """A delivery as it lies in the inbox, its records as dictionaries by identifier."""

    manifest: dict[str, Any]
    files: tuple[Path, ...]
    records: tuple[dict[str, str], ...]

    @property
    def feed(self) -> Feed:
        return FEEDS[self.manifest["feed"]]

    @property
    def extracted(self) -> datetime:
        return datetime.fromisoformat(self.manifest["extracted_at"]).replace(tzinfo=None)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("province")
    simulate(RESIDENTS, MONTHS, SEED, out, noise=HARSH)
    return out


@pytest.fixture(scope="module")
def deliveries(province: Path) -> list[Delivered]:
    return sorted(
        map(read, province.glob("inbox/*/*/*/*/manifest.json")),
        key=lambda d: (d.manifest["city"], d.manifest["feed"], d.manifest["period"], d.manifest["sequence"]),
    )


def read(path: Path) -> Delivered:
    manifest = json.loads(path.read_text(encoding="utf-8"))
    names = {column.zh: column.name for column in FEEDS[manifest["feed"]].columns}
    files, records = [], []
    for file in manifest["files"]:
        files.append(path.parent / file["name"])
        raw = files[-1].read_bytes()
        raw = gzip.decompress(raw) if file["name"].endswith(".gz") else raw
        text = raw.decode("utf-8-sig" if manifest["encoding"] == "utf-8" else manifest["encoding"])
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=manifest["delimiter"], strict=True))
        header = [names.get(name, name) for name in rows[0]]
        assert len(rows) - 1 == file["rows"]
        records += [dict(zip(header, row, strict=True)) for row in rows[1:]]
    return Delivered(manifest, tuple(files), tuple(records))


def typed(feed: Feed, record: dict[str, str]) -> dict[str, Any]:
    """Return a record's values; the spellings are those of feeds.md that a province uses."""
    values: dict[str, Any] = {}
    for column in feed.columns:
        text = record[column.name]
        digits = "".join(c for c in text.removesuffix("+08:00") if c.isdigit())
        if text in _EMPTY:
            values[column.name] = None
        elif column.type is Type.DATE:
            values[column.name] = datetime.strptime(digits, "%Y%m%d").date()
        elif column.type is Type.DATETIME:
            values[column.name] = datetime.strptime(digits, "%Y%m%d%H%M%S")
        elif column.type is Type.BOOLEAN:
            values[column.name] = text in ("1", "是", "Y", "true")
        elif column.type is Type.DECIMAL:
            values[column.name] = Decimal(text)
        elif column.type is Type.INTEGER:
            values[column.name] = int(text)
        else:
            values[column.name] = text
    return values


def is_refused(feed: Feed, row: dict[str, Any]) -> bool:
    """Say whether a row is sent as a check refuses it, in one of the ways that a province knows."""
    if row.get("op") == "D":
        return False
    if any(column.required and row[column.name] is None for column in feed.columns):
        return True
    if feed.name == "insurance":
        paid = row["fund_pay_sumamt"] + (row["acct_pay"] or 0) + row["psn_cash_pay"]
        return bool(paid != row["medfee_sumamt"])
    return feed.name == "ehr" and (row["systolic_bp"] or 0) > 300


def replay(deliveries: list[Delivered], feed: Feed) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return the rows that are live by city and key, each city's deliveries in the order of period and sequence."""
    newest: dict[tuple[str, ...], dict[str, Any]] = {}
    gone: set[tuple[str, ...]] = set()
    for delivery in (d for d in deliveries if d.feed == feed):
        city = delivery.manifest["city"]
        met = set()
        for row in (typed(feed, record) for record in delivery.records):
            key = (city, *(row[name] for name in feed.key))
            met.add(key)
            if is_refused(feed, row):
                continue
            if key not in newest or row["updated_at"] > newest[key]["updated_at"]:
                newest[key] = row
                gone.discard(key)
            elif row["updated_at"] == newest[key]["updated_at"]:
                assert {**row, "op": ""} == {**newest[key], "op": ""}, "two contents of one instant"
        if delivery.manifest["mode"] == "full":
            before = (key for key in newest if key[0] == city and key not in met)
            gone |= {key for key in before if newest[key]["updated_at"] <= delivery.extracted}
    return {key: row for key, row in newest.items() if key not in gone and row.get("op") != "D"}


@pytest.mark.parametrize("name", FEED_WRITERS)
def test_replayed_deliveries_leave_the_truth(province: Path, deliveries: list[Delivered], name: str) -> None:
    feed = FEEDS[name]
    columns = [column.name for column in feed.columns if column.name != "op"]
    truth = pq.read_table(province / "truth" / f"{name}.parquet").to_pylist()
    live = {
        (row["city_code"], *(row[key] for key in feed.key)): {column: row[column] for column in columns}
        for row in truth
    }
    assert len(live) == len(truth), "a key is live twice"
    replayed = replay(deliveries, feed)
    assert {key: {column: row[column] for column in columns} for key, row in replayed.items()} == live


def test_who_is_registered_is_whose_row_the_register_ends_with(province: Path) -> None:
    registered = set(pq.read_table(province / "truth/population.parquet")["person_id"].to_pylist())
    rows = pq.read_table(province / "truth/emr.parquet", columns=["person_id", "registered"]).to_pylist()
    assert {row["registered"] for row in rows} == {True, False}
    assert all(row["registered"] == (row["person_id"] in registered) for row in rows)


def test_identity_names_the_person_of_every_live_row_of_the_person_feeds(province: Path) -> None:
    identity = pq.read_table(province / "truth/identity.parquet")
    assert {str(kind) for kind in identity.schema.types} == {"string"}
    found = {tuple(row.values()) for row in identity.to_pylist()}
    expected = set()
    for name in ("population", "ehr", "emr", "insurance"):
        for row in pq.read_table(province / "truth" / f"{name}.parquet").to_pylist():
            expected.add((name, row["city_code"], "|".join(row[key] for key in FEEDS[name].key), row["person_id"]))
    assert found == expected and identity.num_rows == len(expected)


def test_manifests_state_bytes_digests_and_records(deliveries: list[Delivered]) -> None:
    assert {d.manifest["feed"] for d in deliveries} == set(FEED_WRITERS)
    senders = {(d.manifest["city"], d.manifest["feed"]) for d in deliveries}
    assert len({city for city, _ in senders}) == 21 + 1
    assert [sender for sender in senders if "440000" in sender or "telemedicine" in sender] == [
        ("440000", "telemedicine")
    ]
    for delivery in deliveries:
        for file, path in zip(delivery.manifest["files"], delivery.files, strict=True):
            digest = hashes.Hash(hashes.SM3())
            digest.update(path.read_bytes())
            assert (file["bytes"], file["sm3"]) == (path.stat().st_size, digest.finalize().hex())


def test_every_delivery_has_the_contracts_columns_and_nothing_of_the_future(deliveries: list[Delivered]) -> None:
    for delivery in deliveries:
        end = datetime.fromisoformat(delivery.manifest["extracted_at"])
        assert end.tzinfo == timezone(timedelta(hours=8))
        assert 0 <= (end.replace(tzinfo=None) - after(delivery)).days < (60 if is_late(delivery) else 6)
        for record in delivery.records:
            assert set(record) == {column.name for column in delivery.feed.columns}
            row = typed(delivery.feed, record)
            known = {name: v for name, v in row.items() if name not in ("slot_start", "slot_end")}
            assert all(v <= delivery.extracted for v in known.values() if isinstance(v, datetime))
            assert all(v <= delivery.extracted.date() for v in row.values() if type(v) is date)


def after(delivery: Delivered) -> datetime:
    """Return the end of the month that the delivery is about."""
    year, month = map(int, delivery.manifest["period"].split("-"))
    return datetime(year + month // 12, month % 12 + 1, 1)


def is_late(delivery: Delivered) -> bool:
    return (delivery.extracted - after(delivery)).days > 6


def test_some_months_come_after_the_one_that_follows_them(deliveries: list[Delivered]) -> None:
    late = [delivery for delivery in deliveries if is_late(delivery)]
    spine = {"population", "emr", "institution", "platform_connection"}
    assert len({d.feed.name for d in late}) > 2 and not {d.feed.name for d in late} & spine
    for one in late:
        overtaken = [
            d
            for d in deliveries
            if (d.feed, d.manifest["city"]) == (one.feed, one.manifest["city"])
            and d.manifest["period"] > one.manifest["period"]
            and d.extracted < one.extracted
        ]
        assert overtaken
    last = max(d.manifest["period"] for d in deliveries)
    newest = max(d.extracted for d in deliveries if d.manifest["period"] == last)
    assert all(d.extracted <= newest for d in late)


def test_no_delivery_is_a_matter_for_the_gate(deliveries: list[Delivered]) -> None:
    counts: dict[tuple[str, str, str], list[int]] = {}
    for d in deliveries:
        if d.manifest["sequence"] == 1:
            counts.setdefault((d.manifest["city"], d.manifest["feed"], d.manifest["mode"]), []).append(len(d.records))
    for rows in counts.values():
        assert all(median(rows[n - 3 : n]) / 2 <= rows[n] <= median(rows[n - 3 : n]) * 2 for n in range(3, len(rows)))
    for d in deliveries:
        assert sum(is_refused(d.feed, typed(d.feed, row)) for row in d.records) <= 0.05 * len(d.records)


def test_all_kinds_of_news_occur(deliveries: list[Delivered]) -> None:
    def some(feed: str) -> Iterator[Delivered]:
        return (d for d in deliveries if d.manifest["feed"] == feed)

    for feed in ("population", "ehr", "institution", "platform_function", "smart_service"):
        assert {d.manifest["mode"] for d in some(feed)} == {"full", "delta"}, feed
    for feed in FEEDS:
        assert {d.manifest["sequence"] for d in some(feed)} == {1, 2}, feed
        if FEEDS[feed].has("op"):
            assert {row["op"] for d in some(feed) for row in d.records} == {"I", "U", "D"}, feed
    assert any(len({tuple(r.values()) for r in d.records}) < len(d.records) for d in some("emr"))
    assert {d.manifest["encoding"] for d in deliveries} == {"utf-8", "gb18030", "gbk"}
    assert {d.manifest["delimiter"] for d in deliveries} == {",", "\t", "|"}
    addresses = "".join(row["address"] for feed in ("emr", "population") for d in some(feed) for row in d.records)
    assert {'"', "|", ","} & set(addresses)


def test_a_large_delivery_comes_in_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries_module, "ROWS_A_FILE", 5)
    simulate(63, 1, SEED, tmp_path)
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("inbox/*/*/*/*/manifest.json")]
    several = [manifest["files"] for manifest in manifests if len(manifest["files"]) > 1]
    assert several
    assert all({file["rows"] for file in files[:-1]} == {5} and 0 < files[-1]["rows"] <= 5 for files in several)
