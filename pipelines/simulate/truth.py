"""The truth of a synthetic province: what remains live at the end, and who is behind each row."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contracts.schema import Feed
from pipelines.simulate.deliveries import Live
from pipelines.simulate.people import People
from pipelines.simulate.streams import Flags

_ROWS_A_GROUP = 200_000
_IDENTITY = pa.schema([(name, pa.string()) for name in ("feed", "city_code", "source_key", "person_id")])


class TruthWriter:
    """Writes `<feed>.parquet` for each feed and `identity.parquet` over the person feeds."""

    def __init__(self, folder: Path, people: People, registered: Flags) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._people, self._registered = folder, people, registered
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[pa.Table]] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> TruthWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in list(self._waiting):
            self._flush(name)
        for writer in self._writers.values():
            writer.close()

    def add(self, live: Live) -> int:
        """Keep rows that remain live and return 0, the bytes delivered with them.

        Rows of persons come once it is known who is registered; rows of the register are registered themselves.
        """
        feed = live.feed
        city = pa.repeat(live.city, len(live.rows))
        rows = live.rows.drop_columns(["op"]) if feed.has("op") else live.rows
        if not feed.has("city_code"):
            rows = rows.append_column("city_code", city)
        if live.person is not None:
            person = self._people.person_ids(live.person)
            rows = rows.append_column("person_id", person)
            rows = rows.append_column("registered", pa.array(self._registered[live.person]))
            self._keep("identity", _identity(feed, city, rows, person))
        self._keep(feed.name, rows)
        return 0

    def _keep(self, name: str, rows: pa.Table) -> None:
        self.rows[name] = self.rows.get(name, 0) + len(rows)
        waiting = self._waiting.setdefault(name, [])
        waiting.append(rows)
        if sum(len(table) for table in waiting) >= _ROWS_A_GROUP:
            self._flush(name)

    def _flush(self, name: str) -> None:
        waiting = self._waiting.pop(name)
        if name not in self._writers:
            path = self._folder / f"{name}.parquet"
            self._writers[name] = pq.ParquetWriter(path, waiting[0].schema, compression="zstd", compression_level=1)
        self._writers[name].write_table(pa.concat_tables(waiting))


def _identity(feed: Feed, city: pa.Array, rows: pa.Table, person: pa.Array) -> pa.Table:
    key = pc.binary_join_element_wise(*(rows[name].combine_chunks() for name in feed.key), "|")
    return pa.table([pa.repeat(feed.name, len(rows)), city, key, person], schema=_IDENTITY)
