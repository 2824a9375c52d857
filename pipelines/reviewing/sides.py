"""Both sides of doubts with what was written of them: names, numbers and all. For the vault's eyes alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import pyarrow as pa

from contracts.feeds import FEEDS
from lake.engine import parquet
from pipelines import live
from pipelines.presenting import identity_rows, person_feeds
from pipelines.quality_page.names import city_name, feed_name
from pipelines.reviewing.doubt import Doubt
from pipelines.reviewing.queue import Queue

FIELDS = {
    "name": ("姓名", "name"), "sex_code": ("性别", "sex"), "birth_date": ("出生日期", "birth date"),
    "id_no": ("证件号码", "ID number"), "near_id_no": ("监护人或母亲证件", "guardian's or mother's number"),
    "phone": ("电话", "phone"), "address": ("地址", "address"), "health_code": ("健康码", "health code"),
    "own_no": ("编号", "own number"), "institution": ("机构", "institution"), "feed": ("数据类别", "feed"),
    "city_code": ("交付地市", "city"),
}  # fmt: skip
"""What is shown of a side, in this order."""
MOST = 4
"""So many values of a field are shown."""

Values = Mapping[str, Sequence[str]]
"""What was written of one side: the values of each field; those of the doubt's own presentation come first."""

_SEX = {"1": "男 male", "2": "女 female"}
_SQL = files("pipelines.reviewing").joinpath("sides.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Shown:
    """A doubt with what was written of both sides."""

    doubt: Doubt
    l: Values  # noqa: E741
    r: Values


def shown(queue: Queue, doubts: Sequence[Doubt]) -> list[Shown]:
    """Return the doubts with what live records say of both sides."""
    chosen = [
        (doubt.id, side, of_side.presentation)
        for doubt in doubts
        for side, of_side in zip(("l", "r"), doubt.sides, strict=True)
    ]
    values = values_of(queue, chosen)
    return [Shown(doubt, values.get((doubt.id, "l"), {}), values.get((doubt.id, "r"), {})) for doubt in doubts]


def values_of(queue: Queue, chosen: Sequence[tuple[str, str, str]]) -> Mapping[tuple[str, str], Values]:
    """Return what live records say of persons, each named by two texts and by a presentation of it."""
    if not chosen:
        return {}
    columns = [pa.array(column, pa.string()) for column in zip(*chosen, strict=True)]
    queue.connection.register("review_given", pa.table(columns, names=["doubt", "side", "presentation_id"]))
    queue.connection.execute("""
        CREATE OR REPLACE TEMP TABLE review_chosen AS
        SELECT doubt, side, presentation_id::UUID AS presentation_id FROM review_given
    """)
    queue.connection.unregister("review_given")
    _define_records(queue)
    queue.connection.execute(_SQL.replace("$most", str(MOST)))
    found = queue.connection.execute(
        "SELECT doubt, side, field, value FROM review_value ORDER BY doubt, side, field, place"
    )
    values: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for doubt, side, field, value in found.fetchall():
        values[doubt, side][field].append(_said(field, value))
    return values


def _define_records(queue: Queue) -> None:
    """Make the views review_identity, of all settled identity rows, and review_institution, of institutions' names."""
    deliveries = queue.ledger.deliveries("accepted")
    rows = [
        identity_rows(queue.home, feed, settled)
        for feed in person_feeds()
        if (settled := live.settled_batches(deliveries, feed.name))
    ]
    queue.connection.execute(f"CREATE OR REPLACE TEMP VIEW review_identity AS {' UNION ALL BY NAME '.join(rows)}")
    institution = FEEDS["institution"]
    registered = [
        queue.home.content(institution.name, batch) for batch in live.settled_batches(deliveries, institution.name)
    ]
    queue.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE review_institution AS
        SELECT org_code, arg_max(name, row_id) AS name
        FROM {parquet(registered, live.empty_content(institution))} GROUP BY org_code
    """)


def _said(field: str, value: str) -> str:
    """Return a value as people read it."""
    if field == "sex_code":
        return _SEX.get(value, value)
    if field == "city_code":
        return city_name(value)
    return feed_name(value) if field == "feed" else value
