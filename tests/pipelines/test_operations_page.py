"""docs/operations.md: the commands, metrics, checks and settings that it names are there, and a restore restores."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from pipelines.cli import commands
from pipelines.scheduling.standalone import settings
from pipelines.watching.metrics import HELP, PREFIX
from tests.server.published import published

from .small_inbox import deliver, numbered, run, yimatong

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
AIRFLOW = Path(find_spec("airflow").origin or "").parent  # type: ignore[union-attr]  # not imported: it would set itself up


def told_commands() -> list[str]:
    """Return the commands of `yimatong` in the page's blocks and sentences."""
    blocks = [line for block in re.findall(r"```\w+\n(.*?)```", PAGE, re.S) for line in block.splitlines()]
    said = re.findall(r"`(yimatong [^`]+)`", PAGE)
    lines = [re.sub(r"/usr/local/bin/", "", line) for line in blocks if not line.startswith("#")]
    found = [re.search(r"(?<![\w/-])yimatong [a-z-]+ .*", line) for line in lines]
    return [each[0].partition("  #")[0] for each in found if each] + said


@pytest.mark.parametrize("command", told_commands())
def test_commands_are_there_with_their_options(command: str) -> None:
    words = [word for word in shlex.split(re.sub(r"[\[\]]", " ", command.partition(" > ")[0])) if word != "…"]
    context, at = click.Context(commands), 1
    found: click.Command = commands
    while isinstance(found, click.Group):
        below = found.get_command(context, words[at])
        assert below is not None, words[at]
        found, at = below, at + 1
    known = {name for option in found.params for name in (*option.opts, *option.secondary_opts)}
    assert {word for word in words[at:] if word.startswith("--")} <= known


def test_the_page_tells_of_each_check_and_of_no_other(tmp_path: Path) -> None:
    told = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", PAGE.partition("### Health")[2].partition("###")[0], re.M)
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "pipelines" / "watching").glob("*.py"))
    known = set(re.findall(r'Check\(\s*"([a-z_]+)"', source)) - {"home"}
    assert {name for names in told for name in re.findall(r"[a-z_]+", names)} == known


def test_metrics_are_ours_or_airflows() -> None:
    ours = set(re.findall(rf"\b{PREFIX}([a-z_]+)", PAGE.partition("### Metrics of the home")[2].partition("###")[0]))
    assert ours and ours <= set(HELP)
    section = PAGE.partition("### Metrics of Airflow")[2].partition("###")[0]
    named = {name for line in section.splitlines() if line.startswith("| `") for name in re.findall(
        r"`([a-z_]+(?:\.[a-z_]+)*)`", line.split("|")[1])} - {"yimatong_home", "dag_id", "task_id"}  # fmt: skip
    there = (AIRFLOW / "_shared/observability/metrics/metrics_template.yaml").read_text(encoding="utf-8")
    assert len(named) > 5
    assert named <= set(re.findall(r'name: "([^"]+)"', there))


def test_settings_of_airflow_are_there() -> None:
    named = set(re.findall(r"AIRFLOW__([A-Z]+)__([A-Z_]+)", PAGE))
    options = (AIRFLOW / "config_templates/config.yml").read_text(encoding="utf-8")
    provider = runpy.run_path(str(AIRFLOW / "providers/openlineage/get_provider_info.py"))["get_provider_info"]()
    of_lineage = provider["config"]["openlineage"]["options"]
    assert {"METRICS", "LOGGING", "OPENLINEAGE"} <= {section for section, _ in named}
    for section, name in named:
        there = name.lower() in of_lineage if section == "OPENLINEAGE" else f"\n    {name.lower()}:\n" in options
        assert there, (section, name)


def test_the_file_of_environment_tells_a_shell_all_that_airflow_and_the_journey_need(tmp_path: Path) -> None:
    (block,) = re.findall(r"```sh\n(# /etc/yimatong/env.*?)```", PAGE, re.S)
    file = tmp_path / "env"
    file.write_text(block.replace("/opt/yimatong", str(ROOT)), encoding="utf-8")
    told = subprocess.run(["sh", "-ec", f". {file}; env --null"], env={"PATH": "/usr/bin:/bin"}, check=True, text=True,
                          capture_output=True).stdout  # fmt: skip
    known = dict(each.split("=", 1) for each in told.split("\0") if each)
    assert settings().items() <= known.items()
    assert Path(known["AIRFLOW__CORE__DAGS_FOLDER"]).is_dir()
    assert {"YIMATONG_HOME", "YIMATONG_INBOX", "YIMATONG_EXPORTS", "YIMATONG_SECRET_FILE", "AIRFLOW_HOME"} <= set(known)


def test_scripts_of_sudo_tell_who_called_and_keep_to_their_service(tmp_path: Path) -> None:
    """With a stand-in for Docker that tells what it is asked."""
    (tmp_path / "docker").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    (tmp_path / "docker").chmod(0o700)
    scripts = [block for block in re.findall(r"```sh\n(#!/bin/sh.*?)```", PAGE, re.S) if "exec docker" in block]
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SUDO_UID": "1005", "SUDO_USER": "chen"}
    asked = [
        subprocess.run(["sh", "-c", script, "sh", "status", "--home", "a b"], env=environment, check=True, text=True,
                       stdin=subprocess.DEVNULL, capture_output=True).stdout.splitlines()[3:]
        for script in scripts
    ]  # fmt: skip
    given = ["status", "--home", "a b"]
    assert asked == [
        ["exec", "-T", "--env", "SUDO_UID=1005", "--env", "SUDO_USER=chen", "scheduler", "yimatong", *given],
        ["run", "--rm", "-T", "analysts", *given],
    ]


def test_a_restored_home_publishes_what_the_lost_one_had(tmp_path: Path) -> None:
    """Back up and restore by the page's own lines, with deliveries in between."""
    script = re.search(r"<<'END'\n(.*?)END\n", PAGE, re.S)
    back_up = re.search(r"(flock \$YIMATONG_HOME/pull.lock .*?)\n", PAGE)
    restore = re.search(r"\n(mkdir -p \$YIMATONG_HOME && .*?)\n# on", PAGE, re.S)
    assert script and back_up and restore
    deliver(tmp_path / "inbox", "population", numbered("population", 9))
    assert run(tmp_path).status == 0
    copies = tmp_path / "backup"
    copies.mkdir()
    (tmp_path / "yimatong-backup").write_text(script[1])
    (tmp_path / "yimatong-backup").chmod(0o700)

    def by_page(lines: str) -> None:
        here = lines.replace("/backup/today", str(copies))
        variables = {
            "YIMATONG_HOME": str(tmp_path / "home"),
            "PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin",
        }
        subprocess.run(["sh", "-ec", here], env=variables, check=True)

    by_page(back_up[1])
    deliver(tmp_path / "inbox", "population", numbered("population", 14)[9:], sequence=2)
    assert run(tmp_path).status == 0
    lost = published(tmp_path / "home")
    shutil.rmtree(tmp_path / "home")
    by_page(restore[1])
    assert yimatong("audit", "verify", "--home", tmp_path / "home").status == 0
    assert published(tmp_path / "home") != lost
    assert run(tmp_path).status == 0
    assert published(tmp_path / "home") == lost
    assert yimatong("health", "--home", tmp_path / "home", "--inbox", tmp_path / "inbox").status == 0
