"""Deliveries broken at random, each with what the contract makes of it: state, rows taken and rows refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from contracts.feeds import FEEDS
from contracts.schema import Column, Feed, Type

from .contract_oracle import key_of, refused_for, updated_at
from .fuzz_landing import record_at, reference
from .small_inbox import HOSPITAL, SOUND, described, sm3

PLANTED = "欧阳奇葩绝密"
EXTRACTED_AT = datetime(2018, 12, 1, 2)
CITIES = ("440100", "440200", "441900")
PERIODS = ("2018-10", "2018-11")
_BLANKS = ["", "NULL", r"\N", "无", "不详", "-", "/", " ", "\u3000", " \t"]
_DATES = [
    "2018-11-05", "20181105", "2018/11/05", "2018-02-30", "20181301", "1879-12-31", "1880-01-01", "2018-12-01",
    "2018-12-02", "someday", "18-11-05", "2018-11-5", "1990-03-07",
]  # fmt: skip
_TIMES = [
    *_DATES, "2018-11-05 08:00:00", "20181105080000", "2018-11-05T08:00:00", "2018-11-05T08:00:00+08:00",
    "2018-11-30T18:00:00Z", "2018-11-30T18:00:01Z", "2018-12-01 02:00:00", "2018-12-01 02:00:01",
    "2018-11-05 24:00:00", "2018-11-05 08:00", "20181105086000", "2018-11-05T10:00:00-05:30",
]  # fmt: skip
_TEXTS = [
    "=1+1",
    "@x",
    'a"b',
    "a,b",
    "a|b\tc",
    "a\nb",
    "a\r\nb",
    "张三",
    "無",
    "13912345678",
    "11010119900307775",
    "x" * 300,
]
_POOLS = {
    Type.DATE: _DATES,
    Type.DATETIME: _TIMES,
    Type.INTEGER: ["0", "60", "1,000", "1,00", "-1", "1.5", "x", "+5", "1e3", "301", "39"],
    Type.DECIMAL: ["0", "12.5", "1,234.50", "-0.01", "12.345", "1,23", "abc", ".", "50.01", "0.99", "100", "100.01"],
    Type.BOOLEAN: ["1", "0", "是", "否", "Y", "n", "true", "FALSE", "2", "maybe"],
    Type.CODE: [
        "0", "1", "2", "3", "9", "A", "a", "01", "110", "08", "11", "21", "310", "S01", "s01", "T04", "甲", "丁", "I",
        "u", "D", "d", "440106", "441900", "449999", "44010", HOSPITAL, HOSPITAL.lower(), "D2143569944010011A1001",
        "91350100M000100Y43", "I10.x00x002", "10.0",
    ],
}  # fmt: skip
_FORMS = {"month": ["2018-11", "2018-12", "2019-01", "2018-13", "201811"], "function_code": ["F01", "F60", "F61", "F1"],
          "health_code": ["0F" * 32, "0G" * 32, "0F" * 31]}  # fmt: skip
_WIDE = {ord(" "): 0x3000} | {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass
class Expected:
    """What a delivery comes to: its state, and by ordinal which records are taken and which are refused."""

    state: str
    taken: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    duplicates: set[int] = field(default_factory=set)

    @property
    def rows(self) -> dict[str, int]:
        """Return the counts of `status --json`."""
        counts = {"accepted": len(self.taken), "quarantined": len(self.refused), "duplicates": len(self.duplicates)}
        return {"delivered": sum(counts.values())} | counts


@dataclass(frozen=True)
class Broken:
    """A delivery as it lies in an inbox: the octets of its files, and of its manifest, None where it has none."""

    feed: Feed = field(repr=False)
    city: str
    period: str
    files: Mapping[str, bytes]
    manifest: bytes | None
    expected: Expected | None

    def write(self, inbox: Path) -> None:
        """Write it to the inbox, its manifest last."""
        folder = inbox / self.city / self.feed.name / self.period / "001"
        folder.mkdir(parents=True)
        for name, octets in self.files.items():
            (folder / name).write_bytes(octets)
        if self.manifest is not None:
            (folder / "manifest.json").write_bytes(self.manifest)


def _value(draw: st.DrawFn, column: Column) -> str:
    pool = _FORMS.get(column.name) or _POOLS.get(column.type, [*_TEXTS, PLANTED])
    text = draw(st.sampled_from([*pool, *_BLANKS]))
    if column.type is not Type.STRING:
        text = text.translate(draw(st.sampled_from([{}, {}, {}, _WIDE])))
        return draw(st.sampled_from(["", "", " ", "\u3000"])) + text + draw(st.sampled_from(["", "", "\t"]))
    return text


def _row(draw: st.DrawFn, feed: Feed, number: int) -> dict[str, str]:
    row = SOUND[feed.name] | {"name": PLANTED} if feed.is_person else dict(SOUND[feed.name])
    last = feed.key[-1]
    if feed.column(last).type is Type.STRING and draw(st.booleans()):
        row[last] += str(number)
    for column in draw(st.lists(st.sampled_from(feed.columns), max_size=3)):
        row[column.name] = _value(draw, column)
    return row


def _quoted(text: str, delimiter: str, always: bool) -> str:
    if always or any(c in text for c in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


_RECORDS = [
    "", "\r", "{D}", "alone", '"open', 'a"b{D}c', '"a"b{D}c', "\0", "x{D}\0{D}y", "{L}", '"{L}"', '"\n\n"{D}x', "a\rb",
    "\ufeff", PLANTED,
]  # fmt: skip


@st.composite
def broken_delivery(draw: st.DrawFn, city: str, feed: Feed, period: str) -> Broken:
    """Draw a delivery of that place: sound rows, some of them broken, the text, the file or the manifest too."""
    delimiter = draw(st.sampled_from([",", ",", "\t", "|"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "gb18030", "gbk"]))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    always = draw(st.booleans())
    names = draw(st.permutations([column.name for column in feed.columns]))
    header = [feed.column(name).zh if draw(st.integers(0, 3)) == 0 else name for name in names]
    harm = draw(st.sampled_from(["", "", "", "", "lose", "twice", "unknown", "blank"]))
    if harm == "lose":
        lost = draw(st.integers(0, len(names) - 1))
        names, header = [*names[:lost], *names[lost + 1 :]], [*header[:lost], *header[lost + 1 :]]
    elif harm in ("twice", "unknown"):
        names, header = [*names, names[0]], [*header, names[0] if harm == "twice" else "血型"]
    records = [delimiter.join(header)] if harm != "blank" else ["", delimiter.join(header)]
    sound = draw(st.sampled_from([0, 1, 60]))
    base = dict(SOUND[feed.name])
    records += [delimiter.join(_quoted(base.get(name, ""), delimiter, always) for name in names)] * sound
    for n in range(draw(st.integers(0, 4))):
        row = _row(draw, feed, n)
        records.append(delimiter.join(_quoted(row.get(name, ""), delimiter, always) for name in names))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        raw = draw(st.sampled_from(_RECORDS)).replace("{D}", delimiter).replace("{L}", "长" * 22_000)
        records.insert(draw(st.integers(1, len(records))), raw)
    text = ending.join(records) + draw(st.sampled_from([ending, ""]))
    octets = text.encode(encoding, "replace")
    if encoding == "utf-8" and draw(st.booleans()):
        octets = b"\xef\xbb\xbf" + octets
    octets = _spliced(draw, octets)
    return _sent(draw, feed, city, period, octets, encoding, delimiter)


def _spliced(draw: st.DrawFn, octets: bytes) -> bytes:
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(octets)))
        piece = draw(st.sampled_from([b'"', b"\n", b"\r", b"\0", b",", b"\xff", b"\x81\x30", b"\xe5", b"|", b"\t"]))
        cut = draw(st.sampled_from([0, 0, 1, 7]))
        octets = octets[:at] + piece + octets[at + cut :]
    return octets


def _sent(draw: st.DrawFn, feed: Feed, city: str, period: str, octets: bytes, encoding: str, delimiter: str) -> Broken:
    """Write the manifest, most often a true one, and tell what comes of the delivery."""
    expected = _outcome(feed, octets, encoding, delimiter)
    zipped = draw(st.booleans())
    name = "rows.csv.gz" if zipped else "rows.csv"
    files = {name: gzip.compress(octets, mtime=0) if zipped else octets}
    entry = described(name, files[name], expected.rows["delivered"])
    stated: dict[str, Any] = {
        "contract": "1", "city": city, "feed": feed.name, "period": period, "sequence": 1,
        "mode": draw(st.sampled_from(["delta", "full"])), "encoding": encoding, "delimiter": delimiter,
        "extracted_at": "2018-12-01T02:00:00+08:00", "files": [entry],
    }  # fmt: skip
    harm = draw(st.sampled_from(["", "", "", "", "", "", "field", "entry", "file", "cut", "none", "folder", "gzip"]))
    if harm == "field":
        wrong = draw(
            st.sampled_from(["contract", "city", "feed", "period", "sequence", "encoding", "mode", "delimiter"])
        )
        stated[wrong] = draw(st.sampled_from([None, 7, "", [], {}, PLANTED, "2018-13", 10**30, True]))
    elif harm == "entry":
        wrong = draw(st.sampled_from(["rows", "bytes", "sm3", "name"]))
        entry[wrong] = draw(st.sampled_from([None, -1, 99_999, "", "0" * 64, "../rows.csv", PLANTED, 1.5]))
    elif harm == "file":
        del files[name]
    elif harm == "gzip" and zipped:
        files[name] = files[name][: draw(st.integers(1, len(files[name]) - 1))]
        entry |= {"bytes": len(files[name]), "sm3": sm3(files[name])}
    elif harm == "folder":
        stated["period"] = "2017-01"
    else:
        harm = harm if harm in ("cut", "none") else ""
    manifest: bytes | None = json.dumps(stated).encode()
    if harm == "cut" and manifest is not None:
        manifest = manifest[: draw(st.integers(0, len(manifest) - 1))]
    if harm == "none":
        return Broken(feed, city, period, files, None, None)
    return Broken(feed, city, period, files, manifest, Expected("rejected") if harm else expected)


def _outcome(feed: Feed, octets: bytes, encoding: str, delimiter: str) -> Expected:
    """Tell what the contract makes of a file under a true manifest."""
    try:
        text = octets.decode(encoding).encode().removeprefix(b"\xef\xbb\xbf")
    except UnicodeDecodeError:
        return Expected("rejected")
    header = _header(feed, text, delimiter)
    if header is None:
        return Expected("rejected")
    read = reference(text, len(header), ord(delimiter), 64 << 10, 8 << 20, 256 << 20)
    expected = Expected("accepted")
    newest: dict[str, tuple[datetime, int]] = {}
    for (ordinal, _), fields in sorted(read.rows.items()):
        if ordinal == 0:
            continue
        texts = {name: value for name, value in zip(header, fields, strict=True) if name}
        if refused_for(feed, texts, EXTRACTED_AT):
            expected.refused.add(ordinal)
            continue
        key, at = key_of(feed, texts), updated_at(feed, texts)
        if key in newest and newest[key] > (at, ordinal):
            expected.duplicates.add(ordinal)
            continue
        if key in newest:
            expected.duplicates.add(newest[key][1])
        newest[key] = at, ordinal
    expected.refused |= {ordinal for ordinal, _ in read.malformed}
    expected.taken = {ordinal for _, ordinal in newest.values()}
    if len(expected.refused) > 0.05 * expected.rows["delivered"]:
        expected.state = "held"
    return expected


def _header(feed: Feed, text: bytes, delimiter: str) -> list[str] | None:
    """Return the identifiers of the columns, empty where the contract doesn't know one; None where they can't stand."""
    while text.startswith((b"\n", b"\r\n")):
        text = text[text.index(b"\n") + 1 :]
    end, fields = record_at(text, 0, ord(delimiter))
    if fields is None or b"\0" in text[:end]:
        return None
    names = {spelling.lower(): column.name for column in feed.columns for spelling in (column.name, column.zh)}
    header = [names.get(name.decode().strip().lower(), "") for name in fields]
    known = [name for name in header if name]
    missing = [column.name for column in feed.columns if column.required and column.name not in known]
    return None if missing or len(set(known)) < len(known) else header


@st.composite
def broken_inbox(draw: st.DrawFn, most: int = 6) -> list[Broken]:
    """Draw some deliveries of different places."""
    places = draw(
        st.lists(
            st.tuples(st.sampled_from(CITIES), st.sampled_from([*FEEDS]), st.sampled_from(PERIODS)),
            min_size=1, max_size=most, unique=True,
        )
    )  # fmt: skip
    return [draw(broken_delivery(city, FEEDS[feed], period)) for city, feed, period in places]
