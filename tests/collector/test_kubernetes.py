# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes manifests, by Kubernetes' own schemas, beside docker-compose.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
COLLECTOR = ROOT / "collector"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((COLLECTOR / "kustomization.yaml").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OBJECTS: list[dict[str, Any]] = [
    found
    for name in KUSTOMIZATION["resources"]
    for found in yaml.safe_load_all((COLLECTOR / name).read_text())
]
WORKLOADS = {
    found["metadata"]["name"]: found["spec"]["template"]["spec"]
    for found in OBJECTS
    if "template" in found.get("spec", {})
}
each_workload = pytest.mark.parametrize("name", WORKLOADS)


def container(name: str) -> dict[str, Any]:
    [found] = WORKLOADS[name]["containers"]
    return found


@pytest.mark.parametrize("found", OBJECTS, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_kubernetes_accepts_the_manifest(found: dict[str, Any]) -> None:
    kubernetes_validate.validate(found, "1.34", strict=True)


def test_a_typo_would_be_found() -> None:
    typo = {**OBJECTS[0], "metadat": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(typo, "1.34", strict=True)


def test_every_manifest_and_every_file_is_there() -> None:
    made = {f"kubernetes/{file.name}" for file in (COLLECTOR / "kubernetes").iterdir()}
    assert set(KUSTOMIZATION["resources"]) == made
    for one in KUSTOMIZATION["configMapGenerator"]:
        for file in one["files"]:
            assert (COLLECTOR / file.rpartition("=")[2]).is_file()


@each_workload
def test_a_pod_is_confined_and_bounded(name: str) -> None:
    assert WORKLOADS[name]["securityContext"]["runAsNonRoot"] is True
    assert WORKLOADS[name]["automountServiceAccountToken"] is False
    confined = container(name)["securityContext"]
    assert confined["allowPrivilegeEscalation"] is False
    assert confined["capabilities"] == {"drop": ["ALL"]}
    assert container(name)["resources"]["limits"]["memory"]


@each_workload
def test_it_runs_what_compose_runs(name: str) -> None:
    pod, service = container(name), COMPOSE[name]
    ours = {one["name"] for one in KUSTOMIZATION["images"]}
    image = pod["image"] + (":local" if pod["image"] in ours else "")
    assert image == service["image"]
    command = [part.replace("/state/", "/tmp/") for part in pod.get("args", [])]
    assert command == service.get("command", [])


@each_workload
def test_what_is_mounted_is_made(name: str) -> None:
    made = {one["name"] for one in KUSTOMIZATION["configMapGenerator"]}
    volumes = {one["name"]: one for one in WORKLOADS[name].get("volumes", [])}
    [owner] = [o for o in OBJECTS if o["metadata"]["name"] == name and "template" in o["spec"]]
    claimed = {one["metadata"]["name"] for one in owner["spec"].get("volumeClaimTemplates", [])}
    for mount in container(name).get("volumeMounts", []):
        volume = volumes.get(mount["name"])
        assert volume or mount["name"] in claimed
        if volume and "configMap" in volume:
            assert volume["configMap"]["name"] in made


def secrets(name: str) -> Iterator[str]:
    for one in container(name).get("env", []):
        reference = one.get("valueFrom", {}).get("secretKeyRef")
        if reference:
            assert reference["name"] == "llmcost"
            yield reference["key"]


@each_workload
def test_a_pod_gets_the_passwords_that_compose_gives_it(name: str) -> None:
    environment = str(COMPOSE[name].get("environment", {}))
    wanted = set(re.findall(r"\$\{([A-Z_]+)", environment))
    if "envFrom" in container(name):
        assert name == "clickhouse"  # it has all users
    else:
        assert set(secrets(name)) == wanted
