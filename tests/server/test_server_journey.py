"""One server from deliveries dropped in to an approved export: the processes of docker-compose.yml, and PostgreSQL."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import insert

from contracts.feeds import FEEDS
from lake.audit import accesses
from lake.home import Home
from pipelines import journey
from pipelines.progress import Progress
from pipelines.simulate import simulate
from tests.database_servers import PASSWORD
from tests.pipelines.city_database import encounter, table_of
from tests.pipelines.small_inbox import PLANTED, SOUND, deliver
from tests.questions import about_export, standing
from tests.server.native import WAIT_FOR_PEOPLE, NativeServer
from tests.server.published import published

SECRET = "5e" * 32
SELDOM = "0 2 29 2 *"  # databases are pulled by hand here, at whatever hour this runs
OCTOBER, NOVEMBER = "2018-10", "2018-11"
OF_CONNECTION = "planted-Zq41-connection"
OF_PERSON = {name: PLANTED[name] for name in ("name", "id_no", "phone")}
POPULATION = "yimatong_intake_population"


@pytest.fixture
def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIMATONG_SECRET", SECRET)
    monkeypatch.delenv("YIMATONG_LEDGER_URL", raising=False)
    simulate(300, 2, 77, tmp_path / "province")
    inbox = tmp_path / "province" / "inbox"
    for number, more in enumerate(({}, {"birth_date": PLANTED["name"]})):  # the second is quarantined
        row = SOUND["population"] | OF_PERSON | more | {"population_no": f"planted-{number}"}
        deliver(inbox, "population", [row], period=OCTOBER, sequence=90 + number)
    (inbox / "440100" / "ehr" / OCTOBER / "093").mkdir()
    (inbox / "440100" / "ehr" / OCTOBER / "093" / "manifest.json").write_text(f'{{"{PLANTED["name"]}": ')  # broken
    return inbox


@pytest.mark.e2e
def test_deliveries_dropped_in_become_an_approved_export(province: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    with NativeServer(tmp_path / "server", YIMATONG_SECRET=SECRET, YIMATONG_SOURCES=str(sources),
                      YIMATONG_PULL_CRON=SELDOM, CITY_READER_PASSWORD=PASSWORD) as server:  # fmt: skip
        by_run = Home(tmp_path / "by-run")
        server.ask("POST", "connections", connection_id="planted", conn_type="postgres", password=OF_CONNECTION)

        for month in (OCTOBER, NOVEMBER):
            server.drop_in(province, month)
            server.settle_down()
            journey.run(by_run, server.inbox, None, Progress(quiet=True))
            assert published(server.home) == published(by_run.root), month
        assert not server.runs("failed")

        approve(server)
        assert [line["outcome"] for line in accesses(Home(server.home)) if "approved" in line["outcome"]] == [
            "approved by decides"
        ]
        (exported,) = server.exports.iterdir()
        assert {"report.html", "brief.pdf", "kpi.xlsx", "kpi.csv", "export.json"} <= {
            f.name for f in exported.iterdir()
        }

        a_backfill_touches_its_month_alone(server)
        journey.run(by_run, server.inbox, None, Progress(quiet=True))
        assert published(server.home) == published(by_run.root)

        databases_are_pulled(server, sources)
        journey.run(by_run, server.inbox, None, Progress(quiet=True))
        assert published(server.home) == published(by_run.root)
        a_model_and_verdicts_link_anew(server)
        nothing_is_told(server)
        a_cleaned_database_goes_on(server)


def approve(server: NativeServer) -> None:
    """Approve the newest build over the REST API, as one who may, and wait for its export."""
    with server.ledger() as ledger:
        last = ledger.last_build()
    assert last is not None
    place = server.wait(lambda: about_export(questions(server, "yimatong_export"), last.build_no), "question")
    path = f"dags/{place['dag_id']}/dagRuns/{place['dag_run_id']}"
    assert not list(server.exports.iterdir())
    answer, given = f"{path}/taskInstances/approve/-1/hitlDetails", {"chosen_options": ["Approve"], "params_input": {}}
    server.add_account("looks", "Viewer")
    server.add_account("decides", "Viewer", "Approver")
    with pytest.raises(requests.HTTPError, match="403"):
        server.ask("PATCH", answer, account="looks", **given)
    with pytest.raises(requests.HTTPError, match="403"):  # who approves starts nothing
        server.ask("POST", "dags/yimatong_sweep/dagRuns", account="decides", logical_date=None)
    with pytest.raises(requests.HTTPError, match="403"):  # nor stops it
        server.ask("PATCH", "dags/yimatong_link", account="decides", is_paused=True)
    server.ask("PATCH", answer, account="decides", **given)
    server.wait(lambda: server.ask("GET", path)["state"] == "success", "export")


def questions(server: NativeServer, dag: str) -> list[dict[str, Any]]:
    """Return what a Dag's runs ask people."""
    return list(
        server.ask("GET", f"dags/{dag}/dagRuns/~/hitlDetails?response_received=false&limit=100")["hitl_details"]
    )


def a_backfill_touches_its_month_alone(server: NativeServer) -> None:
    """Redo October of the population, while November waits too: the ledger shows what moved."""
    server.stop("triggerer")  # else the inbox is watched, and both months are taken in
    for period in (OCTOBER, NOVEMBER):
        row = SOUND["population"] | {"population_no": f"late-{period}", "name": "迟来"}
        deliver(server.inbox, "population", [row], period=period, sequence=95)
    before, moved = live_versions(server), runs_of_months(server)
    chosen = {"feed": "population", "city": "440100", "period": OCTOBER}
    run = server.ask("POST", "dags/yimatong_backfill/dagRuns", logical_date=None, conf=chosen)["dag_run_id"]
    path = f"dags/yimatong_backfill/dagRuns/{run}"
    server.wait(lambda: server.ask("GET", path)["state"] == "success", "backfill")
    server.wait(lambda: late(server).get(OCTOBER) == "published", "October published")
    server.wait(lambda: not set(server.runs()) - WAIT_FOR_PEOPLE, "rest")
    assert late(server) == {OCTOBER: "published", NOVEMBER: "found"}
    after = live_versions(server)
    assert {place for place in after if after[place] != before[place]} == {("population", "440100")}
    assert set(runs_of_months(server) - moved) == {("yimatong_link", OCTOBER), ("yimatong_publish", OCTOBER)}
    server.start("triggerer")
    server.settle_down()
    assert late(server) == {OCTOBER: "published", NOVEMBER: "published"}


def late(server: NativeServer) -> dict[str, str]:
    """Return the state of the late deliveries by month: published where the last build holds them."""
    with server.ledger() as ledger:
        last = ledger.last_build()
        assert last is not None
        built = ledger.build_inputs(last.build_no)
        return {
            d.period: "published" if d.settled and d.settled <= built[d.feed, d.city] else d.state
            for d in ledger.deliveries()
            if (d.feed, d.city, d.sequence) == ("population", "440100", 95)
        }


def live_versions(server: NativeServer) -> dict[tuple[str, str], int]:
    with server.ledger() as ledger:
        return {place: of.version for place, of in ledger.live_versions().items()}


def runs_of_months(server: NativeServer) -> Counter[tuple[str, str]]:
    """Return how many runs there were by Dag and month, of those that data started."""
    runs = [run for dag in ("yimatong_link", "yimatong_publish")
            for run in server.listed(f"dags/{dag}/dagRuns", "dag_runs")]  # fmt: skip
    return Counter((run["dag_id"], run["partition_key"]) for run in runs)


def databases_are_pulled(server: NativeServer, sources: Path) -> None:
    """Pull from a city whose database is there, beside one whose account is wrong."""
    table = table_of(FEEDS["emr"])
    table.create(server.database.engine)
    with server.database.engine.begin() as db:
        db.execute(
            insert(table), [encounter("of-database", **{"name": PLANTED["name"], "patient_no": PLANTED["patient_no"]})]
        )
    of_city = '[[source]]\ncity = "{}"\nurl = "postgresql+psycopg://{}@127.0.0.1:{}/postgres"\n'
    common = 'password_env = "CITY_READER_PASSWORD"\nfeeds = ["emr"]\nattempts = 1\n'
    listed = [of_city.format(city, account, server.database.port) + common
              for city, account in (("440100", "reader"), ("440300", "nobody"))]  # fmt: skip
    sources.write_text("\n".join(listed), encoding="utf-8")
    run = server.ask("POST", "dags/yimatong_intake_emr/dagRuns", logical_date=None)["dag_run_id"]
    path = f"dags/yimatong_intake_emr/dagRuns/{run}"

    def states() -> dict[str, str]:
        tasks = server.ask("GET", f"{path}/taskInstances")["task_instances"]
        return {f"{task['task_id']}[{task['map_index']}]": task["state"] for task in tasks}

    server.wait(lambda: states().get("pull[0]") == "success", "pull of the first city")
    server.wait(lambda: states().get("pull[1]") == "failed", "pull of the second city")  # at once: it won't pass
    server.wait(lambda: server.ask("GET", path)["state"] == "failed", "a run that failed")
    assert states()["settle[-1]"] == "success"  # the database that is down keeps nothing else waiting
    again = {"dag_run_id": run, "task_ids": ["pulled"], "only_failed": False, "dry_run": False}
    cleared = server.ask("POST", "dags/yimatong_intake_emr/clearTaskInstances", **again)["task_instances"]
    assert [task["task_id"] for task in cleared] == ["pulled"]
    server.settle_down()


def a_model_and_verdicts_link_anew(server: NativeServer) -> None:
    """Train on request, then answer the doubts that the new model leaves: persons are linked again after each."""
    before = link_version(server)
    run = server.ask("POST", "dags/yimatong_train/dagRuns", logical_date=None)["dag_run_id"]
    server.wait(lambda: server.ask("GET", f"dags/yimatong_train/dagRuns/{run}")["state"] == "success", "a model")
    server.wait(lambda: link_version(server) > before, "links under the new model")
    server.settle_down()
    path = "dags/yimatong_review/dagRuns"
    asked = server.wait(lambda: standing(questions(server, "yimatong_review")), "question of a review")
    of_run = f"{path}/{asked[-1]['task_instance']['dag_run_id']}"
    entered = {"chosen_options": [asked[-1]["options"][0]], "params_input": {}}
    links = runs_of_months(server)
    server.ask("PATCH", f"{of_run}/taskInstances/review/-1/hitlDetails", account="decides", **entered)
    server.wait(lambda: server.ask("GET", of_run)["state"] == "success", "verdicts")
    server.settle_down()
    newest = max(month for _, month in links)
    assert runs_of_months(server) - links >= Counter([("yimatong_link", newest)])


def link_version(server: NativeServer) -> int:
    with server.ledger() as ledger:
        return ledger.link_versions()[-1].version


def nothing_is_told(server: NativeServer) -> None:
    """Search all that the server keeps outside home, inbox and exports for planted values."""
    open_ones = ("YIMATONG_UID", "YIMATONG_DATA", "YIMATONG_SOURCES", "YIMATONG_PULL_CRON")
    secret = [value for name, value in server.secrets.items() if name not in open_ones]
    values = [*PLANTED.values(), "迟来", OF_CONNECTION, PASSWORD, *secret]
    kept = {path: path.read_bytes() for name in ("logs", "printed", "tmp", "exports")
            for path in (server.folder / name).rglob("*") if path.is_file()}  # fmt: skip
    assert sum("task_id=clean" in str(path) for path in kept) >= len(FEEDS)
    for database in ("airflow", "yimatong"):
        kept[Path(database)] = dumped(server, database)
    assert b"yimatong_intake_emr" in kept[Path("airflow")]
    told = {(value, str(path)) for value in values for path, octets in kept.items()
            if value.encode() in octets or json.dumps(value)[1:-1].encode() in octets}  # fmt: skip
    assert told == set()
    shown: list[Any] = [server.ask("GET", "connections/planted"), server.ask("GET", "importErrors"),
                        server.listed("eventLogs", "event_logs")]  # fmt: skip
    assert not [value for value in values if value in json.dumps(shown, ensure_ascii=False)]


def dumped(server: NativeServer, database: str) -> bytes:
    """Return every row of a database as text."""
    program = shutil.which("pg_dump") or str(sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1])
    return subprocess.run([program, "--host", str(server.database.folder), "--port", str(server.database.port),
                           "--username", "postgres", "--data-only", "--inserts", database],
                          check=True, capture_output=True).stdout  # fmt: skip


def a_cleaned_database_goes_on(server: NativeServer) -> None:
    """Clean Airflow's database of all that is over, and take in one more delivery."""
    before = server.runs("success").total()
    stamp = datetime.now(UTC).isoformat()
    code = "import sys; from datetime import datetime; from pipelines.scheduling.housekeeping import clean_metadata; "
    subprocess.run([sys.executable, "-c", code + "clean_metadata(datetime.fromisoformat(sys.argv[1]))", stamp],
                   env=server.environment("housekeeping"), check=True, capture_output=True)  # fmt: skip
    assert server.runs("success").total() < before / 2
    with server.ledger() as ledger:
        last = ledger.last_build()
    deliver(
        server.inbox, "population", [SOUND["population"] | {"population_no": "P-last"}], period=NOVEMBER, sequence=97
    )
    server.settle_down()
    with server.ledger() as ledger:
        now = ledger.last_build()
    assert last and now and now.build_no == last.build_no + 1
