# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml, as far as it can be checked without Docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
USERS = ElementTree.parse(ROOT / "collector/clickhouse-users.xml").getroot()

each_service = pytest.mark.parametrize("name", SERVICES)


def mounts(name: str) -> list[list[str]]:
    return [volume.split(":") for volume in SERVICES[name].get("volumes", [])]


@each_service
def test_images_are_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert image
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.\d+)?|local", tag)
    assert (tag == "local") == ("build" in SERVICES[name])


@each_service
def test_what_is_mounted_exists(name: str) -> None:
    for source, *rest in mounts(name):
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert rest[-1] == "ro", "files of the repository are not written to"
        else:
            assert source in COMPOSE["volumes"]


@each_service
def test_ports_are_bound_to_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:")


@each_service
def test_a_service_starts_after_what_it_needs(name: str) -> None:
    for needed, condition in SERVICES[name].get("depends_on", {}).items():
        one_shot = "apply" in SERVICES[needed].get("command", [])
        expected = "service_completed_successfully" if one_shot else "service_healthy"
        assert condition == {"condition": expected}
        assert one_shot or "healthcheck" in SERVICES[needed]


def test_every_secret_is_required_and_in_the_example() -> None:
    example = re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert all(value == "" for _, value in example), "an example password would end up in use"
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    assert used == {name for name, _ in example}
    assert len(re.findall(r"\$\{[A-Z_]+:\?", TEXT)) == len(re.findall(r"\$\{", TEXT))


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl: apt install openssl")
def test_the_command_in_the_example_makes_an_env_file_with_passwords(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    (tmp_path / ".env.example").write_text(example)
    [command] = re.findall(r"^# +(\(umask .*\))$", example, re.MULTILINE)
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    made = tmp_path / ".env"
    passwords = re.findall(r"^[A-Z_]+=([0-9a-f]{48})$", made.read_text(), re.MULTILINE)
    assert len(set(passwords)) == 6
    assert made.stat().st_mode & 0o077 == 0


def test_compose_accepts_the_file() -> None:
    """By the Compose Specification's own schema, as compose-go 2.16.2 carries it."""
    specification = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    problems = Draft202012Validator(specification).iter_errors(COMPOSE)
    assert [problem.message for problem in problems] == []
    typo = {**COMPOSE, "services": {"x": {"image": "y", "port": []}}}
    assert list(Draft202012Validator(specification).iter_errors(typo))


def test_the_image_of_the_schema_job_holds_what_the_package_builds_from(tmp_path: Path) -> None:
    dockerfile = SERVICES["schema"]["build"]["dockerfile_inline"]
    image = tmp_path / "src"
    image.mkdir()
    for line in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE):
        *names, target = line.split()
        for name in names:
            if (ROOT / name).is_dir():
                shutil.copytree(
                    ROOT / name, image / target, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(ROOT / name, image / target)
    pip = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, image)
    subprocess.run(pip, check=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = zipfile.ZipFile(wheel).namelist()
    assert {
        "otel_llmcost/cli/__init__.py",
        "otel_llmcost/dashboards/queries/overview/budget_used.sql",
    } <= set(packed)
    extras = re.search(r'"\.\[([^]]+)\]"', dockerfile)
    assert extras
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras[1].split(",")) <= project["optional-dependencies"].keys()


def test_services_reach_each_other_by_the_names_and_ports_they_have() -> None:
    assert "clickhouse" in SERVICES
    assert SERVICES["schema"]["environment"]["LLMCOST_STORE"].endswith("@clickhouse:8123/llmcost")
    assert (
        SERVICES["collector"]["environment"]["LLMCOST_CLICKHOUSE_URL"] == "http://clickhouse:8123"
    )
    assert SERVICES["grafana"]["environment"]["LLMCOST_CLICKHOUSE_HOST"] == "clickhouse"


@pytest.mark.parametrize(
    ("service", "file", "pattern"),
    [
        ("collector", "collector/config.yaml", r"\$\{env:(LLMCOST_\w+)\}"),
        ("clickhouse", "collector/clickhouse-users.xml", r'from_env="(\w+)"'),
        ("grafana", "dashboards/provisioning/datasources/llmcost.yaml", r": \$(\w+)"),
    ],
)
def test_a_container_gets_every_variable_its_config_needs(
    service: str, file: str, pattern: str
) -> None:
    needed = set(re.findall(pattern, (ROOT / file).read_text()))
    assert needed
    assert needed <= SERVICES[service]["environment"].keys()


def test_grafana_finds_its_dashboards_where_the_provider_looks() -> None:
    [provider] = yaml.safe_load(
        (ROOT / "dashboards/provisioning/dashboards/llmcost.yaml").read_text()
    )["providers"]
    targets = [target for _, target, _ in mounts("grafana")[1:]]
    boards = [target for target in targets if target.startswith(provider["options"]["path"])]
    assert len(boards) == len(list((ROOT / "dashboards").glob("*.json")))
    assert SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] in boards
    assert "/etc/grafana/provisioning" in targets


def test_the_plugin_is_the_version_the_dashboards_are_written_for() -> None:
    wanted = SERVICES["grafana"]["environment"]["GF_PLUGINS_PREINSTALL_SYNC"]
    plugin, version = wanted.split("@")
    board = (ROOT / "dashboards/llmcost-overview.json").read_text()
    assert f'"pluginVersion": "{version}"' in board
    assert f'"type": "{plugin}"' in board


def grants(user: str) -> set[str]:
    return {str(query.text) for query in USERS.findall(f"users/{user}/grants/query")}


@each_service
def test_a_service_is_confined_and_its_log_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]
    assert service.get("cap_drop") == ["ALL"] or name == "clickhouse"


def test_watch_is_healthy_while_it_looks(tmp_path: Path) -> None:
    (kind, command), file = SERVICES["watch"]["healthcheck"]["test"], tmp_path / "looked"
    assert SERVICES["watch"]["command"] == ["watch", "--heartbeat", "/tmp/looked"]
    assert kind == "CMD-SHELL"
    check = command.replace("$$", "$").replace("/tmp/looked", str(file))

    def healthy() -> bool:
        return subprocess.run(["sh", "-c", check], stderr=subprocess.DEVNULL).returncode == 0

    assert not healthy()
    file.touch()
    assert healthy()
    os.utime(file, (time.time() - 600,) * 2)
    assert not healthy()


def test_the_collectors_user_can_only_add_rows() -> None:
    assert grants("writer") == {
        "GRANT INSERT, SHOW COLUMNS ON llmcost.otel_traces",
        "GRANT INSERT, SHOW COLUMNS ON llmcost.otel_logs",
    }


def test_the_readers_user_can_only_read_and_within_limits() -> None:
    assert grants("reader") == {
        "GRANT SELECT, dictGet ON llmcost.*",
        "GRANT SELECT ON llmcost_internal.*",
    }
    profile = USERS.find(f"profiles/{USERS.findtext('users/reader/profile')}")
    assert profile is not None
    assert profile.findtext("readonly") == "1"
    for limit in ("max_execution_time", "max_memory_usage", "max_result_rows"):
        assert int(profile.findtext(limit, "0")) > 0


def test_no_one_gets_in_from_outside_without_a_password() -> None:
    for user in USERS.findall("users/*"):
        networks = {ip.text for ip in user.findall("networks/ip")}
        password = user.find("password")
        if password is None:
            assert networks == {"::1", "127.0.0.1", "0.0.0.0"}, user.tag
        else:
            assert password.get("from_env"), user.tag
