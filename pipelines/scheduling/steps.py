"""The steps of the journey for a scheduler: what the command line calls, and counts, months and ids as the answer."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Collection
from contextlib import closing
from datetime import date, datetime
from typing import TypedDict

from lake.audit import note_access
from lake.faults import PassingFault, PlainFault, without_values
from lake.home import Home
from lake.ledger import Ledger
from pipelines import journey
from pipelines.linking import link_live_rows
from pipelines.permission import require_permission
from pipelines.progress import Progress
from pipelines.publishing import publish_build
from pipelines.quality_page.write import refresh_quality_page
from pipelines.run import WAITING, open_run
from pipelines.scheduling import months, places
from pipelines.selection import MONTH, Selection

_log = logging.getLogger("yimatong.steps")


class Published(TypedDict):
    """A build that was published: its number, the day that it counts up to, its month, the rows of its facts."""

    build: int
    as_of: str
    month: str
    rows: int


@without_values()
def cities_to_pull(feed: str, city: str | None) -> list[str]:
    """Return the cities whose database has the feed, by the file of sources; none where no file is named."""
    from pipelines.sources.listed import read_sources

    listed = places.sources()
    if listed is None:
        return []
    return sorted(
        {
            source.city
            for source in read_sources(listed)
            if city in (None, source.city) and feed in {each.name for each in source.feeds}
        }
    )


@without_values()
def pull(feed: str, city: str) -> dict[str, int]:
    """Pull what is new of a feed in a city's database, and land it. Raises the fault where a pull failed."""
    from pipelines.pull import pull as pull_sources
    from pipelines.sources.listed import only, read_sources

    listed = places.sources()
    if listed is None:
        raise PlainFault("未设置 not set: YIMATONG_SOURCES")
    outcomes = pull_sources(_home("pull"), places.inbox(), only(read_sources(listed), city, feed), _to_log())
    for outcome in outcomes:
        if outcome.state in ("failed", "refused"):
            raise (PassingFault if outcome.passing else PlainFault)(outcome.reason)
    return {"deliveries": sum(bool(each.delivery) for each in outcomes), "rows": sum(each.rows for each in outcomes)}


@without_values()
def land(selection: Selection) -> dict[str, int]:
    """Land what is new in the inbox and selected; return how many deliveries were refused."""
    with open_run(_home("run"), _to_log()) as run:
        return {"refused": journey.land(run, places.inbox(), selection)}


@without_values()
def clean(selection: Selection) -> dict[str, int]:
    """Type, check and split the landed deliveries, and answer each; return how many the gate holds."""
    with open_run(_home("run"), _to_log()) as run:
        held = journey.clean(run, selection)
        journey.answer(run)
    return {"held": held}


@without_values()
def settle(selection: Selection) -> list[str]:
    """Find which row of each key counts; return the months that wait to be linked or published.

    Where none waits, nothing follows, and the quality page is drawn here; else with the publication, once for all.
    """
    with open_run(_home("run"), _to_log()) as run:
        journey.settle_rows(run, selection)
        found = months.joined(run.ledger, selection)
        if not found:
            refresh_quality_page(run)
        return found


@without_values()
def link(month: str | None = None) -> list[str]:
    """Bring the registry up to live rows, decisions and model; return the month of the run, without one the newest.

    PlainFault where a person typed what is no month.
    """
    if month is not None and not re.fullmatch(MONTH, month):
        raise PlainFault("期应为 YYYY-MM the partition is to be a month, YYYY-MM")
    with open_run(_home("run"), _to_log()) as run:
        link_live_rows(run)
        return [month] if month else months.newest(run.ledger)


@without_values()
def publish(as_of: str | None, since: datetime) -> Published | None:
    """Build, measure, pass the gate and swap; return the last build where it was made since then.

    None where nothing changed, or where rows about persons wait to be linked: publishing comes after that.
    """
    with open_run(_home("run"), _to_log()) as run:
        if not months.all_linked(run.ledger):
            run.progress.say("发布 publish  先待关联 linking comes first")
            return None
        refresh_quality_page(run)
        publish_build(run, date.fromisoformat(as_of) if as_of else None)
        return _published(run.ledger, since)


@without_values()
def newest_build(started_for: Collection[int] = ()) -> Published | None:
    """Return the build that is published; None for a run that was started for others. PlainFault where there is none.

    Runs that waited would all ask for the same build.
    """
    with closing(Ledger(_home("export").ledger_url)) as ledger:
        found = _published(ledger)
    if found is None:
        raise PlainFault("尚未发布 nothing is published yet")
    return found if not started_for or found["build"] in started_for else None


@without_values()
def export(build: int, approved_by: str) -> int | None:
    """Write the export of a build that someone approved; return how many files. None where another was published since.

    No run can publish meanwhile. The folder is there when all of it is. The access log keeps who approved: Airflow
    forgets it when its database is cleaned.
    """
    from pipelines.export import export_kpis

    home, progress = _home("export"), _to_log()
    with home.one_writer(lambda: progress.say(WAITING)), closing(Ledger(home.ledger_url)) as ledger:
        last = _published(ledger)
        if last is None or last["build"] != build:
            return None
        note_access(home, ledger, "export", f"build {build}", f"approved by {approved_by}")
        place = places.exports() / f"{build:06d}"
        partial = place.with_name(f".{place.name}")
        shutil.rmtree(partial, ignore_errors=True)  # of a task that was cut off
        files = len(export_kpis(home, partial, None, progress=progress))
        shutil.rmtree(place, ignore_errors=True)
        partial.rename(place)
    return files


@without_values()
def doubts(limit: int) -> list[str]:
    """Return the ids of doubts that wait for a reviewer, what matters most first."""
    from pipelines.reviewing.queue import open_queue

    with open_queue(_home("review list")) as queue:
        return [doubt.id for doubt in queue.open[:limit]]


@without_values()
def newest_month() -> list[str]:
    """Return the newest month with an accepted delivery, where there is one."""
    with closing(Ledger(_home("status").ledger_url)) as ledger:
        return months.newest(ledger)


@without_values()
def train() -> str:
    """Train the home's own model of linkage; return its version."""
    from pipelines.training import train_model

    return train_model(_home("train"), None).version


@without_values()
def sweep(dry_run: bool) -> dict[str, int]:
    """Remove what no step needs any longer, in home and inbox; return files, bytes, and how many files stayed."""
    from pipelines.sweeping.rules import Retention, read_rules
    from pipelines.sweeping.sweep import sweep as sweep_home

    rules = places.retention()
    kept = read_rules(rules) if rules else Retention()
    outcome = sweep_home(_home("sweep"), places.inbox(), kept, dry_run, _to_log())
    return {
        "files": sum(each.files for each in outcome.swept),
        "bytes": sum(each.bytes for each in outcome.swept),
        "failed": outcome.failed,
    }


def _to_log() -> Progress:
    """Return progress told to the task's log: what is printed on standard error would stand there as an error."""
    return Progress(tell=_log.info)


def _home(command: str) -> Home:
    """Return the home, where this process's user may give the command on it."""
    home = places.home()
    require_permission(home, command)
    return home


def _published(ledger: Ledger, since: datetime | None = None) -> Published | None:
    """Return the last build; None where none was made since then. A task that was cut off then tells the same again."""
    last = ledger.last_build()
    if last is None or (since is not None and last.built_at < since.astimezone().replace(tzinfo=None)):
        return None
    return Published(
        build=last.build_no, as_of=last.as_of, month=last.as_of[:7], rows=sum(json.loads(last.counts).values())
    )
