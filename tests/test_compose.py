"""docker-compose.yml without Docker: Compose and Airflow know what it states, it runs here, and it exposes little."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pipelines.cli import commands as yimatong
from pipelines.scheduling import alive
from pipelines.scheduling.housekeeping import TABLES
from pipelines.scheduling.standalone import settings
from tests.server.compose_file import AIRFLOW, FILE, ROOT, services
from tests.server.image import copied, let_in
from tests.server.native import settings_of_new_env

BIN = Path(sys.executable).parent
ASKED = """
import json, sys
from airflow.cli.cli_parser import get_parser
from airflow.configuration import conf
from airflow.providers_manager import ProvidersManager
from airflow.utils.db_cleanup import config_dict
ProvidersManager().initialize_providers_configuration()
parsed = [get_parser().parse_args(command).func is not None for command in json.loads(sys.argv[1])]
options = [f"AIRFLOW__{section}__{option}".upper() for section, of in conf.configuration_description.items()
           for option in of["options"]]
print(json.dumps({"options": options, "parsed": parsed, "tables": sorted(config_dict)}))
"""


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return settings_of_new_env()


@pytest.fixture(scope="module")
def compose(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    return services(environment)


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def test_compose_knows_all_that_the_file_states(raw: dict[str, Any]) -> None:
    vendored = importlib.resources.files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    validator.validate(raw)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**raw, "services": {"postgres": {"imgae": "postgres"}}})


@pytest.fixture(scope="module")
def known(compose: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what Airflow knows: its settings, whether it parses the services' commands, the tables that it cleans."""
    commands = [service["command"][1:] for service in compose.values() if service.get("command", [""])[0] == "airflow"]
    assert [name for name, *_ in commands] == list(AIRFLOW)
    done = subprocess.run([sys.executable, "-c", ASKED, json.dumps(commands)], check=True, capture_output=True,
                          env=os.environ | {"AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow"))})  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_airflow_knows_each_of_its_variables_and_commands(
    compose: dict[str, dict[str, Any]], known: dict[str, Any]
) -> None:
    stated = {name for service in compose.values() for name in service["environment"] if name.startswith("AIRFLOW__")}
    assert len(stated) > 15
    assert stated <= set(known["options"])
    assert known["parsed"] == [True] * len(AIRFLOW)


def test_housekeeping_cleans_what_runs_leave_behind_alone(known: dict[str, Any]) -> None:
    kept = {"dag", "dag_version", "trigger", "session", "celery_taskmeta", "celery_tasksetmeta", "_xcom_archive"}
    assert set(TABLES) == set(known["tables"]) - kept


def test_yimatong_reads_each_of_its_variables(compose: dict[str, dict[str, Any]]) -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("lake", "pipelines", "dags", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".sh", ".toml")
    )
    code += json.dumps([service.get("command") for service in compose.values()])  # --password-env names a variable
    stated = {name for service in compose.values() for name in service["environment"]}
    ours = {name for name in stated if not name.startswith(("AIRFLOW_", "POSTGRES_"))} - {"TZ"}
    assert {name for name in ours if not re.search(rf"\b{name}\b", code)} == set()


def test_each_other_command_and_check_can_be_run(compose: dict[str, dict[str, Any]]) -> None:
    commands = [service["command"] for service in compose.values() if "command" in service]
    for command in commands:
        if command[0] == "bash":
            assert subprocess.run(["bash", "-n", ROOT / command[1]], check=False).returncode == 0
        else:
            assert (BIN / command[0]).exists(), command
        if command[0] == "yimatong":
            options = [option.partition("=")[0] for option in command[2:]]
            known = {name for parameter in yimatong.commands[command[1]].params for name in parameter.opts}
            assert set(options) <= known, command
    checks = [service["healthcheck"]["test"][1:] for name, service in compose.items() if name in AIRFLOW]
    assert [check[:3] for check in checks] == [["python", "-m", "pipelines.scheduling.alive"]] * len(AIRFLOW)
    assert {check[3] for check in checks} == set(alive.PROCESSES)


def test_only_the_api_server_can_be_reached_and_by_default_from_this_server_alone(
    compose: dict[str, dict[str, Any]], raw: dict[str, Any]
) -> None:
    assert {name: service["ports"] for name, service in compose.items() if "ports" in service} == {
        "api-server": ["127.0.0.1:8080:8080"]
    }
    assert raw["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in compose.items() if set(service.get("networks", [])) - {"inside"}}
    assert outside == {"api-server", "scheduler", "city", "city-data"}
    assert compose["analysts"]["network_mode"] == "none"


def test_the_secret_and_the_home_are_the_schedulers_alone(compose: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in compose.items() if "YIMATONG_SECRET" in service["environment"]} == {"scheduler"}
    homes = {name for name, service in compose.items() for volume in service.get("volumes", [])
             if "/home" in str(volume)}  # fmt: skip
    assert homes == {"scheduler", "analysts"}
    for volume in compose["analysts"]["volumes"]:
        assert volume["read_only"] and volume["bind"] == {"create_host_path": False}
    assert "environment" not in compose["analysts"] or compose["analysts"]["environment"] == {}
    assert next(volume for volume in compose["triggerer"]["volumes"] if "inbox" in volume).endswith(":ro")


def test_every_container_can_do_little(compose: dict[str, dict[str, Any]]) -> None:
    for name, service in compose.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        becomes_another = service["image"].startswith(
            "postgres:"
        )  # by its entry point, whom init could not tell to stop
        assert service["init"] is not becomes_another, name
        assert not {"privileged", "pid", "devices"} & set(service), name
    assert {name for name in compose if "healthcheck" in compose[name]} >= {*AIRFLOW, "postgres"}


def test_secrets_come_from_the_environment_alone(environment: dict[str, str], raw: dict[str, Any]) -> None:
    secret = {name for name in environment if name not in ("YIMATONG_UID", "YIMATONG_DATA")}
    text = FILE.read_text(encoding="utf-8")
    for name in secret:
        assert re.search(rf"\$\{{{name}(:[?-][^}}]*)?\}}", text), name
        with_default = re.findall(rf"\$\{{{name}:-([^}}]*)\}}", text)
        assert not any(with_default), name
    assert settings_of_new_env()["YIMATONG_SECRET"] != environment["YIMATONG_SECRET"]
    required = {name for name in secret if f"${{{name}:?" in text}
    for name in required:
        with pytest.raises(AssertionError, match="make server"):
            services({each: value for each, value in environment.items() if each != name})


def test_the_image_holds_the_project_and_its_user_is_not_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line.split()[1] for line in lines if line.startswith("USER ")] == ["yimatong"]
    assert any("--require-hashes -r /tmp/requirements.lock" in line for line in lines)
    taken = set(let_in())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {each.rstrip("*") for each in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert taken >= packages | {"dags", "deploy", "pyproject.toml", project["project"]["readme"]}
    assert all((ROOT / name).exists() for name in taken)
    assert set(copied()) - {"."} == {"requirements.lock"} <= taken


def test_make_server_makes_secrets_and_folders_once(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text('#!/bin/sh\necho "docker $*" >> asked\n')
    docker.chmod(0o755)
    folders = {"home", "inbox", "exports", "logs", "settings"}

    def make_server() -> str:
        path = f"{docker.parent}:{BIN}:{os.environ['PATH']}"
        subprocess.run(["make", "server"], cwd=tmp_path, env={"PATH": path}, check=True, capture_output=True)
        return (tmp_path / ".env").read_text(encoding="utf-8")

    assert make_server() == make_server()
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert {place.name for place in (tmp_path / "data").iterdir()} == folders
    assert (tmp_path / "asked").read_text().splitlines() == ["docker compose up --detach --build"] * 2
    services(settings(tmp_path / ".env"))
    with (tmp_path / ".env").open("a", encoding="utf-8") as more:
        more.write('YIMATONG_DATA="./elsewhere"\n')  # as Compose reads it
    make_server()
    assert {place.name for place in (tmp_path / "elsewhere").iterdir()} == folders
