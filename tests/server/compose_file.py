"""docker-compose.yml as Compose reads it: what a service runs and with what environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.scheduling.standalone import settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
"""The services that are processes of Airflow."""
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def services(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the services, with variables put in, files of environment read and anchors followed."""
    read = yaml.safe_load(_filled(FILE.read_text(encoding="utf-8"), environment))
    found: dict[str, dict[str, Any]] = read["services"]
    for service in found.values():
        of_service = service.get("env_file", [])
        files = of_service if isinstance(of_service, list) else [of_service]
        always = [file for file in files if isinstance(file, str)]  # others needn't be there
        stated = {name: value for file in always for name, value in settings(ROOT / file).items()}
        service["environment"] = stated | {
            name: "" if v is None else str(v) for name, v in service.get("environment", {}).items()
        }
    return found


def _filled(text: str, environment: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name, how, other = match.groups()
        if environment.get(name):
            return environment[name]
        assert how != "?", f"{name}: {other}"
        return other or ""

    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return _VARIABLE.sub(value, "\n".join(lines))
