# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The collector's config keeps its promises: at least once, without content, no early acks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from otel_llmcost.ingest import content

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "collector/config.yaml").read_text()
CONFIG: dict[str, Any] = yaml.safe_load(TEXT)
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "collector/builder.yaml").read_text())
PIPELINES: dict[str, Any] = CONFIG["service"]["pipelines"]
EXPORTER: dict[str, Any] = CONFIG["exporters"]["clickhouse"]


def test_traces_and_logs_go_to_clickhouse_and_metrics_are_accepted() -> None:
    assert {name: pipeline["exporters"] for name, pipeline in PIPELINES.items()} == {
        "traces": ["clickhouse"],
        "logs": ["clickhouse"],
        "metrics": ["nop"],
    }


@pytest.mark.parametrize("signal", PIPELINES)
def test_the_memory_limiter_comes_first(signal: str) -> None:
    assert PIPELINES[signal]["processors"][0] == "memory_limiter"


@pytest.mark.parametrize("signal", ["traces", "logs"])
def test_content_is_stripped_before_anything_is_queued(signal: str) -> None:
    assert PIPELINES[signal]["processors"] == ["memory_limiter", "transform/strip_content"]


def test_there_is_no_batch_processor() -> None:
    """It acknowledges before anything is written, in front of the queue that survives a crash."""
    assert not any(name.split("/")[0] == "batch" for name in CONFIG["processors"])


def test_the_queue_survives_a_crash_and_pushes_back_when_full() -> None:
    queue = EXPORTER["sending_queue"]
    assert queue["storage"] in CONFIG["service"]["extensions"]
    assert queue["block_on_overflow"] is True
    assert queue["sizer"] == "items"
    assert queue["batch"]["max_size"] < queue["queue_size"]
    assert CONFIG["extensions"][queue["storage"]]["fsync"] is True


def test_a_batch_is_retried_until_it_is_stored() -> None:
    assert EXPORTER["retry_on_failure"]["max_elapsed_time"] == "0s"


def test_the_collector_never_touches_the_schema() -> None:
    assert EXPORTER["create_schema"] is False


def test_inserts_are_synchronous_and_in_a_coding_the_daemon_reads() -> None:
    assert EXPORTER["async_insert"] is False
    assert EXPORTER["compress"] == "gzip"


def test_it_listens_on_loopback_unless_told_otherwise() -> None:
    endpoints = re.findall(r"(?:endpoint|host): (\S+)", TEXT)
    listening = [value for value in endpoints if "CLICKHOUSE" not in value]
    assert len(listening) == 4
    assert all(value.startswith('"${env:LLMCOST_LISTEN:-127.0.0.1}') for value in listening)


def test_every_component_in_use_is_built_and_every_module_is_one_version() -> None:
    modules = [
        (section, *module["gomod"].split())
        for section in ("receivers", "processors", "exporters", "extensions", "providers")
        for module in MANIFEST[section]
    ]
    for section, path, version in modules:
        assert version == ("v1.61.0" if section == "providers" else "v0.161.0"), path
    names = {path.rsplit("/", 1)[1].replace("_", "") for _, path, _ in modules}
    kinds = {"receivers": "receiver", "processors": "processor", "exporters": "exporter"}
    for section, kind in kinds.items():
        for component in CONFIG[section]:
            assert component.split("/")[0].replace("_", "") + kind in names, component
    assert {"healthcheckextension", "filestorage", "envprovider", "fileprovider"} <= names


def test_the_binary_and_the_image_are_the_same_version() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    tag = compose["services"]["collector"]["image"].rsplit(":", 1)[1]
    assert tag == MANIFEST["dist"]["version"]
    assert f"builder_version=v{tag}" in (ROOT / "collector/build.sh").read_text()


def stripped(signal: str, context: str) -> list[str]:
    """The keys the collector deletes in this context, as one expression of the daemon's form."""
    return [
        match[1].replace("\\\\", "\\")
        for group in CONFIG["processors"]["transform/strip_content"][f"{signal}_statements"]
        if group["context"] == context
        for statement in group["statements"]
        if (match := re.fullmatch(r'delete_matching_keys\(attributes, "(.*)"\)', statement))
    ]


@pytest.mark.parametrize("signal", ["trace", "log"])
def test_the_collector_strips_what_the_daemon_strips(signal: str) -> None:
    for context in ["resource", "scope"] + ["span"] * (signal == "trace"):
        assert stripped(signal, context) == [content.pattern()]
    events = "spanevent" if signal == "trace" else "log"
    assert stripped(signal, events) == [content.pattern(events=True)]
