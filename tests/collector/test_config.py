# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""The collector's config keeps its promises: at least once, without content, no early acks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from otel_llmcost.ingest import content
from tests.collector.running import BINARY, needs_binary

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "collector/config.yaml").read_text()
CONFIG: dict[str, Any] = yaml.safe_load(TEXT)
EXISTING, AGENT, GATEWAY = (
    yaml.safe_load((ROOT / f"collector/{name}.yaml").read_text())
    for name in ("existing", "agent", "gateway")
)
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
    assert PIPELINES[signal]["processors"][-1] == "transform/strip_content"


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


def test_it_listens_on_loopback_unless_set_otherwise() -> None:
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


def test_the_image_is_built_as_the_binary_is_and_everything_in_it_is_pinned() -> None:
    dockerfile = (ROOT / "collector/Dockerfile").read_text()
    version = MANIFEST["dist"]["version"]
    assert f"builder_version=v{version}" in (ROOT / "collector/build.sh").read_text()
    assert "COPY build.sh builder.yaml ./" in dockerfile
    assert f"/src/collector/dist/{MANIFEST['dist']['name']} " in dockerfile
    go = re.search(r"^FROM golang:(\d+)\.(\d+)\.\d+ AS build$", dockerfile, re.M)
    assert go
    assert re.findall("^FROM (.*)$", dockerfile, re.M) == [go[0][5:], "scratch"]
    assert (int(go[1]), int(go[2])) >= (1, 25)
    sent = (ROOT / "collector/Dockerfile.dockerignore").read_text().split()
    assert sent == ["*", "!build.sh", "!builder.yaml"]


def stripped(processor: Any, signal: str, context: str) -> list[str]:
    """The keys the collector deletes in this context, as one expression of the daemon's form."""
    return [
        match[1].replace("\\\\", "\\")
        for group in processor[f"{signal}_statements"]
        if group["context"] == context
        for statement in group["statements"]
        if (match := re.fullmatch(r'delete_matching_keys\(attributes, "(.*)"\)', statement))
    ]


@pytest.mark.parametrize("signal", ["trace", "log"])
@pytest.mark.parametrize(
    "processor",
    [
        CONFIG["processors"]["transform/strip_content"],
        EXISTING["processors"]["transform/llmcost"],
    ],
    ids=["config", "existing"],
)
def test_the_collector_strips_what_the_daemon_strips(processor: Any, signal: str) -> None:
    for context in ["resource", "scope"] + ["span"] * (signal == "trace"):
        assert stripped(processor, signal, context) == [content.pattern()]
    events = "spanevent" if signal == "trace" else "log"
    assert stripped(processor, signal, events) == [content.pattern(events=True)]


def test_the_lists_in_the_configs_are_those_of_the_source() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "collector/content.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_fragment_writes_as_the_config_does_but_does_not_hold_up_its_host() -> None:
    queue = {**EXPORTER["sending_queue"], "storage": "file_storage/llmcost"}
    guest = {**EXPORTER, "sending_queue": {**queue, "block_on_overflow": False}}
    assert EXISTING["exporters"] == {"clickhouse/llmcost": guest}
    [storage] = EXISTING["extensions"].values()
    own = CONFIG["extensions"]["file_storage/queue"]
    assert storage.keys() == own.keys()
    assert storage["fsync"] is True


def test_every_name_in_the_fragment_is_its_own() -> None:
    """A name of the host's would be overwritten by it."""
    pipelines = EXISTING["service"]["pipelines"]
    sections = [EXISTING[section] for section in ("processors", "exporters", "extensions")]
    names = [name for section in (*sections, pipelines) for name in section]
    assert all(name.endswith("/llmcost") for name in names)
    assert EXISTING["service"].keys() == {"pipelines"}
    for pipeline in pipelines.values():
        assert pipeline["processors"][0] == "memory_limiter/llmcost"


def test_an_agents_queue_keeps_what_the_configs_queue_keeps() -> None:
    [exporter] = AGENT["exporters"].values()
    assert exporter["retry_on_failure"] == EXPORTER["retry_on_failure"]
    unbatched = {key: value for key, value in exporter["sending_queue"].items() if key != "batch"}
    assert unbatched.items() <= EXPORTER["sending_queue"].items()


def test_both_doors_of_the_gateway_want_tls_and_a_token() -> None:
    for door in GATEWAY["receivers"]["otlp"]["protocols"].values():
        assert door["tls"]["min_version"] == "1.3"
        assert door["auth"] == {"authenticator": "bearertokenauth/agents"}


@pytest.mark.parametrize("layer", ["agent", "gateway"])
def test_a_layer_keeps_the_extensions_it_lies_on(layer: str) -> None:
    """A list in a later file replaces that of an earlier one."""
    mine = {"agent": AGENT, "gateway": GATEWAY}[layer]["service"]["extensions"]
    assert set(CONFIG["service"]["extensions"]) < set(mine)


@needs_binary
def test_the_collector_is_here_to_be_run() -> None:
    assert os.access(BINARY, os.X_OK)
